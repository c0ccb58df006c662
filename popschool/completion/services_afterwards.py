"""Asking people what they do once they have left: by message, then by phone; and what they answered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from popschool import audit, jobs
from popschool.completion import rules_afterwards as rules
from popschool.completion import services_questionnaire as links
from popschool.completion.models_afterwards import Answer, Questionnaire, SurveyTotal
from popschool.completion.rules_afterwards import Figures, Situation, Source, Step, When
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.rules_tables import Column, Kind
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import ExitReason

NOT_ASKED = (ExitReason.MOVED_COHORT, ExitReason.NEVER_CAME)
LONGEST_AGO = timedelta(days=365)
SHOWN = 100


def ask_those_due(now: datetime, today: date) -> int:
    """Write to everybody whose day has come, and again to those who have not answered. Again the same day: nothing.

    Returns how many messages left. Each person is their own transaction.
    """
    links.hide_plain_links()
    _add_those_due(now, today)
    sent = 0
    for one in jobs.stoppable(_unanswered(today)):
        last_on = one.written_at.date() if one.written_at else None
        if rules.next_step(one.messages, last_on, has_address(one.person), False, today) is Step.WRITE:
            with transaction(lock=f"questionnaire/{one.id}"):
                _write(one, now)
            sent += 1
    return sent


def _add_those_due(now: datetime, today: date) -> None:
    """Add the questionnaires of the places whose day has come, once each."""
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    reason = func.coalesce(Enrolment.exit_reason, "")
    places = db.session.scalars(
        select(Enrolment)
        .where(last_day < today, last_day >= today - LONGEST_AGO, reason.not_in(NOT_ASKED))
        .order_by(Enrolment.id)
    ).all()
    if not places:
        return
    asked = {
        (one.enrolment_id, one.moment)
        for one in db.session.execute(
            select(Questionnaire.enrolment_id, Questionnaire.moment).where(
                Questionnaire.due_on >= today - LONGEST_AGO - rules.STILL_ASKED
            )
        )
    }
    with transaction(lock="questionnaires"):
        for place in places:
            for when in rules.due_between(place.last_day, today):
                if (place.id, str(when)) not in asked:
                    db.session.add(_made(place, when, now))


def _made(place: Enrolment, when: When, now: datetime) -> Questionnaire:
    return Questionnaire(
        school_id=place.school_id,
        cohort_id=place.cohort_id,
        enrolment_id=place.id,
        person_id=place.person_id,
        moment=str(when),
        due_on=rules.due_on(place.last_day, when),
        link_hash=links.hash_of(links.secret_of(place.id, when)),
        created_at=now,
    )


def _unanswered(today: date) -> Sequence[Questionnaire]:
    """Return what is still asked, and has no answer."""
    answered = select(Answer.questionnaire_id)
    return db.session.scalars(
        select(Questionnaire)
        .where(Questionnaire.due_on >= today - rules.STILL_ASKED, Questionnaire.id.not_in(answered))
        .order_by(Questionnaire.id)
        .options(joinedload(Questionnaire.person))
    ).all()


def has_address(person: Person) -> bool:
    return bool(person.mail or person.phone)


def _write(one: Questionnaire, now: datetime) -> None:
    one.messages += 1
    one.link_hash = links.hash_of(links.link_of(one))
    one.written_at = now
    messages.tell(
        one.person,
        kind="questionnaire",
        title=_l("Que faites-vous maintenant ?"),
        body=_l("Répondez en une minute. Votre réponse aide l'école et les prochains groupes."),
        url=f"/my/questionnaires/{one.id}",
        twin_url=f"/after/{links.link_of(one)}",
        now=now,
        key=f"questionnaire/{one.id}/{one.messages}",
    )


def note_answer(
    one: Questionnaire, situation: str, source: Source, rating: int | None, comment: str, by: Person, now: datetime
) -> Answer:
    """Keep what the school heard of somebody; the answer before stays. Raises SituationMissing."""
    if situation not in tuple(Situation):
        raise rules.SituationMissing
    with transaction(lock=f"questionnaire/{one.id}"):
        made = Answer(
            questionnaire_id=one.id, situation=str(situation), source=str(source), rating=rating,
            comment=comment.strip(), said_by_id=by.id, said_at=now,
        )  # fmt: skip
        db.session.add(made)
        audit.record("say_situation", one, actor_id=by.id, now=now, situation=str(situation), source=str(source))
    return made


@dataclass(frozen=True)
class Line:
    """One person of a cohort who has left or will: what was asked at each of the three moments."""

    enrolment: Enrolment
    asked: dict[str, Questionnaire]


@dataclass(frozen=True)
class Afterwards:
    """A cohort afterwards: each person, and the figures of each moment."""

    lines: list[Line]
    figures: dict[When, Figures]


def afterwards_of(cohort: Cohort) -> Afterwards:
    """Return what became of a cohort, by name; those who no longer have one are in the figures. Four queries."""
    reason = func.coalesce(Enrolment.exit_reason, "")
    places = db.session.scalars(
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id, reason.not_in(NOT_ASKED))
        .order_by(Person.last_name, Person.first_name, Enrolment.id)
        .options(joinedload(Enrolment.person))
    ).all()
    asked: dict[int, dict[str, Questionnaire]] = {}
    for one in db.session.scalars(
        select(Questionnaire).where(Questionnaire.cohort_id == cohort.id).options(selectinload(Questionnaire.answers))
    ):
        asked.setdefault(one.enrolment_id, {})[one.moment] = one
    lines = [Line(place, asked.get(place.id, {})) for place in places]
    nameless = {
        one.moment: one.figures
        for one in db.session.scalars(select(SurveyTotal).where(SurveyTotal.cohort_id == cohort.id))
    }
    return Afterwards(
        lines,
        {
            when: rules.figures(
                (one.answer.situation, one.answer.rating) if one.answer else (None, None)
                for line in lines
                if (one := line.asked.get(when)) is not None
            )
            + nameless.get(when, Figures())
            for when in When
        },
    )


def to_call(school_id: int, today: date) -> list[Questionnaire]:
    """Return whom a school must call: those who were written to in vain, and those without an address. Two queries."""
    rows = db.session.scalars(
        select(Questionnaire)
        .where(
            Questionnaire.school_id == school_id,
            Questionnaire.due_on.between(today - rules.STILL_ASKED, today),
            Questionnaire.id.not_in(select(Answer.questionnaire_id)),
            or_(Questionnaire.messages >= rules.MOST_MESSAGES, Questionnaire.messages == 0),
        )
        .order_by(Questionnaire.due_on, Questionnaire.id)
        .limit(SHOWN)
        .options(joinedload(Questionnaire.person), joinedload(Questionnaire.cohort))
    )
    return [one for one in rows if step_of(one, today) is Step.CALL]


def step_of(one: Questionnaire, today: date, has_answer: bool = False) -> Step:
    last_on = one.written_at.date() if one.written_at else None
    return rules.next_step(one.messages, last_on, has_address(one.person), has_answer, today)


def read_questionnaire(questionnaire_id: int) -> Questionnaire | None:
    """Return a questionnaire with its answers and who wrote them down. Two queries."""
    return db.session.get(
        Questionnaire,
        questionnaire_id,
        options=[
            joinedload(Questionnaire.person),
            joinedload(Questionnaire.cohort),
            selectinload(Questionnaire.answers).joinedload(Answer.said_by),
        ],
    )


COLUMNS = (
    Column("last_name", "Nom"),
    Column("first_name", "Prénom"),
    Column("left_on", "Sortie", Kind.DAY),
    Column("moment", "Relevé"),
    Column("due_on", "À demander dès le", Kind.DAY),
    Column("messages", "Messages", Kind.WHOLE),
    Column("situation", "Situation"),
    Column("source", "Source"),
    Column("said_on", "Écrit le", Kind.DAY),
    Column("rating", "Contentement (1 à 4)", Kind.WHOLE),
)


def rows(found: Afterwards, names: dict[str, str], sources: dict[str, str]) -> Iterator[tuple]:
    """Yield the table of a cohort; a cell is empty when nothing is known, never 0."""
    for line in found.lines:
        for one in sorted(line.asked.values(), key=lambda one: one.due_on):
            said = one.answer
            yield (
                line.enrolment.person.last_name,
                line.enrolment.person.first_name,
                line.enrolment.last_day,
                rules.MONTHS[When(one.moment)],
                one.due_on,
                one.messages,
                names[said.situation] if said else "",
                sources[said.source] if said else "",
                said.said_at.date() if said else None,
                (said.rating or None) if said else None,
            )
