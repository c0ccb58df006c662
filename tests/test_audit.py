"""The record of acts: added and never rewritten, chained school by school, and found broken when a line was changed."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from popschool import audit, clock, jobs
from popschool.audit import AuditAbout, AuditEntry, AuditLink, Checked
from popschool.db import db, transaction
from tests.factories import make_learner, save
from tests.threads import together

TABLES = ("audit_entry", "audit_about", "audit_link")


def act(school_id, now, action="act", **facts):
    with transaction():
        return audit.record(action, None, actor_id=1, school_id=school_id, now=now, **facts)


def unlocked(statement):
    """Run a statement as somebody would who holds the database itself: the triggers are taken away first."""
    for table in TABLES:
        for verb in ("update", "delete"):
            name = f"{table}_no_{verb}"
            on = f" ON {table}" if db.engine.dialect.name == "postgresql" else ""
            db.session.execute(text(f"DROP TRIGGER IF EXISTS {name}{on}"))
    db.session.execute(text(statement))


@pytest.fixture
def chained(app, now):
    """Two schools whose acts are mixed, and one of the network."""
    for school_id in (7, 8, 7, None, 7):
        act(school_id, now, kept={"b": [1, 2], "a": "é"})
    return now


def test_each_school_has_its_own_chain(chained):
    lines = db.session.execute(select(AuditLink.chain, AuditLink.sequence).order_by(AuditLink.entry_id)).all()

    assert lines == [(7, 1), (8, 1), (7, 2), (0, 1), (7, 3)]
    checked = Checked()
    assert audit.verify(checked) is None
    assert (checked.chains, checked.entries, checked.waiting) == (3, 5, 0)


@pytest.mark.parametrize(
    ("statement", "what", "sequence"),
    [
        ("UPDATE audit_entry SET actor_id = 2 WHERE id = 3", "the line was changed", 2),
        ("UPDATE audit_entry SET origin = 'elsewhere' WHERE id = 1", "the line was changed", 1),
        ("INSERT INTO audit_about (entry_id, person_id) VALUES (5, 99)", "the line was changed", 3),
        ("DELETE FROM audit_link WHERE entry_id = 3", "a line is missing", 2),
        ("DELETE FROM audit_link WHERE entry_id = 5", "the lines at the end are missing", 3),
        (
            "UPDATE audit_head SET hash = previous_hash FROM audit_link WHERE audit_head.chain = 7 AND entry_id = 5",
            "it is not the line that was the last one",
            3,
        ),
        ("UPDATE audit_link SET previous_hash = hash WHERE entry_id = 5", "it does not follow the line before", 3),
    ],
)
def test_a_record_that_was_touched_is_found(chained, statement, what, sequence):
    unlocked(statement)
    broken = audit.verify(Checked())
    db.session.rollback()

    assert (broken.chain, broken.sequence, broken.what) == (7, sequence, what)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = 1", "DELETE FROM {}"])
def test_the_database_refuses_to_rewrite_the_record(app, now, table, verb):
    learner = make_learner()
    save()
    with transaction():
        audit.record("act", learner, actor_id=1, now=now)
    statement = verb.format(table, "actor_id" if table == "audit_entry" else "entry_id")

    with pytest.raises(DBAPIError, match="never changed or removed"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_an_act_that_is_undone_leaves_no_line(app, now):
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record("act", None, actor_id=1, school_id=7, now=now)
        raise ZeroDivisionError
    act(7, now)

    assert db.session.scalars(select(AuditLink.sequence)).all() == [1]


def test_acts_at_the_same_moment_make_one_chain(app, now):
    done = together(app, *(lambda number=number: [act(7, now, number=number) for _ in range(5)] for number in range(4)))

    assert done == {"done": 4}
    assert db.session.scalars(select(AuditLink.sequence).order_by(AuditLink.sequence)).all() == list(range(1, 21))
    assert audit.verify(Checked()) is None


def written_by_an_older_version(count=1):
    for _time in range(count):
        db.session.execute(
            text(
                "INSERT INTO audit_entry (at, actor_id, school_id, action, subject_type, subject_id, facts) "
                "VALUES ('2027-03-08 09:00:00.000000', 1, 7, 'act', '', NULL, '{}')"
            )
        )
    db.session.commit()


def test_what_an_older_version_wrote_is_chained_in_the_night(chained, now):
    written_by_an_older_version()
    before = Checked()
    assert audit.verify(before) is None and before.waiting == 1

    audit.chain_rest()

    after = Checked()
    assert audit.verify(after) is None
    assert (after.entries, after.waiting) == (6, 0)


def test_a_worker_that_is_asked_to_end_leaves_the_rest_of_the_chaining_to_the_next_one(chained, now, monkeypatch):
    written_by_an_older_version(3)
    stop, chain = threading.Event(), audit._chain
    monkeypatch.setattr(audit, "BATCH", 2)
    monkeypatch.setattr(audit, "_chain", lambda *asked: (chain(*asked), stop.set()))
    with transaction():
        jobs.enqueue("popschool.audit:chain_rest")

    assert not jobs.perform(jobs.claim(clock.now()), stop=stop)

    left = Checked()
    assert audit.verify(left) is None and left.waiting == 1
    db.session.rollback()
    assert jobs.perform(jobs.claim(clock.now()))
    after = Checked()
    assert audit.verify(after) is None and after.waiting == 0


def test_an_act_names_the_people_it_is_about_and_where_it_came_from(app, now):
    one, other = make_learner(), make_learner()
    save()
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.77"}), transaction():
        audit.record("act", one, actor_id=1, now=now, concerns=[other.id])

    assert db.session.scalars(select(AuditEntry.origin)).all() == ["192.0.2.…"]
    assert db.session.scalars(select(AuditAbout.person_id)).all() == sorted([one.id, other.id])


def test_a_chain_that_was_rewritten_whole_is_found_by_its_anchor(chained):
    kept = audit.heads()
    assert [(head.chain, head.sequence) for head in kept] == [(0, 1), (7, 3), (8, 1)]
    assert audit.unanchored(kept) is None

    unlocked("DELETE FROM audit_link WHERE entry_id = 5")
    db.session.execute(text("UPDATE audit_entry SET actor_id = 99 WHERE id = 5"))
    before = "(SELECT hash FROM audit_link WHERE entry_id = 3)"
    db.session.execute(text(f"UPDATE audit_head SET sequence = 2, hash = {before} WHERE chain = 7"))
    entry = db.session.get(AuditEntry, 5, populate_existing=True)
    missing = audit.unanchored(kept)
    audit._chain(db.session, [(entry, [])])
    db.session.flush()
    is_sound, found = audit.verify(Checked()) is None, audit.unanchored(kept)
    db.session.rollback()

    assert (missing.sequence, missing.what) == (3, "a line that was anchored is missing")
    assert is_sound
    assert (found.chain, found.sequence, found.what) == (7, 3, "it is not the line that was anchored")
