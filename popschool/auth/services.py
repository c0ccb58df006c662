"""Who has an account and which role: giving and ending roles, closing and opening accounts.

`invite` and what surrounds it are in `services_invitations`, signing in is in `services_signing`, what people do with
their own account in `services_account`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from popschool import audit
from popschool.auth import codes, letters, rules_granting
from popschool.auth import rules_signing as signing
from popschool.auth.actors import place_of
from popschool.auth.models import Account, Invitation, RoleGrant
from popschool.auth.rules import Actor, Role
from popschool.auth.rules_decisions import NEED_SECOND_PERSON, SecondPersonNeeded
from popschool.auth.rules_granting import LastManager, RoleNotYours
from popschool.auth.services_invitations import Issued, invite
from popschool.auth.services_signing import COLUMNS, ensure_account
from popschool.db import db, transaction
from popschool.schools import people as persons
from popschool.schools.models import Person, Posting, School
from popschool.schools.people import HandleTaken
from popschool.schools.rules import name_key

__all__ = [
    "Issued", "Member", "close_account", "count_staff", "end_role", "grant_role", "invite", "invite_staff", "person_at",
    "place_of", "read_grants", "read_staff", "read_trainers", "reopen_account", "school_names", "staff_person",
]  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One role of one person, as the page of the staff shows it."""

    grant: RoleGrant
    person: Person
    joined_at: datetime | None
    closed_at: datetime | None
    invited_at: datetime | None


def grant_role(
    person: Person, role: Role, school_id: int | None = None, *, by: Actor | None = None, now: datetime
) -> RoleGrant:
    """Give a role from now on; given twice, it is held once. `by` is None for the command line and the demo.

    Raises LearnersAreEnrolled, RoleMisplaced, RoleNotYours, or SecondPersonNeeded for a role that is proposed first.
    """
    rules_granting.check_role(role, school_id)
    if by is not None and not rules_granting.may_grant(by, role, school_id):
        raise RoleNotYours(role)
    if by is not None and role in NEED_SECOND_PERSON:
        raise SecondPersonNeeded(role)
    return _grant(person, role, school_id, by_id=by.person_id if by else None, now=now)


def grant_confirmed(
    person: Person, role: Role, school_id: int | None, *, by_id: int, proposed_by_id: int, now: datetime
) -> RoleGrant:
    """Give a role that one person proposed and another confirmed."""
    return _grant(person, role, school_id, by_id=by_id, now=now, proposed_by=proposed_by_id)


def _grant(
    person: Person, role: Role, school_id: int | None, *, by_id: int | None, now: datetime, **facts: int
) -> RoleGrant:
    with transaction(lock=f"roles/{person.id}"):
        held = db.session.scalars(_held(person.id, role, school_id)).first()
        if held is not None:
            return held
        grant = RoleGrant(person_id=person.id, role=role, school_id=school_id, granted_by_id=by_id, granted_at=now)
        db.session.add(grant)
        audit.record("role.granted", person, actor_id=by_id, school_id=school_id, now=now, role=role, **facts)
    return grant


def _held(person_id: int, role: Role, school_id: int | None) -> Select:
    return select(RoleGrant).where(RoleGrant.person_id == person_id, RoleGrant.role == role, _held_at(school_id))


def holds_role(person_id: int, role: Role, school_id: int | None) -> bool:
    """Say whether somebody holds a role there now."""
    return db.session.scalars(_held(person_id, role, school_id)).first() is not None


def end_role(grant: RoleGrant, *, by: Actor | None, now: datetime) -> None:
    """End a role; the row stays. Ended twice, it ended the first time. Raises RoleNotYours or LastManager."""
    role = Role(grant.role)
    if by is not None and not rules_granting.may_grant(by, role, grant.school_id):
        raise RoleNotYours(role)
    with transaction(lock="roles"):
        db.session.refresh(grant)
        if grant.ended_at is not None:
            return
        if role is Role.NETWORK_MANAGER and _network_managers() < 2:
            raise LastManager
        by_id = by.person_id if by else None
        grant.ended_at = now
        grant.ended_by_id = by_id
        if role is Role.TRAINER:
            _end_postings(grant, now)
        person = db.session.get_one(Person, grant.person_id)
        audit.record("role.ended", person, actor_id=by_id, school_id=grant.school_id, now=now, role=role)


def _end_postings(grant: RoleGrant, now: datetime) -> None:
    """A trainer who trains no more at a school follows none of its cohorts; what was still to come never begins."""
    today = now.astimezone(db.session.get_one(School, grant.school_id).zone).date()
    going_on = select(Posting).where(
        Posting.person_id == grant.person_id,
        Posting.school_id == grant.school_id,
        or_(Posting.ends_on.is_(None), Posting.ends_on > today),
    )
    for posting in db.session.scalars(going_on):
        posting.ends_on = max(today, posting.starts_on - timedelta(days=1))


def _network_managers() -> int:
    return db.session.scalar(
        select(func.count(func.distinct(RoleGrant.person_id)))
        .outerjoin(Account, Account.person_id == RoleGrant.person_id)
        .where(RoleGrant.role == Role.NETWORK_MANAGER, RoleGrant.ended_at.is_(None), Account.closed_at.is_(None))
    )


