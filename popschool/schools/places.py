"""Places in a cohort: people enrolled, moved, leaving; trainers posted. All of it dated, and none of it erased."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from popschool import audit
from popschool.db import db, transaction
from popschool.schools import rules
from popschool.schools.cohorts import check_open
from popschool.schools.models import Cohort, Enrolment, Person, Posting

DAY = timedelta(days=1)


def enrol(
    person: Person,
    cohort: Cohort,
    starts_on: date,
    ends_on: date,
    actor_id: int | None,
    now: datetime,
    follows: Enrolment | None = None,
) -> Enrolment:
    """Give a person a dated place; the same one given twice is held once.

    Raises DatesInverted, OutsideCohort, AlreadyEnrolled or CohortArchived.
    """
    rules.check_dates(starts_on, ends_on)
    with transaction(lock=(person, cohort)):
        db.session.refresh(cohort)
        check_open(cohort)
        rules.check_within(starts_on, ends_on, cohort.code, cohort.starts_on, cohort.ends_on)
        held = _held(person.id, cohort.id)
        for one in held:
            if (one.starts_on, one.ends_on, one.left_on) == (starts_on, ends_on, None):
                return one
        rules.check_free(cohort.code, (starts_on, ends_on), [(one.starts_on, one.last_day) for one in held])
        enrolment = Enrolment(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            person_id=person.id,
            starts_on=starts_on,
            ends_on=ends_on,
            follows_id=follows.id if follows else None,
            created_at=now,
        )
        _bring_home(person, cohort, starts_on)
        db.session.add(enrolment)
        audit.record("enrol", enrolment, actor_id=actor_id, now=now, person_id=person.id, cohort_id=cohort.id)
    return enrolment


def _held(person_id: int, cohort_id: int) -> list[Enrolment]:
    return list(
        db.session.scalars(
            select(Enrolment)
            .where(Enrolment.person_id == person_id, Enrolment.cohort_id == cohort_id)
            .execution_options(populate_existing=True)
        )
    )


def _bring_home(person: Person, cohort: Cohort, starts_on: date) -> None:
    """Let the school of a learner who has left their former one be this one: it is whom they call."""
    if person.home_school_id in (None, cohort.school_id):
        person.home_school_id = cohort.school_id
        return
    last_days = db.session.scalars(
        select(func.coalesce(Enrolment.left_on, Enrolment.ends_on)).where(
            Enrolment.person_id == person.id, Enrolment.school_id == person.home_school_id
        )
    ).all()
    if last_days and max(last_days) < starts_on:
        person.home_school_id = cohort.school_id


def edit_place(enrolment: Enrolment, starts_on: date, ends_on: date, actor_id: int, now: datetime) -> None:
    """Change the dates that were planned. Raises what `enrol` does, or AlreadyLeft."""
    rules.check_dates(starts_on, ends_on)
    with transaction(lock=(enrolment.person, enrolment.cohort)):
        cohort = _reread(enrolment)
        if enrolment.left_on is not None:
            raise rules.AlreadyLeft(enrolment.left_on)
        rules.check_within(starts_on, ends_on, cohort.code, cohort.starts_on, cohort.ends_on)
        others = [one for one in _held(enrolment.person_id, cohort.id) if one.id != enrolment.id]
        rules.check_free(cohort.code, (starts_on, ends_on), [(one.starts_on, one.last_day) for one in others])
        before = [str(enrolment.starts_on), str(enrolment.ends_on)]
        enrolment.starts_on, enrolment.ends_on = starts_on, ends_on
        audit.record("edit_place", enrolment, actor_id=actor_id, now=now, before=before)


def _reread(enrolment: Enrolment) -> Cohort:
    """Read a place and its cohort again, now that nobody else may change them. Raises CohortArchived."""
    db.session.refresh(enrolment)
    db.session.refresh(enrolment.cohort)
    check_open(enrolment.cohort)
    return enrolment.cohort


def end_enrolment(
    enrolment: Enrolment, left_on: date, reason: rules.ExitReason, note: str, actor_id: int, now: datetime
) -> None:
    """Record the last day and its reason; said again, it corrects. Who never came has no last day.

    Raises DatesInverted, OutsideCohort, MovedOn or CohortArchived.
    """
    with transaction(lock=(enrolment.person, enrolment.cohort)):
        _reread(enrolment)
        following = next_place(enrolment)
        if following is not None:
            raise rules.MovedOn(following.cohort.code)
        if reason is rules.ExitReason.NEVER_CAME:
            left_on = enrolment.starts_on - DAY
        else:
            rules.check_dates(enrolment.starts_on, left_on)
        _end(enrolment, left_on, reason, note, actor_id, now)


def _end(
    enrolment: Enrolment, left_on: date, reason: rules.ExitReason, note: str, actor_id: int, now: datetime
) -> None:
    if left_on > enrolment.ends_on:
        raise rules.OutsideCohort(enrolment.cohort.code, enrolment.starts_on, enrolment.ends_on)
    before = [str(enrolment.left_on), enrolment.exit_reason]
    enrolment.left_on, enrolment.exit_reason, enrolment.exit_note = left_on, str(reason), note.strip()
    facts = {"before": before, "left_on": str(left_on), "reason": str(reason)}
    audit.record("end_enrolment", enrolment, actor_id=actor_id, now=now, **facts)


def take_back_end(enrolment: Enrolment, actor_id: int, now: datetime) -> None:
    """The person did not leave after all; if they had moved, the place that they moved to never began.

    Raises AlreadyLeft when they have left that one too, or CohortArchived.
    """
    with transaction(lock=(enrolment.person, enrolment.cohort)):
        _reread(enrolment)
        following = next_place(enrolment)
        if following is not None:
            _take_back_move(enrolment, following, actor_id, now)
        others = [one for one in _held(enrolment.person_id, enrolment.cohort_id) if one.id != enrolment.id]
        planned = (enrolment.starts_on, enrolment.ends_on)
        rules.check_free(enrolment.cohort.code, planned, [(one.starts_on, one.last_day) for one in others])
        audit.record("take_back_end", enrolment, actor_id=actor_id, now=now, before=str(enrolment.left_on))
        enrolment.left_on, enrolment.exit_reason, enrolment.exit_note = None, None, ""


def _take_back_move(enrolment: Enrolment, following: Enrolment, actor_id: int, now: datetime) -> None:
    _reread(following)
    if following.left_on is not None:
        raise rules.AlreadyLeft(following.left_on)
    _end(following, following.starts_on - DAY, rules.ExitReason.NEVER_CAME, "", actor_id, now)
    person = enrolment.person
    if person.home_school_id == following.school_id:
        person.home_school_id = enrolment.school_id


def next_place(enrolment: Enrolment) -> Enrolment | None:
    """Return the place that this one's person moved to; None when they did not, or it never began."""
    return db.session.scalars(
        select(Enrolment).where(
            Enrolment.follows_id == enrolment.id,
            or_(Enrolment.left_on.is_(None), Enrolment.left_on >= Enrolment.starts_on),
        )
    ).first()


