"""A changed byte, in the database, in a paper or in what it holds, is found and named."""

import json

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import delete, select, update

from popschool import storage
from popschool.attendance import ledger, summaries, verification
from popschool.attendance.ledger import Checked
from popschool.attendance.models import ContentRemoval, Entry, EntryContent, PresenceDay
from popschool.attendance.models_sheets import SheetContent, SheetPaper, SheetRemoval
from popschool.cli import main
from popschool.db import db, transaction
from tests.attendance.weeks import MONDAY, make_week, paper_of

OF_LINE = "entry_id = (SELECT id FROM attendance_entry WHERE sequence = {})"


def without_triggers(statement):
    """Change a row as somebody with every right on the database would."""
    db.session.rollback()
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if db.engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            connection.exec_driver_sql(statement)
            return
        names = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_%'"
        ).all()
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name, _ in names:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(statement)
        for _, sql in names:
            connection.exec_driver_sql(sql)


@pytest.fixture
def sheet(app):
    """A closed week with its paper."""
    week = make_week()
    week.finish()
    sheet = week.close()
    paper_of(sheet)
    return verification.sheet_numbered(sheet.number)


def run(app, *arguments):
    """Run a command in the application of the test."""
    info = ScriptInfo(create_app=lambda: app)
    return CliRunner().invoke(main, arguments, obj=info)


def test_what_was_not_changed_is_sound(app, sheet):
    checked = Checked()

    assert verification.verify_everything(checked) is None
    assert (checked.chains, checked.entries, checked.sheets, checked.papers, checked.waiting) == (1, 8, 1, 1, 0)
    assert verification.check_sheet(sheet).broken is None


def test_no_transaction_waits_while_batches_are_read(app, sheet, monkeypatch):
    waiting, read = [], ledger.stream

    def watched(statement):
        waiting.append(db.session().in_transaction())
        yield from read(statement)

    monkeypatch.setattr(ledger, "stream", watched)

    assert verification.verify_everything(Checked()) is None
    assert waiting == [False, False, False]


@pytest.mark.parametrize(
    ("statement", "line", "what"),
    [
        ("UPDATE attendance_entry SET role = 'x' WHERE sequence = 2", 2, "the line was changed"),
        (f"UPDATE attendance_content SET salt = 'x' WHERE {OF_LINE.format(3)}", 3, "its content was changed"),
        (f"DELETE FROM attendance_content WHERE {OF_LINE.format(4)}", 4, "its content is gone, and no rule removed it"),
        ("UPDATE sheet SET reason = 'x'", 1, "the line was changed"),
        ("UPDATE sheet_content SET salt = 'x'", 1, "its content was changed"),
        ("DELETE FROM sheet_content", 1, "its content is gone, and no rule removed it"),
    ],
)  # fmt: skip
def test_a_byte_changed_in_the_database_is_found_by_the_command_and_by_the_page(sheet, statement, line, what):
    without_triggers(statement)

    found = verification.verify_everything(Checked())
    assert (found.cohort_id, found.sequence, found.what) == (sheet.cohort_id, line, what)
    seen = verification.check_sheet(verification.sheet_numbered(sheet.number)).broken
    assert (seen.sequence, seen.what) == (line, what)


def test_a_line_moved_to_another_chain_is_found(sheet):
    without_triggers("UPDATE attendance_entry SET previous_hash = hash WHERE sequence = 5")

    found = verification.verify_everything(Checked())

    assert (found.sequence, found.what) == (5, "it does not follow the line before")
    assert verification.check_sheet(sheet).broken.sequence == 5


def test_a_byte_changed_in_a_paper_is_found(app, sheet):
    path = storage.store()._path(sheet.paper.hash)
    changed = bytearray(path.read_bytes())
    changed[1000] ^= 1
    path.write_bytes(changed)

    assert verification.verify_everything(Checked()).what == "its paper was changed"
    assert verification.check_sheet(sheet).broken.what == "its paper was changed"
    path.unlink()
    assert verification.verify_everything(Checked()).what == "its paper is missing"
    assert verification.check_sheet(sheet).broken.where == f"sheet {sheet.number}"


def test_what_retention_removed_leaves_all_sound(app, sheet):
    first = db.session.scalars(select(Entry.id).where(Entry.sequence == 1)).one()
    with transaction():
        db.session.add(ContentRemoval(entry_id=first, removed_on=MONDAY, rule="three years"))
        db.session.add(SheetRemoval(sheet_id=sheet.id, removed_on=MONDAY, rule="three years"))
        db.session.flush()
        db.session.execute(delete(EntryContent).where(EntryContent.entry_id == first))
        db.session.execute(delete(SheetContent))
        db.session.execute(delete(SheetPaper))
    checked = Checked()

    assert verification.verify_everything(checked) is None
    assert (checked.removed, checked.papers, checked.waiting) == (1, 0, 0)
    db.session.expire_all()
    assert verification.check_sheet(verification.sheet_numbered(sheet.number)).broken is None


def test_the_command_says_sound_with_its_counts(app, sheet):
    answer = run(app, "attendance", "verify", "--json")

    assert answer.exit_code == 0, answer.output
    said = json.loads(answer.stdout)
    assert (said["sound"], said["entries"], said["sheets"], said["papers"], said["break"]) == (True, 8, 1, 1, None)
    assert run(app, "attendance", "verify").stdout.startswith("sound: 8 lines of 1 cohorts, 1 sheets, 1 papers")


def test_the_command_names_the_first_broken_place_and_fails(app, sheet):
    code = sheet.cohort.code
    without_triggers("UPDATE attendance_entry SET method = 'x' WHERE sequence >= 3 AND sequence < 6")

    answer = run(app, "attendance", "verify", "--json")
    assert answer.exit_code == 1
    half_day_id = db.session.scalars(select(Entry.half_day_id).where(Entry.sequence == 3)).one()
    assert json.loads(answer.stdout)["break"] == {
        "cohort": code,
        "line": 3,
        "what": "the line was changed",
        "where": f"half-day {half_day_id}",
    }
    in_words = run(app, "attendance", "verify")
    assert in_words.exit_code == 1
    assert in_words.stdout == ""
    assert in_words.stderr.startswith(f"{code}:3: the line was changed (half-day ")


def test_summaries_are_checked_then_rebuilt(app, sheet):
    assert run(app, "summaries", "rebuild", "--check").exit_code == 0
    with transaction():
        db.session.execute(update(PresenceDay).values(attended=1))

    answer = run(app, "summaries", "rebuild", "--check")
    assert answer.exit_code == 1
    assert answer.stderr.count("the facts add up to") == 3
    again = run(app, "summaries", "rebuild")
    assert again.exit_code == 0 and "3 days written again" in again.stderr
    assert list(summaries.differences()) == []


def test_a_summary_that_no_fact_asks_for_is_found_and_goes(app, sheet):
    kept = db.session.scalars(select(PresenceDay)).first()
    with transaction():
        other = {name: getattr(kept, name) for name in ("enrolment_id", "school_id", "cohort_id", *summaries.FIGURES)}
        db.session.add(PresenceDay(**other, on=MONDAY.replace(day=20)))

    [found] = summaries.differences()

    assert (found.on.day, found.counted) == (20, ())
    assert summaries.rebuild() == 3


def test_rebuilding_reads_a_cohort_in_few_queries_whatever_its_days(app, queries):
    make_week(half_days=6).finish()

    with queries() as seen:
        summaries.rebuild()

    assert len([one for one in seen if one.lstrip().startswith("SELECT")]) <= 6
