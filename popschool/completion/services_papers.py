"""Documents: seen before they are issued, issued once, kept as they were; then sent, replaced or revoked.

A document that replaces another names it, with a reason; the one before stays, and says that it was replaced.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules_ledger import START, canonical, content_hash, entry_hash
from popschool.completion import paper_company, paper_person, rules_papers
from popschool.completion.anomalies import anomalies_of
from popschool.completion.models_papers import ENDINGS, Document, DocumentAct, DocumentContent, DocumentSource, holds
from popschool.completion.paper_certificate import certificate
from popschool.completion.paper_parts import Composed, typeset
from popschool.completion.rules_papers import Anomaly, PaperKind
from popschool.completion.services_facts import FUNDER, CohortFacts, PersonFacts, cohort_facts, people_facts
from popschool.db import db, transaction
from popschool.projects.models import Submission
from popschool.schools.models import Cohort, Person

FORM = 1
FUNDING = "funding"
PAPER_TASK = "popschool.completion.tasks:make_paper"
FIELDS = (
    "school_id", "cohort_id", "enrolment_id", "share_id", "person_id", "kind", "number", "code", "starts_on", "ends_on",
    "form", "replaces_id", "reason", "issued_by_id", "issued_at", "sequence", "content_hash",
)  # fmt: skip
COMPOSERS: dict[PaperKind, Callable[[PersonFacts], Composed]] = {
    PaperKind.CERTIFICATE: certificate,
    PaperKind.END: paper_person.end,
    PaperKind.ATTENDANCE: paper_person.attendance,
    PaperKind.WORKSHOP: paper_person.workshop,
    PaperKind.BOOKLET: paper_person.booklet,
    PaperKind.AGREEMENT: paper_company.agreement,
    PaperKind.COMPANY: paper_company.company,
    PaperKind.EVALUATION: paper_company.evaluation,
    PaperKind.VISIT: paper_company.visit,
}


@dataclass
class Preview:
    """A document as it would be issued today, and what is wrong with it."""

    kind: PaperKind
    facts: PersonFacts
    said: Composed
    anomalies: list[Anomaly]

    @property
    def is_ready(self) -> bool:
        return not any(one.blocks for one in self.anomalies)

    @property
    def content(self) -> dict[str, Any]:
        return content_of(self.kind, self.facts, self.said)


def previews(
    cohort: Cohort,
    kind: PaperKind,
    first: date,
    last: date,
    today: date,
    only: int | None = None,
    row: Row | None = None,
) -> tuple[CohortFacts, list[Preview]]:
    """Return what each document of a kind would say, by name. A bounded number of queries, whatever the people."""
    of = cohort_facts(cohort, first, last, today, row)
    found = people_facts(of, kind, first, last, only)
    return of, [Preview(kind, one, COMPOSERS[kind](one), anomalies_of(kind, one)) for one in found]


def content_of(kind: PaperKind, facts: PersonFacts, said: Composed) -> dict[str, Any]:
    return content_in(facts.of, kind, said)


def content_in(of: CohortFacts, kind: PaperKind, said: Composed) -> dict[str, Any]:
    """Return what a document says, as it is kept: its blocks, what its public page shows, the minutes under it."""
    return typeset(
        {
            "kind": rules_papers.NAMES[kind],
            "heading": said.heading,
            "network": of.legal_name,
            "school": of.cohort.school.name,
            "dated": f"{'établie' if kind in rules_papers.FEMININE else 'établi'} le {of.today:%d/%m/%Y}",
            "blocks": said.blocks,
            "check": said.check,
            "figures": said.figures,
        }
    )


def issue(
    preview: Preview,
    by: Person,
    now: datetime,
    replaces: Document | None = None,
    reason: str = "",
    chance: Random = rules_papers.UNGUESSABLE,
) -> Document:
    """Keep a document for ever as it is now, with its number, and have its paper made.

    Raises NotReady, AlreadyIssued, ChangeReasonMissing, or AlreadyRevoked when what it replaces no longer holds.
    """
    rules_papers.check_ready(preview.anomalies)
    facts, of = preview.facts, preview.facts.of
    place = {
        "school_id": of.cohort.school_id,
        "cohort_id": of.cohort.id,
        "enrolment_id": facts.enrolment.id,
        "share_id": facts.share.id if facts.share and preview.kind is PaperKind.CERTIFICATE else None,
        "person_id": facts.person.id,
    }
    return keep(
        preview.kind, place, (facts.stretch.first, facts.stretch.last), preview.content, sources_of(preview),
        of.cohort.school.code, by, now, replaces, reason, chance,
    )  # fmt: skip


def keep(
    kind: PaperKind,
    place: dict[str, Any],
    period: tuple[date, date],
    content: dict[str, Any],
    sources: Sequence[tuple[str, int]],
    school_code: str,
    by: Person,
    now: datetime,
    replaces: Document | None = None,
    reason: str = "",
    chance: Random = rules_papers.UNGUESSABLE,
) -> Document:
    """Write a document that is ready, and the rows that it was made from; the one that it replaces then says so.

    Raises AlreadyIssued, ChangeReasonMissing, or AlreadyRevoked when what it replaces no longer holds.
    """
    if replaces is not None:
        reason = rules_papers.check_reason(reason)
    with transaction(lock=chain_name(place["school_id"])):
        payers = [next((key for subject, key in sources if subject == wanted), None) for wanted in (FUNDER, FUNDING)]
        same = None if kind in rules_papers.BOARDS else holding(place, kind, *period, *payers)
        if replaces is not None:
            check_holds(replaces)
        if same is not None and (replaces is None or same.id != replaces.id):
            raise rules_papers.AlreadyIssued(same.number)
        document = _write(kind, place, period, content, by, now, school_code, replaces, reason, chance)
        for subject, subject_id in sorted(set(sources)):
            db.session.add(DocumentSource(document_id=document.id, subject=subject, subject_id=subject_id))
        if replaces is not None:
            act(replaces, "replaced", by.id, now, reason, by_document=document.id)
    return document


def sources_of(preview: Preview) -> list[tuple[str, int]]:
    """Return the rows that a document was made from."""
    facts = preview.facts
    found = list(preview.said.sources)
    found += [("sheet", one.id) for one in facts.of.sheets]
    return found + [("company", week.id) for week in facts.counted.company_weeks]


def seen(preview: Preview) -> str:
    return fingerprint(preview.content)


def fingerprint(content: Mapping[str, Any]) -> str:
    """Return the fingerprint of what a document would say, so that nobody issues what they did not read."""
    return hashlib.sha256(canonical(content)).hexdigest()


def chain_name(school_id: int) -> str:
    return f"documents/{school_id}"


def _made_of(subject: str, subject_id: int) -> Select:
    return select(DocumentSource.document_id).where(
        DocumentSource.subject == subject, DocumentSource.subject_id == subject_id
    )


def holding(
    place: dict[str, Any], kind: PaperKind, first: date, last: date, funder_id: int | None = None,
    funding_id: int | None = None,
) -> Document | None:  # fmt: skip
    """Return the document of a place and a period that holds already, if there is one.

    With a funder, it is the one that was made for that funder alone; with a funding, for that agreement alone.
    """
    asked = select(Document).where(
        Document.kind == str(kind), Document.starts_on == first, Document.ends_on == last, holds()
    )
    if place["cohort_id"] is None:
        asked = asked.where(Document.school_id == place["school_id"])
    for name in ("cohort_id", "enrolment_id", "share_id"):
        asked = asked.where(getattr(Document, name) == place[name])
    for subject, subject_id in ((FUNDER, funder_id), (FUNDING, funding_id)):
        if subject_id is not None:
            asked = asked.where(Document.id.in_(_made_of(subject, subject_id)))
    return db.session.scalars(asked.limit(1)).first()


def _write(
    kind: PaperKind,
    place: dict[str, Any],
    period: tuple[date, date],
    content: dict[str, Any],
    by: Person,
    now: datetime,
    school_code: str,
    replaces: Document | None,
    reason: str,
    chance: Random,
) -> Document:
    """Write a document at the end of the school's chain. In the caller's transaction, which holds the chain."""
    before = db.session.execute(
        select(Document.sequence, Document.hash)
        .where(Document.school_id == place["school_id"])
        .order_by(Document.sequence.desc())
        .limit(1)
    ).first()
    salt = rules_papers.new_salt(chance)
    document = Document(
        **place,
        kind=str(kind),
        number=rules_papers.number(school_code, now.year, kind, _rank(place["school_id"], school_code, now.year, kind)),
        code=rules_papers.new_code(chance),
        starts_on=period[0],
        ends_on=period[1],
        form=FORM,
        replaces_id=replaces.id if replaces else None,
        reason=reason,
        issued_by_id=by.id,
        issued_at=now,
        sequence=before.sequence + 1 if before else 1,
        content_hash=content_hash(salt, content),
        previous_hash=before.hash if before else START,
    )
    document.hash = entry_hash(document.previous_hash, {name: getattr(document, name) for name in FIELDS})
    db.session.add(document)
    db.session.flush()
    db.session.add(DocumentContent(document_id=document.id, salt=salt, content=content))
    jobs.enqueue(PAPER_TASK, key=f"document/{document.id}", document_id=document.id)
    audit.record("issue_document", document, actor_id=by.id, now=now, number=document.number)
    return document


def _rank(school_id: int, school_code: str, year: int, kind: PaperKind) -> int:
    """Return the next place in a school's numbers of a kind and a year."""
    start = rules_papers.number(school_code, year, kind, 0).removesuffix("0000")
    asked = select(func.count()).select_from(Document)
    return 1 + (
        db.session.scalar(
            asked.where(Document.school_id == school_id, Document.number.startswith(start, autoescape=True))
        )
        or 0
    )


