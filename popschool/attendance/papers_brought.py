"""Sheets of paper brought in one by one: the scan, who signed it, and the person who attests it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from popschool import audit, storage
from popschool.attendance.models import HalfDay, PaperScan
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.projects import rules_files, services_checked

SCANS = frozenset({"image/png", "image/jpeg", "image/webp", "image/heic", "application/pdf"})


@dataclass
class NobodyOnPaper(RuleBroken):
    """A sheet of paper has at least one signature."""


@dataclass
class ScanMissing(RuleBroken):
    """The photo or the scan of the sheet is missing, or is something else."""


def bring_in(
    half_day: HalfDay, name: str, data: bytes, people: Sequence[int], actor_id: int, now: datetime
) -> PaperScan:
    """Keep the scan of a sheet. Raises NobodyOnPaper, ScanMissing, FileRefused or FileTooHeavy."""
    if not people:
        raise NobodyOnPaper
    if not data:
        raise ScanMissing
    clean = rules_files.clean_name(name)
    media_type = services_checked.check_file(clean, data, len(data))
    if media_type not in SCANS:
        raise ScanMissing
    with transaction():
        scan = PaperScan(
            half_day_id=half_day.id,
            hash=storage.put(data).hash,
            name=clean,
            media_type=media_type,
            people=list(people),
            brought_by_id=actor_id,
            brought_at=now,
        )
        db.session.add(scan)
        audit.record("bring_paper", half_day, actor_id=actor_id, now=now, people=list(people))
    return scan


def scan_of(half_day_id: int, scan_id: int) -> PaperScan | None:
    """Return one sheet of paper, if it is of this half-day."""
    found = db.session.get(PaperScan, scan_id)
    return found if found is not None and found.half_day_id == half_day_id else None
