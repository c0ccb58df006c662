"""Retention, every night: what is past its time goes, kind by kind and person by person, and the night is written down.

Each person is a transaction of its own, so that a night that is broken off goes on where it was. Totals do not move:
see `removing`. While a dispute or a proposal has no answer, or an audit has its door open, evidence waits.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from popschool import audit, jobs
from popschool.attendance.models import ContentRemoval, Entry, EntryContent, HalfDay, PaperScan
from popschool.attendance.models_absences import Dispute
from popschool.attendance.models_sheets import Sheet, SheetContent, SheetPaper, SheetRemoval
from popschool.auth import services
from popschool.auth.models import Account, DeviceSession, RoleGrant
from popschool.auth.models_decisions import Proposal, ProposalAnswer
from popschool.auth.rules_granting import LastManager
from popschool.completion import rules_settings, services_retention
from popschool.completion.models import EnrolmentFunding
from popschool.completion.rules_papers import kept_until
from popschool.completion.services_facts import heard_by, sayings_of_all
from popschool.completion.services_retention import SETTING
from popschool.db import db, transaction
from popschool.outbox import Outgoing
from popschool.portal import removing
from popschool.portal import rules_retention as rules
from popschool.portal.models_retention import RetentionRemoval, RetentionRun
from popschool.portal.rules_retention import Kept
from popschool.reports.models import Door
from popschool.reports.rules_doors import DoorKind
from popschool.schools.models import Enrolment, Person, Posting

ERASURE = "erasure"
DELETE_FILES = "popschool.portal.tasks:delete_files"
MOST_SHOWN = 30
WAIT = frozenset({Kept.EVIDENCE, Kept.NAME})


@dataclass(frozen=True)
class Standing:
    """What the rules ask of somebody: their last day, what payers ask, when the school agreed to erase, what waits.

    `left_on` is the last day of a place or, for who has none, of a role. `unused_since` is the day on which somebody
    was named who never came.
    """

    left_on: date | None
    evidence_until: date | None
    asked_on: date | None
    waits: bool = False
    unused_since: date | None = None

    def through(self, kept: Kept) -> date | None:
        if self.unused_since is not None:
            return rules.years_on(self.unused_since, rules.YEARS_UNUSED)
        return rules.kept_through(kept, self.left_on, self.evidence_until, self.asked_on)


def run(now: datetime, today: date) -> dict[str, int]:
    """Remove what is past its time. Returns the counts, which the page of retention shows. Again, it does nothing.

    A process that is asked to end writes down how far it came; the next worker does the rest, a line of its own.
    """
    began = time.monotonic()
    counts: dict[str, int] = {}
    try:
        for what, removed in _steps(now, today):
            counts[what] = counts.get(what, 0) + removed
    except jobs.Interrupted:
        if any(counts.values()):
            _write_down(counts, began, now)
        raise
    _write_down(counts, began, now)
    return counts


def _steps(now: datetime, today: date) -> Iterator[tuple[str, int]]:
    """Remove kind by kind; yield each kind, first with 0, then with what each step removed."""
    yield from services_retention.run(now, today)
    yield "unused_roles", _end_unused_roles(now, today)
    for kept in Kept:
        yield str(kept), 0
        for person_id in jobs.stoppable(_late(kept, today)):
            yield str(kept), _remove(person_id, kept, now, today)
    yield "sheets", 0
    for cohort_id in jobs.stoppable(_cohorts_without_names()):
        yield "sheets", _empty_cohort(cohort_id, now, today)


def _write_down(counts: dict[str, int], began: float, now: datetime) -> None:
    spent = int((time.monotonic() - began) * 1000)
    with transaction():
        db.session.add(RetentionRun(at=now, milliseconds=spent, counts=counts))


def _last_day() -> Any:
    return func.max(func.coalesce(Enrolment.left_on, Enrolment.ends_on))


def _late(kept: Kept, today: date) -> Sequence[int]:
    """Return those who may be past the time of a kind of data: who left long ago, who asked, who had roles alone."""
    years = rules.YEARS_AFTER.get(kept, rules_settings.SETTINGS[SETTING].least)
    left = select(Enrolment.person_id).group_by(Enrolment.person_id).having(_last_day() < rules.years_on(today, -years))
    gone = exists().where(RetentionRemoval.person_id == Person.id, RetentionRemoval.kept == str(kept))
    holds = exists().where(RoleGrant.person_id == Person.id, RoleGrant.ended_at.is_(None))
    asked = select(Proposal.person_id).join(ProposalAnswer, ProposalAnswer.proposal_id == Proposal.id)
    asked = asked.where(Proposal.kind == ERASURE, ProposalAnswer.is_accepted)
    placeless = ~exists().where(Enrolment.person_id == Person.id)
    long_known = and_(placeless, Person.created_at < _year_before(today))
    late = or_(Person.id.in_(left), Person.id.in_(asked), long_known)
    return db.session.scalars(select(Person.id).where(late, ~gone, ~holds).order_by(Person.id)).all()


def _year_before(today: date) -> datetime:
    return datetime.combine(rules.years_on(today, -rules.YEARS_UNUSED), datetime.min.time(), UTC)


def _end_unused_roles(now: datetime, today: date) -> int:
    """End the roles that were given a year ago to people who never came; return how many.

    A trainer with a place in a cohort may be known on paper alone, and the network keeps somebody who runs it.
    """
    known = [model.person_id == RoleGrant.person_id for model in (Account, Posting, Enrolment)]
    unused = select(RoleGrant).where(
        RoleGrant.ended_at.is_(None),
        RoleGrant.granted_at < _year_before(today),
        *(~exists().where(one) for one in known),
    )
    ended = 0
    for grant in db.session.scalars(unused.order_by(RoleGrant.id)).all():
        with suppress(LastManager):
            services.end_role(grant, by=None, now=now)
            ended += 1
    return ended


def standing_of(person_id: int, today: date) -> Standing:
    """Return what the rules ask of somebody: four queries at most, three more for who never had a place."""
    places = db.session.scalars(select(Enrolment).where(Enrolment.person_id == person_id)).all()
    asked_at = db.session.scalar(
        select(func.max(ProposalAnswer.at))
        .join(Proposal, Proposal.id == ProposalAnswer.proposal_id)
        .where(Proposal.kind == ERASURE, Proposal.person_id == person_id, ProposalAnswer.is_accepted)
    )
    left_on = max((place.last_day for place in places), default=None)
    asked_on = asked_at.date() if asked_at else None
    if not places:
        return _standing_of_staff(person_id, asked_on, today)
    return Standing(left_on, _evidence_until(places, today), asked_on, _waits(person_id, places, today))


def _standing_of_staff(person_id: int, asked_on: date | None, today: date) -> Standing:
    """Return the same for who never had a place: a role that ended, or somebody who was named and never came.

    Their names stand on what they signed, for any of the payers of their schools: the longest of these counts.
    """
    grants = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == person_id)).all()
    person = db.session.get_one(Person, person_id)
    if any(grant.ended_at is None for grant in grants):
        return Standing(None, None, asked_on, _waits(person_id, (), today))
    days = [(grant.ended_at or grant.granted_at).date() for grant in grants]
    left_on = max([*days, person.created_at.date()]) - timedelta(days=1)
    came = [exists().where(model.person_id == person_id) for model in (Account, Posting)]
    if not db.session.scalar(select(or_(*came))):
        named = max([*(grant.granted_at.date() for grant in grants), person.created_at.date()])
        return Standing(None, None, asked_on, _waits(person_id, (), today), named)
    schools = {grant.school_id for grant in grants if grant.school_id is not None}
    sayings = [one for heard in sayings_of_all(sorted(schools)).values() for _, one in heard if one.key == SETTING]
    years = max([int(rules_settings.SETTINGS[SETTING].default), *(int(one.value) for one in sayings)])
    return Standing(left_on, kept_until(left_on, years), asked_on, _waits(person_id, (), today))


def _evidence_until(places: Sequence[Enrolment], today: date) -> date | None:
    """Return the last day on which any of the payers of these places asks for evidence."""
    if not places:
        return None
    sayings = sayings_of_all(sorted({place.school_id for place in places}))
    shares: dict[int, list[EnrolmentFunding]] = {}
    for row in db.session.scalars(
        select(EnrolmentFunding)
        .where(EnrolmentFunding.enrolment_id.in_([place.id for place in places]))
        .options(joinedload(EnrolmentFunding.funding))
    ):
        shares.setdefault(row.enrolment_id, []).append(row)
    found = []
    for place in places:
        for share in shares.get(place.id) or [None]:
            heard = heard_by(sayings.get(place.school_id, []), share.funding if share else None)
            ends_on = max(place.last_day, share.funding.ends_on) if share else place.last_day
            found.append(kept_until(ends_on, rules_settings.resolve(heard, SETTING, today).number))
    return max(found)


def _waits(person_id: int, places: Sequence[Enrolment], today: date) -> bool:
    """Say whether a dispute, a proposal or an audit is open, for which evidence must stay. One query."""
    disputed = exists().where(Dispute.person_id == person_id, Dispute.answered_at.is_(None))
    answered = select(ProposalAnswer.proposal_id)
    proposed = exists().where(Proposal.person_id == person_id, Proposal.id.not_in(answered))
    schools = {place.school_id for place in places}
    audited = exists().where(
        Door.kind == str(DoorKind.AUDITOR),
        Door.closed_at.is_(None),
        or_(Door.ends_on.is_(None), Door.ends_on >= today),
        or_(Door.school_id.is_(None), Door.school_id.in_(schools)),
    )
    return bool(db.session.scalar(select(or_(disputed, proposed, audited))))


def remove_due(person_id: int, now: datetime, today: date) -> int:
    """Remove at once what is past its time of one person; return how many kinds of data that was."""
    return sum(_remove(person_id, kept, now, today) for kept in Kept)


def _remove(person_id: int, kept: Kept, now: datetime, today: date) -> int:
    """Remove a kind of data of one person when its time has come; return 1 when it did."""
    with transaction(lock=f"retention/{person_id}"):
        known = select(RetentionRemoval.id).where(
            RetentionRemoval.person_id == person_id, RetentionRemoval.kept == str(kept)
        )
        if db.session.scalar(known) is not None:
            return 0
        where = standing_of(person_id, today)
        last = where.through(kept)
        if last is None or last >= today or (where.waits and (kept in WAIT or where.unused_since)):
            return 0
        is_asked = where.asked_on is not None and last < where.asked_on
        if kept is Kept.ACCOUNT and (_is_written_to(person_id) or (not is_asked and _comes_in(person_id))):
            return 0
        person = db.session.get_one(Person, person_id)
        rule = f"{kept}: {'asked' if is_asked else f'until {last.isoformat()}'}"
        removed = removing.remove(person, kept, rule, now, today)
        _delete_later(removed.files)
        audit.record(
            "retention.removed", person, actor_id=None, school_id=person.home_school_id, now=now, kept=str(kept),
            rule=rule, rows=removed.rows, files=len(removed.files),
        )  # fmt: skip
    return 1


def _is_written_to(person_id: int) -> bool:
    """Say whether a message has not left yet, such as the answer to what they asked: it leaves first."""
    waiting = exists().where(Outgoing.person_id == person_id, Outgoing.sent_at.is_(None), Outgoing.refused_at.is_(None))
    return db.session.scalar(select(waiting))


def _comes_in(person_id: int) -> bool:
    """Say whether somebody signed in during the last year, which is how long sign-ins are remembered."""
    return db.session.scalar(select(exists().where(DeviceSession.person_id == person_id)))


def _delete_later(files: Iterable[str]) -> None:
    """Have files deleted once their rows are gone for good: a job of the same transaction."""
    names = sorted(set(files))
    if names:
        jobs.enqueue(DELETE_FILES, names=names)


def _cohorts_without_names() -> list[int]:
    """Return the cohorts of which nobody's evidence is left, and whose sheets still say names.

    One query, and one more for each cohort of which nobody's is left: no signature of the others is looked at.
    """
    evidence = RetentionRemoval.kept == str(Kept.EVIDENCE)
    place, other = aliased(Enrolment), aliased(Enrolment)
    gone = exists().where(RetentionRemoval.person_id == other.person_id, evidence)
    emptied = (
        select(place.cohort_id)
        .join(RetentionRemoval, RetentionRemoval.person_id == place.person_id)
        .where(evidence, ~exists().where(other.cohort_id == place.cohort_id, ~gone))
    )
    return [one for one in db.session.scalars(emptied.distinct().order_by(place.cohort_id)).all() if _says_names(one)]


def _says_names(cohort_id: int) -> bool:
    sheets = exists().where(SheetContent.sheet_id == Sheet.id, Sheet.cohort_id == cohort_id)
    entries = exists().where(EntryContent.entry_id == Entry.id, Entry.cohort_id == cohort_id)
    return bool(db.session.scalar(select(or_(sheets, entries))))


def _empty_cohort(cohort_id: int, now: datetime, today: date) -> int:
    """Remove what the sheets of a cohort say, their papers, scans and the trainers' words; return how many sheets."""
    rule = f"{Kept.EVIDENCE}: nobody left"
    with transaction(lock=f"chain/{cohort_id}"):
        sheets = _ids(select(SheetContent.sheet_id).join(Sheet, Sheet.id == SheetContent.sheet_id), cohort_id, Sheet)
        entries = _ids(select(EntryContent.entry_id).join(Entry, Entry.id == EntryContent.entry_id), cohort_id, Entry)
        db.session.add_all(SheetRemoval(sheet_id=one, removed_on=today, rule=rule) for one in sheets)
        db.session.add_all(ContentRemoval(entry_id=one, removed_on=today, rule=rule) for one in entries)
        db.session.flush()
        papers = db.session.scalars(select(SheetPaper.hash).where(SheetPaper.sheet_id.in_(sheets))).all()
        scans = db.session.scalars(
            select(PaperScan.hash)
            .join(HalfDay, HalfDay.id == PaperScan.half_day_id)
            .where(HalfDay.cohort_id == cohort_id)
        ).all()
        here = select(HalfDay.id).where(HalfDay.cohort_id == cohort_id)
        db.session.execute(update(PaperScan).where(PaperScan.half_day_id.in_(here)).values(name=""))
        db.session.execute(delete(SheetPaper).where(SheetPaper.sheet_id.in_(sheets)))
        db.session.execute(delete(SheetContent).where(SheetContent.sheet_id.in_(sheets)))
        db.session.execute(delete(EntryContent).where(EntryContent.entry_id.in_(entries)))
        _delete_later([*papers, *scans])
    return len(sheets)


def _ids(asked: Select, cohort_id: int, model: Any) -> Sequence[int]:
    return db.session.scalars(asked.where(model.cohort_id == cohort_id)).all()


def runs() -> Sequence[RetentionRun]:
    """Return the last runs, the latest first. One query."""
    return db.session.scalars(select(RetentionRun).order_by(RetentionRun.id.desc()).limit(MOST_SHOWN)).all()


def removals_of(person_id: int) -> dict[Kept, RetentionRemoval]:
    """Return what went of somebody. One query."""
    rows = db.session.scalars(select(RetentionRemoval).where(RetentionRemoval.person_id == person_id))
    return {Kept(row.kept): row for row in rows}