def act(document: Document, what: str, by_id: int | None, now: datetime, reason: str = "", **about: Any) -> None:
    db.session.add(DocumentAct(document_id=document.id, what=what, reason=reason, about=about, by_id=by_id, at=now))
    audit.record(f"{what}_document", document, actor_id=by_id, now=now, number=document.number)


def end_of(document: Document) -> DocumentAct | None:
    """Return the act by which a document no longer holds, if there was one."""
    return next((one for one in document.acts if one.what in ENDINGS), None)


def check_holds(document: Document) -> None:
    """Raises AlreadyRevoked. Inside the transaction that holds the school's chain."""
    if db.session.scalar(select(Document.id).where(Document.id == document.id, holds())) is None:
        raise rules_papers.AlreadyRevoked


def revoke(document: Document, by: Person, reason: str, now: datetime) -> None:
    """Say that a document no longer holds; it stays readable. Raises ChangeReasonMissing or AlreadyRevoked."""
    reason = rules_papers.check_reason(reason)
    with transaction(lock=chain_name(document.school_id)):
        check_holds(document)
        act(document, "revoked", by.id, now, reason)


def read_document(document_id: int) -> Document | None:
    """Return a document with what it says, its paper and what happened to it. Two queries."""
    return db.session.get(
        Document,
        document_id,
        options=[
            joinedload(Document.content),
            joinedload(Document.paper),
            joinedload(Document.cohort),
            joinedload(Document.person),
            joinedload(Document.issued_by),
        ],
    )


