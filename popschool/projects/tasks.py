"""Jobs of work: a reminder the day before, to those who have sent nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from popschool import clock, jobs
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules
from popschool.projects import services_reading as reading
from popschool.projects.models import Assignment
from popschool.projects.services_assignments import learners_of
from popschool.projects.services_windows import own_windows
from popschool.schools.models import Person
from popschool.web import languages

REMINDER = "reminder"


def remind() -> None:
    """Remind everybody whose own due date is tomorrow and who has sent nothing. Once for each date, and person."""
    now = clock.now()
    around = (
        Assignment.due_at > now - timedelta(days=15),
        Assignment.due_at < now + timedelta(days=3),
        Assignment.withdrawn_at.is_(None),
    )
    cohorts = db.session.scalars(select(Assignment.cohort_id).where(*around).distinct()).all()
    for cohort_id in jobs.stoppable(cohorts):
        people = learners_of(cohort_id, now)
        given = db.session.scalars(select(Assignment).where(Assignment.cohort_id == cohort_id, *around)).all()
        due = _due_tomorrow(given, [person.id for person in people], now)
        for person in people:
            if person.id in due:
                _remind_person(person, cohort_id, now)


def _due_tomorrow(given: Iterable[Assignment], people: Sequence[int], now: datetime) -> set[int]:
    """Return those of these people whose own date for any of these assignments is tomorrow. One query for each."""
    return {
        person_id
        for assignment in given
        for person_id, window in own_windows(assignment, people).items()
        if _is_tomorrow(window, now)
    }


def _is_tomorrow(window: rules.Window, now: datetime) -> bool:
    return now < window.due_at <= now + timedelta(hours=36)


def _remind_person(person: Person, cohort_id: int, now: datetime) -> None:
    for work in reading.work_of(person.id, frozenset({cohort_id}), now, has_moved=True):
        due_at = work.window.due_at
        if not _is_tomorrow(work.window, now) or work.state(now) not in (rules.Progress.TO_DO, rules.Progress.DRAFT):
            continue
        with transaction(), force_locale(person.language):
            tell(
                person,
                kind=REMINDER,
                title=_("À envoyer bientôt : %(title)s", title=work.title),
                body=_("Date limite : %(when)s.", when=languages.moment(due_at)),
                url=f"/assignments/{work.assignment.id}",
                now=now,
                key=f"reminder/{work.assignment.id}/{person.id}/{clock.local_day(due_at)}",
            )


jobs.recur("remind of work that is due", "popschool.projects.tasks:remind", at=time(7, 30))
