"""For anybody who holds a document: is it as it was issued, and does it still hold? Its code or its file is enough."""

from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload, selectinload

from popschool.attendance.models_sheets import Sheet, SheetPaper
from popschool.attendance.rules_ledger import content_hash, entry_hash
from popschool.attendance.verification import fingerprint_of
from popschool.completion.models_papers import Document, DocumentAct, DocumentPaper
from popschool.completion.rules_papers import CODE_LENGTH, OF_THE_NETWORK, read_code
from popschool.completion.services_papers import FIELDS, end_of
from popschool.db import db
from popschool.schools.models import School


@dataclass(frozen=True)
class Answer:
    """What can be said of a document: itself, whether its rows are as they were, and the act that ended it."""

    document: Document
    school: str
    is_sound: bool
    ended: DocumentAct | None
    newer: str = ""

    @property
    def lines(self) -> list[list[str]]:
        """Return what the paper says, and no more."""
        content = self.document.content
        return content.content["check"] if content is not None else []

    @property
    def removed(self) -> DocumentAct | None:
        return next((one for one in self.document.acts if one.what == "removed"), None)


@cache
def _by_code() -> Select:
    return (
        select(Document, School.name)
        .join(School, School.id == Document.school_id)
        .where(Document.code == bindparam("code"))
        .options(joinedload(Document.content), joinedload(Document.paper), selectinload(Document.acts))
    )


def document_with(written: str) -> Answer | None:
    """Return what can be said of the document of a code. Two queries, three when another has replaced it."""
    code = read_code(written)
    if len(code) != CODE_LENGTH:
        return None
    row = db.session.execute(_by_code(), {"code": code}).first()
    return _answer(*row) if row is not None else None


def look_at(file: BinaryIO) -> tuple[str, Answer | None, str]:
    """Return a file's fingerprint, the document issued as these bytes, and the number of the sheet that it is."""
    fingerprint = fingerprint_of(file)
    row = db.session.execute(
        select(Document, School.name)
        .join(School, School.id == Document.school_id)
        .join(DocumentPaper, DocumentPaper.document_id == Document.id)
        .where(DocumentPaper.hash == fingerprint)
        .options(joinedload(Document.content), joinedload(Document.paper), selectinload(Document.acts))
    ).first()
    if row is not None:
        return fingerprint, _answer(*row), ""
    sheet = db.session.scalar(
        select(Sheet.number).join(SheetPaper, SheetPaper.sheet_id == Sheet.id).where(SheetPaper.hash == fingerprint)
    )
    return fingerprint, None, sheet or ""


def _answer(document: Document, school: str) -> Answer:
    ended = end_of(document)
    newer = ""
    if ended is not None and ended.what == "replaced":
        newer = db.session.scalar(select(Document.number).where(Document.replaces_id == document.id)) or ""
    if document.kind in OF_THE_NETWORK and document.content is not None:
        school = document.content.content["network"]
    return Answer(document, school, is_sound(document), ended, newer)


def is_sound(document: Document) -> bool:
    """Say whether a document's row and what it says give again the hashes that were kept when it was issued."""
    fields: dict[str, Any] = {name: getattr(document, name) for name in FIELDS}
    if entry_hash(document.previous_hash, fields) != document.hash:
        return False
    kept = document.content
    if kept is None:
        return any(one.what == "removed" for one in document.acts)
    return content_hash(kept.salt, kept.content) == document.content_hash
