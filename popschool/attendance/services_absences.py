"""Absences explained by the learner and decided by the school, and half-days that a learner disputes.

A paper is kept encrypted, and removed once the school has decided: its reference and its kind stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy import Date, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit, storage
from popschool.attendance import rules, services_codes, services_marks, services_own
from popschool.attendance import services_reading as reading
from popschool.attendance.models import HalfDay
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.rules import Absence, Mark
from popschool.auth import codes
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.projects import rules_files, services_checked
from popschool.schools.models import Person
from popschool.schools.rules import check_dates

PURPOSE = "absence paper"
PAPERS = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "application/pdf"})
LONGEST = timedelta(days=366)


@dataclass
class PaperRefused(RuleBroken):
    """The paper is neither a picture nor a PDF."""


@dataclass
class AbsenceTooLong(RuleBroken):
    """An absence is explained for a year at most."""


@dataclass
class AnswerMissing(RuleBroken):
    """Whoever waits for an answer is told why."""


@dataclass
class AlreadyDecided(RuleBroken):
    """The school has decided already."""

    at: datetime


def explain(
    person: Person,
    half_day: tuple[int, int],
    first: date,
    last: date,
    code: str,
    note: str,
    paper: tuple[str, bytes] | None,
    now: datetime,
) -> Excuse:
    """Keep why a learner of (school, cohort) is or was away. Raises DatesInverted, AbsenceTooLong or PaperRefused.

    The paper is also refused as files are: too heavy, or not what its name says.
    """
    check_dates(first, last)
    if last - first > LONGEST:
        raise AbsenceTooLong
    school_id, cohort_id = half_day
    excuse = Excuse(
        school_id=school_id,
        cohort_id=cohort_id,
        person_id=person.id,
        starts_on=first,
        ends_on=last,
        code=code,
        note=note.strip(),
        sent_at=now,
    )
    if paper is not None:
        name = rules_files.clean_name(paper[0])
        excuse.file_type = services_checked.check_file(name, paper[1], len(paper[1]))
        if excuse.file_type not in PAPERS:
            raise PaperRefused
        excuse.file_hash = storage.put(codes.encrypted_bytes(PURPOSE, paper[1])).hash
        excuse.file_name = name
    with transaction():
        db.session.add(excuse)
        audit.record("explain_absence", excuse, actor_id=person.id, now=now)
    return excuse


def paper_of(excuse: Excuse) -> bytes | None:
    """Return the paper of an absence, while it is kept."""
    if not excuse.file_hash or excuse.file_removed_on is not None or not storage.exists(excuse.file_hash):
        return None
    return codes.decrypted_bytes(PURPOSE, storage.read(excuse.file_hash))


def decide(excuse: Excuse, by: Person, is_accepted: bool, answer: str, reason: str, now: datetime, today: date) -> int:
    """Accept an absence or refuse it; the paper is removed. Returns how many half-days become justified.

    Those that were marked unjustified get a mark that corrects the first, by whoever decides. Raises AlreadyDecided,
    AnswerMissing when it is refused without a word, NeverJustifies for a motive that the school does not accept.
    """
    if not is_accepted and not answer.strip():
        raise AnswerMissing
    with transaction(lock=f"excuse/{excuse.id}"):
        db.session.refresh(excuse)
        if excuse.decided_at is not None:
            raise AlreadyDecided(excuse.decided_at)
        if is_accepted:
            services_codes.check_justifies(excuse.school_id, excuse.code)
        changed = _justify(excuse, by, reason, now) if is_accepted else 0
        excuse.is_accepted, excuse.decided_by_id, excuse.decided_at = is_accepted, by.id, now
        excuse.answer = answer.strip()
        if excuse.file_hash:
            excuse.file_removed_on = today
        audit.record("decide_absence", excuse, actor_id=by.id, now=now, accepted=is_accepted, half_days=changed)
    if excuse.file_hash and not _is_held(excuse):
        storage.delete(excuse.file_hash)
    return changed


def _is_held(excuse: Excuse) -> bool:
    """Say whether another absence, not decided yet, names the same paper. One query."""
    other = select(Excuse.id).where(
        Excuse.file_hash == excuse.file_hash, Excuse.id != excuse.id, Excuse.file_removed_on.is_(None)
    )
    return db.session.scalar(select(other.exists()))


def _justify(excuse: Excuse, by: Person, reason: str, now: datetime) -> int:
    changed = 0
    for half_day, line in services_own.own_half_days(excuse.person_id, excuse.starts_on, excuse.ends_on):
        held = line.mark
        if half_day.cohort_id != excuse.cohort_id or held is None:
            continue
        said = reading.fact_of(held)
        if said.absence is Absence.JUSTIFIED or said.mark not in (Mark.ABSENT, Mark.PARTIAL):
            continue
        services_marks.mark(
            half_day,
            line.person,
            services_marks.Said(
                said.mark,
                Absence.JUSTIFIED,
                late_minutes=said.late_minutes,
                early_minutes=said.early_minutes,
                code=excuse.code,
                reason=reason,
                role="school",
            ),
            by,
            now,
        )
        changed += 1
    return changed


def excuses_of(person_id: int) -> Sequence[Excuse]:
    """Return what a person explained, the last first."""
    return db.session.scalars(
        select(Excuse).where(Excuse.person_id == person_id).order_by(Excuse.sent_at.desc(), Excuse.id.desc())
    ).all()


def announced(half_day: HalfDay) -> set[int]:
    """Return the people of a half-day who said that they would be away, unless it was refused. One query."""
    return set(db.session.scalars(_announced(), {"cohort": half_day.cohort_id, "on": half_day.on}))


@cache
def _announced() -> Select:
    return select(Excuse.person_id).where(
        Excuse.cohort_id == bindparam("cohort"),
        Excuse.starts_on <= bindparam("on", type_=Date),
        Excuse.ends_on >= bindparam("on", type_=Date),
        or_(Excuse.is_accepted.is_(None), Excuse.is_accepted),
    )


def excuses_in(schools: frozenset[int] | None, cohorts: frozenset[int], offset: int, limit: int) -> list[Excuse]:
    """Return a page of the absences explained in these schools (None: all) or cohorts: those to decide first."""
    return list(
        db.session.scalars(
            _reached(select(Excuse), Excuse, schools, cohorts)
            .order_by(Excuse.decided_at.is_not(None), Excuse.sent_at.desc())
            .offset(offset)
            .limit(limit)
            .options(joinedload(Excuse.person))
        )
    )


def count_excuses(schools: frozenset[int] | None, cohorts: frozenset[int]) -> tuple[int, int]:
    """Return how many absences there are, and how many wait for a decision."""
    asked = select(func.count(), func.count().filter(Excuse.decided_at.is_(None))).select_from(Excuse)
    total, waiting = db.session.execute(_reached(asked, Excuse, schools, cohorts)).one()
    return total, waiting


def _reached(asked, model, schools, cohorts):
    if schools is None:
        return asked
    return asked.where(or_(model.school_id.in_(schools), model.cohort_id.in_(cohorts)))


def dispute(half_day: HalfDay, person: Person, text: str, now: datetime) -> Dispute:
    """Keep what a learner says of a half-day that is not as it was. Raises NotExpected or ReasonMissing."""
    if not text.strip():
        raise rules.ReasonMissing
    if services_own.line_of(half_day, person.id) is None:
        raise rules.NotExpected(half_day.on, rules.Half(half_day.half))
    with transaction():
        made = Dispute(
            school_id=half_day.school_id,
            half_day_id=half_day.id,
            person_id=person.id,
            text=text.strip(),
            sent_at=now,
        )
        db.session.add(made)
        audit.record("dispute_half_day", made, actor_id=person.id, now=now)
    return made


def answer_dispute(made: Dispute, by: Person, answer: str, now: datetime) -> None:
    """Answer a learner who disputes a half-day. Raises AnswerMissing or AlreadyDecided."""
    if not answer.strip():
        raise AnswerMissing
    with transaction(lock=f"dispute/{made.id}"):
        db.session.refresh(made)
        if made.answered_at is not None:
            raise AlreadyDecided(made.answered_at)
        made.answer, made.answered_by_id, made.answered_at = answer.strip(), by.id, now
        audit.record("answer_dispute", made, actor_id=by.id, now=now)


def disputes_waiting(schools: frozenset[int] | None, cohorts: frozenset[int]) -> Sequence[Dispute]:
    """Return the disputes that nobody answered, the oldest first. One query."""
    asked = select(Dispute).join(Dispute.half_day).where(Dispute.answered_at.is_(None))
    if schools is not None:
        asked = asked.where(or_(HalfDay.school_id.in_(schools), HalfDay.cohort_id.in_(cohorts)))
    return db.session.scalars(
        asked.order_by(Dispute.sent_at).options(
            joinedload(Dispute.person), joinedload(Dispute.half_day).joinedload(HalfDay.cohort)
        )
    ).all()


def disputes_about(half_day_id: int, person_id: int) -> Sequence[Dispute]:
    """Return what one person said of a half-day, with the answers."""
    return db.session.scalars(
        select(Dispute).where(Dispute.half_day_id == half_day_id, Dispute.person_id == person_id).order_by(Dispute.id)
    ).all()
