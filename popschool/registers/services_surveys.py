"""Satisfaction surveys: opened for a cohort, answered without a name, reminded, added up once they are over."""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, String, case, func, literal, select, union_all
from sqlalchemy.orm import contains_eager, joinedload

from popschool import audit, jobs
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.registers import rules
from popschool.registers.models import Survey, SurveyAnswer, SurveyAsked
from popschool.registers.models_outside import OutsideAnswer, OutsideAsked, OutsideSurvey
from popschool.registers.rules import Results
from popschool.registers.rules_outside import Audience
from popschool.registers.services import Asked
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import search_key


@dataclass(frozen=True)
class SurveyLine:
    """A survey of a list: of a cohort, or of companies or funders; how many were asked, and how many answered."""

    id: int
    title: str
    cohort: str
    audience: Audience | None
    opens_on: date
    closes_on: date
    asked: int
    answered: int


def open_survey(cohort: Cohort, title: str, opens_on: date, closes_on: date, by: Person, now: datetime) -> Survey:
    """Ask the people who are in a cohort on the first day. Raises SurveyDays or NobodyAsked."""
    rules.check_survey(opens_on, closes_on)
    people = db.session.scalars(
        select(Enrolment.person_id).where(
            Enrolment.cohort_id == cohort.id,
            Enrolment.starts_on <= opens_on,
            func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= opens_on,
        )
    ).all()
    if not people:
        raise rules.NobodyAsked
    with transaction():
        made = Survey(
            school_id=cohort.school_id, cohort_id=cohort.id, title=title, opens_on=opens_on, closes_on=closes_on,
            by_id=by.id, at=now,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        db.session.add_all(SurveyAsked(survey_id=made.id, person_id=one) for one in sorted(set(people)))
        audit.record("open_survey", made, actor_id=by.id, now=now, school_id=cohort.school_id, asked=len(set(people)))
    return made


def read_asked(asked_id: int) -> SurveyAsked | None:
    return db.session.get(SurveyAsked, asked_id, options=[joinedload(SurveyAsked.survey).joinedload(Survey.cohort)])


def answer(one: SurveyAsked, ratings: Mapping[str, int], comment: str, today: date) -> None:
    """Keep an answer without its name. Sent twice, the first one holds. Raises SurveyClosed or TextMissing."""
    if not one.survey.opens_on <= today <= one.survey.closes_on:
        raise rules.SurveyClosed(one.survey.closes_on)
    kept = {name: int(ratings[name]) for name in rules.QUESTIONS if ratings.get(name) in rules.RATINGS}
    if not kept:
        raise rules.TextMissing("ratings")
    with transaction(lock=f"satisfaction/{one.survey_id}"):
        db.session.refresh(one, ["has_answered"])
        if one.has_answered:
            return
        one.has_answered = True
        db.session.add(
            SurveyAnswer(
                id=uuid.uuid4().hex,
                survey_id=one.survey_id,
                ratings=kept,
                comment=comment.strip()[: rules.LONGEST_TEXT],
            )
        )


def remind(now: datetime, today: date) -> int:
    """Write to those who have not answered, on the first day and twice after. Again the same day: nothing."""
    waiting = db.session.scalars(
        select(SurveyAsked)
        .join(Survey, Survey.id == SurveyAsked.survey_id)
        .where(Survey.opens_on <= today, Survey.closes_on >= today, SurveyAsked.has_answered.is_(False))
        .order_by(SurveyAsked.id)
        .options(contains_eager(SurveyAsked.survey), joinedload(SurveyAsked.person))
    ).all()
    sent = 0
    for one in jobs.stoppable(waiting):
        if not rules.reminds(one.messages, one.survey.opens_on, one.survey.closes_on, today):
            continue
        with transaction(lock=f"satisfaction/asked/{one.id}"):
            db.session.refresh(one, ["messages"])
            if rules.reminds(one.messages, one.survey.opens_on, one.survey.closes_on, today):
                one.messages += 1
                messages.tell(
                    one.person,
                    kind="survey",
                    title=_l("Votre avis sur la formation : six questions"),
                    body=_l("Votre nom n'est pas gardé avec vos réponses."),
                    url=f"/my/surveys/{one.id}",
                    now=now,
                    key=f"survey/{one.id}/{one.messages}",
                )
                sent += 1
    return sent


def surveys_of(school_id: int, asked: Asked, offset: int, limit: int) -> tuple[list[SurveyLine], int]:
    """Return the surveys of a school, the last first, and how many there are. One query."""
    every = union_all(_of_cohorts(school_id), _of_outside(school_id)).subquery()
    found = select(every, func.count().over().label("total"))
    if asked.text:
        words = search_key(asked.text)
        found = found.where(func.lower(every.c.title).contains(words, autoescape=True)
                            | func.lower(every.c.cohort).contains(words, autoescape=True))  # fmt: skip
    if asked.first:
        found = found.where(every.c.opens_on >= asked.first)
    if asked.last:
        found = found.where(every.c.opens_on <= asked.last)
    ordered = found.order_by(every.c.opens_on.desc(), every.c.audience, every.c.id.desc())
    rows = db.session.execute(ordered.limit(limit).offset(offset)).all()
    lines = [
        SurveyLine(
            row.id, row.title, row.cohort, Audience(row.audience) if row.audience else None, row.opens_on,
            row.closes_on, row.asked, row.answered or 0,
        )
        for row in rows
    ]  # fmt: skip
    return lines, rows[0].total if rows else 0


def _of_cohorts(school_id: int) -> Select:
    return (
        select(
            Survey.id, Survey.title, Cohort.code.label("cohort"), literal("", String).label("audience"),
            Survey.opens_on, Survey.closes_on, func.count().label("asked"),
            func.sum(case((SurveyAsked.has_answered, 1), else_=0)).label("answered"),
        )
        .join(SurveyAsked, SurveyAsked.survey_id == Survey.id)
        .join(Cohort, Cohort.id == Survey.cohort_id)
        .where(Survey.school_id == school_id)
        .group_by(Survey.id, Cohort.code)
    )  # fmt: skip


def _of_outside(school_id: int) -> Select:
    return (
        select(
            OutsideSurvey.id, OutsideSurvey.title, literal("", String), OutsideSurvey.audience, OutsideSurvey.opens_on,
            OutsideSurvey.closes_on, func.count(), func.count(OutsideAsked.answered_at),
        )
        .join(OutsideAsked, OutsideAsked.survey_id == OutsideSurvey.id)
        .where(OutsideSurvey.school_id == school_id)
        .group_by(OutsideSurvey.id)
    )  # fmt: skip


def results_of(survey: Survey, today: date) -> Results:
    """Return what a survey says. Two queries."""
    asked = db.session.scalar(select(func.count()).select_from(SurveyAsked).where(SurveyAsked.survey_id == survey.id))
    answers = db.session.execute(
        select(SurveyAnswer.ratings, SurveyAnswer.comment).where(SurveyAnswer.survey_id == survey.id)
    )
    return rules.results(asked or 0, ((row.ratings, row.comment) for row in answers), survey.closes_on < today)


def satisfied_of(lines: Sequence[SurveyLine], today: date) -> list[Decimal | None]:
    """Return, for each survey, the share of those who answered and are satisfied in all. Two queries.

    None stands for a survey of which nothing may be shown yet.
    """
    said = _by_survey(
        select(SurveyAnswer.survey_id, SurveyAnswer.ratings).where(
            SurveyAnswer.survey_id.in_([line.id for line in lines if line.audience is None])
        )
    )
    told = _by_survey(
        select(OutsideAsked.survey_id, OutsideAnswer.ratings)
        .select_from(OutsideAnswer)
        .join(OutsideAsked, OutsideAsked.id == OutsideAnswer.asked_id)
        .where(OutsideAsked.survey_id.in_([line.id for line in lines if line.audience is not None]))
    )

    def share(line: SurveyLine) -> Decimal | None:
        if line.audience is None:
            answers = ((ratings, "") for ratings in said[line.id])
            return rules.results(line.asked, answers, line.closes_on < today).satisfied("whole")
        given = told[line.id]
        return rules.share(sum(one.get("whole", 0) >= rules.SATISFIED for one in given), len(given))

    return [share(line) for line in lines]


def _by_survey(asked: Select) -> dict[int, list[dict[str, int]]]:
    found: dict[int, list[dict[str, int]]] = defaultdict(list)
    for survey_id, ratings in db.session.execute(asked):
        found[survey_id].append(ratings)
    return found


def surveys_for(person_id: int, today: date) -> Sequence[SurveyAsked]:
    """Return the surveys that wait for somebody's answer. One query."""
    return db.session.scalars(
        select(SurveyAsked)
        .join(Survey, Survey.id == SurveyAsked.survey_id)
        .where(
            SurveyAsked.person_id == person_id, SurveyAsked.has_answered.is_(False),
            Survey.opens_on <= today, Survey.closes_on >= today,
        )
        .options(contains_eager(SurveyAsked.survey))
    ).all()  # fmt: skip
