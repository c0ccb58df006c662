"""The evidence of a sheet: its content, and the lines of the ledger under it, so that anybody can compute every hash.

Each line has its `fields`, from which its hash is computed, and the salted `content` that one of them is the hash of.
What a mark says in private, its motive above all, is withheld: its hash is there, and nothing leads back from it. Lines
of other weeks, between the sheet before and this one, are there as hashes alone, so that the chain is whole.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from popschool.attendance.ledger import ENTRY_FIELDS, SHEET_FIELDS
from popschool.attendance.models import Entry, EntryContent, HalfDay, Sheet
from popschool.attendance.rules import Kind
from popschool.attendance.rules_ledger import FORM, canonical
from popschool.db import db

FORMAT = "popschool-sheet-1"
WITHHELD = "said in private: its hash is in the fields"
REMOVED = "removed by a rule of retention: its hash is in the fields"


def evidence_of(sheet: Sheet, salt: str, content: Mapping[str, Any]) -> str:
    """Return the evidence of a sheet as JSON, the same for the same rows. Three queries."""
    made = {
        "format": FORMAT,
        "sheet": {
            "fields": plain(sheet, SHEET_FIELDS),
            "previous_hash": sheet.previous_hash,
            "hash": sheet.hash,
            "salt": salt,
            "content": content,
        },
        "ledger": list(_lines(sheet)),
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields that a row's hash is computed from, as JSON writes them."""
    return json.loads(canonical({"form": FORM} | {name: getattr(row, name) for name in names}))


def _lines(sheet: Sheet) -> Iterator[dict[str, Any]]:
    before = db.session.scalar(
        select(Sheet.last_entry).where(Sheet.cohort_id == sheet.cohort_id, Sheet.sequence == sheet.sequence - 1)
    )
    week = set(
        db.session.scalars(
            select(HalfDay.id).where(
                HalfDay.cohort_id == sheet.cohort_id,
                HalfDay.on.between(sheet.monday, sheet.monday + timedelta(days=6)),
            )
        )
    )
    rows = db.session.execute(
        select(Entry, EntryContent)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .where(
            Entry.cohort_id == sheet.cohort_id,
            Entry.sequence <= sheet.last_entry,
            or_(Entry.half_day_id.in_(week), Entry.sequence > (before or 0)),
        )
        .order_by(Entry.sequence)
    )
    for entry, content in rows:
        if entry.half_day_id in week:
            yield _line(entry, content)
        else:
            yield {"sequence": entry.sequence, "previous_hash": entry.previous_hash, "hash": entry.hash}


def _line(entry: Entry, content: EntryContent | None) -> dict[str, Any]:
    line = {
        "sequence": entry.sequence,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
        "fields": plain(entry, ENTRY_FIELDS),
    }
    if content is None:
        return line | {"content": None, "why": REMOVED}
    if _is_private(entry, content.content):
        return line | {"content": None, "why": WITHHELD}
    return line | {"salt": content.salt, "content": content.content}


def _is_private(entry: Entry, content: Mapping[str, Any]) -> bool:
    """A mark says why in private, unless it is a correction without a code: its reason is printed on the sheet."""
    return entry.kind == Kind.MARK and (entry.corrects_id is None or "code" in content)