def move(enrolment: Enrolment, cohort: Cohort, on: date, actor_id: int, now: datetime) -> Enrolment:
    """Move a learner to another cohort from this day on: one place ends the day before, the next one names it.

    A place that had not begun by then never does. The same move asked for twice is made once. Raises AlreadyLeft, or
    what `enrol` does.
    """
    with transaction(lock=(enrolment.person, enrolment.cohort, cohort)):
        _reread(enrolment)
        following = next_place(enrolment)
        if following is not None and (following.cohort_id, following.starts_on) == (cohort.id, on):
            return following
        if enrolment.left_on is not None:
            raise rules.AlreadyLeft(enrolment.left_on)
        person, last_day = enrolment.person, max(on, enrolment.starts_on) - DAY
        _end(enrolment, last_day, rules.ExitReason.MOVED_COHORT, cohort.code, actor_id, now)
        moved = enrol(person, cohort, on, cohort.ends_on, actor_id, now, follows=enrolment)
        if person.home_school_id == enrolment.school_id:
            person.home_school_id = cohort.school_id
    return moved


def post(
    person: Person, cohort: Cohort, starts_on: date, ends_on: date | None, actor_id: int, now: datetime
) -> Posting:
    """Post a trainer to a cohort; the same posting asked for twice is made once.

    Raises DatesInverted, OutsideCohort, AlreadyEnrolled or CohortArchived.
    """
    rules.check_dates(starts_on, ends_on)
    with transaction(lock=(person, cohort)):
        db.session.refresh(cohort)
        check_open(cohort)
        if starts_on > cohort.ends_on:
            raise rules.OutsideCohort(cohort.code, cohort.starts_on, cohort.ends_on)
        held = db.session.scalars(
            select(Posting)
            .where(Posting.person_id == person.id, Posting.cohort_id == cohort.id)
            .execution_options(populate_existing=True)
        ).all()
        for one in held:
            if (one.starts_on, one.ends_on) == (starts_on, ends_on):
                return one
            if one.starts_on == starts_on and one.ends_on is not None and one.ends_on < starts_on:
                one.ends_on = ends_on  # it never began: it does now
                audit.record("post", one, actor_id=actor_id, now=now, person_id=person.id, cohort_id=cohort.id)
                return one
        last = ends_on or cohort.ends_on
        rules.check_free(
            cohort.code, (starts_on, last), [(one.starts_on, one.ends_on or cohort.ends_on) for one in held]
        )
        posting = Posting(
            school_id=cohort.school_id,
            cohort_id=cohort.id,
            person_id=person.id,
            starts_on=starts_on,
            ends_on=ends_on,
            created_at=now,
        )
        db.session.add(posting)
        audit.record("post", posting, actor_id=actor_id, now=now, person_id=person.id, cohort_id=cohort.id)
    return posting


