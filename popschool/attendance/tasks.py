"""Jobs of attendance: making the paper of a sheet that was closed."""

import structlog
from flask import current_app
from sqlalchemy.orm import joinedload

from popschool import clock, storage
from popschool.attendance import evidence, paper, reminders  # noqa: F401  its recurring jobs
from popschool.attendance.models_sheets import Sheet, SheetPaper
from popschool.db import db, transaction
from popschool.seal import read_seal, signed, stamped

REASON = "Feuille d'émargement scellée"
log = structlog.get_logger(__name__)


def make_paper(sheet_id: int) -> None:
    """Draw a sheet, seal it when the school can, and keep it. Again, it does nothing."""
    sheet = db.session.get(Sheet, sheet_id, options=[joinedload(Sheet.content), joinedload(Sheet.paper)])
    if sheet is None or sheet.paper is not None or sheet.content is None:
        return
    settings = current_app.config["POPSCHOOL"]
    proof = evidence.evidence_of(sheet, sheet.content.salt, sheet.content.content)
    made = paper.draw(sheet, sheet.content.content, proof, settings.base_url)
    db.session.commit()  # ends the read: what follows may take a network
    if settings.seal_key:
        made = signed(made, read_seal(settings.seal_key, settings.seal_password), REASON)
    if settings.tsa_url:
        made = stamped(made, settings.tsa_url)
    kept = storage.put(made)
    with transaction(lock=f"paper/{sheet_id}"):
        if db.session.get(SheetPaper, sheet_id, populate_existing=True) is not None:
            return
        db.session.add(
            SheetPaper(
                sheet_id=sheet_id,
                hash=kept.hash,
                size=kept.size,
                is_signed=bool(settings.seal_key),
                is_stamped=bool(settings.tsa_url),
                made_at=clock.now(),
            )
        )
    log.info("paper made", sheet=sheet.number, bytes=kept.size)
