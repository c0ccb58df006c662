"""The ledger in parts, on PostgreSQL: one chain over them, no act twice, and every line where it was once divided."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from popschool import archive, clock, migration, parts
from popschool.attendance import ledger, services
from popschool.attendance.ledger import Checked
from popschool.attendance.models import Entry, EntryContent
from popschool.attendance.rules import Method
from popschool.attendance.services import Act
from popschool.db import db, transaction
from popschool.parts import LEAST
from tests.attendance.test_services import OPEN, OVER
from tests.conftest import NOW
from tests.factories import make_cohort, make_half_day, make_learner, make_trainer, save
from tests.test_migration import empty_app  # noqa: F401
from tests.test_parts import count_from, divided, lies_in, on_postgresql, scans_of  # noqa: F401

BEFORE = "0050"


def signed(*numbers):
    """Sign a morning, the line of each learner having one of these numbers; then the trainer's. Return the half-day."""
    cohort = make_cohort()
    trainer = make_trainer(cohort)
    people = [make_learner(cohort) for _ in numbers]
    half_day = make_half_day(cohort, trainer)
    save()
    for person, number in zip(people, numbers, strict=True):
        count_from(number, "attendance_entry")
        services.sign(
            half_day, person, Act(Method.BUTTON, "Je participe à la séance.", "1-fr", key=f"act-{number}"), OPEN
        )
    services.countersign(half_day, trainer, Act(Method.BUTTON, "Je participe à la séance.", "1-fr"), OVER)
    return half_day


def sound():
    checked = Checked()
    assert ledger.verify(checked) is None
    db.session.remove()
    return checked.chains, checked.entries


@on_postgresql
def test_one_chain_goes_over_the_parts_of_the_ledger(divided):  # noqa: F811
    signed(1, LEAST - 1, LEAST, 3 * LEAST)

    assert lies_in("attendance_entry") == ["0", "0", "1000000", "rest", "rest"]
    assert lies_in("attendance_content", "entry_id") == lies_in("attendance_entry")
    assert sound() == (1, 5)
    assert "attendance_entry" in parts.missing(db.session.connection())
    db.session.remove()
    parts.make_ready()
    assert parts.missing(db.session.connection()) == []


@on_postgresql
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ("key = NULL, sequence = 2", "does not follow"),
        ("key = NULL, sequence = 9", "does not follow"),
        ("key = NULL, sequence = 4, previous_hash = hash", "does not follow"),
        ("key = NULL, sequence = 1", "attendance_chain"),
        ("sequence = 4", "attendance_claim"),
    ],
)
def test_a_fork_and_a_twin_are_refused_across_parts(divided, changed, said):  # noqa: F811
    signed(1, LEAST)
    last = db.session.scalars(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    db.session.execute(text("CREATE TEMPORARY TABLE twin AS SELECT * FROM attendance_entry WHERE id = 1"))
    db.session.execute(text(f"UPDATE twin SET id = {2 * LEAST - 1}, previous_hash = '{last.hash}'"))
    db.session.execute(text(f"UPDATE twin SET {changed}"))

    with pytest.raises(IntegrityError, match=said):
        db.session.execute(text("INSERT INTO attendance_entry SELECT * FROM twin"))
    db.session.rollback()
    assert sound() == (1, 3)


@on_postgresql
def test_lines_of_any_part_are_neither_changed_nor_removed(divided):  # noqa: F811
    signed(1, LEAST, 3 * LEAST)

    for name in ("0", "1000000", "rest"):
        for statement in (
            f"DELETE FROM attendance_entry_part_{name}",
            f"UPDATE attendance_entry_part_{name} SET role = 'x'",
            f"UPDATE attendance_content_part_{name} SET salt = 'x'",
        ):
            with pytest.raises(DBAPIError, match="never changed or removed"):
                db.session.execute(text(statement))
            db.session.rollback()
    with transaction():
        removed = db.session.execute(text("DELETE FROM attendance_content WHERE entry_id = 1")).rowcount
    assert removed == 1


@on_postgresql
def test_lines_cut_off_at_the_end_are_found(divided):  # noqa: F811
    signed(1, LEAST)
    with transaction():
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(text("DELETE FROM attendance_content WHERE entry_id > 1000000"))
        db.session.execute(text("DELETE FROM attendance_entry WHERE id > 1000000"))

    broken = ledger.verify()
    assert (broken.sequence, broken.what) == (3, "the lines at the end are missing")


@on_postgresql
@pytest.mark.parametrize(
    ("query", "parts_read"),
    [
        (select(EntryContent).where(EntryContent.entry_id == LEAST + 3), 1),
        (select(Entry).where(Entry.half_day_id == 4, Entry.person_id == 5), 3),
        (select(Entry).where(Entry.key == "act"), 3),
        (select(Entry).where(Entry.person_id == 5).order_by(Entry.at.desc()).limit(9), 3),
        (select(Entry).where(Entry.cohort_id == 5).order_by(Entry.sequence.desc()).limit(1), 3),
    ],
)
def test_what_pages_ask_reads_no_part_of_the_ledger_whole(divided, query, parts_read):  # noqa: F811
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = query.compile(db.engine, compile_kwargs={"literal_binds": True})

    scans = list(scans_of(db.session.scalar(text(f"EXPLAIN (FORMAT JSON) {asked}"))[0]["Plan"]))

    assert len(scans) == parts_read
    assert "Seq Scan" not in {kind for kind, _name in scans}


@on_postgresql
def test_a_ledger_of_the_version_before_is_divided_with_every_line_as_it_was(empty_app):  # noqa: F811
    clock.freeze(NOW)
    migration.upgrade()
    signed(1, 2, 3)
    before, seen = lines(), sound()
    migration.downgrade(BEFORE)
    assert lines() == before
    db.session.remove()

    migration.upgrade()

    assert lines() == before
    assert sound() == seen == (1, 4)
    assert len(set(db.session.scalars(text("SELECT key FROM attendance_claim")))) == 3
    signed(900, LEAST)
    assert sound() == (2, 7)
    clock.freeze(None)


def lines():
    names = ("attendance_entry", "attendance_content")
    return [db.session.execute(text(f"SELECT * FROM {name} ORDER BY 1")).all() for name in names]


@on_postgresql
def test_the_ledger_stays_where_its_sheets_are_verified(divided):  # noqa: F811
    signed(1, LEAST, 2 * LEAST)
    db.session.remove()

    found = {one.part: one.outcome for one in archive.put_away(NOW.replace(year=2029), NOW.replace(year=2031))}
    assert found["attendance/0"] == "stays: sheets are verified by its lines"
    assert sound() == (1, 4)
