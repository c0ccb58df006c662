"""Whole files: asked for by an auditor through a door, or by the school; made by a job, and kept for whoever asked."""

import tempfile
from datetime import date, datetime, timedelta

from sqlalchemy import select

from popschool import audit, jobs, storage
from popschool.db import db, transaction
from popschool.reports import archive
from popschool.reports.models import Door, WholeFile
from popschool.reports.whole_file import MAKERS, parts_of, place_at, whose
from popschool.schools.models import Enrolment, Person

IN_MEMORY = 8_000_000
KEPT = timedelta(days=30)
TASK = "popschool.reports.tasks:make_whole_file"


def ask(enrolment: Enrolment, door: Door | None, by: Person | None, now: datetime) -> WholeFile:
    """Ask for the whole file of a place; one that is being made for the same door is that one."""
    door_id = door.id if door is not None else None
    with transaction(lock=f"whole-file/{enrolment.id}/{door_id}"):
        last = last_of(enrolment.id, door_id)
        if last is not None and last.finished_at is None:
            return last
        made = WholeFile(
            school_id=enrolment.school_id,
            enrolment_id=enrolment.id,
            door_id=door_id,
            asked_by_id=by.id if by is not None else None,
            asked_at=now,
            total=len(MAKERS),
            parts=[],
        )
        db.session.add(made)
        db.session.flush()
        jobs.enqueue(TASK, key=f"whole-file/{made.id}", file_id=made.id)
        audit.record(
            "ask_whole_file",
            made,
            actor_id=by.id if by else None,
            now=now,
            concerns=[enrolment.person_id],
            door=door_id,
        )
    return made


def last_of(enrolment_id: int, door_id: int | None) -> WholeFile | None:
    """Return the last file of a place that was asked through a door, or by the school. One query."""
    own = WholeFile.door_id == door_id if door_id is not None else WholeFile.door_id.is_(None)
    return db.session.scalars(
        select(WholeFile).where(WholeFile.enrolment_id == enrolment_id, own).order_by(WholeFile.id.desc()).limit(1)
    ).first()


def run(made: WholeFile, now: datetime) -> None:
    """Make a file and keep its archive. Again, it does nothing."""
    if made.finished_at is not None:
        return
    enrolment = place_at(made.enrolment_id)
    first, last = days_of(made, enrolment)
    title = f"Dossier complet, {whose(enrolment.person)}"
    said = f"Promo {enrolment.cohort.code}, du {first:%d/%m/%Y} au {last:%d/%m/%Y}. Fait le {now:%d/%m/%Y}."

    def note(done: int) -> None:
        with transaction():
            made.done = done

    names: list[dict] = []

    def counted():
        for part in parts_of(enrolment, first, last):
            names.append({"title": part.title, "rows": len(part.rows), "files": len(part.files)})
            yield part

    with tempfile.SpooledTemporaryFile(IN_MEMORY) as out:
        archive.write(out, title, said, counted(), note)
        kept = storage.put(out)
    with transaction():
        made.parts, made.done, made.finished_at = names, len(MAKERS), now
        made.archive_hash, made.archive_size = kept.hash, kept.size


def days_of(made: WholeFile, enrolment: Enrolment) -> tuple[date, date]:
    """Return the days of a file: those of its door, within those of the place."""
    first, last = enrolment.starts_on, max(enrolment.starts_on, enrolment.last_day)
    door = db.session.get(Door, made.door_id) if made.door_id is not None else None
    if door is None:
        return first, last
    return max(first, door.covers_from or first), min(last, door.covers_to or last)


def forget_old(now: datetime) -> int:
    """Remove the archives that were made long ago: what they hold lies elsewhere, under its own rules of retention."""
    old = db.session.scalars(
        select(WholeFile).where(WholeFile.finished_at < now - KEPT, WholeFile.archive_hash != "").order_by(WholeFile.id)
    ).all()
    for made in old:
        name = made.archive_hash
        with transaction():
            made.archive_hash, made.archive_size, made.parts = "", 0, []
            audit.record("forget_whole_file", made, actor_id=None, now=now)
        others = select(WholeFile.id).where(WholeFile.archive_hash == name).limit(1)
        if db.session.scalar(others) is None:
            storage.delete(name)
    return len(old)


def note_export(made: WholeFile, person_id: int, now: datetime) -> None:
    """Write down that whoever holds a link took a file away."""
    with transaction():
        audit.record("export_whole_file", made, actor_id=None, now=now, concerns=[person_id], door=made.door_id)
