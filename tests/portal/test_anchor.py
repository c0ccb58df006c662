"""The heads of the record leave each night, for a file or a mail, and the command compares what is here with them."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from popschool import audit, cli
from popschool.db import transaction
from popschool.portal.tasks import anchor_record
from tests.auth.hands import sent_to


@pytest.fixture
def record(app, now):
    with transaction():
        audit.record("act", None, actor_id=1, now=now)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda line: line, ""),
        (lambda line: line.replace(json.loads(line)["heads"][0]["hash"], "0" * 64), "not the line that was anchored"),
        (lambda line: line.replace('"sequence": 1', '"sequence": 9'), "a line that was anchored is missing"),
        (lambda line: "[]", "line 2 is not an anchor"),
    ],
)
def test_the_command_compares_the_record_with_what_was_kept_outside(record, app, tmp_path, wrong, said):
    file = tmp_path / "anchors"

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["audit", *arguments], obj=ScriptInfo(create_app=lambda: app))

    for _night in range(2):
        assert run("anchor", "--to", str(file)).exit_code == 0
    first, second = file.read_text().splitlines()
    file.write_text(f"{first}\n{wrong(second)}\n")

    done = run("verify", "--anchor", str(file))

    assert done.exit_code == (1 if said else 0) and said in done.output


def test_the_night_keeps_an_anchor_where_the_settings_say(record, app, tmp_path, monkeypatch):
    for to in (str(tmp_path / "anchors"), "garde@example.org", ""):
        monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], anchor=to))
        anchor_record()
        anchor_record()

    [head] = audit.heads()
    lines = (tmp_path / "anchors").read_text().splitlines()
    mails = sent_to("garde@example.org")
    assert [json.loads(line)["heads"][0]["hash"] for line in lines] == [head.hash] * 2
    assert [json.loads(mail.text)["heads"][0]["hash"] for mail in mails] == [head.hash] * 2
