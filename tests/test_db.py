"""One way to write: the outermost transaction commits, errors undo the lot, writers do not lose each other's work."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, select, update

from popschool.audit import AuditEntry, record
from popschool.db import db, transaction
from popschool.schools.models import Network
from tests.conftest import keep_template, make_app, replace_file

NAIVE = datetime(2027, 3, 8, 9, 5)


def make_entry(now, action="act"):
    return record(action, None, actor_id=None, now=now)


def test_the_outermost_transaction_commits(app, now):
    with transaction(), transaction():
        make_entry(now)
    db.session.rollback()

    assert db.session.scalars(select(AuditEntry.action)).all() == ["act"]


def test_an_error_undoes_the_inner_writes_too(app, now):
    with pytest.raises(RuntimeError), transaction():
        with transaction():
            make_entry(now)
        raise RuntimeError

    assert db.session.scalars(select(AuditEntry.action)).all() == []


def test_a_read_before_a_transaction_does_not_turn_into_a_lost_write(app, now):
    db.session.add(Network(name="0"))
    db.session.commit()
    threads = [threading.Thread(target=count_up, args=(app,)) for _ in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert db.session.scalar(select(Network.name)) == "40"


def count_up(app):
    with app.app_context():
        for _ in range(10):
            network = db.session.scalars(select(Network)).one()
            with transaction(lock="network"):
                name = db.session.scalar(select(Network.name).where(Network.id == network.id))
                db.session.execute(update(Network).values(name=str(int(name) + 1)))
            db.session.remove()


def test_a_connection_that_a_test_left_open_spoils_nothing_for_the_next(tmp_path):
    app = make_app(tmp_path, f"sqlite:///{tmp_path / 'test.sqlite'}")
    with app.app_context():
        db.create_all()
        keep_template(tmp_path)
        left_open = db.engine.connect()
        left_open.execute(select(Network)).all()
        for name in ("1", "2"):
            replace_file(tmp_path / "test.sqlite")
            db.session.add(Network(name=name))
            db.session.commit()

            assert db.session.scalars(select(Network.name)).all() == [name]
            db.session.remove()
        assert left_open.execute(select(Network)).all() == []
        left_open.close()
        assert db.session.scalars(select(Network.name)).all() == ["2"]
        db.session.remove()
        db.engine.dispose()


def test_a_lock_may_name_rows_and_plain_words(app, now):
    network = Network(name="Pop School")
    db.session.add(network)
    db.session.commit()

    with transaction(lock=(network, "roster")):
        make_entry(now)

    assert db.session.scalar(select(AuditEntry.action)) == "act"


def test_a_moment_comes_back_in_utc_whatever_its_zone(app, now):
    paris = now.astimezone(timezone(timedelta(hours=1)))
    with transaction():
        make_entry(paris)
    db.session.expire_all()

    kept = db.session.scalars(select(AuditEntry)).one().at
    assert kept == now
    assert kept.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(app):
    with pytest.raises(Exception, match="time zone"), transaction():
        make_entry(NAIVE)


def test_a_statement_that_is_kept_is_known_at_once_and_never_taken_for_one_made_from_it(app, now):
    with transaction():
        db.session.add_all([Network(name="Un"), Network(name="Deux")])
    forms = db.engine.get_execution_options()["compiled_cache"]
    names = select(Network.name).where(Network.name.startswith(bindparam("begins"))).order_by(Network.name)

    asked = [db.session.scalars(names, {"begins": "D"}).all() for _ in range(2)]
    before = len(forms)
    limited = db.session.scalars(names.order_by(None).order_by(Network.name.desc()), {"begins": ""}).all()

    assert asked == [["Deux"], ["Deux"]]
    assert limited == ["Un", "Deux"]
    assert len(forms) == before + 1
    assert db.session.scalars(names, {"begins": ""}).all() == ["Deux", "Un"]
    assert len(forms) == before + 1
