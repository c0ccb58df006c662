"""Several processes on one database at the same moment: a code lets one of them in, and all count the same tries."""

import subprocess
import sys
from collections import Counter

import pyotp
import pytest
from sqlalchemy import func, select

from popschool import clock
from popschool.auth import rules_signing as rules
from popschool.auth import services_account, services_signing
from popschool.auth import totp as second
from popschool.auth.models import Account, SignInAttempt
from popschool.auth.rules_signing import Handle, Purpose
from popschool.auth.services_invitations import invite
from popschool.db import db
from tests.auth.hands import HERE, PASSWORD, code_sent_to, make_account, never_came, totp_at
from tests.processes import ROOT, SECONDS, environment

PROCESSES = 2
COMMAND = [sys.executable, "-m", "tests.auth.enter_probe"]


@pytest.fixture(scope="module")
def started():
    """The processes of each database, started once for all these tests."""
    found = {}
    yield found
    for processes in found.values():
        for process in processes:
            process.stdin.close()
            process.wait(SECONDS)


@pytest.fixture
def at_once(app, started):
    """Let several processes do the same thing at one moment; count what each of their tries gave."""
    settings = app.config["POPSCHOOL"]
    if settings.database_url not in started:
        given = {"DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key, "JOBS": "worker"}
        environ = environment(settings.data_dir, NOW=clock.now().isoformat(), **given)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        processes = [subprocess.Popen(COMMAND, cwd=ROOT, env=environ, **pipes) for _ in range(PROCESSES)]
        started[settings.database_url] = processes
        assert [process.stdout.readline().strip() for process in processes] == ["ready"] * PROCESSES

    def run(what, whom, secret, count=1):
        db.session.commit()
        processes = started[settings.database_url]
        for process in processes:
            process.stdin.write(f"{what}\t{whom}\t{secret}\t{count}\n")
        for process in processes:
            process.stdin.flush()
        said = [process.stdout.readline().split() for process in processes]
        db.session.commit()
        db.session.expire_all()
        return Counter(word for words in said for word in words)

    return run


def test_a_code_lets_one_process_in(app, now, at_once):
    make_account(mail="a@example.org")
    services_signing.request_code(Handle("mail", "a@example.org"), Purpose.SIGN_IN, HERE, now)

    assert at_once("code", "a@example.org", code_sent_to("a@example.org")) == {"in": 1, "refused": PROCESSES - 1}


def test_a_first_visit_makes_one_account(app, now, at_once):
    person = never_came(mail="a@example.org")
    issued = invite(person, by_id=None, now=now)

    assert at_once("link", issued.invitation.id, "") == {"in": 1, "refused": PROCESSES - 1}
    assert db.session.scalar(select(func.count()).where(Account.person_id == person.id)) == 1


def test_a_code_of_an_application_lets_one_process_in(app, now, at_once):
    account = make_account(secret=(secret := pyotp.random_base32()))
    later = totp_at(secret, now)

    assert at_once("second", account.person_id, later) == {"in": 1, "refused": PROCESSES - 1}


def test_a_recovery_code_lets_one_process_in(app, now, at_once):
    account = make_account()
    secret = second.make_secret()
    nonce = services_account.start_totp(account, secret, totp_at(secret, now), now)

    assert at_once("second", account.person_id, second.recovery_codes(nonce)[0]) == {"in": 1, "refused": PROCESSES - 1}
    assert len(account.recovery_code_hashes) == second.RECOVERY_CODES - 1


def test_wrong_tries_in_several_processes_are_counted_together(app, at_once):
    make_account(mail="a@example.org")

    said = at_once("password", "a@example.org", "faux faux faux", count=8)

    assert said == {"refused": rules.FAILURES_PER_ACCOUNT, "stopped": 8 * PROCESSES - rules.FAILURES_PER_ACCOUNT}
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == rules.FAILURES_PER_ACCOUNT


def test_right_tries_in_several_processes_do_not_disturb_each_other(app, at_once):
    make_account(mail="a@example.org")

    assert at_once("password", "a@example.org", PASSWORD, count=3) == {"in": 3 * PROCESSES}
