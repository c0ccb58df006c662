"""Every file of code that ships is read by its own language, even one that no page shows and no check runs."""

import ast
import csv
import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import dns.zone
import pytest
from ruamel.yaml import YAML

from tests.curriculum.fences import COURSES
from tests.curriculum.running import INTERPRETERS

# What learners have to mend, and what its language says of it.
WRONG = {
    "dwwm/20-mettre-en-ligne/depart/simple/a-corriger.service": "has no ExecStart=",
}
# Scripts and modules alike are compiled in one run; nothing in them is executed.
NODE = """
const fs = require("node:fs"), vm = require("node:vm");
for (const path of fs.readFileSync(0, "utf8").split("\\n")) {
  const code = fs.readFileSync(path, "utf8").replace(/^#!.*/, "");
  try {
    if (/^(import|export)\\b/m.test(code)) new vm.SourceTextModule(code); else new vm.Script(code);
  } catch (error) { console.log(`${path}: ${error}`); }
}
"""


def files(*names: str) -> list[Path]:
    found = [path for name in names for path in COURSES.rglob(name) if path.is_file()]
    assert found, names
    return sorted(found)


def said_by(*command: object, **more) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **more)
    return done.stdout + done.stderr if done.returncode else ""


def is_empty_or_told(path: Path, said: str) -> bool:
    wrong = WRONG.get(str(path.relative_to(COURSES)))
    return wrong in said if wrong else not said


def test_python_reads_its_files():
    for path in files("*.py"):
        ast.parse(path.read_text(), str(path))


def test_node_reads_scripts_and_modules():
    paths = "\n".join(map(str, files("*.js", "*.mjs")))
    command = (INTERPRETERS["node"](), "--no-warnings", "--experimental-vm-modules", "-e", NODE)
    done = subprocess.run(command, input=paths, capture_output=True, text=True, check=True)

    assert done.stdout == ""


def test_php_reads_its_files():
    assert [said for path in files("*.php") if (said := said_by(INTERPRETERS["php"](), "-l", path))] == []


def test_shells_read_scripts():
    for path in files("*.sh", "pre-commit"):
        shell = "sh" if path.read_text().startswith("#!/bin/sh") else "bash"
        assert said_by(shell, "-n", path) == ""


def test_systemd_reads_services_and_timers(tmp_path):
    """The programs of the machine that it is for are not here: the commands of the file are made to be."""
    for path in files("*.service", "*.timer"):
        copy = tmp_path / path.name
        copy.write_text(re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", path.read_text(), flags=re.MULTILINE))
        if path.suffix == ".timer":
            (tmp_path / f"{path.stem}.service").write_text("[Service]\nType=oneshot\nExecStart=/bin/true\n")
        done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
        assert is_empty_or_told(path, done.stderr), f"{path}\n{done.stderr}"


def test_caddy_reads_its_files(tmp_path):
    for path in files("Caddyfile"):
        command = (INTERPRETERS["caddy"](), "validate", "--adapter", "caddyfile", "--config", path)
        assert said_by(*command, env={"HOME": str(tmp_path)}) == ""


@pytest.mark.parametrize(
    ("names", "reader"),
    [
        (("*.json",), json.loads),
        (("*.yml", "*.yaml"), YAML(typ="safe").load),
        (("*.svg", "*.xml"), ElementTree.fromstring),
        (("zone.txt",), lambda text: dns.zone.from_text(text, origin="example.org.", check_origin=False)),
    ],
    ids=["json", "yaml", "xml", "zone"],
)
def test_a_file_of_data_is_read(names, reader):
    for path in files(*names):
        assert reader(path.read_text()) is not None, path


def test_rows_of_a_table_have_the_columns_of_its_first_line():
    for path in files("*.csv"):
        text = path.read_bytes().decode("utf-8-sig", errors="replace")  # one comes from an old spreadsheet
        separator = max(";,\t", key=text.partition("\n")[0].count)
        assert len({len(row) for row in csv.reader(text.splitlines(), delimiter=separator) if row}) == 1, path
