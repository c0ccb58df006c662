"""`popschool demo`, from a terminal."""

import json
from datetime import date
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import func, select

from popschool import cli, clock, migration
from popschool.db import db
from popschool.portal import demo_bulk, demo_plan
from popschool.projects.models import Assignment
from popschool.schools.models import Person, School
from tests.conftest import make_app
from tests.lessons import remembered


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command in an installation of its own, on a Wednesday afternoon. Its tables are those of the code."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'demo.sqlite'}")
    with app.app_context():
        db.create_all()
        db.session.remove()
    clock.freeze(demo_plan.at(date(2027, 3, 10), 15, 30))

    def invoke(*arguments):
        return CliRunner().invoke(cli.main, ["demo", *arguments], obj=ScriptInfo(create_app=lambda: app))

    invoke.app = app
    with remembered():
        yield invoke
    clock.freeze(None)


def test_a_day_on_which_schools_are_closed_uses_the_last_open_one(run, tmp_path):
    answer = run("--json", "--learners", "1", "--today", "2027-03-29")

    assert answer.exit_code == 0
    accounts = json.loads(answer.output)
    assert {"role", "email", "password", "school"} == set(accounts[0])
    assert (tmp_path / "demo-day").read_text() == "2027-03-26"
    with run.app.app_context():
        due = db.session.scalar(
            select(func.min(Assignment.due_at)).where(Assignment.due_at > demo_plan.at(date(2027, 3, 26), 9))
        )
        assert due == demo_plan.at(date(2027, 3, 26), 18)
        db.session.remove()


def test_accounts_are_printed_for_people_and_a_second_demonstration_is_refused(run):
    first = run("--learners", "1")
    again = run("--learners", "1")

    assert first.exit_code == 0
    assert "direction.val@example.org" in first.output and "git clone" in first.output
    assert again.exit_code == 1 and "empty" in again.output
    with run.app.app_context():
        assert db.session.scalar(select(func.count()).where(Person.mail == "direction.val@example.org")) == 1
        db.session.remove()


@pytest.mark.parametrize("version", [None, "0041"])
def test_a_database_without_the_tables_of_this_version_is_told_what_to_run(run, monkeypatch, version):
    monkeypatch.setattr(migration, "database_version", lambda: version)

    answer = run("--learners", "1")

    assert answer.exit_code == 1
    assert f"the database is {version or 'empty'}" in answer.output and "popschool migrate" in answer.output


def test_a_demonstration_that_the_disk_does_not_take_is_refused_before_it_begins(run, monkeypatch):
    monkeypatch.setattr(demo_bulk.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=10_000_000_000))

    answer = run("--learners", "100000", "--half-days", "40000000")

    assert answer.exit_code == 1
    assert "are free: ask for fewer half-days" in answer.output and "10.0 are" in answer.output
    with run.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(School)) == 0
        db.session.remove()


@pytest.mark.parametrize("arguments", [("--learners", "0"), ("--learners", "x"), ("--today", "hier"), ("--tomorrow",)])
def test_a_call_that_is_wrong_ends_with_2_and_makes_nothing(run, arguments):
    assert run(*arguments).exit_code == 2
    with run.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Person)) == 0
        db.session.remove()


@pytest.mark.parametrize(("day", "expected"), [(None, ""), ("2020-03-09", "2020-03-09T08:05:00+00:00\n")])
def test_the_moment_of_its_clock_is_printed_for_whoever_serves_it(run, tmp_path, day, expected):
    if day is not None:
        (tmp_path / "demo-day").write_text(day)

    assert run("--clock").output == expected
