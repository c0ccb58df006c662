"""What is asked through a door, and what the school answers: told by mail and on the page of each."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import exists, func, select
from sqlalchemy.orm import joinedload, selectinload

from popschool import audit, mail
from popschool.auth import services as people
from popschool.completion.models_papers import Document
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.messages.rules import mail_text
from popschool.reports import rules_doors as rules
from popschool.reports.models import Answered, Door, Question
from popschool.reports.services_doors import secret_of
from popschool.schools.models import Enrolment, Person


def ask(door: Door, enrolment: Enrolment, document: Document | None, text: str, now: datetime) -> Question:
    """Keep a question, and tell those who manage the school. Raises QuestionEmpty."""
    said = rules.check_text(text)
    with transaction():
        question = Question(
            door_id=door.id,
            school_id=enrolment.school_id,
            enrolment_id=enrolment.id,
            document_id=document.id if document is not None else None,
            text=said,
            asked_at=now,
        )
        db.session.add(question)
        audit.record("ask_through_door", question, actor_id=door.person_id, now=now, door=door.id)
        for manager in people.read_managers(enrolment.school_id):
            messages.tell(
                manager,
                kind="question",
                title=_l("Une question attend votre réponse"),
                body=door.for_whom,
                url=f"/questions/{question.id}",
                now=now,
                key=f"question/{question.id}/{manager.id}",
            )
    return question


def answer(question: Question, text: str, by: Person, now: datetime) -> Answered:
    """Keep an answer, and tell who asked. Raises QuestionEmpty."""
    said = rules.check_text(text)
    with transaction(lock=f"question/{question.id}"):
        made = Answered(question_id=question.id, text=said, by_id=by.id, at=now)
        db.session.add(made)
        audit.record("answer_through_door", question, actor_id=by.id, now=now, door=question.door_id)
        _tell(question, said, now)
    return made


def _tell(question: Question, text: str, now: datetime) -> None:
    door = question.door
    if door.person is not None:
        messages.tell(
            door.person,
            kind="answer",
            title=_l("Une réponse à votre question"),
            body=text,
            url=f"/doors/{door.id}/people/{question.enrolment_id}",
            now=now,
        )
    elif door.mail and door.closed_at is None:
        link = f"{current_app.config['POPSCHOOL'].base_url}/d/{secret_of(door)}/people/{question.enrolment_id}"
        with force_locale("fr"):
            title = _("Une réponse à votre question")
            written = mail_text(_("Bonjour,"), title, "", link, _("L'équipe de Pop School"))
        mail.send(door.mail, title, written, school_id=question.school_id, run_at=messages.polite_moment(now))


def read_question(question_id: int) -> Question | None:
    """Return a question with whom it is about, who asked, and its answers. Two queries."""
    return db.session.get(
        Question,
        question_id,
        options=[
            joinedload(Question.door).joinedload(Door.person),
            joinedload(Question.enrolment).joinedload(Enrolment.person),
            joinedload(Question.enrolment).joinedload(Enrolment.cohort),
            joinedload(Question.document),
            selectinload(Question.answers).joinedload(Answered.by),
        ],
    )


def questions_for(school_id: int, offset: int, limit: int) -> tuple[Sequence[Question], int]:
    """Return what a school was asked, what waits for an answer first, and how much waits. Three queries."""
    answered = exists(select(Answered.id).where(Answered.question_id == Question.id))
    own = Question.school_id == school_id
    found = db.session.scalars(
        select(Question)
        .where(own)
        .order_by(answered, Question.id.desc())
        .offset(offset)
        .limit(limit)
        .options(
            joinedload(Question.door),
            joinedload(Question.document),
            joinedload(Question.enrolment).joinedload(Enrolment.person),
            selectinload(Question.answers),
        )
    ).all()
    total = db.session.scalar(select(func.count()).select_from(Question).where(own)) or 0
    return found, total
