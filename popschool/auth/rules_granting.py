"""Which roles are given, where, and by whom: nobody gives a role, or a way in, that is above their own."""

from dataclasses import dataclass

from popschool.auth.rules import SCHOOL_ROLES, Actor, Role, manages_network
from popschool.errors import RuleBroken
from popschool.schools.rules import Place


@dataclass
class RoleNotYours(RuleBroken):
    """This role is given and ended by somebody else."""

    role: Role


@dataclass
class RoleMisplaced(RuleBroken):
    """Some roles are held at a school, as a trainer's; a network manager's is held in the whole network."""

    role: Role
    needs_school: bool


@dataclass
class LearnersAreEnrolled(RuleBroken):
    """Learner is not a role that is given: it comes from a place in a cohort."""


@dataclass
class LastManager(RuleBroken):
    """Without this role nobody would manage the network any more."""


@dataclass
class OutOfReach(RuleBroken):
    """This person may do what the one who asks may not: only somebody above both opens or closes their way in."""


def check_role(role: Role, school_id: int | None) -> None:
    """Say where a role is held. Raises LearnersAreEnrolled or RoleMisplaced."""
    if role is Role.LEARNER:
        raise LearnersAreEnrolled
    if role in SCHOOL_ROLES and school_id is None:
        raise RoleMisplaced(role, needs_school=True)
    if role is Role.NETWORK_MANAGER and school_id is not None:
        raise RoleMisplaced(role, needs_school=False)


def may_grant(actor: Actor, role: Role, school_id: int | None) -> bool:
    """Say whether a person may give or end this role: anything for the network, their own school for its managers."""
    if manages_network(actor, Place()):
        return True
    return role in SCHOOL_ROLES and school_id in actor.schools_as(Role.SCHOOL_MANAGER)


def may_vouch(actor: Actor, other: Actor) -> bool:
    """Say whether a person may hand another a way into their account, or close it.

    A way in gives all that its owner may do, so nobody makes one for somebody with a role that they could not give, or
    who learns at a school that is not theirs.
    """
    if manages_network(actor, Place()):
        return True
    given = [(role, school) for school, held in other.roles.items() for role in held - {Role.LEARNER}]
    above = (Role.SCHOOL_MANAGER,) if given else (Role.SCHOOL_MANAGER, Role.TRAINER)
    return all(may_grant(actor, role, school) for role, school in given) and other.learns_at <= actor.schools_as(*above)
