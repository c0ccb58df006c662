"""Figures that are kept, school by school and all together: read as they are while nothing that they count has changed.

A figure is counted from the facts, kept beside the day on which it was counted, and thrown away as soon as a note
(`counted.py`) says that something of its school changed. A note is taken away in the transaction that counts again, and
before it counts: a fact that is not counted yet still has its note. So what is read always equals its rows, and the
cost of a page is that of the schools that changed since somebody looked, never that of the whole network.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, String, UniqueConstraint, bindparam, delete, exists, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from popschool.counted import FigureChange
from popschool.db import Base, Json, db, transaction
from popschool.rows import follows

LOCK = "kept-figures"
TOGETHER = 0
SCHOOLS_AT_ONCE = 10


class KeptFigure(Base):
    """What was counted of a school, or of all of them together: `school_id` is then 0. Counted `on` a day, for it."""

    __tablename__ = "kept_figure"
    __table_args__ = (UniqueConstraint("what", "on", "school_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(500))
    on: Mapped[date] = mapped_column(index=True)
    school_id: Mapped[int] = mapped_column(index=True)
    content: Mapped[Json]


# Both follow from the facts: where these come from elsewhere, nothing is kept yet, and nothing is to be counted again.
follows(KeptFigure.__tablename__, "popschool.kept:throw_away")
follows(FigureChange.__tablename__, "popschool.kept:forget_changes")


@dataclass(frozen=True)
class Counting:
    """How something is counted on a day: of which schools, of some of them, and of all of them together.

    `what` names it, with all that it depends on but the day. What `count` returns for a school, and what `together`
    makes of all of them, is kept as JSON.
    """

    what: str
    today: date
    schools: Callable[[], Sequence[int]]
    count: Callable[[Sequence[int]], Mapping[int, Any]]
    together: Callable[[Mapping[int, Any]], Any]


HOW: dict[str, Callable[[str, date], Counting]] = {}


def whole(counting: Counting) -> Any:
    """Return what all the schools make together. One query while nothing changed."""
    found = _read(counting, [TOGETHER])
    return found[TOGETHER] if TOGETHER in found else _count_again(counting)[TOGETHER]


def each(counting: Counting, schools: Sequence[int]) -> dict[int, Any]:
    """Return what was counted of some schools, whatever changed elsewhere. One query while nothing of theirs did.

    What is not kept is counted and left so: few schools are asked for, and nobody waits for the lock of the network.
    """
    if not schools:
        return {}
    found = _read(counting, schools)
    missing = [school for school in schools if school not in found]
    return found | dict(counting.count(missing)) if missing else found


def _read(counting: Counting, schools: Sequence[int]) -> dict[int, Any]:
    """Return what is kept and still so; nothing when something changed of these schools that was not counted yet."""
    given = {"what": counting.what, "on": counting.today, "schools": list(schools)}
    rows = db.session.execute(_kept(TOGETHER in schools), given).all()
    return {} if any(row.has_changed for row in rows) else {row.school_id: row.content for row in rows}


@cache
def _kept(is_together: bool) -> Select:
    """Built once: making it costs several times what running it does."""
    on, schools = bindparam("on", type_=Date), bindparam("schools", expanding=True)
    noted = select(FigureChange.id).where(FigureChange.on < on)
    changed = exists(noted if is_together else noted.where(FigureChange.school_id.in_(schools)))
    return select(KeptFigure.school_id, KeptFigure.content, changed.label("has_changed")).where(
        KeptFigure.what == bindparam("what"), KeptFigure.on == on, KeptFigure.school_id.in_(schools)
    )


def _count_again(counting: Counting) -> dict[int, Any]:
    """Count the schools that changed, some at a time, and return what is kept of all of them."""
    while True:
        with transaction(lock=LOCK):
            _throw_away_changed(counting.today)
            schools = counting.schools()
            kept = _all_kept(counting)
            missing = [school for school in schools if school not in kept]
            some = missing[:SCHOOLS_AT_ONCE]
            made = dict(counting.count(some)) if some else {}
            if len(some) == len(missing):
                kept |= made
                made[TOGETHER] = counting.together({school: kept[school] for school in schools})
                db.session.execute(delete(KeptFigure).where(_is_of(counting), KeptFigure.school_id == TOGETHER))
            _keep(counting, made)
        if TOGETHER in made:
            return kept | made


def _throw_away_changed(today: date) -> None:
    """Take the notes of days that are over, and throw away what was counted of the schools that they name.

    What was counted for a day or before is not changed by what happened on it.
    """
    table = FigureChange.__table__
    gone = db.session.execute(delete(table).where(table.c.on < today).returning(table.c.school_id, table.c.on))
    changed: dict[date, set[int]] = defaultdict(set)
    for school_id, on in gone:
        changed[on].add(school_id)
    for on, schools in changed.items():
        thrown = KeptFigure.school_id.in_([TOGETHER, *sorted(schools)])
        db.session.execute(delete(KeptFigure).where(thrown, KeptFigure.on > on))


def _is_of(counting: Counting) -> Any:
    return (KeptFigure.what == counting.what) & (KeptFigure.on == counting.today)


def _all_kept(counting: Counting) -> dict[int, Any]:
    rows = db.session.execute(select(KeptFigure.school_id, KeptFigure.content).where(_is_of(counting)))
    return {row.school_id: row.content for row in rows}


def _keep(counting: Counting, made: Mapping[int, Any]) -> None:
    rows = [
        {"what": counting.what, "on": counting.today, "school_id": school_id, "content": content}
        for school_id, content in made.items()
    ]
    if rows:
        db.session.execute(insert(KeptFigure), rows)


def forget_before(today: date) -> None:
    """Throw away what was counted on the days before, and the notes of days that are over."""
    with transaction(lock=LOCK):
        _throw_away_changed(today)
        db.session.execute(delete(KeptFigure).where(KeptFigure.on < today))


def throw_away() -> int:
    """Throw away all that is kept: it is counted again when somebody looks. Returns how many rows there were."""
    with transaction(lock=LOCK):
        return db.session.execute(delete(KeptFigure)).rowcount


def forget_changes() -> None:
    """Take all the notes, and throw away what is kept: whatever it counted may be another thing now."""
    with transaction(lock=LOCK):
        db.session.execute(delete(FigureChange))
        db.session.execute(delete(KeptFigure))


def differences() -> Iterator[tuple[str, date, int]]:
    """Count again all that is kept, and name what is not as it was: what, on which day, of which school.

    What changed since it was counted is not compared: nobody is shown it.
    """
    asked = select(KeptFigure.what, KeptFigure.on).distinct().order_by(KeptFigure.on, KeptFigure.what)
    for what, on in db.session.execute(asked).all():
        how = HOW.get(what.partition("?")[0])
        if how is None:  # an older version kept it: nobody is shown it either
            continue
        counting = how(what, on)
        kept = _all_kept(counting)
        changed = set(db.session.scalars(select(FigureChange.school_id).where(FigureChange.on < on)))
        kept.pop(TOGETHER if changed else -1, None)
        for start in range(0, len(kept), SCHOOLS_AT_ONCE):
            some = [school for school in sorted(kept) if school != TOGETHER][start : start + SCHOOLS_AT_ONCE]
            counted = counting.count(some) if some else {}
            yield from ((what, on, one) for one in some if one not in changed and counted[one] != kept[one])
        schools = {school: kept[school] for school in counting.schools() if school in kept}
        if TOGETHER in kept and counting.together(schools) != kept[TOGETHER]:
            yield what, on, TOGETHER
