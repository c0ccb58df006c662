"""Doors: opened, found, looked through and closed; each of these acts, and each look, is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.audit import AuditEntry
from popschool.auth import codes
from popschool.auth.models import RoleGrant
from popschool.auth.rules import Role
from popschool.completion.models import Funder
from popschool.db import db, transaction
from popschool.reports import rules_doors as rules
from popschool.reports.models import Door
from popschool.reports.rules_doors import DoorKind
from popschool.schools.models import Person, School
from popschool.schools.rules import normalise_mail

PURPOSE = "door"
LOOK = "look_through_door"
LOOKS_SHOWN = 30
ROLES = {DoorKind.FUNDER: Role.FUNDER, DoorKind.AUDITOR: Role.AUDITOR}


@dataclass(frozen=True)
class Wish:
    """What somebody wants to open: for whom, by a link or for an account, on which days, until when."""

    kind: DoorKind
    is_link: bool
    for_whom: str
    mail: str = ""
    funder_id: int | None = None
    covers_from: date | None = None
    covers_to: date | None = None
    ends_on: date | None = None


def open_door(school_id: int | None, wish: Wish, by: Person, now: datetime, today: date) -> Door:
    """Open a door. Raises as `check_door` does, or HolderMissing for an account that is not there."""
    covers = (wish.covers_from, wish.covers_to)
    rules.check_door(wish.kind, wish.is_link, wish.funder_id is not None, covers, wish.ends_on, today)
    holder = None if wish.is_link else _holder(wish)
    secret = codes.token() if wish.is_link else ""
    with transaction():
        door = Door(
            kind=str(wish.kind),
            school_id=school_id,
            funder_id=wish.funder_id if wish.kind is DoorKind.FUNDER else None,
            person_id=holder.id if holder else None,
            secret_hash=codes.fingerprint(PURPOSE, secret) if secret else "",
            secret_kept=codes.encrypted(PURPOSE, secret) if secret else "",
            for_whom=wish.for_whom.strip() or (holder.name if holder else ""),
            mail=wish.mail.strip(),
            covers_from=wish.covers_from,
            covers_to=wish.covers_to,
            ends_on=wish.ends_on,
            opened_by_id=by.id,
            opened_at=now,
        )
        db.session.add(door)
        audit.record(
            "open_door", door, actor_id=by.id, now=now, kind=str(wish.kind), funder=door.funder_id,
            is_link=wish.is_link, ends_on=wish.ends_on.isoformat() if wish.ends_on else None,
        )  # fmt: skip
    return door


def _holder(wish: Wish) -> Person:
    """Return the account that a door is for. Raises HolderMissing when nobody with its role has this address."""
    mail = normalise_mail(wish.mail)
    found = db.session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(Person.mail == mail, RoleGrant.role == ROLES[wish.kind], RoleGrant.ended_at.is_(None))
    ).first()
    if found is None:
        raise rules.HolderMissing(wish.mail)
    return found


def close_door(door: Door, by: Person, now: datetime) -> None:
    """Close a door, for good. Raises DoorClosed."""
    with transaction(lock=f"door/{door.id}"):
        db.session.refresh(door)
        if door.closed_at is not None:
            raise rules.DoorClosed
        door.closed_at, door.closed_by_id = now, by.id
        audit.record("close_door", door, actor_id=by.id, now=now)


def is_open(door: Door, today: date) -> bool:
    return rules.is_open(door.closed_at is not None, door.ends_on, today)


def read_door(door_id: int) -> Door | None:
    """Return a door with whom it is for. One query."""
    return db.session.get(Door, door_id, options=[joinedload(Door.funder), joinedload(Door.school)])


def door_at(secret: str) -> Door | None:
    """Return the door of a link. One query."""
    return db.session.scalars(
        select(Door)
        .where(Door.secret_hash == codes.fingerprint(PURPOSE, secret))
        .options(joinedload(Door.funder), joinedload(Door.school))
    ).first()


def secret_of(door: Door) -> str | None:
    """Return the secret of a link, to be copied again."""
    return codes.decrypted(PURPOSE, door.secret_kept) if door.secret_kept else None


def doors_held(person_id: int, today: date) -> Sequence[Door]:
    """Return the doors that a person's account opens today. One query."""
    return db.session.scalars(
        select(Door)
        .where(
            Door.person_id == person_id, Door.closed_at.is_(None), or_(Door.ends_on.is_(None), Door.ends_on >= today)
        )
        .order_by(Door.id)
        .options(joinedload(Door.funder), joinedload(Door.school))
    ).all()


def doors_of(school_id: int | None, offset: int, limit: int) -> tuple[Sequence[Door], int]:
    """Return the doors of a school, or of the network, the last opened first, and how many there are. Two queries."""
    own = Door.school_id == school_id if school_id is not None else Door.school_id.is_(None)
    total = db.session.scalar(select(func.count()).select_from(Door).where(own)) or 0
    found = db.session.scalars(
        select(Door)
        .where(own)
        .order_by(Door.closed_at.is_not(None), Door.id.desc())
        .offset(offset)
        .limit(limit)
        .options(joinedload(Door.funder), joinedload(Door.person))
    ).all()
    return found, total


def funders_for(school_id: int | None) -> list[tuple[int, str]]:
    """Return the funders that a door may be for, with their names: a school's and the network's; all for the network.

    Several schools have a funder of the same name, so the network reads which school each is of. One query.
    """
    asked = select(Funder.id, Funder.name, School.name.label("school")).outerjoin(School, School.id == Funder.school_id)
    asked = asked.where(Funder.retired_at.is_(None)).order_by(Funder.name, School.name, Funder.id)
    if school_id is not None:
        asked = asked.where(or_(Funder.school_id == school_id, Funder.school_id.is_(None)))
    return [
        (one.id, f"{one.name}, {one.school}" if school_id is None and one.school else one.name)
        for one in db.session.execute(asked)
    ]


def note_look(door: Door, page: str, now: datetime, whom: int | None = None, **about: object) -> None:
    """Write down that somebody looked through a door: at which page, of whom."""
    concerns = [whom] if whom is not None else []
    with transaction():
        audit.record(
            LOOK,
            door,
            actor_id=door.person_id,
            now=now,
            school_id=door.school_id,
            concerns=concerns,
            page=page,
            **about,
        )


def looks_of(door: Door) -> Sequence[AuditEntry]:
    """Return the last looks through a door."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_type == "Door", AuditEntry.subject_id == door.id, AuditEntry.action == LOOK)
        .order_by(AuditEntry.id.desc())
        .limit(LOOKS_SHOWN)
    ).all()
