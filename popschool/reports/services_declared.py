"""The rows behind what is declared by hand: rates for Mon Compte Formation, the sheet of KAIROS, the GEN's form."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from popschool import audit
from popschool.completion.models import EnrolmentFunding, Funder, Funding
from popschool.completion.models_afterwards import Questionnaire
from popschool.completion.models_rules import ExamResult
from popschool.completion.rules_afterwards import POSITIVE, When
from popschool.completion.rules_exams import Outcome
from popschool.completion.rules_funding import FunderKind
from popschool.completion.rules_hours import Hours
from popschool.completion.services_hours import Counted, Stretch, hours_of
from popschool.db import db, transaction
from popschool.reports import rules_declared as rules
from popschool.reports.models_declared import KairosEntry
from popschool.reports.models_participants import ParticipantAnswer
from popschool.reports.rules_declared import Known, Rate, Step, Student, Wrong
from popschool.reports.rules_participants import Moment, age_on
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import ExitReason


@dataclass(frozen=True)
class RateLine:
    """A place that Mon Compte Formation pays for, and its rate."""

    share: EnrolmentFunding
    rate: Rate
    counted: Counted

    @property
    def enrolment(self) -> Enrolment:
        return self.share.enrolment


def shares_in(cohort_id: int, kind: FunderKind) -> Sequence[EnrolmentFunding]:
    """Return the places of a cohort that one kind of funder pays for, by name; one for each, the last written."""
    rows = db.session.scalars(
        select(EnrolmentFunding)
        .join(Funding, Funding.id == EnrolmentFunding.funding_id)
        .join(Funder, Funder.id == Funding.funder_id)
        .join(Enrolment, Enrolment.id == EnrolmentFunding.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.cohort_id == cohort_id,
            Funder.kind == str(kind),
            func.coalesce(Enrolment.exit_reason, "") != str(ExitReason.NEVER_CAME),
        )
        .order_by(Person.last_name, Person.first_name, Enrolment.id, EnrolmentFunding.id)
        .options(
            joinedload(EnrolmentFunding.enrolment).joinedload(Enrolment.person),
            joinedload(EnrolmentFunding.funding).joinedload(Funding.funder),
        )
    ).all()
    return list({one.enrolment_id: one for one in rows}.values())


def rates_of(cohort: Cohort, today: date) -> list[RateLine]:
    """Return the rate of each place of a cohort that Mon Compte Formation pays for. Three queries."""
    shares = shares_in(cohort.id, FunderKind.CPF)
    counted = _counted(shares, today)
    return [RateLine(share, _rate(share, one.hours, today), one) for share, one in zip(shares, counted, strict=True)]


def _counted(shares: Sequence[EnrolmentFunding], today: date) -> list[Counted]:
    if not shares:
        return []
    places = [one.enrolment for one in shares]
    return hours_of(
        places[0].cohort_id, [Stretch.of(one, one.starts_on, max(one.starts_on, one.last_day)) for one in places], today
    )


def _rate(share: EnrolmentFunding, hours: Hours, today: date) -> Rate:
    place = share.enrolment
    left_early = place.left_on is not None and place.left_on < place.ends_on
    return rules.rate(hours, share.minutes_agreed, place.last_day < today, left_early, place.exit_reason or "")


@dataclass(frozen=True)
class KairosLine:
    """One person of the sheet: what is due, what was typed in KAIROS, when and by whom, and what is wrong."""

    share: EnrolmentFunding
    counted: Counted
    due: tuple[Step, ...]
    done: dict[str, KairosEntry]
    wrong: tuple[Wrong, ...]

    @property
    def enrolment(self) -> Enrolment:
        return self.share.enrolment


@dataclass(frozen=True)
class KairosSheet:
    """The sheet of a cohort: its number of session, and a line for each person whom France Travail pays for."""

    session: str
    lines: list[KairosLine]


def kairos_of(cohort: Cohort, today: date) -> KairosSheet:
    """Return the sheet of a cohort. Four queries."""
    shares = shares_in(cohort.id, FunderKind.FRANCE_TRAVAIL)
    counted = _counted(shares, today)
    session, done = "", defaultdict(dict)
    for one in db.session.scalars(
        select(KairosEntry)
        .where(KairosEntry.cohort_id == cohort.id)
        .order_by(KairosEntry.id)
        .options(joinedload(KairosEntry.by))
    ):
        if one.enrolment_id is None:
            session = one.value
        else:
            done[one.enrolment_id][one.step] = one
    return KairosSheet(
        session,
        [
            _kairos_line(share, one, done[share.enrolment_id], session, today)
            for share, one in zip(shares, counted, strict=True)
        ],
    )


def _kairos_line(
    share: EnrolmentFunding, counted: Counted, done: dict[str, KairosEntry], session: str, today: date
) -> KairosLine:
    place = share.enrolment
    due = rules.steps_due(place.starts_on, place.ends_on, place.left_on, today)
    wrong = []
    if not session:
        wrong.append(Wrong.NO_SESSION)
    if not share.file_number:
        wrong.append(Wrong.NO_NUMBER)
    if counted.hours.missing:
        wrong.append(Wrong.UNSAID)
    if Step.LEFT in due and not place.exit_reason:
        wrong.append(Wrong.NO_REASON)
    if Step.ENTERED in due and Step.ENTERED not in done and (today - place.starts_on).days > rules.ENTRY_DAYS:
        wrong.append(Wrong.LATE)
    return KairosLine(share, counted, tuple(due), done, tuple(wrong))


def say_session(cohort: Cohort, number: str, by: Person, now: datetime) -> None:
    with transaction(lock=f"kairos/{cohort.id}"):
        _note(cohort, None, rules.SESSION, number.strip(), by, now)


def tick(cohort: Cohort, enrolment_id: int, step: str, by: Person, now: datetime, today: date) -> None:
    """Write down that a step was typed in KAIROS today. Raises StepUnknown."""
    with transaction(lock=f"kairos/{cohort.id}"):
        line = next((one for one in kairos_of(cohort, today).lines if one.enrolment.id == enrolment_id), None)
        if line is None or step not in line.due:
            raise rules.StepUnknown(step)
        _note(cohort, enrolment_id, step, today.isoformat(), by, now)


def _note(cohort: Cohort, enrolment_id: int | None, step: str, value: str, by: Person, now: datetime) -> None:
    made = KairosEntry(
        school_id=cohort.school_id, cohort_id=cohort.id, enrolment_id=enrolment_id, step=step, value=value,
        by_id=by.id, at=now,
    )  # fmt: skip
    db.session.add(made)
    audit.record("note_kairos", made, actor_id=by.id, now=now, step=step)


def gen_form(school_id: int, year: int, today: date) -> tuple[list[Enrolment], dict[str, Known]]:
    """Return the people who entered a school in a year, and the figures of the form. Four queries."""
    places = db.session.scalars(
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.school_id == school_id,
            Enrolment.starts_on.between(date(year, 1, 1), min(date(year, 12, 31), today)),
            Enrolment.follows_id.is_(None),
            func.coalesce(Enrolment.exit_reason, "") != str(ExitReason.NEVER_CAME),
        )
        .order_by(Person.last_name, Person.first_name, Enrolment.id)
        .options(joinedload(Enrolment.person), joinedload(Enrolment.cohort))
    ).all()
    numbers = [one.id for one in places]
    answers = {
        one.person_id: one.facts
        for one in db.session.scalars(
            select(ParticipantAnswer)
            .where(ParticipantAnswer.school_id == school_id, ParticipantAnswer.moment == str(Moment.ENTRY))
            .order_by(ParticipantAnswer.id)
        )
    }
    later: dict[int, dict[str, str | None]] = defaultdict(dict)
    for asked in db.session.scalars(
        select(Questionnaire)
        .where(Questionnaire.enrolment_id.in_(numbers), Questionnaire.moment != str(When.EXIT))
        .options(selectinload(Questionnaire.answers))
    ):
        later[asked.enrolment_id][asked.moment] = asked.answer.situation if asked.answer else None
    results = {
        (one.session_id, one.enrolment_id): one.outcome
        for one in db.session.scalars(
            select(ExamResult).where(ExamResult.enrolment_id.in_(numbers)).order_by(ExamResult.id)
        )
    }
    titles = {number for (_session, number), outcome in results.items() if outcome == str(Outcome.TITLE)}
    students = [_student(one, answers.get(one.person_id), one.id in titles, later[one.id]) for one in places]
    return list(places), rules.form(students, frozenset(str(one) for one in POSITIVE))


def _student(place: Enrolment, said: dict | None, has_title: bool, later: dict[str, str | None]) -> Student:
    said = said or {}
    return Student(
        is_woman=said["sex"] == "woman" if "sex" in said else None,
        is_low_level=said["diploma"] in ("0_2", "3_4") if "diploma" in said else None,
        was_looking=said["situation"] == "looking" if "situation" in said else None,
        age=age_on(date.fromisoformat(said["birth"]), place.starts_on) if "birth" in said else None,
        dropped=place.exit_reason == str(ExitReason.DROPPED_OUT),
        has_title=has_title,
        later=later,
    )
