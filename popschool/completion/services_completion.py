"""Where the people of a cohort stand, explained line by line; a bounded number of queries, whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool.completion import rules
from popschool.completion.rules import Asked, Completion, Exit
from popschool.completion.rules_hours import Hours
from popschool.completion.services_exams import Obtained, obtained_in
from popschool.completion.services_hours import Stretch, hours_of
from popschool.completion.services_levels import levels_of, validated_in
from popschool.completion.services_rules import asked_by
from popschool.courses import services as courses
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Person


@dataclass(frozen=True)
class Standing:
    """One place: its hours, what is done and left, how it ended, and what the jury decided."""

    enrolment: Enrolment
    person: Person
    hours: Hours
    completion: Completion
    exit: Exit
    obtained: Obtained | None


@dataclass(frozen=True)
class Standings:
    """A cohort: what its programme asks, and where each place stands."""

    asked: Asked
    title: str
    lines: list[Standing]


def standings_of(
    cohort: Cohort, today: date, only: int | None = None, positive: str = "employment_training"
) -> Standings:
    """Return where each place of a cohort stands, by name; `only` one of them. Twelve queries.

    `positive` is which exits before the end the school counts as no failure.
    """
    asked_enrolments = (
        select(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
        .options(joinedload(Enrolment.person))
    )
    if only is not None:
        asked_enrolments = asked_enrolments.where(Enrolment.id == only)
    enrolments = db.session.scalars(asked_enrolments).all()
    revision = courses.revision_at(cohort.revision_id)
    programme = courses.programme_at(cohort.programme_id, revision.number) if revision else None
    blocks = (programme.data.get("blocks") or []) if programme else []
    asked = asked_by(cohort)
    counted = hours_of(cohort.id, [_whole(one) for one in enrolments], today, in_total=True)
    levels = levels_of([one.person_id for one in enrolments])
    deliverables, validated = validated_in(cohort.id)
    obtained = obtained_in(cohort.id)
    lines = []
    for enrolment, one in zip(enrolments, counted, strict=True):
        own = {key: reached.level for key, reached in levels.get(enrolment.person_id, {}).items()}
        work = (validated.get(enrolment.person_id, 0), deliverables)
        lines.append(
            Standing(
                enrolment,
                enrolment.person,
                one.hours,
                rules.completion(asked, one.hours, own, blocks, work),
                rules.exit_of(
                    enrolment.exit_reason, enrolment.left_on is not None, enrolment.ends_on < today, positive
                ),
                obtained.get(enrolment.id),
            )
        )
    return Standings(asked, programme.title if programme else "", lines)


def _whole(enrolment: Enrolment) -> Stretch:
    return Stretch(enrolment, enrolment.starts_on, max(enrolment.last_day, enrolment.starts_on))


def own_enrolments(person_id: int) -> Sequence[Enrolment]:
    """Return a person's places, the last first."""
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == person_id)
        .order_by(Enrolment.starts_on.desc(), Enrolment.id.desc())
        .options(joinedload(Enrolment.cohort))
    ).all()
