"""Lines of registers: written, corrected by another row, answered; found by their words, their state, their days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from secrets import choice
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from popschool import audit
from popschool.auth import codes
from popschool.auth import services as people
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.registers import rules
from popschool.registers.models import Record, RecordAct
from popschool.registers.rules import ENDS, Draft, Register, State
from popschool.schools.models import Enrolment, Person
from popschool.schools.rules import search_key

PURPOSE = "complaint"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
SECRET_LENGTH = 24


@dataclass(frozen=True)
class Line:
    """A line as it stands: its last version, and its answer or its result when it has one."""

    record: Record
    act: RecordAct | None
    state: State


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to."""

    text: str = ""
    state: str = ""
    first: date | None = None
    last: date | None = None


def write(
    register: Register, school_id: int, draft: Draft, by: Person | None, now: datetime, today: date,
    enrolment: Enrolment | None = None, secret: str = "",
) -> Record:  # fmt: skip
    """Add a line to a register. Raises TextMissing, DayToCome or OwnerMissing."""
    said = rules.checked(register, draft, today)
    with transaction(lock=f"register/{school_id}/{register}"):
        number = 1 + (db.session.scalar(select(func.max(Record.number)).where(*_of(school_id, register))) or 0)
        record = _row(register, school_id, said, by, now, number, enrolment=enrolment, secret=secret)
        db.session.flush()
        audit.record(
            "write_record", record, actor_id=by.id if by else None, now=now, school_id=school_id, kind=str(register),
            concerns=[enrolment.person_id] if enrolment else [],
        )  # fmt: skip
        if register is Register.COMPLAINTS:
            _tell_managers(record, now)
        if said.owner_id and (by is None or said.owner_id != by.id):
            _tell_owner(record, now)
    return record


def correct(record: Record, draft: Draft, reason: str, by: Person, now: datetime, today: date) -> Record:
    """Add another version of a line; the one before stays. Raises ReasonMissing, NothingChanged and as `write`."""
    register = Register(record.kind)
    said = rules.checked(register, draft, today)
    if not reason.strip():
        raise rules.ReasonMissing
    with transaction(lock=f"register/{record.school_id}/{register}"):
        last = versions_of(record.line_id)[-1]
        if rules.same(last.draft, said):
            raise rules.NothingChanged
        made = _row(register, record.school_id, said, by, now, last.number, last=last, reason=reason.strip()[:300])
        db.session.flush()
        audit.record("correct_record", made, actor_id=by.id, now=now, school_id=record.school_id, kind=str(register))
    return made


def _row(
    register: Register, school_id: int, said: Draft, by: Person | None, now: datetime, number: int,
    enrolment: Enrolment | None = None, last: Record | None = None, reason: str = "", secret: str = "",
) -> Record:  # fmt: skip
    place = last.enrolment if last else enrolment
    author = by.id if by is not None and register is Register.COMPLAINTS and secret else None
    names = [place.person.name] if place is not None else []
    row = Record(
        school_id=school_id,
        kind=str(register),
        number=number,
        version=last.version + 1 if last else 1,
        first_id=last.line_id if last else None,
        enrolment_id=place.id if place else None,
        person_id=(last.person_id if last else place.person_id if place else author),
        on=said.on,
        due_on=said.due_on,
        owner_id=said.owner_id,
        origin_id=said.origin_id,
        facts=dict(said.facts),
        search=rules.search_text(said.facts, *names),
        secret_hash=last.secret_hash if last else codes.fingerprint(PURPOSE, secret) if secret else "",
        reason=reason,
        by_id=by.id if by else None,
        at=now,
    )
    db.session.add(row)
    return row


def _tell_managers(record: Record, now: datetime) -> None:
    for manager in people.read_managers(record.school_id):
        messages.tell(
            manager,
            kind="complaint",
            title=_l("Une réclamation attend votre réponse"),
            url=f"/records/{record.id}",
            now=now,
            key=f"complaint/{record.id}/{manager.id}",
        )


def _tell_owner(record: Record, now: datetime) -> None:
    messages.tell(
        db.session.get_one(Person, record.owner_id),
        kind="improvement",
        title=_l("Une amélioration vous est confiée"),
        body=record.facts["what"],
        now=now,
        key=f"improvement/{record.id}",
    )


def end(record: Record, text: str, by: Person, now: datetime, today: date) -> RecordAct:
    """Keep the answer of a complaint, or the result of an improvement. Raises TextMissing or AlreadyEnded."""
    if not text.strip():
        raise rules.TextMissing("text")
    with transaction(lock=f"register/{record.school_id}/{record.kind}"):
        if db.session.scalar(select(RecordAct.id).where(RecordAct.record_id == record.line_id)) is not None:
            raise rules.AlreadyEnded
        what = ENDS[Register(record.kind)]
        made = RecordAct(
            record_id=record.line_id,
            what=str(what),
            text=text.strip()[: rules.LONGEST_TEXT],
            on=today,
            by_id=by.id,
            at=now,
        )
        db.session.add(made)
        audit.record("end_record", record, actor_id=by.id, now=now, school_id=record.school_id, kind=record.kind)
        if record.kind == Register.COMPLAINTS and record.person is not None:
            messages.tell(
                record.person,
                kind="complaint",
                title=_l("L'école répond à votre réclamation"),
                url=f"/my/complaints/{record.line_id}",
                now=now,
            )
    return made


