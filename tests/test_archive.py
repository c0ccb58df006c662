"""Old parts put away in files, on PostgreSQL: the chains are whole as before, and nothing is lost on the way."""

import json
import os
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import create_engine, make_url, select, text

from popschool import archive, audit, backup, cli, migration, storage
from popschool.archive import ArchivedPart, CannotArchive
from popschool.audit import AuditEntry, Checked
from popschool.db import db, transaction
from popschool.parts import GROUPS, LEAST
from tests.conftest import NOW
from tests.test_migration import empty_app, opened  # noqa: F401
from tests.test_parts import count_from, divided, lies_in, lines, on_postgresql  # noqa: F401

OLD = NOW - timedelta(days=800)
BEFORE = NOW - timedelta(days=400)


@pytest.fixture
def filled(divided):  # noqa: F811
    """Three years of two schools and the network: two parts that take no more lines, and a third one."""
    for first, at in ((1, OLD), (LEAST, NOW - timedelta(days=500)), (2 * LEAST - 1, NOW)):
        count_from(first)
        for school_id in (7, 8, None):
            with transaction():
                audit.record("act", None, actor_id=1, school_id=school_id, now=at, concerns=[4, 5], said={"é": [1]})
    db.session.remove()
    return divided


def whole():
    """Return what a verification sees, and the end of each chain."""
    checked = Checked()
    assert audit.verify(checked) is None
    found = (checked.chains, checked.entries, audit.heads())
    db.session.remove()
    return found


def put_away(**options):
    db.session.remove()
    found = {one.part: one.outcome for one in archive.put_away(BEFORE, NOW, **options)}
    db.session.remove()
    return found


@on_postgresql
def test_a_part_is_put_away_and_the_chains_are_whole_as_before(filled):
    before, ends = whole(), audit.heads()
    rows = lines()

    assert put_away(is_dry=True) == {
        "audit/0": "would be put away",
        "audit/1000000": "stays: its last line is too recent",
    }
    assert lines() == rows
    assert put_away() == {"audit/0": "put away", "audit/1000000": "stays: its last line is too recent"}

    assert whole() == before
    assert audit.unanchored(ends) is None
    assert audit.unanchored([audit.Head(7, 1, rows["audit_link"][0].hash)]) is None
    assert audit.unanchored([audit.Head(7, 1, "x" * 64)]).what == "it is not the line that was anchored"
    assert [len(found) for found in lines().values()] == [6, 12, 6]
    [kept] = archive.away()
    assert storage.exists(kept.hash)
    assert (kept.name, kept.lines, kept.first_at, kept.last_at) == ("audit/0", 3, OLD, OLD)
    assert put_away() == {"audit/1000000": "stays: its last line is too recent"}


@on_postgresql
def test_a_part_that_is_away_goes_on_and_comes_back_as_it_was(filled):
    before, rows = whole(), lines()
    put_away()
    with transaction():
        audit.record("act", None, actor_id=1, school_id=7, now=NOW)
    assert whole()[1] == before[1] + 1

    db.session.remove()
    assert archive.bring_back("audit/0").away_at is None
    db.session.remove()

    assert whole()[1] == before[1] + 1
    again = lines()
    assert {name: [row for row in found if row[0] <= 2 * LEAST + 1] for name, found in again.items()} == rows
    assert lies_in("audit_entry")[:3] == ["0", "0", "0"]
    with pytest.raises(CannotArchive, match="no part"):
        archive.bring_back("audit/0")
    assert put_away()["audit/0"] == "put away"
    assert len(db.session.scalars(select(ArchivedPart)).all()) == 1


