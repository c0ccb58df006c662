"""What a school may want to look at before it closes a week. Nothing is refused by it, and nobody is accused."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import aliased, joinedload

from popschool.attendance.models import Entry, HalfDay
from popschool.attendance.rules import Kind, Method
from popschool.attendance.rules_holidays import public_holidays
from popschool.attendance.services_reading import List, same_device
from popschool.db import db

SECONDS_IN_A_ROW = 60


class Doubt(StrEnum):
    """What may deserve a look. Source: the reference of funders' documents, 3.2, what warns."""

    HOLIDAY = "holiday"
    SUNDAY = "sunday"
    ROOM_FULL = "room_full"
    OPENED_ALONE = "opened_alone"
    ONE_DEVICE = "one_device"
    IN_A_ROW = "in_a_row"


@dataclass
class ToLookAt:
    """One doubt, the half-days that it is about and the people, each once."""

    doubt: Doubt
    half_days: list[HalfDay] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, half_days: Iterable[HalfDay], names: Iterable[str] = ()) -> None:
        self.half_days = list(dict.fromkeys((*self.half_days, *half_days)))
        self.names = list(dict.fromkeys((*self.names, *names)))


def to_look_at(week: Sequence[List]) -> list[ToLookAt]:
    """Return what there is to look at in a week, in the order of `Doubt`. One query."""
    found = {doubt: ToLookAt(doubt) for doubt in Doubt}
    held = [one for one in week if one.half_day.opened_at is not None and one.half_day.activity is None]
    days = [one.half_day.on for one in held]
    holidays = public_holidays(min(days), max(days)) if days else {}
    for one in held:
        half_day = one.half_day
        if half_day.on in holidays:
            found[Doubt.HOLIDAY].add([half_day])
        if half_day.on.isoweekday() == 7:
            found[Doubt.SUNDAY].add([half_day])
        if half_day.room is not None and len(one.signed) > half_day.room.capacity:
            found[Doubt.ROOM_FULL].add([half_day])
        if half_day.opened_by_id is None:
            found[Doubt.OPENED_ALONE].add([half_day])
    by_id = {one.half_day.id: one.half_day for one in held}
    signatures = db.session.scalars(_signatures(), {"half_days": list(by_id)}).all() if by_id else []
    for group in same_device(signatures):
        _add(found[Doubt.ONE_DEVICE], group, by_id)
    for group in _in_a_row(signatures):
        _add(found[Doubt.IN_A_ROW], group, by_id)
    return [one for one in found.values() if one.half_days]


def _add(to: ToLookAt, group: Sequence[Entry], by_id: dict[int, HalfDay]) -> None:
    to.add((by_id[entry.half_day_id] for entry in group), (entry.person.name for entry in group))


def _in_a_row(signatures: Iterable[Entry]) -> list[list[Entry]]:
    """Return the signatures of several half-days that one person gave within seconds; paper comes all at once."""
    by_person: dict[int, list[Entry]] = {}
    for entry in sorted(signatures, key=lambda one: one.at):
        if entry.method != Method.PAPER:
            by_person.setdefault(entry.person_id, []).append(entry)
    groups = []
    for own in by_person.values():
        pairs = zip(own, own[1:], strict=False)
        near = [pair for pair in pairs if (pair[1].at - pair[0].at).total_seconds() <= SECONDS_IN_A_ROW]
        groups += [list(pair) for pair in near]
    return groups


@cache
def _signatures() -> Select:
    """Return the signatures that no correction has taken away, with what each device said of itself."""
    later = aliased(Entry)
    return (
        select(Entry)
        .outerjoin(later, later.corrects_id == Entry.id)
        .where(
            Entry.half_day_id.in_(bindparam("half_days", expanding=True)),
            Entry.kind == str(Kind.SIGNATURE),
            later.id.is_(None),
        )
        .order_by(Entry.id)
        .options(joinedload(Entry.content), joinedload(Entry.person))
    )
