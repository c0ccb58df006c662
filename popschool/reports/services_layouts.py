"""Layouts of lists: said by the network, a version each time; what was said before stays, and can be taken up again."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.completion.models_papers import Document, DocumentSource
from popschool.db import db, transaction
from popschool.reports.models_lists import ReportLayout
from popschool.reports.rules_lists import COLUMNS, Layout, LayoutChanged, Listed, house_layout, laid_out, packed
from popschool.schools.models import Person
from popschool.spreadsheets import Table

LAYOUT = "layout"
DOCUMENTS_SHOWN = 200


def layout_for(listed: Listed, funder_id: int | None = None) -> Layout:
    """Return the layout that holds: the funder's, else everybody's, else the house's. One query.

    Raises UnknownColumn when it names a column that the list no longer has: nothing is issued with it.
    """
    asked = _last(listed, or_(ReportLayout.funder_id == funder_id, ReportLayout.funder_id.is_(None)))
    found = db.session.scalars(asked.order_by(None).order_by(ReportLayout.funder_id.is_(None), ReportLayout.id.desc()))
    said = found.first()
    if said is None:
        return house_layout(listed)
    return replace(laid_out(listed, said.columns, said.version), said_id=said.id)


def tabled(listed: Listed, title: str, rows: Iterable[Sequence[Any]]) -> Table:
    """Return a table in the columns that hold for everybody, of rows in the house's order. One query.

    Raises as `layout_for` does.
    """
    layout = layout_for(listed)
    order = [one.key for one in COLUMNS[listed]]
    places = [order.index(one.key) for one in layout.columns]
    return Table(title, layout.columns, (tuple(row[place] for place in places) for row in rows))


def documents_laid_out(versions: Iterable[ReportLayout]) -> dict[int, list[Document]]:
    """Return the last documents that were issued with each version, by the id of the version. One query."""
    asked = (
        select(DocumentSource.subject_id, Document)
        .join(Document, Document.id == DocumentSource.document_id)
        .where(DocumentSource.subject == LAYOUT, DocumentSource.subject_id.in_([one.id for one in versions]))
        .order_by(Document.id.desc())
        .limit(DOCUMENTS_SHOWN)
    )
    found: dict[int, list[Document]] = defaultdict(list)
    for row in db.session.execute(asked):
        found[row.subject_id].append(row.Document)
    return found


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
    restores: int | None = None, seen: int | None = None,
) -> ReportLayout:  # fmt: skip
    """Keep the columns of a list as another version. Raises as `laid_out` does.

    `seen` is the version that they were changed from: LayoutChanged is raised when there is another since.
    """
    layout = laid_out(listed, columns)
    with transaction(lock=f"layout/{listed}/{funder_id}"):
        before = db.session.scalar(
            select(func.max(ReportLayout.version)).where(ReportLayout.listed == str(listed), _here(funder_id))
        )
        if seen is not None and seen != (before or 0):
            raise LayoutChanged(before or 0)
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
