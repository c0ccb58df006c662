"""Is it as it was? Every chain, seal and paper, for an operator; one sheet or one file, for anybody who holds it."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased, joinedload

from popschool import pace, storage
from popschool.attendance import ledger
from popschool.attendance.ledger import ENTRY_FIELDS, SHEET_FIELDS, Break, Checked
from popschool.attendance.models import ContentRemoval, Entry, EntryContent, HalfDay
from popschool.attendance.models_sheets import Sheet, SheetContent, SheetPaper, SheetRemoval
from popschool.attendance.rules_ledger import START, content_hash, entry_hash
from popschool.auth import codes, rules_signing
from popschool.auth.models import SignInAttempt
from popschool.db import db, transaction

CHUNK = 1 << 20
MISSES = 60
NAMED = re.compile(rb"Feuille d(?:'|&apos;|&#39;|&#x27;)[^<]{1,12}ment ([A-Z0-9][A-Z0-9/-]{2,39})<")


@dataclass(frozen=True)
class Checkup:
    """One sheet, checked: the sheet, where it breaks (None when sound), and the last amendment, if there is one."""

    sheet: Sheet
    broken: Break | None
    amended_by: Sheet | None


@dataclass(frozen=True)
class FileSeen:
    """A file that somebody holds: its fingerprint, the sheet sealed as these bytes, and the one that it says it is."""

    fingerprint: str
    sheet: Sheet | None
    says: str


def verify_everything(checked: Checked) -> Break | None:
    """Compute every chain again, then the fingerprint of every paper; return the first break."""
    return ledger.verify(checked) or verify_papers(checked)


def verify_papers(checked: Checked) -> Break | None:
    """Compute again the fingerprint of each paper in storage. Memory does not grow with their number."""
    checked.waiting = db.session.scalar(
        select(func.count())
        .select_from(Sheet)
        .outerjoin(SheetPaper, SheetPaper.sheet_id == Sheet.id)
        .outerjoin(SheetRemoval, SheetRemoval.sheet_id == Sheet.id)
        .where(SheetPaper.sheet_id.is_(None), SheetRemoval.sheet_id.is_(None))
    )
    papers = db.session.scalar(select(func.count()).select_from(SheetPaper)) or 0
    db.session.rollback()
    rows = (
        select(Sheet.cohort_id, Sheet.sequence, Sheet.number, SheetPaper.hash)
        .join(SheetPaper, SheetPaper.sheet_id == Sheet.id)
        .order_by(Sheet.cohort_id, Sheet.sequence)
    )
    for row in pace.each(ledger.stream(rows), papers, "papers"):
        wrong = _wrong_with_paper(row.hash)
        if wrong:
            return Break(row.cohort_id, row.sequence, wrong, f"sheet {row.number}")
        checked.papers += 1
    return None


def _wrong_with_paper(name: str) -> str:
    try:
        with storage.open(name) as file:
            return "" if fingerprint_of(file) == name else "its paper was changed"
    except storage.FileMissing:
        return "its paper is missing"


def fingerprint_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file, read by pieces."""
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def sheet_numbered(number: str) -> Sheet | None:
    """Return a sheet by the number that its paper prints, in any letters."""
    return db.session.scalars(
        select(Sheet)
        .where(Sheet.number == number.strip().upper())
        .options(joinedload(Sheet.cohort), joinedload(Sheet.paper))
    ).first()


def look_at(file: BinaryIO) -> FileSeen:
    """Say whether a file is the paper of a sheet as it was sealed, and which sheet it says it is."""
    fingerprint = fingerprint_of(file)
    found = db.session.scalars(
        select(Sheet).join(SheetPaper, SheetPaper.sheet_id == Sheet.id).where(SheetPaper.hash == fingerprint)
    ).first()
    if found is not None:
        return FileSeen(fingerprint, found, found.number)
    file.seek(0)
    says, tail = "", b""
    while not says and (piece := file.read(CHUNK)):
        named = NAMED.search(tail + piece)
        says = named[1].decode() if named else ""
        tail = piece[-200:]
    return FileSeen(fingerprint, None, says)


def count_miss(address: str, now: datetime) -> None:
    """Count a number or a file that is no sheet of ours. Raises TooManyAttempts after many from one network.

    It is counted apart from signing in: an office that checks old papers stops nobody there from coming in.
    """
    key = codes.fingerprint("verify", rules_signing.network_of(address))
    with transaction(lock=f"verify/{key}"):
        since = now - rules_signing.ATTEMPTS_WINDOW
        oldest = db.session.scalar(
            select(SignInAttempt.at)
            .where(SignInAttempt.handle_hash == key, SignInAttempt.at > since)
            .order_by(SignInAttempt.at.desc())
            .offset(MISSES - 1)
            .limit(1)
        )
        if oldest is not None:
            raise rules_signing.TooManyAttempts(oldest + rules_signing.ATTEMPTS_WINDOW)
        db.session.add(SignInAttempt(handle_hash=key, address_hash=key, at=now, succeeded=False))


