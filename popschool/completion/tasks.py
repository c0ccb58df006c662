"""Jobs of completion: making the paper of a document, those of a whole cohort, and asking what people do afterwards."""

from datetime import time, timedelta

import structlog
from flask import current_app
from sqlalchemy.orm import joinedload

from popschool import clock, jobs, storage
from popschool.completion import (  # noqa: F401  their tables
    drawing,
    models_badges,
    models_rules,
    services_afterwards,
    services_badges,
)
from popschool.completion import services_batches as batches
from popschool.completion.models_papers import Document, DocumentBatch, DocumentPaper
from popschool.db import db, transaction
from popschool.seal import read_seal, signed, stamped

REASON = "Document établi et scellé"
log = structlog.get_logger(__name__)


def make_paper(document_id: int) -> None:
    """Draw a document, seal it when the school can, and keep it. Again, it does nothing."""
    document = db.session.get(Document, document_id, options=[joinedload(Document.content), joinedload(Document.paper)])
    if document is None or document.paper is not None or document.content is None:
        return
    settings = current_app.config["POPSCHOOL"]
    content = document.content.content
    db.session.commit()  # ends the read: what follows may take a network
    made = drawing.draw(document, content, settings.base_url)
    if settings.seal_key:
        made = signed(made, read_seal(settings.seal_key, settings.seal_password), REASON)
    if settings.tsa_url:
        made = stamped(made, settings.tsa_url)
    kept = storage.put(made)
    with transaction(lock=f"document/{document_id}"):
        if db.session.get(DocumentPaper, document_id, populate_existing=True) is not None:
            return
        db.session.add(
            DocumentPaper(
                document_id=document_id,
                hash=kept.hash,
                size=kept.size,
                is_signed=bool(settings.seal_key),
                is_stamped=bool(settings.tsa_url),
                made_at=clock.now(),
            )
        )
    log.info("document drawn", number=document.number, bytes=kept.size)


def make_batch(batch_id: int) -> None:
    """Issue and draw the documents of a cohort. Again, it goes on from where it was."""
    batch = db.session.get(DocumentBatch, batch_id)
    if batch is not None:
        batches.run(batch, make_paper, clock.now(), clock.today())
        log.info("documents made", batch=batch.id, count=len(batch.documents), failed=len(batch.failed))


def end_badges() -> None:
    """End the badges whose level was taken back since the day before."""
    now = clock.now()
    ended = services_badges.end_withdrawn(now, now - timedelta(days=1))
    if ended:
        log.info("badges ended with their level", count=ended)


def ask_afterwards() -> None:
    """Write to those who have left, when their day has come."""
    sent = services_afterwards.ask_those_due(clock.now(), clock.today())
    log.info("asked what people do afterwards", sent=sent)


jobs.recur("ask what people do afterwards", "popschool.completion.tasks:ask_afterwards", at=time(9, 30))
jobs.recur("end badges with their level", "popschool.completion.tasks:end_badges", every=timedelta(minutes=10))
