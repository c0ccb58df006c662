"""Evidence for Qualiopi: pieces brought by hand, and the archive of a year that is asked for."""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs, storage
from popschool.db import db, transaction
from popschool.projects import rules_files, services_checked
from popschool.reports import rules_evidence as rules
from popschool.reports.models_evidence import EvidencePack, EvidencePiece
from popschool.reports.rules_evidence import INDICATORS
from popschool.schools.models import Person, School

TASK = "popschool.reports.tasks:make_evidence"
TOTAL = sum(len(one.tables) + 1 for one in INDICATORS)


def pieces_of(school_id: int) -> dict[int, list[EvidencePiece]]:
    """Return the pieces of a school by indicator, in order of their day. One query."""
    found: dict[int, list[EvidencePiece]] = defaultdict(list)
    for one in db.session.scalars(
        select(EvidencePiece)
        .where(EvidencePiece.school_id == school_id)
        .order_by(EvidencePiece.dated_on, EvidencePiece.id)
        .options(joinedload(EvidencePiece.by))
    ):
        found[one.indicator].append(one)
    return found


def add_piece(
    school: School, number: int, title: str, dated_on: date, file: tuple[str, bytes], by: Person, now: datetime,
    today: date,
) -> EvidencePiece:  # fmt: skip
    """Keep a piece for an indicator, with its day and who brings it.

    Raises PieceOfTomorrow, FileRefused, FileTooHeavy or PieceRefused.
    """
    if dated_on > today:
        raise rules.PieceOfTomorrow(dated_on)
    name, content = rules_files.clean_name(file[0]), file[1]
    media_type = services_checked.check_file(name, content, len(content))
    if media_type not in rules.MEDIA:
        raise rules.PieceRefused
    kept = storage.put(content)
    with transaction(lock=f"evidence/{school.id}"):
        made = EvidencePiece(
            school_id=school.id, indicator=number, title=title.strip(), dated_on=dated_on, file_hash=kept.hash,
            file_name=name, media_type=media_type, by_id=by.id, at=now,
        )  # fmt: skip
        db.session.add(made)
        audit.record("add_evidence", made, actor_id=by.id, now=now, indicator=number)
    return made


def last_of(school_id: int, year: int) -> EvidencePack | None:
    return db.session.scalars(
        select(EvidencePack)
        .where(EvidencePack.school_id == school_id, EvidencePack.year == year)
        .order_by(EvidencePack.id.desc())
        .limit(1)
    ).first()


def ask(school: School, year: int, by: Person, now: datetime) -> EvidencePack:
    """Ask for the archive of a year; one that is being made is that one."""
    with transaction(lock=f"evidence/{school.id}"):
        last = last_of(school.id, year)
        if last is not None and last.finished_at is None:
            return last
        made = EvidencePack(
            school_id=school.id, year=year, asked_by_id=by.id, asked_at=now, total=TOTAL, done=0, parts=[]
        )
        db.session.add(made)
        db.session.flush()
        jobs.enqueue(TASK, key=f"evidence/{made.id}", pack_id=made.id)
        audit.record("ask_evidence", made, actor_id=by.id, now=now, year=year)
    return made
