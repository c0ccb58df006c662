"""`popschool people invite`: the first manager, and anybody locked out."""

import pyotp
import pytest
from sqlalchemy import select

from popschool.auth import services
from popschool.auth.commands import invite
from popschool.auth.models import Account
from popschool.db import db
from popschool.schools.models import Person
from tests.auth.hands import make_account
from tests.factories import make_school, save

NEW = "quatre chiens au marché"


@pytest.fixture
def run(app):
    def run(*arguments):
        answer = app.test_cli_runner().invoke(invite, list(arguments))
        db.session.commit()
        db.session.expire_all()
        return answer

    return run


def path(answer):
    return "/i/" + answer.stdout.strip().rpartition("/")[2]


def test_the_first_manager_comes_in_by_the_link_that_is_printed(app, client, run):
    answer = run("Reseau@Example.org", "--role", "network_manager")

    assert answer.exit_code == 0
    assert client.post(path(answer), data={"way": "password", "password": NEW}).location == "/account/second"
    assert client.get("/account").status_code == 200
    person = db.session.scalars(select(Person)).one()
    assert (person.mail, person.first_name) == ("reseau@example.org", "reseau")


def test_a_manager_of_a_school_is_invited_there(app, run):
    school = make_school(code="VAL")
    save()

    assert run("a@example.org", "--role", "school_manager", "--school", "val").exit_code == 0

    person = db.session.scalars(select(Person)).one()
    assert [(one.role, one.school_id) for one in services.read_grants(person.id)] == [("school_manager", school.id)]


def test_somebody_locked_out_comes_in_again(app, client, run):
    account = make_account(mail="a@example.org", secret=pyotp.random_base32())

    first = run("a@example.org", "--role", "network_manager")
    again = run("a@example.org", "--role", "network_manager", "--without-second-code")

    assert client.get(path(first)).status_code == 410
    assert client.post(path(again), data={"way": "password", "password": NEW}).location == "/account/second"
    assert len(services.read_grants(account.person_id)) == 1


def test_a_second_code_is_kept_unless_it_is_lost(app, client, run):
    account = make_account(mail="a@example.org", secret=pyotp.random_base32())

    answer = run("a@example.org", "--role", "network_manager")

    assert client.post(path(answer), data={"way": "code"}).location == "/sign-in/second"
    assert db.session.get(Account, account.person_id).totp_secret_encrypted is not None


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("a@example.org", "--role", "trainer"), 1, "add --school CODE"),
        (("a@example.org", "--role", "trainer", "--school", "XXX"), 1, "there is no school XXX"),
        (("pas une adresse", "--role", "network_manager"), 1, "is not a mail address"),
        (("0639980007", "--role", "network_manager"), 1, "is not a mail address"),
        (("a@example.org", "--role", "learner"), 2, "learner"),
        (("a@example.org",), 2, "--role"),
        ((), 2, "ADDRESS"),
    ],
)
def test_a_call_that_is_wrong_says_why_and_adds_nobody(app, run, arguments, status, reason):
    answer = run(*arguments)

    assert answer.exit_code == status
    assert reason in answer.stderr
    assert db.session.scalars(select(Person)).all() == []
