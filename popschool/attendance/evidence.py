"""The evidence of a sheet: its content, and the lines of the ledger under it, so that anybody can compute every hash.

Each line has its `fields`, from which its hash is computed, and the salted `content` that one of them is the hash of.
What a mark says in private, its motive above all, is withheld: its hash is there, and nothing leads back from it. Lines
of other weeks are there as the hash of their fields alone. So the chain is followed without a gap, from the line before
the first one to the line at which the sheet was closed.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from popschool.attendance.ledger import ENTRY_FIELDS, SHEET_FIELDS
from popschool.attendance.models import Entry, EntryContent, HalfDay
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Kind
from popschool.attendance.rules_ledger import FORM, canonical, fields_hash
from popschool.db import db

FORMAT = "popschool-sheet-1"
WITHHELD = "said in private: its hash is in the fields"
REMOVED = "removed by a rule of retention: its hash is in the fields"


def evidence_of(sheet: Sheet, salt: str, content: Mapping[str, Any]) -> str:
    """Return the evidence of a sheet as JSON, the same for the same rows. Four queries."""
    rows, week = _rows(sheet)
    made = {
        "format": FORMAT,
        "sheet": {
            "fields": plain(sheet, SHEET_FIELDS),
            "previous_hash": sheet.previous_hash,
            "hash": sheet.hash,
            "salt": salt,
            "content": content,
        },
        "ledger_starts_after": rows[0][0].previous_hash if rows else sheet.last_entry_hash,
        "ledger": [_line(entry, kept, entry.half_day_id in week) for entry, kept in rows],
    }
    return json.dumps(made, ensure_ascii=False, indent=1)


def plain(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields that a row's hash is computed from, as JSON writes them."""
    return json.loads(canonical({"form": FORM} | {name: getattr(row, name) for name in names}))


def _rows(sheet: Sheet) -> tuple[list[tuple[Entry, EntryContent | None]], set[int]]:
    """Return the lines from the first of this week, or since the sheet before, to the last one that it closed.

    With them, the half-days of the week.
    """
    half_days = select(HalfDay.id).where(
        HalfDay.cohort_id == sheet.cohort_id,
        HalfDay.on.between(sheet.monday, sheet.monday + timedelta(days=6)),
    )
    ours = select(func.min(Entry.sequence)).where(Entry.cohort_id == sheet.cohort_id, Entry.half_day_id.in_(half_days))
    before = select(Sheet.last_entry).where(Sheet.cohort_id == sheet.cohort_id, Sheet.sequence == sheet.sequence - 1)
    since = (db.session.scalar(before) or 0) + 1
    first = min(db.session.scalar(ours) or since, since)
    rows = db.session.execute(
        select(Entry, EntryContent)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .where(Entry.cohort_id == sheet.cohort_id, Entry.sequence.between(first, sheet.last_entry))
        .order_by(Entry.sequence)
    )
    return [(entry, content) for entry, content in rows], set(db.session.scalars(half_days))


def _line(entry: Entry, content: EntryContent | None, is_shown: bool) -> dict[str, Any]:
    line = {"sequence": entry.sequence, "hash": entry.hash}
    if is_shown:
        return line | _said(entry, content)
    return line | {"fields_hash": fields_hash({name: getattr(entry, name) for name in ENTRY_FIELDS})}


def _said(entry: Entry, content: EntryContent | None) -> dict[str, Any]:
    """Return what a line of this week says: its fields, and its content unless it is private or removed."""
    said: dict[str, Any] = {"fields": plain(entry, ENTRY_FIELDS)}
    if content is None:
        return said | {"content": None, "why": REMOVED}
    if _is_private(entry, content.content):
        return said | {"content": None, "why": WITHHELD}
    return said | {"salt": content.salt, "content": content.content}


def _is_private(entry: Entry, content: Mapping[str, Any]) -> bool:
    """A mark says why in private, unless it is a correction without a code: its reason is printed on the sheet."""
    return entry.kind == Kind.MARK and (entry.corrects_id is None or "code" in content)
