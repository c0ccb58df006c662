"""What a trainer or the school says of somebody's half-day: marks, corrections, walk-ins, another trainer.

Nothing is rewritten: a correction is an entry that names the one it corrects, its author and its reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from popschool import audit
from popschool.attendance import ledger, rules, services_half_days, summaries
from popschool.attendance.models import Entry, Expected, HalfDay, HalfDayTrainer
from popschool.attendance.rules import Absence, Expectation, Half, Kind, Mark
from popschool.attendance.services import (
    NeedsSecondPerson,
    check_taking_place,
    check_week_open,
    expected_on,
    filled,
    holding_mark,
    holding_signature,
    is_week_closed,
    known_act,
    moment_of,
    on_list,
    open_half_day,
)
from popschool.db import db, transaction
from popschool.schools.models import Enrolment, Person


@dataclass(frozen=True)
class Said:
    """What a trainer or the school says of somebody's half-day. `code` is the motive: personal, never printed."""

    mark: Mark
    absence: Absence | None = None
    late_minutes: int = 0
    early_minutes: int = 0
    code: str = ""
    reason: str = ""
    role: str = "trainer"
    signed_at: datetime | None = None
    device_sequence: int | None = None
    key: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


def mark(half_day: HalfDay, person: Person, said: Said, by: Person, now: datetime) -> Entry:
    """Say that somebody is absent, late, left early, or was there. The mark before stays, corrected by this one.

    After the signing delay, or once the half-day is countersigned, a reason is needed; after the delay, somebody who
    does not lead the half-day makes it. Raises TooEarly, HalfDayCancelled, NotExpected, InCompany, MinutesTooMany,
    ReasonMissing, NeedsSecondPerson.
    """
    at = moment_of(said.signed_at, now)
    rules.check_missed(half_day.minutes, said.mark, said.late_minutes, said.early_minutes)
    with transaction(lock=ledger.chain_name(half_day.cohort_id)):
        known = known_act(said.key)
        if known is not None:
            return known
        check_taking_place(half_day)
        if half_day.opened_at is None:
            open_half_day(half_day, by.id, now)
        expected_on(half_day, person.id)
        _check_correction(half_day, said.reason, by, at)
        before = holding_mark(half_day.id, person.id)
        facts: dict[str, Any] = {"mark": str(said.mark)}
        if said.absence is not None:
            facts["absence"] = str(said.absence)
        for name in ("late_minutes", "early_minutes"):
            if getattr(said, name):
                facts[name] = getattr(said, name)
        entry = ledger.append(
            half_day,
            ledger.Line(
                kind=Kind.MARK,
                person_id=person.id,
                by_id=by.id,
                role=said.role,
                at=at,
                received_at=now,
                facts=facts,
                content=filled(name=person.name, by=by.name, code=said.code, reason=said.reason, **said.more),
                device_sequence=said.device_sequence,
                corrects_id=before.id if before is not None else None,
                key=said.key,
            ),
        )
        summaries.refresh([half_day], [person.id])
    return entry


def _check_correction(half_day: HalfDay, reason: str, by: Person, at: datetime) -> None:
    delays = services_half_days.delays_of(half_day.school_id)
    is_late = at >= rules.closing_moment(half_day.span, delays)
    is_closed = is_week_closed(half_day)
    if (is_late or is_closed or half_day.countersigned_at is not None) and not reason.strip():
        raise rules.ReasonMissing
    if (is_late or is_closed) and by.id in {leader.person_id for leader in half_day.leaders}:
        raise NeedsSecondPerson


def withdraw_signature(half_day: HalfDay, person: Person, by: Person, reason: str, now: datetime) -> Entry:
    """Correct a signature that should not stand, such as one for somebody who was away: a mark that names it.

    The signature stays in the ledger and on the sheet. An absence that was marked stays what it was, justified or not;
    without one, it is unjustified. Raises ReasonMissing, NotExpected or NeedsSecondPerson.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=ledger.chain_name(half_day.cohort_id)):
        expected_on(half_day, person.id)
        signature = holding_signature(half_day.id, person.id)
        if signature is None:
            raise rules.NotExpected(half_day.on, Half(half_day.half))
        _check_correction(half_day, reason, by, now)
        entry = ledger.append(
            half_day,
            ledger.Line(
                kind=Kind.MARK,
                person_id=person.id,
                by_id=by.id,
                role="school",
                at=now,
                received_at=now,
                facts=_absence_held(holding_mark(half_day.id, person.id)),
                content=filled(name=person.name, by=by.name, reason=reason),
                corrects_id=signature.id,
            ),
        )
        summaries.refresh([half_day], [person.id])
    return entry


def _absence_held(held: Entry | None) -> dict[str, Any]:
    if held is not None and held.facts.get("mark") == Mark.ABSENT:
        return dict(held.facts)
    return {"mark": str(Mark.ABSENT), "absence": str(Absence.UNJUSTIFIED)}


def add_walk_in(half_day: HalfDay, person: Person, by: Person, now: datetime) -> None:
    """Put somebody who came without being expected on the list. Again, it does nothing. Raises HalfDayCancelled.

    Somebody enrolled meanwhile for that day is expected like the others. Anybody else is a walk-in until they are.
    """
    with transaction(lock=f"half-day/{half_day.id}"):
        check_taking_place(half_day)
        if half_day.opened_at is None:
            open_half_day(half_day, by.id, now)
        if db.session.scalars(on_list(half_day.id, person.id)).first() is not None:
            return
        check_week_open(half_day)
        place = db.session.scalars(_place_that_day(half_day, person.id)).first()
        db.session.add(
            Expected(
                half_day_id=half_day.id,
                person_id=person.id,
                enrolment_id=place,
                expectation=str(Expectation.WALK_IN if place is None else Expectation.EXPECTED),
                added_by_id=by.id,
                added_at=now,
            )
        )
        db.session.flush()
        summaries.refresh([half_day], [person.id])
        audit.record("add_walk_in", half_day, actor_id=by.id, now=now, person=person.id)


def _place_that_day(half_day: HalfDay, person_id: int) -> Any:
    return select(Enrolment.id).where(
        Enrolment.cohort_id == half_day.cohort_id,
        Enrolment.person_id == person_id,
        Enrolment.starts_on <= half_day.on,
        func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= half_day.on,
    )


def replace_trainer(
    half_day: HalfDay, trainer_id: int, by_person: Person, reason: str, actor_id: int, now: datetime
) -> None:
    """Let another trainer lead a half-day; the one replaced keeps the row, with the reason. Raises ReasonMissing."""
    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=f"half-day/{half_day.id}"):
        db.session.execute(
            update(HalfDayTrainer)
            .where(
                HalfDayTrainer.half_day_id == half_day.id,
                HalfDayTrainer.person_id == trainer_id,
                HalfDayTrainer.replaced_at.is_(None),
            )
            .values(replaced_at=now, reason=reason)
        )
        db.session.refresh(half_day, ["trainers"])
        if by_person.id not in {leader.person_id for leader in half_day.leaders}:
            half_day.trainers.append(HalfDayTrainer(person_id=by_person.id))
        audit.record("replace_trainer", half_day, actor_id=actor_id, now=now, before=trainer_id, after=by_person.id)
