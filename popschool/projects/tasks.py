"""Jobs of work: a reminder the day before, to those who have sent nothing."""

from datetime import time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from popschool import clock, jobs
from popschool.db import db, transaction
from popschool.messages.models import Notice
from popschool.messages.services import tell
from popschool.projects import services_reading as reading
from popschool.projects.models import Assignment
from popschool.projects.services_assignments import learners_of
from popschool.schools.models import Person
from popschool.web import languages

REMINDER = "reminder"


def remind() -> None:
    """Remind everybody whose own due date is tomorrow and who has sent nothing. Once per assignment and person."""
    now = clock.now()
    cohorts = db.session.scalars(
        select(Assignment.cohort_id)
        .where(
            Assignment.due_at > now - timedelta(days=15),
            Assignment.due_at < now + timedelta(days=3),
            Assignment.withdrawn_at.is_(None),
        )
        .distinct()
    ).all()
    for cohort_id in cohorts:
        for person in learners_of(cohort_id, now):
            _remind_person(person, cohort_id, now)


def _remind_person(person: Person, cohort_id: int, now) -> None:
    for work in reading.work_of(person.id, frozenset({cohort_id}), now):
        is_tomorrow = now < work.window.due_at <= now + timedelta(hours=36)
        if not is_tomorrow or work.state(now) not in (reading.TO_DO, reading.DRAFT):
            continue
        url = f"/assignments/{work.assignment.id}"
        told = select(Notice.id).where(Notice.person_id == person.id, Notice.kind == REMINDER, Notice.url == url)
        if db.session.scalar(told.limit(1)) is not None:
            continue
        with transaction(), force_locale(person.language):
            title = _("À envoyer bientôt : %(title)s", title=work.title)
            body = _("Date limite : %(when)s.", when=languages.moment(work.window.due_at))
            tell(person, kind=REMINDER, title=title, body=body, url=url, now=now)


jobs.recur("remind of work that is due", "popschool.projects.tasks:remind", at=time(7, 30))
