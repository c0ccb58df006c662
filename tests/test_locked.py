"""What is sensitive lies locked: in the database and its backups nothing is read, and no key that is away loses it."""

import json
import tarfile
from datetime import date
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from popschool import backup, doctor, locked
from popschool.attendance.models_absences import Excuse
from popschool.cli import main
from popschool.db import db, transaction
from popschool.schools import people
from popschool.schools.models import Accommodation, School
from tests.conftest import NOW
from tests.factories import make_cohort, make_learner, make_manager

WORDS = "Sous-titres et écran agrandi"
MOTIVE = "Rendez-vous à l'hôpital"


@pytest.fixture(autouse=True)
def own_keys(app, tmp_path, monkeypatch):
    """A file of keys for each test, outside the database."""
    from dataclasses import replace

    place = tmp_path / "keys" / "lock_keys"
    monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], lock_keys=str(place)))
    return place


@pytest.fixture
def arranged(app):
    """One arrangement and one motive, written by their own services' models."""
    cohort = make_cohort()
    learner = make_learner(cohort)
    made = people.arrange(
        learner, cohort.school_id, deadline_days=2, extra_time_percent=0, format=WORDS, breaks="",
        starts_on=date(2027, 3, 1), ends_on=None, actor_id=learner.id, now=NOW,
    )  # fmt: skip
    with transaction():
        db.session.add(
            Excuse(
                school_id=cohort.school_id, cohort_id=cohort.id, person_id=learner.id, starts_on=date(2027, 3, 1),
                ends_on=date(2027, 3, 1), code="AJ-HAN", note=MOTIVE, sent_at=NOW,
            )
        )  # fmt: skip
    db.session.expire_all()
    return made


def raw(statement):
    with db.engine.connect() as connection:
        return connection.execute(text(statement)).scalars().all()


def seen_on_disk(app, tmp_path) -> bytes:
    """All that whoever takes the database away holds: its file and its log, or every row as PostgreSQL tells it."""
    if db.engine.dialect.name == "sqlite":
        db.session.commit()
        file = Path(db.engine.url.database)
        return b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    rows = raw("SELECT a::text FROM accommodation a") + raw("SELECT e::text FROM excuse e")
    return "\n".join(rows).encode()


def test_nobody_who_holds_the_database_or_a_backup_reads_it(app, arranged, tmp_path):
    assert (arranged.format, arranged.breaks) == (WORDS, "")
    kept = seen_on_disk(app, tmp_path)
    backup.write(str(tmp_path / "copy.tar.gz"))
    with tarfile.open(tmp_path / "copy.tar.gz") as archive:
        copied = b"".join(archive.extractfile(one).read() for one in archive if one.name.startswith("tables/"))

    for secret in (WORDS, MOTIVE, "AJ-HAN"):
        for whole in (kept, copied):
            assert secret.encode() not in whole
            assert json.dumps(secret).encode() not in whole
    assert locked.HEAD.encode() in kept
    assert locked.HEAD.encode() in copied


def test_a_rotation_locks_everything_anew_and_goes_on_where_it_was_broken_off(app, arranged, monkeypatch):
    before, told = locked.keyring()[0].id, []

    def break_off(*told_of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        locked.rotate(break_off)
    halfway = locked.keyring()[0].id
    key_id, count = locked.rotate(lambda *facts: told.append(facts))
    db.session.expire_all()

    assert key_id == halfway != before
    assert count == 2
    assert told == [("excuse.code", 1, 1), ("excuse.note", 1, 1)]
    assert {name for one in locked.columns() for name in locked.counted(one)} == {key_id}
    assert db.session.get(Accommodation, arranged.id).format == WORDS
    assert locked.forget_old() == 1
    assert [key.id for key in locked.keyring()] == [key_id]


def test_the_command_tells_how_far_it_is(app, arranged, tmp_path):
    answer = app.test_cli_runner().invoke(main, ["keys", "rotate"])

    assert answer.exit_code == 0, answer.output
    assert "accommodation.format: 1 of 1" in answer.output
    assert "3 values locked" in answer.output


def test_a_wrong_or_missing_key_is_told_and_loses_nothing(app, arranged, own_keys, client, log_in):
    kept, person_id = own_keys.read_text(), arranged.person_id
    log_in(make_manager(db.session.get(School, arranged.school_id)))
    settings = app.config["POPSCHOOL"]
    for content, told in (
        (None, "is not there"),
        ("short\n", "no key"),
        (Fernet.generate_key().decode(), "lacks a key"),
    ):
        own_keys.unlink(missing_ok=True)
        if content is not None:
            own_keys.write_text(content)
        db.session.expire_all()

        finding = next(one for one in doctor.examine(settings) if one.name == "locked")
        assert not finding.is_sound
        assert told in finding.detail
        answer = client.get(f"/people/{person_id}")
        assert answer.status_code == 409
        assert "est perdu" in answer.text
        if content is None:
            with pytest.raises(locked.KeysMissing):
                locked.lock("a new value, which no new key may lock while the others are away")
            assert not own_keys.exists()

    own_keys.write_text(kept)
    assert [one.format for one in people.accommodations_of(person_id)] == [WORDS]
    assert next(one for one in doctor.examine(settings) if one.name == "locked").is_sound


def test_what_a_version_before_left_open_is_read_and_then_locked(app, arranged):
    with transaction():
        db.session.execute(text("UPDATE accommodation SET format = 'grands caractères'"))
    db.session.expire_all()

    assert db.session.get(Accommodation, arranged.id).format == "grands caractères"
    assert locked.state().open == 1
    assert locked.lock_again() == 1
    assert raw("SELECT format FROM accommodation")[0].startswith(locked.HEAD)
    db.session.expire_all()
    assert db.session.get(Accommodation, arranged.id).format == "grands caractères"
