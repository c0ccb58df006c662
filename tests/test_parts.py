"""Large tables in parts, on PostgreSQL: where lines lie, what the database refuses, and who makes the next."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import MetaData, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from popschool import audit, clock, doctor, migration, parts
from popschool.audit import AuditEntry, AuditLink, Checked
from popschool.db import db, transaction
from popschool.parts import LEAST
from tests.conftest import NOW
from tests.test_migration import empty_app  # noqa: F401

on_postgresql = pytest.mark.parametrize("empty_app", ["postgresql"], indirect=True)
BEFORE = "0047"
OPERATE = Path(__file__).parent.parent / "docs" / "operate.md"


@pytest.fixture
def divided(empty_app):  # noqa: F811
    """A new database of PostgreSQL, with its parts."""
    clock.freeze(NOW)
    migration.upgrade()
    yield empty_app
    clock.freeze(None)


def act(school_id=7, **facts):
    with transaction():
        entry = audit.record("act", None, actor_id=1, school_id=school_id, now=NOW, **facts)
    return entry.id


def make_ready():
    """Do what the job of the night does, when nobody reads."""
    db.session.rollback()
    parts.make_ready()


def count_from(number, table="audit_entry"):
    """Let the next line of a table have this number."""
    with transaction():
        db.session.execute(text(f"SELECT setval('{table}_id_seq', {number}, false)"))


def lies_in(table, column="id"):
    """Return the part of each line, in order."""
    asked = f"SELECT CAST(CAST(tableoid AS regclass) AS text) FROM {table} ORDER BY {column}"
    return [name.removeprefix(f"{table}_part_") for name in db.session.scalars(text(asked))]


@on_postgresql
def test_lines_lie_in_the_part_of_their_number_and_make_one_chain(divided):
    for first in (1, LEAST - 1, 2 * LEAST - 1):
        count_from(first)
        act()
        act()

    for table, column in parts.GROUPS["audit"].tables.items():
        if table != "audit_about":
            assert lies_in(table, column) == ["0", "0", "0", "1000000", "1000000", "rest"]
    checked = Checked()
    assert audit.verify(checked) is None
    assert (checked.chains, checked.entries) == (1, 6)


@on_postgresql
def test_lines_that_come_together_by_the_million_lie_in_one_part(divided):
    with transaction():
        connection = db.session.connection()
        for table, lines in (
            ("audit_entry", LEAST),
            ("audit_entry", 30 * LEAST),
            ("audit_link", 9 * LEAST),
            ("person", 9),
        ):
            parts.expect(connection, table, lines)
    count_from(25 * LEAST)
    act()

    bounds = [(part.low // LEAST, part.high // LEAST) for part in parts.found(db.session.connection(), "audit_link")]
    assert bounds == [(0, 1), (1, 2), (2, 32)]
    assert lies_in("audit_entry") == ["2000000"]


@on_postgresql
@pytest.mark.parametrize(
    "line",
    [
        "(7, 1, '{start}', 'other')",
        "(7, 2, '{first}', 'other')",
        "(7, 4, '{last}', 'gap')",
        "(7, 3, '{first}', 'not its end')",
        "(8, 2, '{start}', 'of no chain')",
    ],
)
def test_a_fork_is_refused_across_parts(divided, line):
    first = act()
    count_from(LEAST)
    act()
    count_from(LEAST + 10)
    last = act(school_id=9)
    of = {name: db.session.get(AuditLink, number).hash for name, number in (("first", first), ("last", LEAST))}
    values = line.format(start=audit.START, **of).removeprefix("(")
    db.session.rollback()

    with pytest.raises(IntegrityError, match="does not follow|audit_head"):
        db.session.execute(
            text(
                f"INSERT INTO audit_link (entry_id, chain, sequence, previous_hash, hash) VALUES ({last + 1}, {values}"
            )
        )
    db.session.rollback()
    assert audit.verify(Checked()) is None


@on_postgresql
def test_the_database_refuses_to_rewrite_a_line_in_any_part(divided):
    for first in (1, LEAST, 3 * LEAST):
        count_from(first)
        act()
    make_ready()
    count_from(parts.found(db.session.connection(), "audit_entry")[-1].low)
    act()

    names = sorted(set(lies_in("audit_entry")))
    assert len(names) == 4
    for name in names:
        for table in (f"audit_entry_part_{name}", f"audit_link_part_{name}"):
            for statement in (
                f"DELETE FROM {table}",
                f"UPDATE {table} SET {'action' if 'entry' in table else 'hash'} = ''",
            ):
                with pytest.raises(DBAPIError, match="never changed or removed"):
                    db.session.execute(text(statement))
                db.session.rollback()


@on_postgresql
def test_the_next_part_is_made_in_the_night_and_doctor_says_when_it_is_missing(divided):
    settings = divided.config["POPSCHOOL"]
    found = lambda: next(one for one in doctor.examine(settings) if one.name == "parts")  # noqa: E731
    bounds = lambda: [  # noqa: E731
        (one.low, one.high) for one in parts.found(db.session.connection(), "audit_link")
    ]
    assert found().is_sound
    assert bounds() == [(0, LEAST), (LEAST, 2 * LEAST)]
    count_from(LEAST + 5)
    act()
    assert found().is_sound

    make_ready()
    make_ready()
    assert bounds()[2:] == [(2 * LEAST, 3 * LEAST)]

    db.session.rollback()
    count_from(4 * LEAST)
    act()
    assert lies_in("audit_entry")[-1] == "rest"
    late = found()
    assert not late.is_sound and "audit_entry" in late.detail

    db.session.rollback()
    make_ready()
    assert found().is_sound
    low = bounds()[-1][0]
    assert low > 4 * LEAST
    db.session.rollback()
    count_from(low)
    act()
    assert lies_in("audit_entry")[-2:] == ["rest", str(low)]
    assert audit.verify(Checked()) is None


@on_postgresql
@pytest.mark.parametrize(
    ("query", "parts_read"),
    [
        (select(AuditEntry).where(AuditEntry.id == LEAST + 3), 1),
        (select(AuditLink).where(AuditLink.entry_id.between(LEAST, LEAST + 9)), 1),
        (select(AuditEntry).where(AuditEntry.school_id == 7).order_by(AuditEntry.at.desc()).limit(20), 3),
        (select(AuditEntry).order_by(AuditEntry.id.desc()).limit(20), 3),
        (select(audit.AuditAbout).where(audit.AuditAbout.person_id == 4), 3),
        (select(AuditLink).where(AuditLink.chain == 7).order_by(AuditLink.sequence.desc()).limit(1), 3),
    ],
)
def test_a_plan_reads_the_part_that_it_needs_and_no_part_whole(divided, query, parts_read):
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = query.compile(db.engine, compile_kwargs={"literal_binds": True})

    plan = db.session.scalar(text(f"EXPLAIN (FORMAT JSON) {asked}".replace(":", "\\:")))

    scans = list(scans_of(plan[0]["Plan"]))
    assert len(scans) == parts_read, json.dumps(plan)
    assert "Seq Scan" not in {kind for kind, _name in scans}


def scans_of(node):
    if "Relation Name" in node:
        yield node["Node Type"], node["Relation Name"]
    for one in node.get("Plans", ()):
        yield from scans_of(one)


@on_postgresql
def test_a_database_of_the_version_before_is_divided_with_every_line_as_it_was(empty_app):  # noqa: F811
    """Its lines stay where they are, and that version goes on writing while this one is there already."""
    clock.freeze(NOW)
    migration.upgrade()
    for school_id in (7, 8, 7, None, 7):
        act(school_id, said="é")
    before = lines()
    db.session.remove()
    migration.downgrade(BEFORE)
    assert lines() == before
    old = MetaData()
    old.reflect(db.engine, only=["audit_entry", "audit_about", "audit_link"])
    db.session.remove()

    migration.upgrade()

    assert lines() == before
    checked = Checked()
    assert audit.verify(checked) is None
    assert (checked.chains, checked.entries) == (3, 5)
    assert [(one.chain, one.sequence) for one in audit.heads()] == [(0, 1), (7, 3), (8, 1)]
    db.session.rollback()
    entry, last = before["audit_entry"][0], before["audit_link"][-1]
    with transaction():
        said = dict(entry._mapping) | {"id": None, "facts": {}}
        del said["id"]
        number = db.session.execute(insert(old.tables["audit_entry"]).values(said)).inserted_primary_key[0]
        following = {
            "entry_id": number,
            "chain": 7,
            "sequence": last.sequence + 1,
            "previous_hash": last.hash,
            "hash": "x",
        }
        db.session.execute(insert(old.tables["audit_link"]).values(following))
    assert number == 6
    assert lies_in("audit_link", "entry_id") == ["0"] * 6
    clock.freeze(None)


def lines():
    """Return every row of the record."""
    return {
        name: db.session.execute(text(f"SELECT * FROM {name} ORDER BY 1")).all()
        for name in ("audit_entry", "audit_about", "audit_link")
    }


@pytest.mark.parametrize("empty_app", ["sqlite"], indirect=True)
def test_sqlite_keeps_each_table_whole(divided):
    act()
    make_ready()

    found = next(one for one in doctor.examine(divided.config["POPSCHOOL"]) if one.name == "parts")
    assert found.is_sound and "SQLite" in found.detail
    assert [(one.chain, one.sequence) for one in audit.heads()] == [(7, 1)]


@on_postgresql
def test_a_table_in_parts_is_known_as_a_whole_too(divided):
    asked = text("SELECT count(*) FROM pg_stats WHERE tablename = 'audit_entry' AND inherited")
    act()
    db.session.rollback()
    before = db.session.scalar(asked)

    parts.look_over()

    assert (before, db.session.scalar(asked) > 0) == (0, True)


@on_postgresql
def test_the_statements_that_put_the_school_first_in_each_key_run(divided):
    """docs/operate.md has them, for whoever divides the database over several machines."""
    told = OPERATE.read_text().split("### Several machines for one database")[1].split("\n## ")[0]
    making = re.findall(r"^(SELECT format.*?) \\gexec$", told, re.MULTILINE | re.DOTALL)
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin() as change:
        for one in making:
            for statement in connection.exec_driver_sql(one.replace("%", "%%")).scalars().all():
                connection.exec_driver_sql(statement.replace("%", "%%"))
        found = inspect(connection)
        keys = {table: found.get_pk_constraint(table)["constrained_columns"] for table in found.get_table_names()}
        linked = [table for table in keys if found.get_foreign_keys(table)]
        change.rollback()
    columns = {table.name: table.c for table in db.metadata.sorted_tables}
    first = [name for name in keys if name in columns and keys[name][0] == "school_id"]
    asked, _, told = told.split("need the column:")[1].partition("What may be")
    of_no_school, _, triggers = told.partition("Triggers protect")
    needing, of_no_school, touched = (
        re.findall(r"`([a-z]+(?:_[a-z]+)*)`", some) for some in (asked, of_no_school, triggers)
    )

    assert len(making) == 2 and linked == []
    assert {"half_day", "attendance_entry", "presence_day", "sheet", "submission", "award"} <= set(first)
    assert len(needing) == 10 and not any("school_id" in columns[name] for name in (*needing, *touched))
    assert of_no_school and all(columns[name]["school_id"].nullable for name in of_no_school)