def staff_person(
    handle: signing.Handle, first_name: str, last_name: str, *, school_id: int | None, by_id: int | None, now: datetime
) -> Person:
    """Return the person of this name who has this mail or phone; a new one is made when nobody has it.

    Raises HandleTaken when it is somebody else's: a role is never given to a person by mistake.
    """
    with transaction(lock=f"handle/{handle.value}"):
        person = person_at(handle)
        if person is None:
            way = {handle.kind: handle.value}
            person = persons.new_person(first_name, last_name, now=now, home_school_id=school_id, **way)
            audit.record("person.added", person, actor_id=by_id, school_id=school_id, now=now)
        elif name_key(person.first_name, person.last_name) != name_key(first_name, last_name):
            raise HandleTaken(handle.kind, handle.value)
    return person


def invite_staff(
    handle: signing.Handle,
    first_name: str,
    last_name: str,
    role: Role,
    *,
    school_id: int | None,
    by: Actor,
    now: datetime,
) -> tuple[Person, bool]:
    """Give a role to whoever has this mail or phone. Invite them in if they never came, tell them if they have.

    Returns the person, and whether they were invited. Raises HandleTaken, AccountClosed, or what `grant_role` does.
    """
    with transaction():
        person = staff_person(handle, first_name, last_name, school_id=school_id, by_id=by.person_id, now=now)
        account = db.session.get(Account, person.id, populate_existing=True)
        if account is not None and account.closed_at is not None:
            raise signing.AccountClosed(person.name)
        grant = grant_role(person, role, school_id, by=by, now=now)
        is_invited = account is None
        if is_invited:
            invite(person, by_id=by.person_id, now=now, school_id=school_id)
        elif grant.granted_at == now:
            school = db.session.get(School, school_id) if school_id else None
            letters.tell_role_given(person, school.name if school else "")
    return person, is_invited


def school_names(school_ids: set[int]) -> dict[int, str]:
    """Return the names of some schools. One query."""
    return dict(db.session.execute(select(School.id, School.name).where(School.id.in_(school_ids))).all())


def person_at(handle: signing.Handle) -> Person | None:
    """Return the person who has this mail, phone or learner's number."""
    return db.session.scalars(select(Person).where(COLUMNS[handle.kind] == handle.value)).first()


def close_account(person: Person, *, by_id: int | None, now: datetime) -> None:
    """Close a person's way in, end their sessions and invitations. What they did stays. Raises LastManager."""
    with transaction(lock=("roles", person)):
        account = ensure_account(person.id, now)
        if account.closed_at is not None:
            return
        if _manages_network(person.id) and _network_managers() < 2:
            raise LastManager
        account.closed_at = now
        account.session_token = codes.session_token()
        waiting = select(Invitation).where(
            Invitation.person_id == person.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
        )
        for invitation in db.session.scalars(waiting):
            invitation.revoked_at = now
        audit.record("account.closed", person, actor_id=by_id, school_id=person.home_school_id, now=now)


def _manages_network(person_id: int) -> bool:
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person_id, RoleGrant.role == Role.NETWORK_MANAGER, RoleGrant.ended_at.is_(None)
    )
    return db.session.scalars(held).first() is not None


def reopen_account(person: Person, *, by_id: int | None, now: datetime) -> None:
    """Open a closed account again, with the password it had."""
    with transaction(lock=person):
        account = ensure_account(person.id, now)
        if account.closed_at is None:
            return
        account.closed_at = None
        audit.record("account.reopened", person, actor_id=by_id, school_id=person.home_school_id, now=now)


def _held_at(school_id: int | None) -> ColumnElement[bool]:
    is_there = RoleGrant.school_id.is_(None) if school_id is None else RoleGrant.school_id == school_id
    return and_(is_there, RoleGrant.ended_at.is_(None))


def count_staff(school_id: int | None) -> int:
    """Count the roles held at a school now, or in the whole network."""
    return db.session.scalar(select(func.count()).select_from(RoleGrant).where(_held_at(school_id)))


def read_staff(school_id: int | None, offset: int, limit: int) -> Sequence[Member]:
    """Read some of the roles held at a school now, or in the whole network, with each person. One query."""
    invited_at = select(func.max(Invitation.created_at)).where(Invitation.person_id == Person.id).scalar_subquery()
    rows = db.session.execute(
        select(RoleGrant, Person, Account.created_at, Account.closed_at, invited_at)
        .join(Person, Person.id == RoleGrant.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(_held_at(school_id))
        .order_by(RoleGrant.role, Person.last_name, Person.first_name, RoleGrant.id)
        .offset(offset)
        .limit(limit)
    )
    return [Member(*row) for row in rows]


def read_trainers(school_id: int) -> Sequence[Person]:
    """Read the people who train at a school now, by name."""
    return _read_holders(school_id, Role.TRAINER)


def read_managers(school_id: int) -> Sequence[Person]:
    """Read the people who manage a school now, by name."""
    return _read_holders(school_id, Role.SCHOOL_MANAGER)


def read_contacts(school_id: int | None) -> Sequence[Person]:
    """Read who hears of what keeps somebody out: the disability contacts of a school, or else who manages it."""
    if school_id is None:
        return _read_holders(None, Role.NETWORK_MANAGER)
    return _read_holders(school_id, Role.DISABILITY_CONTACT) or read_managers(school_id) or read_contacts(None)


def _read_holders(school_id: int | None, role: Role) -> Sequence[Person]:
    return db.session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(_held_at(school_id), RoleGrant.role == role)
        .order_by(Person.last_name, Person.first_name)
    ).all()


def read_grants(person_id: int) -> Sequence[RoleGrant]:
    """Read the roles that a person holds now."""
    return db.session.scalars(
        select(RoleGrant)
        .where(RoleGrant.person_id == person_id, RoleGrant.ended_at.is_(None))
        .order_by(RoleGrant.granted_at, RoleGrant.id)
    ).all()
