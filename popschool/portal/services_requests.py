"""What people ask of their own data: that something be put right, that it be erased. Somebody of the school answers.

Facts are added, never rewritten: a correction is made on its page, which keeps what was there before, and the answer
says so. What is erased goes in the night, and what the law asks for stays until its day.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from popschool import jobs
from popschool.auth import services, services_decisions
from popschool.auth.models_decisions import Proposal
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.portal.rules_retention import Kept, StillHere
from popschool.portal.services_retention import ERASURE, Standing, standing_of
from popschool.schools.models import Enrolment, Person

CORRECTION = "correction"
KEEP_LIST = "popschool.portal.tasks:keep_erasures"
ANSWERED_WITHIN = timedelta(days=30)


@dataclass
class WordsMissing(RuleBroken):
    """A request for a correction says what is wrong."""


def ask_correction(person: Person, words: str, now: datetime) -> Proposal:
    """Ask that something be put right. Raises WordsMissing or NobodyElse."""
    if not words.strip():
        raise WordsMissing
    return services_decisions.propose(
        CORRECTION, by_id=person.id, now=now, school_id=_school_of(person), person_id=person.id,
        content={"reason": words.strip()},
    )  # fmt: skip


def _school_of(person: Person) -> int | None:
    """Return the school that answers: their own, or else that of their last place; the network without one."""
    if person.home_school_id is not None:
        return person.home_school_id
    places = select(Enrolment.school_id).where(Enrolment.person_id == person.id).order_by(Enrolment.starts_on.desc())
    return db.session.scalar(places.limit(1))


def plan_of(person_id: int, today: date) -> tuple[Standing, dict[Kept, date]]:
    """Return where somebody stands if the school agrees today, and the last day of each kind of data that stays."""
    found = standing_of(person_id, today)
    asked = Standing(found.left_on, found.evidence_until, today, found.waits)
    stays = {kept: last for kept in Kept if (last := asked.through(kept)) is not None and last >= today}
    return found, stays


def check_may_leave(person_id: int, today: date) -> None:
    """Raises StillHere for somebody with a role, or a place today or to come."""
    if is_still_here(person_id, standing_of(person_id, today), today):
        raise StillHere


def is_still_here(person_id: int, standing: Standing, today: date) -> bool:
    """Say whether somebody has a role, or a place today or to come."""
    return bool(services.read_grants(person_id)) or (standing.left_on is not None and standing.left_on >= today)


def ask_erasure(person: Person, now: datetime, today: date) -> Proposal:
    """Ask that one's data be erased. Raises StillHere or NobodyElse."""
    check_may_leave(person.id, today)
    return services_decisions.propose(
        ERASURE, by_id=person.id, now=now, school_id=_school_of(person), person_id=person.id
    )


def _agree(proposal: Proposal, by: Person, now: datetime) -> None:
    """Close the account at once; the rest goes in the night. Raises StillHere when they came back meanwhile."""
    check_may_leave(proposal.person_id, now.date())
    services.close_account(db.session.get_one(Person, proposal.person_id), by_id=by.id, now=now)
    jobs.enqueue(KEEP_LIST, key=f"erasure/{proposal.id}")


def _put_right(proposal: Proposal, by: Person, now: datetime) -> None:
    """The correction itself was made on its page: confirming says that it is done."""


services_decisions.KINDS[CORRECTION] = services_decisions.Kind(_put_right)
services_decisions.KINDS[ERASURE] = services_decisions.Kind(_agree, is_grave=True)
