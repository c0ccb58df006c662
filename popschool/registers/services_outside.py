"""Surveys of companies and funders: opened for addresses, answered once by a link without an account, reminded.

A link is worked out again each time and kept nowhere: it names who is asked and the last day. Nobody guesses its end.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import contains_eager, joinedload

from popschool import audit, jobs, mail
from popschool.attendance.models import CompanyPeriod
from popschool.auth import codes
from popschool.completion.models import Funder, Funding
from popschool.completion.services_retention import removes
from popschool.db import db, transaction
from popschool.messages.rules import mail_text
from popschool.messages.services import polite_moment
from popschool.registers import rules, rules_outside
from popschool.registers.models_outside import OutsideAnswer, OutsideAsked, OutsideSurvey
from popschool.registers.rules_outside import Audience, Contact, Opened
from popschool.schools.models import Person
from popschool.schools.rules import search_key
from popschool.web import languages

PURPOSE = "outside survey"
LETTERS = 20
LATELY = timedelta(days=365)
ADDRESS_KEPT = timedelta(days=365)


def contacts_of(school_id: int, audience: Audience, today: date) -> list[Contact]:
    """Return whom a school works with and has an address of: tutors of the last year, or those who pay. One query."""
    rows = db.session.execute(_tutors(school_id, today) if audience is Audience.COMPANIES else _payers(school_id))
    found = {row.mail.lower(): Contact(row.mail.lower(), " ".join((row.name or row.mail).split())) for row in rows}
    return sorted(found.values(), key=lambda one: search_key(one.organisation))[: rules_outside.MOST_ASKED]


def _tutors(school_id: int, today: date):
    return select(CompanyPeriod.tutor_mail.label("mail"), CompanyPeriod.company.label("name")).where(
        CompanyPeriod.school_id == school_id,
        CompanyPeriod.tutor_mail != "",
        CompanyPeriod.starts_on <= today,
        CompanyPeriod.ends_on >= today - LATELY,
    )


def _payers(school_id: int):
    pays = select(Funding.funder_id).where(Funding.school_id == school_id)
    return select(Funder.mail.label("mail"), Funder.name.label("name")).where(
        Funder.id.in_(pays), Funder.mail != "", Funder.retired_at.is_(None)
    )


def open_survey(
    school_id: int, audience: Audience, title: str, days: tuple[date, date], contacts: Sequence[Contact], by: Person,
    now: datetime,
) -> OutsideSurvey:  # fmt: skip
    """Ask some addresses their opinion. Raises SurveyDays or ContactsMissing."""
    rules.check_survey(*days)
    if not contacts:
        raise rules_outside.ContactsMissing
    with transaction():
        made = OutsideSurvey(
            school_id=school_id, audience=str(audience), title=title, opens_on=days[0], closes_on=days[1],
            by_id=by.id, at=now,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        db.session.add_all(
            OutsideAsked(survey_id=made.id, organisation=one.organisation, mail=one.mail) for one in contacts
        )
        audit.record(
            "open_outside_survey", made, actor_id=by.id, now=now, audience=str(audience), asked=len(contacts)
        )  # fmt: skip
    return made


def secret_of(one: OutsideAsked) -> str:
    """Return the end of the address at which somebody answers: it holds for them and until the last day alone."""
    return codes.spelled(PURPOSE, f"{one.id}/{one.survey_id}/{one.survey.closes_on.isoformat()}", LETTERS)


def address_of(one: OutsideAsked) -> str:
    return f"{current_app.config['POPSCHOOL'].base_url}/opinion/{one.id}/{secret_of(one)}"


def opened_by(asked_id: int, secret: str) -> OutsideAsked | None:
    """Return who is asked by a link; None when it is not one of ours. One query."""
    one = db.session.get(OutsideAsked, asked_id, options=[joinedload(OutsideAsked.survey)])
    known = secret_of(one) if one is not None else ""
    return one if one is not None and hmac.compare_digest(secret.upper().encode(), known.encode()) else None


def where(one: OutsideAsked, today: date) -> Opened:
    return rules_outside.opened(one.answered_at is not None, one.survey.opens_on, one.survey.closes_on, today)


def answer(one: OutsideAsked, ratings: Mapping[str, int], comment: str, now: datetime, today: date) -> None:
    """Keep the one answer of a link; sent twice, the first holds. Raises SurveyClosed or TextMissing."""
    if where(one, today) in (Opened.TO_COME, Opened.OVER):
        raise rules.SurveyClosed(one.survey.closes_on)
    kept = rules_outside.ratings_kept(one.survey.asks, ratings)
    if not kept:
        raise rules.TextMissing("ratings")
    with transaction(lock=f"outside/{one.id}"):
        db.session.refresh(one, ["answered_at"])
        if one.answered_at is not None:
            return
        one.answered_at = now
        db.session.add(
            OutsideAnswer(asked_id=one.id, ratings=kept, comment=comment.strip()[: rules.LONGEST_TEXT], at=now)
        )


def remind(now: datetime, today: date) -> int:
    """Write to those who have not answered, on the first day and twice after. Again the same day: nothing."""
    waiting = db.session.scalars(
        select(OutsideAsked)
        .join(OutsideSurvey, OutsideSurvey.id == OutsideAsked.survey_id)
        .where(
            OutsideSurvey.opens_on <= today, OutsideSurvey.closes_on >= today, OutsideAsked.answered_at.is_(None),
            OutsideAsked.mail.is_not(None),
        )
        .order_by(OutsideAsked.id)
        .options(contains_eager(OutsideAsked.survey))
    ).all()  # fmt: skip
    sent = 0
    for one in jobs.stoppable(waiting):
        with transaction(lock=f"outside/{one.id}"):
            db.session.refresh(one, ["messages", "answered_at"])
            is_due = rules.reminds(one.messages, one.survey.opens_on, one.survey.closes_on, today)
            if is_due and one.answered_at is None:
                one.messages += 1
                _write(one, now)
                sent += 1
    return sent


def _write(one: OutsideAsked, now: datetime) -> None:
    with force_locale("fr"):
        subject = _("Votre avis sur notre école : cinq questions")
        text = mail_text(
            _("Bonjour,"),
            _("Vous travaillez avec notre école. Dites-nous ce qui va, et ce qui peut aller mieux"),
            _("Cela prend deux minutes, sans compte. Le lien marche jusqu'au %(day)s.",
              day=languages.day(one.survey.closes_on)),
            address_of(one),
            _("L'équipe de Pop School"),
        )  # fmt: skip
    mail.send(
        one.mail or "", subject, text, school_id=one.survey.school_id, run_at=polite_moment(now),
        key=f"outside/{one.id}/{one.messages}",
    )  # fmt: skip


def asked_of(survey_id: int) -> Sequence[OutsideAsked]:
    """Return who is asked by a survey, by name, with their answers. One query."""
    return db.session.scalars(
        select(OutsideAsked)
        .where(OutsideAsked.survey_id == survey_id)
        .order_by(OutsideAsked.organisation, OutsideAsked.id)
        .options(joinedload(OutsideAsked.answer))
    ).all()


def asked_between(school_id: int, first: date, last: date) -> Sequence[OutsideAsked]:
    """Return who was asked by the surveys of a school that opened between two days, in order. One query."""
    return db.session.scalars(
        select(OutsideAsked)
        .join(OutsideSurvey, OutsideSurvey.id == OutsideAsked.survey_id)
        .where(OutsideSurvey.school_id == school_id, OutsideSurvey.opens_on.between(first, last))
        .order_by(OutsideSurvey.opens_on, OutsideSurvey.id, OutsideAsked.organisation, OutsideAsked.id)
        .options(contains_eager(OutsideAsked.survey), joinedload(OutsideAsked.answer))
    ).all()


@dataclass(frozen=True)
class Results:
    """What a survey says: whom it asked, with their answers, and how many gave each word to each question."""

    asked: Sequence[OutsideAsked]
    counts: Mapping[str, Mapping[int, int]]

    @property
    def answered(self) -> int:
        return sum(one.answered_at is not None for one in self.asked)


def results_of(survey: OutsideSurvey) -> Results:
    """Return what a survey says: its answers have the name of an organisation, and those who answer know it."""
    asked = asked_of(survey.id)
    return Results(asked, rules_outside.counted(survey.asks, (one.answer.ratings for one in asked if one.answer)))


@removes("outside_contacts")
def forget_addresses(now: datetime, today: date) -> Iterator[int]:
    """Remove the addresses of those asked by surveys that ended a year ago; yield how many. Again, none."""
    ended = select(OutsideSurvey.id).where(OutsideSurvey.closes_on < today - ADDRESS_KEPT)
    with transaction():
        removed = db.session.execute(
            update(OutsideAsked)
            .where(OutsideAsked.survey_id.in_(ended), OutsideAsked.mail.is_not(None))
            .values(mail=None)
            .execution_options(synchronize_session=False)
        ).rowcount
    yield removed
