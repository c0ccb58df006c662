"""Layouts of lists: said by the network, a version each time; what was said before stays, and can be taken up again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.db import db, transaction
from popschool.reports.models_lists import ReportLayout
from popschool.reports.rules_lists import COLUMNS, Layout, Listed, house_layout, laid_out, packed
from popschool.schools.models import Person
from popschool.spreadsheets import Table


def layout_for(listed: Listed, funder_id: int | None = None) -> Layout:
    """Return the layout that holds: the funder's, else everybody's, else the house's. One query.

    Raises UnknownColumn when it names a column that the list no longer has: nothing is issued with it.
    """
    asked = _last(listed, or_(ReportLayout.funder_id == funder_id, ReportLayout.funder_id.is_(None)))
    found = db.session.scalars(asked.order_by(None).order_by(ReportLayout.funder_id.is_(None), ReportLayout.id.desc()))
    said = found.first()
    return laid_out(listed, said.columns, said.version) if said is not None else house_layout(listed)


def tabled(listed: Listed, title: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table in the columns that hold for everybody, of rows in the house's order. One query.

    Raises as `layout_for` does.
    """
    layout = layout_for(listed)
    order = [one.key for one in COLUMNS[listed]]
    places = [order.index(one.key) for one in layout.columns]
    return Table(title, layout.columns, (tuple(row[place] for place in places) for row in rows))


def _here(funder_id: int | None) -> ColumnElement[bool]:
    return ReportLayout.funder_id.is_(None) if funder_id is None else ReportLayout.funder_id == funder_id


def _last(listed: Listed, where: ColumnElement[bool]) -> Select:
    return (
        select(ReportLayout).where(ReportLayout.listed == str(listed), where).order_by(ReportLayout.id.desc()).limit(1)
    )


def versions_of(listed: Listed, funder_id: int | None) -> Sequence[ReportLayout]:
    """Return all that was said of a list's columns, the last first. One query."""
    return db.session.scalars(
        select(ReportLayout)
        .where(ReportLayout.listed == str(listed), _here(funder_id))
        .order_by(ReportLayout.id.desc())
        .options(joinedload(ReportLayout.said_by))
    ).all()


def say_layout(
    listed: Listed, funder_id: int | None, columns: Sequence[Sequence[str]], by: Person, now: datetime,
    restores: int | None = None,
) -> ReportLayout:  # fmt: skip
    """Keep the columns of a list as another version. Raises as `laid_out` does."""
    layout = laid_out(listed, columns)
    with transaction(lock=f"layout/{listed}/{funder_id}"):
        before = db.session.scalar(
            select(func.max(ReportLayout.version)).where(ReportLayout.listed == str(listed), _here(funder_id))
        )
        said = ReportLayout(
            listed=str(listed),
            funder_id=funder_id,
            version=(before or 0) + 1,
            columns=packed(layout.columns),
            restores=restores,
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(said)
        audit.record(
            "say_report_layout", said, actor_id=by.id, now=now, listed=str(listed), funder=funder_id,
            version=said.version,
        )  # fmt: skip
    return said


def restore(listed: Listed, funder_id: int | None, version: int, by: Person, now: datetime) -> ReportLayout | None:
    """Take up a version again, as a new one; 0 is the house's. None when there is no such version.

    Raises UnknownColumn when it names a column that the list no longer has.
    """
    if version == 0:
        return say_layout(listed, funder_id, packed(COLUMNS[listed]), by, now, restores=0)
    found = db.session.scalars(_last(listed, _here(funder_id)).where(ReportLayout.version == version)).first()
    return say_layout(listed, funder_id, found.columns, by, now, restores=version) if found is not None else None
