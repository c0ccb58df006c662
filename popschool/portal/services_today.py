"""What has come for a learner: works that wait for their review, and their trainers' last words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Select, select, true

from popschool.db import db
from popschool.grading.services_feedback import last_words
from popschool.review.services_reading import waiting


@dataclass(frozen=True)
class News:
    """How many works wait for somebody's review, until when for the first round to end, and comments by submission."""

    to_review: int = 0
    until: datetime | None = None
    comments: dict[int, str] = field(default_factory=dict)


def news_of(person_id: int, submissions: Sequence[int], now: datetime) -> News:
    """Return what has come for somebody, with what was last said of these submissions. One query."""
    rows = db.session.execute(_news(), {"person": person_id, "now": now, "submissions": submissions}).all()
    comments = {row.submission_id: row.comment for row in rows if row.submission_id is not None}
    return News(rows[0].to_review, rows[0].until, comments)


@cache
def _news() -> Select:
    """Built once. What waits is one row, which comes with each comment."""
    waits, said = waiting().subquery(), last_words().subquery()
    return select(waits, said).select_from(waits).outerjoin(said, true()).order_by(said.c.number)