def new_secret() -> str:
    """Return the part of an address that nobody guesses, at which the author of a complaint reads its answer."""
    return "".join(choice(LETTERS) for _letter in range(SECRET_LENGTH))


def complaint_at(secret: str) -> Record | None:
    """Return the complaint that a link opens: its first version."""
    if len(secret) != SECRET_LENGTH:
        return None
    known = codes.fingerprint(PURPOSE, secret)
    return db.session.scalars(select(Record).where(Record.secret_hash == known, Record.first_id.is_(None))).first()


def read(record_id: int) -> Record | None:
    """Return a version of a line, with its place."""
    return db.session.get(Record, record_id, options=_with_place())


def versions_of(line_id: int) -> Sequence[Record]:
    """Return all the versions of a line, the first one first."""
    return db.session.scalars(
        select(Record)
        .where(or_(Record.id == line_id, Record.first_id == line_id))
        .order_by(Record.version)
        .options(*_with_place())
    ).all()


def line_of(record: Record, today: date) -> Line:
    """Return a line as it stands. One query."""
    act = db.session.scalars(
        select(RecordAct).where(RecordAct.record_id == record.line_id).options(joinedload(RecordAct.by))
    ).first()
    return _line(record, act, today)


def _line(record: Record, act: RecordAct | None, today: date) -> Line:
    return Line(record, act, rules.state_of(Register(record.kind), record.due_on, act is not None, today))


def _with_place() -> tuple[Any, ...]:
    place = joinedload(Record.enrolment)
    return (
        place.joinedload(Enrolment.person), place.joinedload(Enrolment.cohort), joinedload(Record.owner),
        joinedload(Record.by), joinedload(Record.person),
    )  # fmt: skip


def _of(school_id: Any, register: Any) -> tuple[ColumnElement[bool], ...]:
    return (Record.school_id == school_id, Record.kind == register)


def is_last() -> ColumnElement[bool]:
    """Say that no later version of a line exists."""
    later = aliased(Record)
    return ~exists(
        select(later.id).where(
            later.first_id == func.coalesce(Record.first_id, Record.id), later.version > Record.version
        )
    )


@cache
def _listed() -> Select:
    ended = and_(RecordAct.record_id == func.coalesce(Record.first_id, Record.id))
    return (
        select(Record, RecordAct, func.count().over().label("total"))
        .outerjoin(RecordAct, ended)
        .where(*_of(bindparam("school"), bindparam("register")), is_last())
        .order_by(Record.on.desc(), Record.number.desc())
        .options(*_with_place())
    )


def listed(
    register: Register, school_id: int, asked: Asked, today: date, offset: int, limit: int
) -> tuple[list[Line], int]:
    """Return some lines of a register, the last first, and how many there are. One query."""
    found = _listed()
    if asked.text:
        found = found.where(Record.search.contains(search_key(asked.text), autoescape=True))
    if asked.first:
        found = found.where(Record.on >= asked.first)
    if asked.last:
        found = found.where(Record.on <= asked.last)
    if register in ENDS and asked.state in list(State):
        found = found.where(_in_state(State(asked.state), today))
    rows = db.session.execute(found.limit(limit).offset(offset), {"school": school_id, "register": str(register)}).all()
    return [_line(row.Record, row.RecordAct, today) for row in rows], rows[0].total if rows else 0


def _in_state(state: State, today: date) -> ColumnElement[bool]:
    if state is State.ENDED:
        return RecordAct.id.is_not(None)
    late = Record.due_on < today
    return and_(RecordAct.id.is_(None), late if state is State.LATE else or_(~late, Record.due_on.is_(None)))


def lines_of_place(enrolment_id: int, today: date) -> list[Line]:
    """Return what was said and decided with somebody, the last first. One query."""
    found = db.session.scalars(
        select(Record)
        .where(Record.enrolment_id == enrolment_id, is_last())
        .order_by(Record.on.desc(), Record.id.desc())
        .options(*_with_place())
    )
    return [_line(one, None, today) for one in found]


def lines_of_person(person_id: int, today: date) -> list[Line]:
    """Return what was said and decided with a person in all their places, and their own complaints. One query."""
    rows = db.session.execute(
        select(Record, RecordAct)
        .outerjoin(RecordAct, RecordAct.record_id == func.coalesce(Record.first_id, Record.id))
        .where(Record.person_id == person_id, is_last())
        .order_by(Record.on.desc(), Record.id.desc())
        .options(*_with_place())
    )
    return [_line(row.Record, row.RecordAct, today) for row in rows]


def improvements_from(line_id: int) -> Sequence[Record]:
    """Return the improvements that come from a complaint."""
    return db.session.scalars(select(Record).where(Record.origin_id == line_id, is_last()).order_by(Record.id)).all()
