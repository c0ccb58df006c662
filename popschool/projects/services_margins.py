"""What one person has in the margin of a page: the boxes they ticked, the places where they wait for help."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, select

from popschool.courses.models import PageVersion, Rendered
from popschool.courses.services import holds
from popschool.db import db, transaction
from popschool.markdown_marks import ANCHOR, STEP
from popschool.projects.models_help import Checklist, HelpRequest
from popschool.schools.models import Person


@dataclass
class Margin:
    """Keys of boxes, and open requests by their anchor."""

    done: set[str] = field(default_factory=set)
    asked: dict[str, HelpRequest] = field(default_factory=dict)


def margin_of(page_id: int, person_id: int) -> Margin:
    """Return what one person has in the margin of a page. One query."""
    return margin_in(db.session.execute(_margin(), {"person": person_id, "page": page_id}))


def margin_in(rows: Iterable[Sequence]) -> Margin:
    """Return the margin that rows show: each has the boxes that are ticked, and one of the open requests."""
    margin = Margin()
    for done, request in rows:
        margin.done.update(done or ())
        if request is not None:
            margin.asked[request.anchor] = request
    return margin


def is_open(person_id: ColumnElement[int], page_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Keep the requests of one person that are still open at a page."""
    return and_(HelpRequest.person_id == person_id, HelpRequest.page_id == page_id, HelpRequest.ended_at.is_(None))


@cache
def _margin() -> Select:
    page = bindparam("page", type_=Integer)
    return (
        select(Checklist.done, HelpRequest)
        .select_from(Person)
        .outerjoin(Checklist, and_(Checklist.person_id == Person.id, Checklist.page_id == page))
        .outerjoin(HelpRequest, is_open(Person.id, page))
        .where(Person.id == bindparam("person"))
    )


def keep_ticks(person_id: int, page_id: int, shown: Collection[str], done: Collection[str], now: datetime) -> None:
    """Keep which boxes are ticked, of those that were shown; those of another version of the page stay as they were."""
    with transaction(lock=f"checklist/{person_id}/{page_id}"):
        found = db.session.get(Checklist, (person_id, page_id))
        if found is None:
            found = Checklist(person_id=person_id, page_id=page_id, done=[], updated_at=now)
            db.session.add(found)
        kept = [key for key in found.done if key not in set(shown)]
        found.done = sorted({*kept, *(key for key in done if key in set(shown))})
        found.updated_at = now


def place_name(page_id: int, number: int, anchor: str) -> str | None:
    """Return how a place of a page reads at a revision: the page, then the step or the heading. None without a page."""
    row = db.session.execute(
        select(PageVersion.title, Rendered.headings)
        .join(Rendered, Rendered.hash == PageVersion.rendered_hash)
        .where(PageVersion.page_id == page_id, PageVersion.variant == "", holds(PageVersion, number))
    ).first()
    if row is None:
        return None
    title, headings = row
    if re.fullmatch(rf"{STEP}\d{{1,3}}", anchor):
        return _("%(title)s, étape %(number)s", title=title, number=anchor.removeprefix(STEP))
    found = next((words for _level, name, words in headings if ANCHOR + name == anchor), "")
    return _("%(title)s, « %(heading)s »", title=title, heading=found) if found else title
