"""The rights of a manager or of an auditor: one person proposes them, another confirms."""

from datetime import datetime

from popschool.auth import letters, rules_granting, services
from popschool.auth import rules_signing as signing
from popschool.auth import services_decisions as decisions
from popschool.auth.models import Account
from popschool.auth.models_decisions import Proposal
from popschool.auth.rules import Actor, Role
from popschool.auth.rules_decisions import NEED_SECOND_PERSON
from popschool.auth.services_invitations import invite
from popschool.db import db, transaction
from popschool.schools.models import Person, School

KIND = "right"


def propose_right(
    handle: signing.Handle,
    first_name: str,
    last_name: str,
    role: Role,
    *,
    school_id: int | None,
    by: Actor,
    now: datetime,
) -> Proposal | None:
    """Propose a role that needs a second person, for whoever has this mail or phone; None when they hold it.

    Raises HandleTaken, AccountClosed, NobodyElse, or as `grant_role` does.
    """
    rules_granting.check_role(role, school_id)
    if not rules_granting.may_grant(by, role, school_id):
        raise rules_granting.RoleNotYours(role)
    with transaction():
        person = services.staff_person(handle, first_name, last_name, school_id=school_id, by_id=by.person_id, now=now)
        _check_open(person)
        if services.holds_role(person.id, role, school_id):
            return None
        return decisions.propose(
            KIND, by_id=by.person_id, now=now, school_id=school_id, person_id=person.id, facts={"role": str(role)}
        )


def needs_second(role: Role) -> bool:
    return role in NEED_SECOND_PERSON


def _check_open(person: Person) -> None:
    account = db.session.get(Account, person.id, populate_existing=True)
    if account is not None and account.closed_at is not None:
        raise signing.AccountClosed(person.name)


def _give(proposal: Proposal, by: Person, now: datetime) -> None:
    """Give the role that was proposed; invite its person in if they never came, tell them if they have."""
    person = db.session.get_one(Person, proposal.person_id)
    _check_open(person)
    role, school_id = Role(proposal.facts["role"]), proposal.school_id
    services.grant_confirmed(person, role, school_id, by_id=by.id, proposed_by_id=proposal.by_id, now=now)
    if db.session.get(Account, person.id) is None:
        invite(person, by_id=by.id, now=now, school_id=school_id)
    else:
        school = db.session.get(School, school_id) if school_id else None
        letters.tell_role_given(person, school.name if school else "")


decisions.KINDS[KIND] = decisions.Kind(_give, is_grave=True)
