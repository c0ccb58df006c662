"""The heading of a cohort's sheets: its session, who pays, under which agreement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from popschool import audit, storage
from popschool.attendance.models_sheets import SheetHeading
from popschool.courses.images import ImageUnreadable, encode
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools.models import Cohort


@dataclass(frozen=True)
class Heading:
    """What a heading says. `logo` is a picture to keep; without one, the logo kept stays if `keeps_logo`."""

    session_number: str
    funders: Sequence[dict[str, str]]
    is_funded_by_union: bool
    logo: bytes = b""
    logo_name: str = ""
    keeps_logo: bool = True


@dataclass
class LogoUnreadable(RuleBroken):
    """The logo is not a picture that we can open."""


def edit_heading(cohort: Cohort, said: Heading, actor_id: int, now: datetime) -> SheetHeading:
    """Keep the heading of a cohort's sheets; those that are closed stay as they were. Raises LogoUnreadable."""
    logo_hash = ""
    if said.logo:
        try:
            logo_hash = storage.put(encode(said.logo_name, said.logo).data).hash
        except ImageUnreadable as error:
            raise LogoUnreadable from error
    with transaction(lock=cohort):
        kept = db.session.get(SheetHeading, cohort.id, populate_existing=True)
        if kept is None:
            kept = SheetHeading(cohort_id=cohort.id, school_id=cohort.school_id)
            db.session.add(kept)
        kept.session_number = said.session_number.strip()
        kept.funders = list(said.funders)
        kept.is_funded_by_union = said.is_funded_by_union
        if logo_hash or not said.keeps_logo:
            kept.logo_hash = logo_hash
        kept.changed_by_id, kept.changed_at = actor_id, now
        audit.record("edit_sheet_heading", cohort, actor_id=actor_id, now=now, session=kept.session_number)
    return kept
