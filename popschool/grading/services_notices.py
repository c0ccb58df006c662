"""What the people of a submission are told: on their page at once, by mail or SMS once it can no longer be undone."""

from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading import rules
from popschool.grading.models import Award, Feedback
from popschool.messages import services as messages
from popschool.messages.models import Notice
from popschool.projects.models import Submission
from popschool.schools.models import Person

ANSWER, LEVEL = "feedback", "level"


def tell_owners(feedback: Feedback, submission: Submission, now: datetime) -> None:
    """Tell each owner that there is an answer. Inside the caller's transaction."""
    for owner in submission.owners:
        with force_locale(owner.person.language):
            title = _("Vous avez un retour sur votre travail : %(work)s", work=submission.deliverable.title)
            body = _("Votre équipe de formation a relu votre travail. Lisez son retour et la suite.")
        messages.tell(
            owner.person,
            kind=ANSWER,
            title=title,
            body=body,
            url=_address(submission.id),
            now=now,
            send_at=now + rules.UNDO,
            key=_key(feedback, owner.person_id),
        )


def take_back(feedback: Feedback, submission: Submission, now: datetime) -> None:
    """Hide the notices of an answer that is undone, and stop what has not left. Inside the caller's transaction."""
    for owner in submission.owners:
        notices = db.session.scalars(
            select(Notice).where(
                Notice.person_id == owner.person_id,
                Notice.kind == ANSWER,
                Notice.url == _address(submission.id),
                Notice.created_at == feedback.sent_at,
                Notice.taken_back_at.is_(None),
            )
        )
        messages.take_back(_key(feedback, owner.person_id), list(notices), now)


def tell_level(award: Award, now: datetime) -> None:
    """Tell somebody that a level has changed, and why. Inside the caller's transaction."""
    person = db.session.get_one(Person, award.person_id)
    competence = db.session.get_one(Competence, award.competence_id)
    with force_locale(person.language):
        title = _("Un niveau a changé dans vos compétences")
        body = _("Compétence : %(name)s. Ouvrez la page pour lire pourquoi.", name=competence.plain or competence.title)
    messages.tell(person, kind=LEVEL, title=title, body=body, url="/competences", now=now)


def _address(submission_id: int) -> str:
    return f"/submissions/{submission_id}/feedback"


def _key(feedback: Feedback, person_id: int) -> str:
    return f"feedback/{feedback.id}/{person_id}"
