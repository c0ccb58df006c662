"""What a learner has to do, and what has come: works that wait for their review, and their trainers' last words."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Select, true

from popschool.db import db
from popschool.grading.services_feedback import last_words
from popschool.projects import services_reading as reading
from popschool.projects.models import Submission
from popschool.review.services_reading import waiting, waiting_for


@dataclass(frozen=True)
class News:
    """How many works wait for somebody's review, until when for the first round to end, and comments by submission."""

    to_review: int = 0
    until: datetime | None = None
    comments: dict[int, str] = field(default_factory=dict)


def works_and_news(
    person_id: int, cohorts: frozenset[int], now: datetime, *, has_moved: bool = False
) -> tuple[list[reading.Work], News]:
    """Return everything set to a person in these cohorts, by due date, and what has come for them.

    One query; another for whoever nothing is set to.
    """
    given = reading.asked_for(person_id, cohorts) | {"now": now}
    rows = db.session.execute(_works_and_news(has_moved), given).all() if cohorts else []
    if not rows:
        return [], News(*waiting_for(person_id, now))
    comments = {row.sent_id: row.last_words for row in rows if row.last_words}
    return reading.works_in(rows), News(rows[0].to_review, rows[0].until, comments)


@cache
def _works_and_news(has_moved: bool) -> Select:
    """Built once. What waits is one row, which comes with each deliverable."""
    waits = waiting().subquery()
    works = reading.works_asked(has_moved).join(waits, true())
    return works.add_columns(waits, last_words(Submission.id).label("last_words"))