def end_posting(posting: Posting, on: date, actor_id: int, now: datetime) -> None:
    """Say which day of a posting is its last. Raises DatesInverted or CohortArchived."""
    with transaction(lock=posting.cohort):
        db.session.refresh(posting)
        db.session.refresh(posting.cohort)
        check_open(posting.cohort)
        rules.check_dates(posting.starts_on, on)
        before, posting.ends_on = posting.ends_on, on
        audit.record("end_posting", posting, actor_id=actor_id, now=now, before=str(before), on=str(on))


def places_in(cohort: Cohort, offset: int = 0, limit: int | None = None) -> list[tuple[Enrolment, Person]]:
    """Return people's places in a cohort, by name."""
    rows = db.session.execute(
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(Enrolment.cohort_id == cohort.id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on, Enrolment.id)
        .offset(offset)
        .limit(limit)
    )
    return [tuple(row) for row in rows]


def count_places(cohort: Cohort) -> int:
    return db.session.scalar(select(func.count()).where(Enrolment.cohort_id == cohort.id)) or 0


def count_learners(cohort: Cohort, on: date) -> int:
    """Count the people who have a place that day or later."""
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    counted = select(func.count(func.distinct(Enrolment.person_id))).where(
        Enrolment.cohort_id == cohort.id, last_day >= on, last_day >= Enrolment.starts_on
    )
    return db.session.scalar(counted) or 0


def postings_in(cohort: Cohort) -> list[tuple[Posting, Person]]:
    """Return the trainers posted to a cohort, now and before."""
    rows = db.session.execute(
        select(Posting, Person)
        .join(Person, Person.id == Posting.person_id)
        .where(Posting.cohort_id == cohort.id)
        .order_by(Posting.starts_on, Person.last_name)
    )
    return [tuple(row) for row in rows]
