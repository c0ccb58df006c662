"""Somebody added on the spot was known already: what was signed under the new record counts for the one that stays.

Nothing is rewritten. The signature of each half-day is entered again for the person, with its hour, its way of signing
and the reason; the new record is marked as out of that half-day. Both stay in the ledger and on sheets.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from popschool import audit
from popschool.attendance import ledger, services, summaries
from popschool.attendance.models import Entry, EntryContent, Expected, HalfDay
from popschool.attendance.rules import Expectation, Kind, Mark
from popschool.auth.models import Account
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools import people
from popschool.schools.models import Person, PersonMerge


@dataclass
class RecordInUse(RuleBroken):
    """This record has a place in a cohort or an account: it is somebody's own, no walk-in's."""

    name: str


@dataclass
class AlreadyMerged(RuleBroken):
    """This record was merged into another already."""

    name: str


@dataclass
class SameRecord(RuleBroken):
    """A record is not merged into itself."""


def merge(walk_in: Person, kept: Person, by: Person, reason: str, now: datetime) -> PersonMerge:
    """Let every half-day of a walk-in's record count for the person who stays.

    Raises SameRecord, AlreadyMerged or RecordInUse.
    """
    if walk_in.id == kept.id:
        raise SameRecord
    half_days = db.session.scalars(
        select(HalfDay).join(Expected, Expected.half_day_id == HalfDay.id).where(Expected.person_id == walk_in.id)
    ).all()
    chains = sorted({ledger.chain_name(half_day.cohort_id) for half_day in half_days})
    with transaction(lock=[f"merge/{walk_in.id}", f"merge/{kept.id}", *chains]):
        _check(walk_in, kept)
        merged = PersonMerge(merged_id=walk_in.id, kept_id=kept.id, reason=reason, merged_by_id=by.id, merged_at=now)
        db.session.add(merged)
        for half_day in half_days:
            if half_day.cancelled_at is None:
                _move(half_day, walk_in, kept, by, reason, now)
        db.session.flush()
        summaries.refresh(half_days, [walk_in.id, kept.id])
        audit.record("merge_people", kept, actor_id=by.id, now=now, merged=walk_in.id, half_days=len(half_days))
    return merged


def _check(walk_in: Person, kept: Person) -> None:
    for one in (walk_in, kept):
        if db.session.get(PersonMerge, one.id) is not None:
            raise AlreadyMerged(one.name)
    if people.enrolments_of(walk_in.id) or db.session.get(Account, walk_in.id) is not None:
        raise RecordInUse(walk_in.name)


def _move(half_day: HalfDay, walk_in: Person, kept: Person, by: Person, reason: str, now: datetime) -> None:
    if db.session.scalars(services.on_list(half_day.id, kept.id)).first() is None:
        place = people.cohort_of(kept.id, half_day.cohort_id, half_day.on)
        db.session.add(
            Expected(
                half_day_id=half_day.id,
                person_id=kept.id,
                enrolment_id=place.id if place is not None else None,
                expectation=str(Expectation.WALK_IN if place is None else Expectation.EXPECTED),
                added_by_id=by.id,
                added_at=now,
            )
        )
        db.session.flush()
    signature, said = (held(half_day.id, walk_in.id) for held in (services.holding_signature, services.holding_mark))
    own_mark = services.holding_mark(half_day.id, kept.id)
    if signature is not None and services.holding_signature(half_day.id, kept.id) is None:
        content = _content(signature) | {"name": kept.name, "by": by.name, "reason": reason}
        _append(half_day, kept, by, signature, now, Kind.SIGNATURE, {}, content)
    facts = _facts_for(said, own_mark, is_signed=signature is not None)
    if facts:
        content = services.filled(name=kept.name, by=by.name, reason=reason)
        _append(half_day, kept, by, None, now, Kind.MARK, facts, content, own_mark)
    out = services.filled(name=walk_in.name, by=by.name, reason=reason)
    _append(half_day, walk_in, by, None, now, Kind.MARK, {"mark": str(Mark.DISPENSED)}, out, signature or said)


def _facts_for(said: Entry | None, own: Entry | None, *, is_signed: bool) -> Mapping[str, Any]:
    """Return what is marked for the person who stays: what was marked of the walk-in, or that they were there."""
    if said is not None and said.facts.get("mark") != Mark.DISPENSED:
        return said.facts
    was_absent = own is not None and own.facts.get("mark") == Mark.ABSENT
    return {"mark": str(Mark.PRESENT)} if is_signed and was_absent else {}


def _content(entry: Entry) -> dict[str, str]:
    kept = db.session.get(EntryContent, entry.id)
    return dict(kept.content) if kept is not None else {}


def _append(
    half_day: HalfDay,
    person: Person,
    by: Person,
    signature: Entry | None,
    now: datetime,
    kind: Kind,
    facts: Mapping[str, Any],
    content: Mapping[str, str],
    corrects: Entry | None = None,
) -> None:
    ledger.append(
        half_day,
        ledger.Line(
            kind=kind,
            person_id=person.id,
            by_id=by.id,
            role="school",
            at=signature.at if signature is not None else now,
            received_at=now,
            facts=facts,
            content=content,
            method=signature.method if signature is not None else None,
            statement_version=signature.statement_version if signature is not None else "",
            corrects_id=corrects.id if corrects is not None else None,
        ),
    )