def people_named(document: Document) -> list[int]:
    """Return the people whom a document of many names, for the journal of who takes it away."""
    said = document.content.content if document.content is not None else {}
    return said.get("people") or (said.get("table") or {}).get("people") or []


def documents_of(person_id: int) -> Sequence[Document]:
    """Return the documents about a person, the last first. Two queries."""
    return _listed(select(Document).where(Document.person_id == person_id))


def documents_in(cohort_id: int, limit: int) -> Sequence[Document]:
    """Return the last documents of a cohort."""
    return _listed(select(Document).where(Document.cohort_id == cohort_id).limit(limit))


def _listed(asked: Any) -> Sequence[Document]:
    return (
        db.session.scalars(
            asked.order_by(Document.id.desc()).options(
                joinedload(Document.person), joinedload(Document.paper), joinedload(Document.acts)
            )
        )
        .unique()
        .all()
    )


def replaced_by(document: Document) -> Document | None:
    """Return the document that replaces another one."""
    return db.session.scalars(select(Document).where(Document.replaces_id == document.id)).first()


@dataclass(frozen=True)
class Proofs:
    """The rows that a document was made from, that a page can lead to."""

    sheets: Sequence[Sheet]
    submissions: Sequence[Submission]
    company_weeks: int


def proofs_of(document: Document) -> Proofs:
    """Return what a document was made from: the chain read backwards. One query."""
    is_sheet = and_(DocumentSource.subject == "sheet", Sheet.id == DocumentSource.subject_id)
    is_submission = and_(DocumentSource.subject == "submission", Submission.id == DocumentSource.subject_id)
    rows = db.session.execute(
        select(DocumentSource.subject, Sheet, Submission)
        .outerjoin(Sheet, is_sheet)
        .outerjoin(Submission, is_submission)
        .where(DocumentSource.document_id == document.id)
        .order_by(Sheet.monday, Submission.id)
    ).all()
    return Proofs(
        [row.Sheet for row in rows if row.Sheet is not None],
        [row.Submission for row in rows if row.Submission is not None],
        sum(row.subject == "company" for row in rows),
    )


def documents_from(subject: str, subject_id: int) -> Sequence[Document]:
    """Return the documents that were made from a row, the last first: a sheet's, a submission's."""
    made = select(DocumentSource.document_id).where(
        DocumentSource.subject == subject, DocumentSource.subject_id == subject_id
    )
    return _listed(select(Document).where(Document.id.in_(made)))
