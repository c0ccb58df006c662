"""A sealed sheet is checked without Popschool: the commands of docs/verify.md, run as they are written."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.attendance.weeks import SICK, make_week, paper_of
from tests.authority import make_owner, stamping, write_pem
from tests.processes import ROOT

PAGE = (ROOT / "docs" / "verify.md").read_text()
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = "set -eo pipefail\n" + "".join(text for kind, text in BLOCKS if kind == "sh")


@pytest.fixture
def held(app, tmp_path):
    """A folder with what an auditor holds: a sheet sealed and stamped, and the authority's certificate."""
    authority = make_owner("Autorité d'essai")
    school, clock_maker = make_owner("Pop School", authority), make_owner("Horloge", authority, stamps=True)
    week = make_week()
    week.mark(week.half_days[0], week.people[0], SICK)
    week.finish()
    sheet, before = week.close(), app.config["POPSCHOOL"]
    with stamping(clock_maker, authority) as url:
        path = write_pem(tmp_path / "seal.pem", school, authority)
        app.config["POPSCHOOL"] = replace(before, seal_key=path, tsa_url=url)
        try:
            (tmp_path / "feuille.pdf").write_bytes(paper_of(sheet))
        finally:
            app.config["POPSCHOOL"] = before
    (tmp_path / "seal.pem").unlink()
    (tmp_path / "autorite.pem").write_bytes(authority.certificate_pem)
    (tmp_path / "verify.py").write_text(next(text for kind, text in BLOCKS if kind == "python"))
    return tmp_path, sheet


def follow(folder, commands=COMMANDS):
    """Run what the page says, where no code of ours can be found."""
    environ = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    (folder / "bin").mkdir(exist_ok=True)
    if not (folder / "bin/python3").exists():
        (folder / "bin/python3").symlink_to(sys.executable)
    return subprocess.run(
        ["bash", "-c", commands], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_the_commands_of_the_page_say_that_a_sealed_sheet_is_sound(held):
    folder, sheet = held

    answer = follow(folder)

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"{sheet.paper.hash}  feuille.pdf" in answer.stdout
    assert "1: preuve.json" in answer.stdout
    assert f"sound: {sheet.number} 8 lines {sheet.hash}" in answer.stdout
    assert "Signature is Valid" in answer.stdout
    assert "Verification: OK" in answer.stdout
    assert "Time stamp:" in answer.stdout


def test_they_find_a_byte_changed_in_the_file(held):
    folder, _sheet = held
    made = bytearray((folder / "feuille.pdf").read_bytes())
    made[made.index(b"/Title") + 8] ^= 1
    (folder / "feuille.pdf").write_bytes(made)

    answer = follow(folder, COMMANDS.replace("set -eo pipefail\n", ""))

    assert "Signature is Valid" not in answer.stdout
    assert "Verification: FAILED" in answer.stdout


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('"state": "P"', '"state": "AJ"', "the sheet: content changed"),
        ('"role": "learner"', '"role": "trainer"', "line 2 was changed"),
        ('"statement": "Je participe', '"statement": "Je refuse', "line 2: content changed"),
        ('"reason": ""', '"reason": "x"', "the sheet was changed"),
    ],
)
def test_they_find_a_word_changed_in_the_evidence(held, before, after, named):
    folder, _sheet = held
    follow(folder, "pdfdetach -save 1 -o preuve.json feuille.pdf")
    text = (folder / "preuve.json").read_text()
    assert before in text
    (folder / "preuve.json").write_text(text.replace(before, after, 1))

    answer = follow(folder, "python3 verify.py preuve.json")

    assert answer.returncode != 0
    assert named in answer.stderr


def test_the_script_of_the_page_is_short_and_needs_no_library():
    script = next(text for kind, text in BLOCKS if kind == "python")

    assert len(script.strip().splitlines()) <= 32
    assert set(re.findall(r"^import (\w+)", script, re.MULTILINE)) == {"hashlib", "json", "sys"}
