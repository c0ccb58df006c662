"""What is seen through a door: the figures, the people a page at a time, one of them, their documents."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool import kept
from popschool.completion.models_papers import Document
from popschool.completion.rules_hours import Hours
from popschool.completion.services_completion import USUAL
from popschool.db import db
from popschool.kept import Counting
from popschool.reports.counting import count_paid, count_place
from popschool.reports.models import Door, Question
from popschool.reports.rules_board import Figure, Selection, Sums, gather, hours_from, total_of
from popschool.reports.services_network import chosen_from, named, schools_of, sums_from, sums_kept
from popschool.reports.services_rows import PlaceRow, place_rows
from popschool.reports.visible import selection_of, shown
from popschool.schools.models import Enrolment

MOST = 50
PAID = "paid"


@dataclass(frozen=True)
class Seen:
    """One person through a door: their place, its hours in the days that the door shows, month by month."""

    row: PlaceRow
    sums: Sums
    months: list[tuple[date, Hours]]


def figures_of(door: Door, today: date) -> Sums:
    """Return the figures of a door. One query while nothing changed."""
    return sums_from(kept.whole(counting_of(selection_of(door, today))))


def counting_of(selection: Selection) -> Counting:
    """Return how what a door shows is counted."""
    return Counting(
        named(PAID, selection),
        selection.today,
        lambda: schools_of(selection),
        lambda schools: _count(selection, schools),
        lambda found: sums_kept(total_of(map(sums_from, found.values()))),
    )


def _count(selection: Selection, schools: Sequence[int]) -> dict[int, Any]:
    """Return what is kept of some schools. One query."""
    found = gather(count_paid(replace(selection, schools=tuple(schools))), {}, {}, USUAL)
    return {school: sums_kept(found.get(school, Sums())) for school in schools}


def people_of(door: Door, today: date, offset: int, limit: int, total: int) -> list[PlaceRow]:
    """Return some of the places that a door shows, by name; `total` is how many there are. One query."""
    return place_rows(Figure.PEOPLE, selection_of(door, today), offset, limit, total)[0]


def person_of(door: Door, enrolment_id: int, today: date) -> Seen | None:
    """Return one person through a door; None for somebody whom it does not show. Two queries."""
    selection = selection_of(door, today, enrolment_id)
    found, _total = place_rows(Figure.HOURS, selection, 0, 1)
    if not found:
        return None
    rows = count_place(selection)
    sums = total_of(gather([row for row in rows if row.what != "month"], {}, {}, USUAL).values())
    months = sorted((row.word, hours_from(row.numbers)) for row in rows if row.what == "month")
    return Seen(found[0], sums, [(date.fromisoformat(f"{month}-01"), hours) for month, hours in months])


def place_of(door: Door, enrolment_id: int, today: date) -> Enrolment | None:
    """Return a place that a door shows; None for any other. One query."""
    found, _total = place_rows(Figure.HOURS, selection_of(door, today, enrolment_id), 0, 1)
    return found[0].enrolment if found else None


def documents_of(
    door: Door, offset: int, limit: int, enrolment_id: int | None = None
) -> tuple[Sequence[Document], int]:
    """Return some of the documents that a door shows, the last first, with what happened to each. One query."""
    asked = select(Document, func.count().over().label("total")).where(shown(door))
    if enrolment_id is not None:
        asked = asked.where(Document.enrolment_id == enrolment_id)
    found = db.session.execute(
        asked.order_by(Document.id.desc())
        .offset(offset)
        .limit(limit)
        .options(joinedload(Document.person), joinedload(Document.paper), joinedload(Document.acts))
    )
    rows = found.unique().all()
    return [row.Document for row in rows], rows[0].total if rows else 0


def document_of(door: Door, document_id: int) -> Document | None:
    """Return a document that a door shows; None for any other. One query."""
    found = db.session.scalars(
        select(Document)
        .where(Document.id == document_id, shown(door))
        .options(
            joinedload(Document.content),
            joinedload(Document.paper),
            joinedload(Document.person),
            joinedload(Document.enrolment),
            joinedload(Document.acts),
        )
    )
    return found.unique().first()


def questions_of(door: Door, enrolment_id: int | None = None, document_id: int | None = None) -> Sequence[Question]:
    """Return what was asked through a door, the last first, with its answers. One query."""
    asked = select(Question).where(Question.door_id == door.id)
    if enrolment_id is not None:
        asked = asked.where(Question.enrolment_id == enrolment_id)
    if document_id is not None:
        asked = asked.where(Question.document_id == document_id)
    found = db.session.scalars(
        asked.order_by(Question.id.desc())
        .limit(50)
        .options(joinedload(Question.answers), joinedload(Question.document))
    )
    return found.unique().all()


kept.HOW[PAID] = lambda what, today: counting_of(chosen_from(what, today))
