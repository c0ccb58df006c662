"""How long documents are kept: what they say and their PDF go once the years of their agreement are over.

The row stays, with its number and its hashes, so that the chain can still be checked; the act that removed the content
says when, and under which rule.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool import storage
from popschool.completion import rules_settings
from popschool.completion.models import EnrolmentFunding
from popschool.completion.models_papers import Document, DocumentBatch, DocumentContent, DocumentPaper
from popschool.completion.rules_papers import kept_until
from popschool.completion.services_facts import heard_by, sayings_of_all
from popschool.completion.services_papers import act, chain_name
from popschool.db import db, transaction

SETTING = "retention_years"


def remove_expired(now: datetime, today: date) -> int:
    """Remove the content and the PDF of the documents whose years are over; return how many. Again, it does nothing."""
    least = rules_settings.SETTINGS[SETTING].least
    old = db.session.scalars(
        select(Document)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .where(Document.ends_on < date(today.year - least, 1, 1))
        .order_by(Document.id)
        .options(joinedload(Document.content), joinedload(Document.paper))
    ).all()
    if not old:
        return 0
    sayings = sayings_of_all(sorted({one.school_id for one in old}))
    shares = _shares([one.enrolment_id for one in old if one.enrolment_id])
    removed = 0
    for document in old:
        share = shares.get(document.enrolment_id or 0)
        heard = heard_by(sayings.get(document.school_id, []), share.funding if share else None)
        years = rules_settings.resolve(heard, SETTING, today).number
        if kept_until(document.ends_on, years) < today:
            _remove(document, years, now)
            removed += 1
    return removed


def _shares(enrolments: Sequence[int]) -> dict[int, EnrolmentFunding]:
    rows = db.session.scalars(
        select(EnrolmentFunding)
        .where(EnrolmentFunding.enrolment_id.in_(enrolments))
        .order_by(EnrolmentFunding.starts_on)
        .options(joinedload(EnrolmentFunding.funding))
    )
    return {row.enrolment_id: row for row in rows}


def _remove(document: Document, years: int, now: datetime) -> None:
    file = document.paper.hash if document.paper else ""
    _forget_archives(document)
    with transaction(lock=chain_name(document.school_id)):
        for model in (DocumentPaper, DocumentContent):
            kept = db.session.get(model, document.id)
            if kept is not None:
                db.session.delete(kept)
        act(document, "removed", None, now, f"{SETTING}: {years}")
    if file:
        storage.delete(file)


def _forget_archives(document: Document) -> None:
    """Remove the archives of the cohort that may hold a document: each can be made again from what is kept."""
    for batch in db.session.scalars(
        select(DocumentBatch).where(DocumentBatch.cohort_id == document.cohort_id, DocumentBatch.archive_hash != "")
    ).all():
        if document.id in batch.documents:
            file = batch.archive_hash
            with transaction():
                batch.archive_hash, batch.archive_size = "", 0
            storage.delete(file)