@on_postgresql
@pytest.mark.parametrize("step", ["_written", "_read_back", "_take_out"])
def test_broken_off_anywhere_nothing_is_lost_and_it_is_run_again(filled, monkeypatch, step):
    before, rows = whole(), lines()

    def killed(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(archive, step, killed)
        with pytest.raises(KeyboardInterrupt):
            put_away()
    db.session.remove()
    assert lines() == rows
    assert archive.away() == []

    assert put_away()["audit/0"] == "put away"
    assert whole() == before
    assert len(db.session.scalars(select(ArchivedPart)).all()) == 1


@on_postgresql
def test_lines_that_came_meanwhile_keep_a_part_where_it_is(filled, monkeypatch):
    written = archive._written

    def late(*given):
        kept = written(*given)
        with transaction():
            db.session.execute(
                text(
                    "INSERT INTO audit_entry (id, at, action, subject_type, facts) VALUES (900, :at, 'act', '', '{}')"
                ),
                {"at": OLD},
            )
        return kept

    with monkeypatch.context() as slow, pytest.raises(CannotArchive, match="lines came meanwhile"):
        slow.setattr(archive, "_written", late)
        put_away()

    db.session.remove()
    assert db.session.get(AuditEntry, 900) is not None
    assert put_away()["audit/0"] == "stays: some of its lines wait for their place in a chain"
    audit.chain_rest()
    assert put_away()["audit/0"] == "put away"
    assert audit.verify(Checked()) is None


@on_postgresql
def test_a_file_that_is_gone_or_changed_is_found(filled):
    put_away()
    [kept] = archive.away()
    content = storage.read(kept.hash)

    storage.delete(kept.hash)
    assert "is missing" in audit.verify(Checked()).what
    storage.store().keep(kept.hash, BytesIO(content[:-1] + b"x"))
    assert "has not the content of its name" in audit.verify(Checked()).what
    with pytest.raises(CannotArchive):
        archive.bring_back("audit/0")


@on_postgresql
def test_the_command_says_what_it_does(filled):
    def run(*given):
        db.session.remove()
        return CliRunner().invoke(cli.main, ["archive", *given], obj=ScriptInfo(create_app=lambda: filled))

    assert run("--dry-run").exit_code == 2
    recent = run("--before", f"{NOW:%Y-%m-%d}")
    assert recent.exit_code == 1 and "a year after" in recent.output
    done = run("--before", f"{BEFORE:%Y-%m-%d}", "--json")
    assert [(one["part"], one["lines"], one["outcome"]) for one in json.loads(done.output)][0] == (
        "audit/0",
        3,
        "put away",
    )
    assert [one["part"] for one in json.loads(run("--json").output)] == ["audit/0"]
    assert "audit/0" in run().output
    assert "put back" in run("--restore", "audit/0").output
    assert json.loads(run("--json").output) == []


@contextmanager
def another(filled, engine, folder):
    """A new database of this version, with a folder of its own."""
    if engine == "sqlite":
        with opened(folder, f"sqlite:///{folder / 'other.sqlite'}") as app:
            migration.upgrade()
            yield app
        return
    url = make_url(filled.config["POPSCHOOL"].database_url)
    other = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    name = f"other_{os.getpid()}"
    with other.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        with opened(folder, url.set(database=name).render_as_string(hide_password=False)) as app:
            migration.upgrade()
            yield app
    finally:
        with other.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        other.dispose()


def tables_in(path):
    """Write a backup; return the count of rows and the SHA-256 of each table of the record."""
    db.session.remove()
    backup.write(str(path))
    db.session.remove()
    tables = backup.check(str(path))["tables"]
    return {name: (tables[name]["rows"], tables[name]["sha256"]) for name in GROUPS["audit"].tables}


@on_postgresql
@pytest.mark.parametrize("engine", ["postgresql", "sqlite"])
def test_a_part_that_is_away_comes_back_in_another_database(filled, engine, tmp_path):
    before, rows, path = whole(), tables_in(tmp_path / "whole.tar.gz"), tmp_path / "away.tar.gz"
    put_away()
    assert tables_in(path)["audit_entry"][0] == rows["audit_entry"][0] - 3
    (tmp_path / "other").mkdir()

    with another(filled, engine, tmp_path / "other"):
        backup.restore(str(path))
        db.session.remove()
        assert whole() == before
        assert [one.name for one in archive.away()] == ["audit/0"]

        archive.bring_back("audit/0")

        db.session.remove()
        assert archive.away() == []
        assert whole() == before
        assert tables_in(tmp_path / "again.tar.gz") == rows
        with transaction():
            audit.record("act", None, actor_id=1, school_id=7, now=NOW)
        assert whole()[1] == before[1] + 1


@on_postgresql
def test_rows_that_are_not_what_the_file_says_stay_away(filled):
    put_away()
    before = lines()
    with transaction():
        db.session.execute(
            text(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN NEW.action := 'other'; RETURN NEW; END $$"
            )
        )
        db.session.execute(
            text("CREATE TRIGGER spoil BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION spoil()")
        )

    db.session.remove()
    with pytest.raises(CannotArchive, match="audit_entry did not take the rows"):
        archive.bring_back("audit/0")

    db.session.remove()
    assert lines() == before
    assert [one.name for one in archive.away()] == ["audit/0"]


@pytest.mark.parametrize("empty_app", ["sqlite"], indirect=True)
def test_sqlite_has_no_parts_to_put_away(divided):  # noqa: F811
    with pytest.raises(CannotArchive, match="SQLite"):
        archive.put_away(BEFORE, NOW)
