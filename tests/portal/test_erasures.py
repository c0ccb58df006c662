"""An erasure outlives an older backup: it is kept outside the database, and done again after a restore."""

from dataclasses import replace
from datetime import timedelta

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import select, update

from popschool import audit, backup, cli, clock, migration, storage
from popschool.auth import services_decisions
from popschool.auth.actors import read_actor
from popschool.auth.models import Account, RoleGrant
from popschool.auth.rules import Role
from popschool.db import db, transaction
from popschool.portal import services_erasures as erasures
from popschool.portal import services_requests
from popschool.schools.models import Enrolment, Person
from tests.auth.hands import run_jobs
from tests.conftest import NOW, make_app
from tests.factories import (
    TODAY,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_role,
    save,
)


def close(app):
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Make installations of one store, each with its own database."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    clock.freeze(NOW)
    made = []

    def one(name):
        app = make_app(tmp_path, f"sqlite:///{tmp_path / name}", storage_url=f"file://{tmp_path / 'files'}")
        with app.app_context():
            db.create_all()
        made.append(app)
        return app

    yield one
    clock.freeze(None)
    for app in made:
        close(app)


def erase(person, manager):
    proposal = services_requests.ask_erasure(person, NOW, TODAY)
    services_decisions.answer(proposal, True, "", manager, read_actor(manager.id, TODAY), NOW)
    run_jobs()


def a_school():
    cohort = make_cohort()
    person, other, manager = make_learner(cohort), make_learner(cohort), make_manager(cohort.school)
    make_network_manager()
    db.session.execute(update(Enrolment).values(left_on=TODAY - timedelta(days=9)))
    save()
    return person, other, manager


def run(app, *arguments):
    with app.app_context():
        db.session.remove()
    return CliRunner().invoke(cli.main, arguments, obj=ScriptInfo(create_app=lambda: app))


def test_what_was_erased_since_a_backup_is_erased_again_once_it_is_put_back(make, tmp_path):
    first, archive = make("first.sqlite"), str(tmp_path / "before.tar.gz")
    with first.app_context():
        person, other, manager = a_school()
        make_role(person, Role.AUTHOR)  # it ended after the backup
        save()
        backup.write(archive)
        db.session.execute(update(RoleGrant).where(RoleGrant.person_id == person.id).values(ended_at=NOW))
        db.session.commit()
        erase(person, manager)
        numbers, name = (person.id, other.id), person.name
        [line] = erasures.kept()
        assert line.person_id == person.id and name not in storage.store().open("erasures").read().decode()

    second = make("second.sqlite")
    done = run(second, "restore", archive)
    again = run(second, "retention", "replay")

    assert (done.exit_code, again.exit_code) == (0, 0)
    assert f"erased again: person {numbers[0]}" in done.output and "0 are done again" in again.output
    with second.app_context():
        gone, kept = (db.session.get_one(Person, number) for number in numbers)
        assert (gone.mail, kept.mail is None) == (None, False)
        assert db.session.get_one(Account, gone.id).closed_at is not None
        held = select(RoleGrant).where(RoleGrant.person_id == gone.id, RoleGrant.ended_at.is_(None))
        assert db.session.scalars(held).all() == []
        assert audit.verify(audit.Checked()) is None
        assert erasures.kept() == {line}


def test_a_second_list_serves_when_the_store_is_lost_and_a_list_can_be_given(make, tmp_path):
    app, second = make("one.sqlite"), tmp_path / "elsewhere" / "erasures"
    app.config["POPSCHOOL"] = replace(app.config["POPSCHOOL"], erasures=str(second))
    with app.app_context():
        person, _other, manager = a_school()
        erase(person, manager)
        [line] = erasures.kept()
        storage.store().delete("erasures")

        assert erasures.kept() == {line}
        assert (erasures.keep(), erasures.keep()) == (1, 1)
        assert storage.store().open("erasures").read() == second.read_bytes()
        assert "erasures" not in set(storage.store().names())  # no archive holds it
    second.write_text("[]")
    done = run(app, "retention", "replay", str(second))
    assert done.exit_code == 1 and "line 1 is not an erasure" in done.output


def test_somebody_else_who_has_the_number_now_is_left_alone_and_so_is_who_runs_the_network_alone(make):
    with make("two.sqlite").app_context():
        alone, other = make_network_manager(), make_person()
        save()
        known = [
            erasures.Erasure(NOW.isoformat(), other.id, (NOW - timedelta(days=1)).isoformat(), alone.id),
            erasures.Erasure(NOW.isoformat(), 999, NOW.isoformat(), alone.id),
            erasures.Erasure(NOW.isoformat(), alone.id, NOW.isoformat(), 999),
        ]

        done = erasures.replay(known, NOW, TODAY)
        assert done == erasures.Replayed((), (alone.id,), 2)
        with transaction():
            make_network_manager()
        done = erasures.replay(known, NOW, TODAY)

        assert done == erasures.Replayed((alone.id,), (), 2)
        assert db.session.get_one(Person, other.id).mail
