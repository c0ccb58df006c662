"""Somebody added on the spot was known already: what was signed under the new record counts for the one that stays.

Nothing is rewritten. The signature of each half-day is entered again for the person, with its hour, its way of signing
and the reason; the new record is marked as out of that half-day. Both stay in the ledger and on sheets. A place given
to the new record meanwhile is given to the person who stays, its mail and its phone too, and its account is closed.
Work, awards and papers do not pass: they say whose they are, and `RecordInUse` names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from popschool import audit
from popschool.attendance import ledger, rules, services, summaries
from popschool.attendance.models import Entry, EntryContent, Expected, HalfDay
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Expectation, Kind, Mark
from popschool.attendance.services_holding import held_apart
from popschool.auth.models import Account
from popschool.auth.services import close_account
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools import people, places
from popschool.schools.models import Enrolment, Person, PersonMerge
from popschool.schools.rules import ExitReason


@dataclass
class RecordInUse(RuleBroken):
    """This record has things of its own that no other can take: `tables` says which."""

    name: str
    tables: tuple[str, ...]


@dataclass
class OtherWayRound(RuleBroken):
    """The record chosen to stay has no place in a cohort, and this one has: it is this one that stays."""

    name: str


@dataclass
class AlreadyMerged(RuleBroken):
    """This record was merged into another already."""

    name: str


@dataclass
class SameRecord(RuleBroken):
    """A record is not merged into itself."""


@dataclass(frozen=True)
class Merging:
    """What a merge did, for whoever asked for it: how many half-days count elsewhere, and which weeks are closed."""

    made: PersonMerge
    half_days: int
    weeks_closed: tuple[date, ...]


def merge(walk_in: Person, kept: Person, by: Person, reason: str, now: datetime) -> Merging:
    """Let every half-day of a walk-in's record count for the person who stays, and its places too.

    A closed week keeps its sheet: an amendment says what changed. Raises SameRecord, AlreadyMerged, RecordInUse or
    OtherWayRound.
    """
    if walk_in.id == kept.id:
        raise SameRecord
    half_days = db.session.scalars(
        select(HalfDay)
        .join(Expected, Expected.half_day_id == HalfDay.id)
        .where(
            Expected.person_id == walk_in.id,
            Expected.expectation != str(Expectation.COMPANY),
            HalfDay.cancelled_at.is_(None),
        )
        .order_by(HalfDay.on, HalfDay.half)
    ).all()
    chains = sorted({ledger.chain_name(half_day.cohort_id) for half_day in half_days})
    with transaction(lock=[f"merge/{walk_in.id}", f"merge/{kept.id}", *chains]):
        _check(walk_in, kept)
        merged = PersonMerge(merged_id=walk_in.id, kept_id=kept.id, reason=reason, merged_by_id=by.id, merged_at=now)
        db.session.add(merged)
        for place in people.enrolments_of(walk_in.id):
            _pass_place(place, kept, by, reason, now)
        for half_day in half_days:
            _move(half_day, walk_in, kept, by, reason, now)
        db.session.flush()
        summaries.refresh(half_days, [walk_in.id, kept.id])
        _pass_ways_in(walk_in, kept, by, now)
        audit.record("merge_people", kept, actor_id=by.id, now=now, merged=walk_in.id, half_days=len(half_days))
    return Merging(merged, len(half_days), _closed(half_days))


def _check(walk_in: Person, kept: Person) -> None:
    for one in (walk_in, kept):
        if db.session.get(PersonMerge, one.id) is not None:
            raise AlreadyMerged(one.name)
    if people.enrolments_of(walk_in.id) and not people.enrolments_of(kept.id):
        raise OtherWayRound(kept.name)
    held = held_apart(walk_in.id)
    if held:
        raise RecordInUse(walk_in.name, tuple(held))


def _pass_place(place: Enrolment, kept: Person, by: Person, reason: str, now: datetime) -> None:
    """Give the person who stays the place of a walk-in's record, unless they have one for those days; end the other."""
    if place.last_day < place.starts_on:
        return
    own = [one for one in people.enrolments_of(kept.id) if one.cohort_id == place.cohort_id]
    if not any(one.starts_on <= place.last_day and place.starts_on <= one.last_day for one in own):
        places.enrol(kept, place.cohort, place.starts_on, place.last_day, by.id, now)
    places.end_enrolment(place, place.starts_on, ExitReason.NEVER_CAME, reason, by.id, now)


def _pass_ways_in(walk_in: Person, kept: Person, by: Person, now: datetime) -> None:
    """Give a walk-in's mail and phone to the person who stays, if they have none; close the walk-in's account."""
    given = {name: getattr(walk_in, name) for name in ("mail", "phone") if getattr(walk_in, name)}
    if given and walk_in.learner_number:
        people.edit_person(
            walk_in, walk_in.first_name, walk_in.last_name, None, None, walk_in.learner_number, by.id, now
        )
        ways = {name: getattr(kept, name) or given.get(name) for name in ("mail", "phone")}
        people.edit_person(
            kept, kept.first_name, kept.last_name, ways["mail"], ways["phone"], kept.learner_number, by.id, now
        )
    if db.session.get(Account, walk_in.id) is not None:
        close_account(walk_in, by_id=by.id, now=now)


def _closed(half_days: Sequence[HalfDay]) -> tuple[date, ...]:
    """Return the Mondays of these half-days whose week is closed: their sheets wait for an amendment."""
    weeks = {(one.cohort_id, rules.monday_of(one.on)) for one in half_days}
    asked = select(Sheet.cohort_id, Sheet.monday).where(Sheet.cohort_id.in_({cohort_id for cohort_id, _on in weeks}))
    closed = {(row.cohort_id, row.monday) for row in db.session.execute(asked)}
    return tuple(sorted({monday for cohort_id, monday in weeks & closed}))


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
