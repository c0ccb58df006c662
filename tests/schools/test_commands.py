"""`popschool people import`: a roster from a terminal, with its problems as `file:line: message`."""

import pytest
from sqlalchemy import func, select

from popschool.db import db
from popschool.schools.commands import import_people
from popschool.schools.models import Enrolment
from tests.factories import make_cohort, save

GOOD = "prenom;nom;numero\nA1;Test;V1\nA2;Test;V2\n"


@pytest.fixture
def run(app, tmp_path):
    def run(text, *options, name="liste.csv"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return app.test_cli_runner().invoke(import_people, [str(file), *options])

    return run


@pytest.fixture
def cohort(app):
    cohort = make_cohort(code="VAL-2027-1")
    save()
    return cohort


def count():
    db.session.commit()
    return db.session.scalar(select(func.count()).select_from(Enrolment))


def test_a_roster_is_brought_in_from_a_terminal(cohort, run):
    answer = run(GOOD, "--cohort", "val-2027-1")

    assert (answer.exit_code, answer.stdout) == (0, "2 people made, 2 enrolled, 0 already there.\n")
    assert count() == 2
    again = run(GOOD, "--cohort", "VAL-2027-1")
    assert again.stdout == "0 people made, 0 enrolled, 2 already there.\n"


def test_a_dry_run_does_nothing(cohort, run):
    answer = run(GOOD, "--cohort", "VAL-2027-1", "--dry-run")

    assert (answer.exit_code, answer.stdout) == (0, "2 people would be made, 2 would be enrolled, 0 already there.\n")
    assert count() == 0


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_each_problem_is_named_with_its_file_and_line(cohort, run, options):
    answer = run(GOOD + "A3;Test;\nA4;Test;x\n", "--cohort", "VAL-2027-1", *options)

    assert (answer.exit_code, answer.stdout) == (1, "")
    lines = answer.stderr.replace("\u00a0", " ").splitlines()
    assert [line.partition("liste.csv:")[2].split(":")[0] for line in lines] == ["4", "5"]
    assert count() == 0


def test_a_line_may_name_its_cohort(cohort, run):
    answer = run("prenom;nom;numero;promo\nA1;Test;V1;VAL-2027-1\n")

    assert answer.exit_code == 0
    assert count() == 1


def test_what_is_no_csv_is_said(cohort, run):
    answer = run(b"PK\x03\x04", "--cohort", "VAL-2027-1", name="classeur.xlsx")

    assert answer.exit_code == 1
    assert "classeur.xlsx:0: Ce fichier n'est pas un CSV." in answer.stderr


def test_a_cohort_that_does_not_exist_is_said(run):
    answer = run(GOOD, "--cohort", "XXX")

    assert answer.exit_code == 1
    assert "there is no cohort XXX" in answer.stderr


def test_what_to_look_at_is_said_and_does_not_stop(cohort, run):
    answer = run(GOOD + "A1;Test;V3\n", "--cohort", "VAL-2027-1")

    assert answer.exit_code == 0
    assert "liste.csv:4:" in answer.stderr
    assert count() == 3
