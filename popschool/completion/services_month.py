"""The monthly statement of a cohort: seen before it is issued, then kept as every document is."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import Row, select

from popschool.attendance.models import Entry, Expected, HalfDay
from popschool.attendance.rules import Kind, Mark
from popschool.attendance.rules_ledger import canonical
from popschool.completion import anomalies, rules_papers
from popschool.completion.models_papers import Document, DocumentSource
from popschool.completion.paper_month import month
from popschool.completion.paper_parts import Composed
from popschool.completion.rules_papers import Anomaly, PaperKind, What
from popschool.completion.services_facts import FUNDER, CohortFacts, PersonFacts, cohort_facts, people_facts
from popschool.completion.services_papers import content_in, keep
from popschool.db import db
from popschool.schools.models import Cohort, Person

# What stands for a funder on the statement of those whom nobody pays for.
NOBODY = 0


@dataclass
class MonthPreview:
    """The statement of a month as it would be issued today, and what is wrong with it, with whom."""

    of: CohortFacts
    people: list[PersonFacts]
    said: Composed
    first: date
    last: date
    shared: list[Anomaly]
    own: list[tuple[PersonFacts, Anomaly]]
    issued: Document | None
    funders: dict[int, str]
    funder_id: int | None

    @property
    def is_ready(self) -> bool:
        return not any(one.blocks for one in [*self.shared, *(found for _person, found in self.own)])

    @property
    def content(self) -> dict[str, Any]:
        return content_in(self.of, PaperKind.MONTH, self.said)

    @property
    def seen(self) -> str:
        return hashlib.sha256(canonical(self.content)).hexdigest()


def preview(
    cohort: Cohort, first: date, today: date, row: Row | None = None, funder_id: int | None = None
) -> MonthPreview:
    """Return the statement of the month that begins on a day. As many queries as a certificate's, and two.

    When several pay, it is for one of them, the first by name unless said, and holds the people that one pays for.
    Those whom nobody pays for then stand on a statement of their own.
    """
    last = rules_papers.month_end(first)
    begins, ends = max(first, cohort.starts_on), min(last, cohort.ends_on)
    of = cohort_facts(cohort, begins, ends, today, row)
    people = people_facts(of, PaperKind.MONTH, begins, ends)
    funders = _funders(people)
    if len(funders) < 2:
        funder_id = None
    else:
        if any(one.share is None for one in people):
            funders[NOBODY] = ""
        funder_id = funder_id if funder_id in funders else next(iter(funders))
        people = [one for one in people if _payer_of(one) == funder_id]
    payers = [name for key, name in funders.items() if name and funder_id in (None, key)]
    shared = list(anomalies.issuer(of))
    if not people:
        shared.append(Anomaly(What.NOTHING_FOLLOWED))
    if last >= today:
        shared.append(Anomaly(What.PERIOD_OPEN, {"first": begins, "last": ends}))
    own = [(one, anomaly) for one in people for anomaly in anomalies.statement(one)]
    return MonthPreview(
        of=of,
        people=people,
        said=month(of, people, lates_in(cohort.id, begins, ends), ", ".join(payers)),
        first=begins,
        last=ends,
        shared=shared,
        own=own,
        issued=of.statements.get(funder_id),
        funders=funders,
        funder_id=funder_id,
    )


def funder_of(document: Document) -> int | None:
    """Return the funder that a statement was made for; None when it was for all of a cohort. One query."""
    return db.session.scalar(
        select(DocumentSource.subject_id).where(
            DocumentSource.document_id == document.id, DocumentSource.subject == FUNDER
        )
    )


def _payer_of(one: PersonFacts) -> int:
    return one.share.funding.funder_id if one.share else NOBODY


def _funders(people: Iterable[PersonFacts]) -> dict[int, str]:
    """Return who pays for these people, by name."""
    found = {(one.share.funding.funder.name, one.share.funding.funder_id) for one in people if one.share}
    return {funder_id: name for name, funder_id in sorted(found)}


def lates_in(cohort_id: int, first: date, last: date) -> dict[int, int]:
    """Return the minutes missed by lateness or an early leave, by enrolment: the last mark of each half-day says."""
    rows = db.session.execute(
        select(Expected.enrolment_id, Entry.half_day_id, Entry.facts)
        .join(HalfDay, HalfDay.id == Entry.half_day_id)
        .join(Expected, (Expected.half_day_id == Entry.half_day_id) & (Expected.person_id == Entry.person_id))
        .where(Entry.cohort_id == cohort_id, Entry.kind == str(Kind.MARK), HalfDay.on.between(first, last))
        .order_by(Entry.sequence)
    )
    marks: dict[tuple[int, int], int] = {}
    for row in rows:
        is_partial = row.facts.get("mark") == Mark.PARTIAL
        missed = row.facts.get("late_minutes", 0) + row.facts.get("early_minutes", 0) if is_partial else 0
        marks[row.enrolment_id, row.half_day_id] = missed
    found: dict[int, int] = defaultdict(int)
    for (enrolment_id, _half_day), minutes in marks.items():
        found[enrolment_id] += minutes
    return found


def issue_month(
    one: MonthPreview, by: Person, now: datetime, replaces: Document | None = None, reason: str = "",
    chance: Random = rules_papers.UNGUESSABLE,
) -> Document:  # fmt: skip
    """Keep a monthly statement for ever. Raises as any document does: NotReady, AlreadyIssued, AlreadyRevoked."""
    rules_papers.check_ready([*one.shared, *(found for _person, found in one.own)])
    place = {
        "school_id": one.of.cohort.school_id,
        "cohort_id": one.of.cohort.id,
        "enrolment_id": None,
        "share_id": None,
        "person_id": None,
    }
    sources = [("sheet", sheet.id) for sheet in one.of.sheets]
    sources += [("company", week.id) for person in one.people for week in person.counted.company_weeks]
    if one.funder_id is not None:
        sources.append((FUNDER, one.funder_id))
    return keep(
        PaperKind.MONTH, place, (one.first, one.last), one.content, sources, one.of.cohort.school.code, by, now,
        replaces, reason, chance,
    )  # fmt: skip
