"""The documents of a whole cohort, made in the background: asked for, followed, and put in one archive."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs, storage
from popschool.completion import services_papers as papers
from popschool.completion.models_papers import Document, DocumentBatch
from popschool.completion.rules_papers import NAMES, PaperKind
from popschool.db import db, transaction
from popschool.schools.models import Cohort, Person
from popschool.schools.rules import search_key
from popschool.spreadsheets import BYTE_ORDER_MARK, safe

TASK = "popschool.completion.tasks:make_batch"
HEADS = ("fichier", "document", "numéro", "nom", "prénom", "du", "au", "heures", "empreinte du PDF", "code de contrôle")
# A fixed moment: the same documents make the same archive.
ZIP_MOMENT = (1980, 1, 1, 0, 0, 0)


def ask(
    cohort: Cohort, kind: PaperKind, first: date, last: date, by: Person, now: datetime, today: date
) -> DocumentBatch:
    """Ask for the documents of a cohort: those that are ready are made by a job."""
    _of, found = papers.previews(cohort, kind, first, last, today)
    with transaction():
        batch = DocumentBatch(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            kind=str(kind),
            starts_on=first,
            ends_on=last,
            total=len(found),
            documents=[],
            failed=[],
            asked_by_id=by.id,
            asked_at=now,
        )
        db.session.add(batch)
        db.session.flush()
        jobs.enqueue(TASK, key=f"document-batch/{batch.id}", batch_id=batch.id)
        audit.record("ask_documents", batch, actor_id=by.id, now=now, kind=str(kind), count=len(found))
    return batch


def last_of(cohort_id: int, most: int = 5) -> Sequence[DocumentBatch]:
    return db.session.scalars(
        select(DocumentBatch).where(DocumentBatch.cohort_id == cohort_id).order_by(DocumentBatch.id.desc()).limit(most)
    ).all()


def run(batch: DocumentBatch, draw: Callable[[int], None], now: datetime, today: date) -> None:
    """Issue and draw each document of a batch that is ready, then put them in an archive. Again, it goes on.

    A document that was issued before is taken as it is. Each person's is its own transaction: one that fails keeps
    nobody else's back, and the batch says why.
    """
    if batch.finished_at is not None:
        return
    by = db.session.get_one(Person, batch.asked_by_id)
    kind = PaperKind(batch.kind)
    _of, found = papers.previews(batch.cohort, kind, batch.starts_on, batch.ends_on, today)
    documents: list[int] = []
    failed: list[dict] = []
    for done, one in enumerate(jobs.stoppable(found), 1):
        if one.facts.issued is not None:
            documents.append(one.facts.issued.id)
        elif one.is_ready:
            documents.append(papers.issue(one, by, now).id)
        else:
            reasons = [str(anomaly.what) for anomaly in one.anomalies if anomaly.blocks]
            failed.append({"enrolment": one.facts.enrolment.id, "name": one.facts.person.name, "reasons": reasons})
        if done % 5 == 0:
            _note(batch, done)
    for document_id in jobs.stoppable(documents):
        draw(document_id)
    archive = storage.put(zipped(documents))
    with transaction():
        batch.done, batch.total = len(found), len(found)
        batch.documents, batch.failed = documents, failed
        batch.archive_hash, batch.archive_size = archive.hash, archive.size
        batch.finished_at = now


def _note(batch: DocumentBatch, done: int) -> None:
    with transaction():
        batch.done = done


def zipped(document_ids: Sequence[int]) -> bytes:
    """Return an archive of documents with an index: a table that says which file is whose, and its fingerprint."""
    db.session.expire_all()
    rows = db.session.scalars(
        select(Document)
        .where(Document.id.in_(document_ids))
        .order_by(Document.number)
        .options(joinedload(Document.person), joinedload(Document.paper), joinedload(Document.content))
    ).all()
    out, index = io.BytesIO(), io.StringIO()
    table = csv.writer(index, delimiter=";", lineterminator="\r\n")
    table.writerow(HEADS)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for document in rows:
            if document.paper is None:
                continue
            name = f"{document.number}{_slug(document.person)}.pdf"
            archive.writestr(zipfile.ZipInfo(name, ZIP_MOMENT), storage.read(document.paper.hash), zipfile.ZIP_STORED)
            table.writerow([safe(cell) for cell in _line(document, name)])
        archive.writestr(zipfile.ZipInfo("index.csv", ZIP_MOMENT), BYTE_ORDER_MARK + index.getvalue())
    return out.getvalue()


def _line(document: Document, name: str) -> list[str]:
    person, figures = document.person, document.content.content["figures"] if document.content else {}
    hours = f"{figures['minutes'] / 60:.2f}".replace(".", ",") if "minutes" in figures else ""
    return [
        name,
        NAMES[PaperKind(document.kind)],
        document.number,
        person.last_name if person else "",
        person.first_name if person else "",
        f"{document.starts_on:%d/%m/%Y}",
        f"{document.ends_on:%d/%m/%Y}",
        hours,
        document.paper.hash,
        document.code,
    ]


def _slug(person: Person | None) -> str:
    if person is None:
        return ""
    words = "".join(char if char.isalnum() else "-" for char in search_key(person.last_name, person.first_name))
    return f"-{words.strip('-')[:60]}"


def people_of(batch: DocumentBatch) -> set[int]:
    """Return those whose documents an archive holds. One query."""
    found = db.session.scalars(select(Document.person_id).where(Document.id.in_(batch.documents)))
    return {person_id for person_id in found if person_id}