def check_sheet(sheet: Sheet) -> Checkup:
    """Compute one sheet again: its chain, its content, the lines of its week, its paper. Six queries."""
    broken = _broken_chain(sheet) or _broken_content(sheet) or _broken_week(sheet)
    if broken is None and sheet.paper is not None:
        wrong = _wrong_with_paper(sheet.paper.hash)
        broken = Break(sheet.cohort_id, sheet.sequence, wrong, f"sheet {sheet.number}") if wrong else None
    last = db.session.scalars(
        select(Sheet)
        .where(Sheet.cohort_id == sheet.cohort_id, Sheet.monday == sheet.monday, Sheet.version > sheet.version)
        .order_by(Sheet.version.desc())
        .limit(1)
    ).first()
    return Checkup(sheet, broken, last)


def _broken_chain(sheet: Sheet) -> Break | None:
    """Follow the cohort's sheets from the first to this one."""
    rows = db.session.execute(
        select(*(getattr(Sheet, name) for name in SHEET_FIELDS), Sheet.previous_hash, Sheet.hash)
        .where(Sheet.cohort_id == sheet.cohort_id, Sheet.sequence <= sheet.sequence)
        .order_by(Sheet.sequence)
    )
    expected, previous = 1, START
    for row in rows:
        if row.sequence != expected:
            return Break(sheet.cohort_id, expected, "a line is missing", f"sheet {expected} of this cohort")
        if row.previous_hash != previous:
            return Break(sheet.cohort_id, expected, "it does not follow the line before", f"sheet {row.number}")
        if entry_hash(previous, dict(zip(SHEET_FIELDS, row, strict=False))) != row.hash:
            return Break(sheet.cohort_id, expected, "the line was changed", f"sheet {row.number}")
        expected, previous = expected + 1, row.hash
    return None


def _broken_content(sheet: Sheet) -> Break | None:
    """Compare what the sheet says with the hash of it, and the ledger with the one that it closed."""
    where = f"sheet {sheet.number}"
    ledger_hash = db.session.scalar(
        select(Entry.hash).where(Entry.cohort_id == sheet.cohort_id, Entry.sequence == sheet.last_entry)
    )
    if sheet.last_entry and ledger_hash != sheet.last_entry_hash:
        return Break(sheet.cohort_id, sheet.sequence, "the ledger is not the one that this sheet closed", where)
    kept = db.session.get(SheetContent, sheet.id, populate_existing=True)
    if kept is None:
        if db.session.get(SheetRemoval, sheet.id) is not None:
            return None
        return Break(sheet.cohort_id, sheet.sequence, "its content is gone, and no rule removed it", where)
    if content_hash(kept.salt, kept.content) != sheet.content_hash:
        return Break(sheet.cohort_id, sheet.sequence, "its content was changed", where)
    return None


def _broken_week(sheet: Sheet) -> Break | None:
    """Compute again the lines of the ledger about this week, each with the line before it."""
    before = aliased(Entry)
    last_day = sheet.monday + timedelta(days=6)
    rows = db.session.execute(
        select(
            *(getattr(Entry, name) for name in ENTRY_FIELDS),
            Entry.previous_hash,
            Entry.hash,
            EntryContent.salt,
            EntryContent.content,
            ContentRemoval.entry_id,
            func.coalesce(before.hash, START).label("before_hash"),
        )
        .join(HalfDay, HalfDay.id == Entry.half_day_id)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .outerjoin(ContentRemoval, ContentRemoval.entry_id == Entry.id)
        .outerjoin(before, and_(before.cohort_id == Entry.cohort_id, before.sequence == Entry.sequence - 1))
        .where(
            HalfDay.cohort_id == sheet.cohort_id,
            HalfDay.on.between(sheet.monday, last_day),
            Entry.sequence <= sheet.last_entry,
        )
        .order_by(Entry.sequence)
    )
    for row in rows:
        is_removed = row.entry_id is not None
        wrong = ledger.wrong_with(row, row.sequence, row.before_hash, ENTRY_FIELDS, is_removed=is_removed)
        if wrong:
            return Break(row.cohort_id, row.sequence, wrong, f"half-day {row.half_day_id}")
    return None
