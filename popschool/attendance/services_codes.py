"""The motives of absence of a school: the usual ones, as it changed them, and its own."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from popschool import audit
from popschool.attendance.codes import CODES
from popschool.attendance.models_planning import AbsenceCode
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools.models import School


@dataclass(frozen=True)
class Motive:
    """A motive as a school counts it. One that is no longer used keeps its words, for what was said under it."""

    code: str
    words: Any
    is_justified: bool = True
    is_used: bool = True
    is_usual: bool = False


@dataclass
class CodeTaken(RuleBroken):
    """The school has a motive under this code."""

    code: str


@dataclass
class NeverJustifies(RuleBroken):
    """The school decided, with its funders, that this motive justifies no absence."""

    words: Any


def motives_of(school_id: int) -> dict[str, Motive]:
    """Return the motives of a school by code, the usual ones first. One query."""
    found = {code: Motive(code, words, is_usual=True) for code, words in CODES.items()}
    for row in db.session.scalars(_codes(), {"school": school_id}):
        usual = row.code in CODES
        words = row.words or CODES.get(row.code, row.code)
        found[row.code] = Motive(row.code, words, row.is_justified, row.is_used, usual)
    return found


@cache
def _codes() -> Select:
    return select(AbsenceCode).where(AbsenceCode.school_id == bindparam("school")).order_by(AbsenceCode.code)


def add_motive(school: School, code: str, words: str, is_justified: bool, actor_id: int, now: datetime) -> None:
    """Add a motive of the school's own. Raises CodeTaken."""
    code = code.strip().upper()
    with transaction(lock=f"planning/{school.id}"):
        if code in motives_of(school.id):
            raise CodeTaken(code)
        _keep(school, Motive(code, words.strip(), is_justified), actor_id, now)


def change_motive(
    school: School, code: str, is_justified: bool, is_used: bool, actor_id: int, now: datetime
) -> Motive | None:
    """Say whether a motive justifies from now on, and if it is offered; what was decided under it stays decided.

    Returns the motive; None when the school has none under this code.
    """
    with transaction(lock=f"planning/{school.id}"):
        found = motives_of(school.id).get(code)
        if found is not None:
            own_words = "" if found.is_usual else str(found.words)
            _keep(school, Motive(code, own_words, is_justified, is_used), actor_id, now)
    return found


def _keep(school: School, motive: Motive, actor_id: int, now: datetime) -> None:
    db.session.merge(
        AbsenceCode(
            school_id=school.id,
            code=motive.code,
            words=motive.words,
            is_justified=motive.is_justified,
            is_used=motive.is_used,
            changed_by_id=actor_id,
            changed_at=now,
        )
    )
    facts = {"code": motive.code, "justified": motive.is_justified, "used": motive.is_used}
    audit.record("set_absence_code", school, actor_id=actor_id, now=now, **facts)


def check_justifies(school_id: int, code: str) -> None:
    """Raises NeverJustifies."""
    motive = motives_of(school_id).get(code)
    if motive is not None and not motive.is_justified:
        raise NeverJustifies(motive.words)
