"""One proposes, another confirms or refuses. Each kind of proposal says what its confirmation does."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, true
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.auth import rules_decisions as rules
from popschool.auth.models import Account, RoleGrant
from popschool.auth.models_decisions import Proposal, ProposalAnswer, ProposalContent
from popschool.auth.rules import Action, Actor, NotAllowed, Role, may
from popschool.auth.rules_decisions import Way
from popschool.db import db, transaction
from popschool.schools.models import Person, Posting
from popschool.schools.rules import Place

TELL, TELL_ANSWER = "popschool.messages.tasks:tell_proposal", "popschool.messages.tasks:tell_answer"
ACTS = {Way.CONFIRMED: "confirm_proposal", Way.REFUSED: "refuse_proposal", Way.TAKEN_BACK: "take_back_proposal"}
MOST_SHOWN = 50


@dataclass(frozen=True)
class Kind:
    """A kind of proposal. `confirm` does it: the proposal, who confirms, when. `is_grave` asks who is there once more.

    `excludes` names more people who may not confirm.
    """

    confirm: Callable[[Proposal, Person, datetime], None]
    is_grave: bool = False
    excludes: Callable[[Proposal], Collection[int]] = lambda proposal: ()


KINDS: dict[str, Kind] = {}


def propose(
    kind: str,
    *,
    by_id: int,
    now: datetime,
    school_id: int | None,
    cohort_id: int | None = None,
    person_id: int | None = None,
    subject_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    content: Mapping[str, Any] | None = None,
) -> Proposal:
    """Add a proposal, and tell those who may confirm it. One that waits already is the one. Raises NobodyElse."""
    made = Proposal(
        kind=kind, school_id=school_id, cohort_id=cohort_id, person_id=person_id, subject_id=subject_id,
        facts=dict(facts or {}), by_id=by_id, at=now,
    )  # fmt: skip
    with transaction(lock=f"proposals/{kind}/{subject_id or person_id}"):
        for one in waiting_about(kind, subject_id=subject_id, person_id=person_id):
            if one.facts == made.facts:
                return one
        if not deciders(made, now.date()):
            raise rules.NobodyElse
        db.session.add(made)
        db.session.flush()
        db.session.add(ProposalContent(proposal_id=made.id, is_answer=False, content=dict(content or {})))
        people = [person_id] if person_id is not None else []
        audit.record("propose", made, actor_id=by_id, now=now, concerns=people, kind=kind)
        jobs.enqueue(TELL, key=f"proposal/{made.id}", proposal_id=made.id)
    return made


def answer(proposal: Proposal, accepts: bool, words: str, by: Person, actor: Actor, now: datetime) -> Way:
    """Confirm a proposal, which does it, or refuse it; whoever made it takes it back.

    Raises AnsweredAlready, OwnProposal, WhyMissing, NotAllowed, or what the act itself refuses.
    """
    with transaction(lock=f"proposal/{proposal.id}"):
        known = db.session.get(ProposalAnswer, proposal.id, populate_existing=True)
        if known is not None:
            raise rules.AnsweredAlready(known.at)
        way = rules.check_answer(accepts, words, by.id, proposal.by_id, proposal.person_id)
        kind = KINDS[proposal.kind]
        if way is not Way.TAKEN_BACK and not may(actor, Action.ANSWER_PROPOSAL, place_to_answer(proposal)):
            raise NotAllowed(Action.ANSWER_PROPOSAL)
        if accepts and by.id in kind.excludes(proposal):
            raise rules.OwnProposal
        db.session.add(ProposalAnswer(proposal_id=proposal.id, is_accepted=accepts, by_id=by.id, at=now))
        if words.strip():
            said = {"words": words.strip()}
            db.session.add(ProposalContent(proposal_id=proposal.id, is_answer=True, content=said))
        if accepts:
            kind.confirm(proposal, by, now)
        people = [proposal.by_id, *([proposal.person_id] if proposal.person_id is not None else [])]
        audit.record(ACTS[way], proposal, actor_id=by.id, now=now, concerns=people, kind=proposal.kind)
        if way is not Way.TAKEN_BACK:
            jobs.enqueue(TELL_ANSWER, key=f"proposal-answer/{proposal.id}", proposal_id=proposal.id)
    return way


def place_to_answer(proposal: Proposal) -> Place:
    """Return where one must have a right to answer: being the one it is about gives none."""
    return Place.of(school=proposal.school_id, cohort=proposal.cohort_id)


def may_confirm(proposal: Proposal, actor: Actor) -> bool:
    """Say whether somebody may confirm a proposal: the right, and not their own."""
    out = {proposal.by_id, proposal.person_id, *KINDS[proposal.kind].excludes(proposal)}
    return actor.person_id not in out and may(actor, Action.ANSWER_PROPOSAL, place_to_answer(proposal))


def proposal_at(proposal_id: int) -> Proposal | None:
    """Return a proposal with its people and its answer. One query."""
    return db.session.scalars(_whole().where(Proposal.id == proposal_id)).first()


def _whole() -> Any:
    answered = joinedload(Proposal.answer).joinedload(ProposalAnswer.by)
    return select(Proposal).options(joinedload(Proposal.by), joinedload(Proposal.person), answered)


def contents_of(proposal_id: int) -> tuple[Mapping[str, Any], str]:
    """Return what was written with a proposal, and with its answer; nothing where retention removed it. One query."""
    rows = db.session.scalars(select(ProposalContent).where(ProposalContent.proposal_id == proposal_id)).all()
    asked = next((one.content for one in rows if not one.is_answer), {})
    return asked, next((one.content.get("words", "") for one in rows if one.is_answer), "")


def waiting_about(kind: str, *, subject_id: int | None = None, person_id: int | None = None) -> Sequence[Proposal]:
    """Return the proposals of a kind about a thing, a person or both, that nobody answered, the oldest first."""
    asked = _whole().where(Proposal.kind == kind, _unanswered())
    if subject_id is not None:
        asked = asked.where(Proposal.subject_id == subject_id)
    if person_id is not None:
        asked = asked.where(Proposal.person_id == person_id)
    return db.session.scalars(asked.order_by(Proposal.id)).all()


def _unanswered() -> ColumnElement[bool]:
    return Proposal.id.not_in(select(ProposalAnswer.proposal_id))


def waiting_for(actor: Actor) -> Sequence[Proposal]:
    """Return what waits for an answer of somebody, the oldest first: what they may confirm. One query."""
    asked = _whole().where(_unanswered(), _reached(actor), Proposal.by_id != actor.person_id)
    found = db.session.scalars(asked.order_by(Proposal.id).limit(MOST_SHOWN)).all()
    return [one for one in found if may_confirm(one, actor)]


def _reached(actor: Actor) -> ColumnElement[bool]:
    if may(actor, Action.ANSWER_PROPOSAL):
        return true()
    schools, cohorts = actor.schools_as(Role.SCHOOL_MANAGER), actor.trains_in
    return or_(Proposal.school_id.in_(schools), Proposal.cohort_id.in_(cohorts)) if schools or cohorts else false()


def own_proposals(person_id: int) -> Sequence[Proposal]:
    """Return what somebody proposed, the latest first. One query."""
    asked = _whole().where(Proposal.by_id == person_id).order_by(Proposal.id.desc())
    return db.session.scalars(asked.limit(MOST_SHOWN)).all()


def deciders(proposal: Proposal, today: date) -> Sequence[Person]:
    """Return who is told of a proposal: the cohort's trainers and the school's managers, else the network's.

    A school with a single manager is not stuck: those of the network may always confirm.
    """
    out = {proposal.by_id, proposal.person_id, *KINDS[proposal.kind].excludes(proposal)}
    near = set()
    if proposal.cohort_id is not None:
        posted = select(Posting.person_id).where(
            Posting.cohort_id == proposal.cohort_id,
            Posting.starts_on <= today,
            func.coalesce(Posting.ends_on, today) >= today,
        )
        near |= set(db.session.scalars(posted))
    if proposal.school_id is not None:
        near |= set(db.session.scalars(_holders(Role.SCHOOL_MANAGER, proposal.school_id)))
    chosen = near - out or set(db.session.scalars(_holders(Role.NETWORK_MANAGER, None))) - out
    return db.session.scalars(select(Person).where(Person.id.in_(chosen)).order_by(Person.id)).all()


def _holders(role: Role, school_id: int | None) -> Any:
    where = RoleGrant.school_id.is_(None) if school_id is None else RoleGrant.school_id == school_id
    return (
        select(RoleGrant.person_id)
        .outerjoin(Account, Account.person_id == RoleGrant.person_id)
        .where(RoleGrant.role == role, RoleGrant.ended_at.is_(None), where, Account.closed_at.is_(None))
    )
