"""Reports from a terminal: what there is is listed, one leaves whole to a file, and who it names is in the record."""

import io
import json

import openpyxl
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import select

from popschool.audit import AuditEntry
from popschool.cli import main
from popschool.completion.tasks import make_paper
from popschool.db import db
from tests.completion.paths import HERE, attend, make_path, pay
from tests.factories import save


@pytest.fixture
def command(app):
    """Run a command on the test's own application."""

    def run(*arguments, ok=True):
        answer = CliRunner().invoke(main, ["reports", *arguments], obj=ScriptInfo(create_app=lambda: app))
        assert (answer.exit_code == 0) is ok, answer.output
        return answer

    return run


@pytest.fixture
def path(app):
    path = make_path()
    pay(path)
    attend(path, [HERE] * 4)
    save()
    return path


def exports():
    return list(db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("export%"))))


def test_what_there_is_is_listed_with_what_each_needs(command, path):
    document = path.issue()

    listed = {row["document"]: row for row in json.loads(command("list", "--json").stdout)}

    assert listed["cpf"]["needs"] == ["cohort"] and listed["report"]["needs"] == ["school", "year"]
    assert listed[document.number]["forms"] == ["pdf"]
    assert document.number in command("list").stdout


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize("name", ["report", "gen", "cpf", "kairos"])
def test_a_report_leaves_whole_and_is_written_down(command, path, tmp_path, name, form):
    file = tmp_path / f"sortie.{form}"
    place = ["--school", path.cohort.school.code, "--year", "2027"]
    if name in ("cpf", "kairos"):
        place = ["--cohort", path.cohort.code]

    said = json.loads(command("export", name, str(file), *place, "--json").stdout)

    assert said["rows"] >= 0 and file.stat().st_size > 0 and list(tmp_path.iterdir()) == [file]
    assert exports() == [f"export_{name}"]
    if form == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes())).active
        assert sheet.max_row >= said["rows"] + 1


def test_an_issued_document_leaves_as_it_was_issued(command, path, tmp_path):
    document = path.issue()
    make_paper(document.id)
    db.session.expire_all()
    file = tmp_path / "certificat.pdf"

    command("export", document.number, str(file))

    assert file.read_bytes().startswith(b"%PDF")
    assert exports() == ["export_document"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["cpf", "a.xlsx"], 2, "needs --cohort"),
        (["gen", "a.xlsx"], 2, "needs --school"),
        (["cpf", "a.pdf", "--cohort", "X"], 2, "csv, xlsx, ods"),
        (["cpf", "a.csv", "--cohort", "NOWHERE"], 1, "no cohort NOWHERE"),
        (["VAL-2027-CR-9999", "a.pdf"], 1, "no document VAL-2027-CR-9999"),
    ],
)
def test_a_call_that_is_wrong_says_what_and_writes_nothing(command, path, tmp_path, monkeypatch, arguments, code, said):
    monkeypatch.chdir(tmp_path)

    answer = command("export", *arguments, ok=False)

    assert answer.exit_code == code and said in answer.output
    assert not list(tmp_path.iterdir()) and not exports()
