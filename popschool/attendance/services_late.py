"""A signature after the delay: one person asks with a reason, another confirms. Until then nothing counts.

A learner signs late by themselves; a sheet of paper that comes late is attested by whoever brings it in. A closed week
takes neither in silence: what is confirmed is a correction, that an amendment takes up.
"""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from popschool.attendance import papers_brought, rules, services, services_half_days, services_sheets
from popschool.attendance.models import HalfDay, PaperScan
from popschool.attendance.rules import Method
from popschool.attendance.services import Act
from popschool.auth import services_decisions as decisions
from popschool.auth.models_decisions import Proposal
from popschool.db import db
from popschool.schools.models import Cohort, Person

LATE, PAPER, AMENDMENT = "late_signature", "late_paper", "amendment"


def is_over(half_day: HalfDay, now: datetime) -> bool:
    """Say whether the time to sign is over, so that a second person is needed."""
    return now >= rules.closing_moment(half_day.span, services_half_days.delays_of(half_day.school_id))


def ask_late(half_day: HalfDay, person: Person, act: Act, reason: str, now: datetime) -> Proposal:
    """Let a learner sign after the delay, with a reason: it counts once somebody of the team confirms it.

    Raises ReasonMissing, StillOpen, HalfDayCancelled, DoneByWork, NotExpected, InCompany, AlreadySigned, NobodyElse.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    if not is_over(half_day, now):
        raise rules.StillOpen
    _check_unsigned(half_day, person.id)
    return decisions.propose(
        LATE,
        by_id=person.id,
        now=now,
        school_id=half_day.school_id,
        cohort_id=half_day.cohort_id,
        person_id=person.id,
        subject_id=half_day.id,
        facts=_named(half_day),
        content={
            "reason": reason.strip(),
            "statement": act.statement,
            "statement_version": act.statement_version,
            "device": act.device[:200],
            "address": act.address,
        },
    )


def _named(half_day: HalfDay) -> dict[str, str]:
    return {"on": half_day.on.isoformat(), "half": str(half_day.half)}


def _check_unsigned(half_day: HalfDay, person_id: int) -> None:
    services.check_taking_place(half_day)
    if half_day.activity is not None:
        raise rules.DoneByWork
    services.expected_on(half_day, person_id)
    first = services.holding_signature(half_day.id, person_id)
    if first is not None:
        raise rules.AlreadySigned(first.at)


def waiting_for(half_day_id: int, person_id: int) -> Proposal | None:
    """Return the late signature of somebody that waits for its answer."""
    return next(iter(decisions.waiting_about(LATE, subject_id=half_day_id, person_id=person_id)), None)


def _confirm_late(proposal: Proposal, by: Person, now: datetime) -> None:
    half_day = db.session.get_one(HalfDay, proposal.subject_id)
    said, _answer = decisions.contents_of(proposal.id)
    act = Act(
        Method.BUTTON,
        said.get("statement", ""),
        said.get("statement_version", ""),
        device=said.get("device", ""),
        address=said.get("address", ""),
        signed_at=proposal.at,
        key=f"proposal/{proposal.id}",
        second_id=by.id,
        second_name=by.name,
        reason=said.get("reason", ""),
    )
    services.sign(half_day, db.session.get_one(Person, proposal.person_id), act, now)


def ask_paper(
    half_day: HalfDay, scan: PaperScan, people: Collection[Person], statements: dict[int, str], version: str,
    reason: str, by: Person, now: datetime,
) -> Proposal:  # fmt: skip
    """Bring in a sheet of paper after the delay: its signatures count once somebody else confirms them.

    Raises ReasonMissing, NobodyOnPaper, AlreadySigned, NotExpected, InCompany or NobodyElse.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    if not people:
        raise papers_brought.NobodyOnPaper
    for person in people:
        _check_unsigned(half_day, person.id)
    return decisions.propose(
        PAPER,
        by_id=by.id,
        now=now,
        school_id=half_day.school_id,
        cohort_id=half_day.cohort_id,
        subject_id=half_day.id,
        facts=_named(half_day) | {"scan": scan.id, "people": sorted(person.id for person in people)},
        content={
            "reason": reason.strip(),
            "version": version,
            "statements": {str(person_id): text for person_id, text in statements.items()},
        },
    )


def _confirm_paper(proposal: Proposal, by: Person, now: datetime) -> None:
    half_day = db.session.get_one(HalfDay, proposal.subject_id)
    scan = db.session.get_one(PaperScan, proposal.facts["scan"])
    said, _answer = decisions.contents_of(proposal.id)
    brought_by = db.session.get_one(Person, proposal.by_id)
    for person in people_of(proposal):
        act = Act(
            Method.PAPER,
            said.get("statements", {}).get(str(person.id), ""),
            said.get("version", ""),
            role="trainer",
            by_id=brought_by.id,
            helped_by=brought_by.name,
            scan=scan.hash,
            key=f"proposal/{proposal.id}/{person.id}",
            second_id=by.id,
            second_name=by.name,
            reason=said.get("reason", ""),
        )
        services.sign(half_day, person, act, now)


def people_of(proposal: Proposal) -> list[Person]:
    """Return those whose signatures a late sheet of paper holds, by name. One query."""
    asked = select(Person).where(Person.id.in_(proposal.facts["people"])).order_by(Person.last_name, Person.first_name)
    return list(db.session.scalars(asked))


def ask_amendment(cohort: Cohort, monday: date, reason: str, by: Person, now: datetime) -> Proposal:
    """Ask for an amendment to a closed week, from the corrections made since; somebody else validates it.

    Raises ReasonMissing, NothingToAmend, WeekNotReady or NobodyElse.
    """
    if not reason.strip():
        raise rules.ReasonMissing
    sheet = services_sheets.check_amendable(cohort.id, monday, now)
    return decisions.propose(
        AMENDMENT,
        by_id=by.id,
        now=now,
        school_id=cohort.school_id,
        cohort_id=cohort.id,
        subject_id=sheet.id,
        facts={"monday": monday.isoformat(), "code": cohort.code},
        content={"reason": reason.strip()},
    )


def _confirm_amendment(proposal: Proposal, by: Person, now: datetime) -> None:
    said, _answer = decisions.contents_of(proposal.id)
    monday = date.fromisoformat(proposal.facts["monday"])
    cohort = db.session.get_one(Cohort, proposal.cohort_id)
    services_sheets.amend_week(cohort, monday, by, said.get("reason", ""), now)


def _makers(proposal: Proposal) -> set[int]:
    sheets = services_sheets.sheets_of(proposal.cohort_id, date.fromisoformat(proposal.facts["monday"]))
    return services_sheets.makers_of(services_sheets.corrections_since(sheets[0])) if sheets else set()


decisions.KINDS[LATE] = decisions.Kind(_confirm_late)
decisions.KINDS[PAPER] = decisions.Kind(_confirm_paper)
decisions.KINDS[AMENDMENT] = decisions.Kind(_confirm_amendment, is_grave=True, excludes=_makers)
