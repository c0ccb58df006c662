"""Jobs of the day: half-days that open by themselves, reminders to sign, absences that add up."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from popschool import clock, jobs
from popschool.attendance import services, services_distance, services_half_days, signing_links
from popschool.attendance import services_reading as reading
from popschool.attendance.models import HalfDay
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.rules import Mark, Why
from popschool.attendance.words import half_day_name
from popschool.auth import services as auth_services
from popschool.db import db, transaction
from popschool.messages.services import tell, told_among
from popschool.projects.services_help import trainers_among
from popschool.schools.models import Person, School

SIGN, COUNTERSIGN, ABSENCE = "sign", "countersign", "absence"
ALERT_SCHOOL = "popschool.attendance.reminders:alert_school"
REMIND_AFTER = timedelta(minutes=30)
ALERT_DAYS = 30
AT_ONCE = 40
DAY = timedelta(days=1)


def run_day() -> None:
    """Open the half-days whose hour has come, and remind those who have not signed.

    So many half-days are read at once and no more, however many schools there are.
    """
    now = clock.now()
    services.open_those_due(now)
    ids = services_half_days.running(now.date() - DAY, now.date() + DAY)
    for start in jobs.stoppable(range(0, len(ids), AT_ONCE)):
        _run(services_half_days.half_days_among(ids[start : start + AT_ONCE]), now)


def _run(half_days: Sequence[HalfDay], now: datetime) -> None:
    for half_day in jobs.stoppable(half_days):
        services_distance.count_work(half_day, now)
    lists = reading.lists_of(one for one in half_days if one.span.starts_at + REMIND_AFTER <= now)
    for listed in jobs.stoppable(lists):
        span = listed.half_day.span
        if listed.half_day.activity is None and now < span.ends_at + REMIND_AFTER:
            _remind_people(listed, now)
        if span.ends_at + REMIND_AFTER <= now:
            _remind_trainers(listed, now)


def _remind_people(listed: reading.List, now: datetime) -> None:
    half_day = listed.half_day
    silent = [line for line in listed.waiting if line.standing.why in (Why.NOTHING_SAID, Why.SIGNATURE_MISSING)]
    told = told_among([_sign_key(half_day, line.person) for line in silent])
    for line in silent:
        if _sign_key(half_day, line.person) in told:
            continue
        with transaction(), force_locale(line.person.language):
            tell(
                line.person,
                kind=SIGN,
                title=_("Votre présence n'est pas signée"),
                body=_("Séance : %(half_day)s. Ouvrez le lien pour lire la phrase et signer.",
                       half_day=half_day_name(half_day.on, half_day.half)),
                url=signing_links.path_of(half_day.id, line.person.id),
                now=now,
                key=_sign_key(half_day, line.person),
            )  # fmt: skip


def _sign_key(half_day: HalfDay, person: Person) -> str:
    return f"sign/{half_day.id}/{person.id}"


def _remind_trainers(listed: reading.List, now: datetime) -> None:
    half_day = listed.half_day
    for leader in listed.unsigned_leaders:
        with transaction(), force_locale(leader.person.language):
            tell(
                leader.person,
                kind=COUNTERSIGN,
                title=_("Une séance attend votre contresignature"),
                body=_("%(cohort)s, %(half_day)s. Sans elle, les heures ne comptent pas.",
                       cohort=half_day.cohort.code, half_day=half_day_name(half_day.on, half_day.half)),
                url=f"/half-days/{half_day.id}",
                now=now,
                key=f"countersign/{half_day.id}/{leader.person_id}",
            )  # fmt: skip


def alert_absences() -> None:
    """Have each school looked at, in a job of its own: a long one, or one that fails, holds no other."""
    with transaction():
        for school_id in db.session.scalars(select(School.id).order_by(School.id)).all():
            jobs.enqueue(ALERT_SCHOOL, key=f"absences/{school_id}", school_id=school_id, on=clock.today().isoformat())


def alert_school(school_id: int, on: str) -> None:
    """Tell people, kindly, and their team, with what to do, when unjustified absences add up; once a threshold.

    Who trains their cohort and who manages the school are their team: each absence is told to as many people however
    large the school. A cohort that nobody trains is everybody's. What was told is read at once, for all.
    """
    now, today = clock.now(), date.fromisoformat(on)
    settings = db.session.get(AttendanceSettings, school_id)
    threshold = settings.alert_half_days if settings else reading.USUAL_ALERT
    missed = _unjustified(school_id, today - timedelta(days=ALERT_DAYS), today)
    over = {person_id: cohorts for person_id, cohorts in missed.items() if cohorts.total() >= threshold}
    if not over:
        return
    teams = _teams(school_id, {cohort_id for cohorts in over.values() for cohort_id in cohorts}, today)
    people = {one.id: one for one in db.session.scalars(select(Person).where(Person.id.in_(over)))}
    keys = {one: f"absence/{one}/{today:%Y-%m}/{over[one].total() // threshold}" for one in over}
    told = told_among(list(keys.values()))
    for person_id, cohorts in jobs.stoppable(over.items()):
        if keys[person_id] not in told:
            team = {member.id: member for cohort_id in cohorts for member in teams[cohort_id]}
            with transaction():
                _tell_person(people[person_id], cohorts.total(), now, keys[person_id])
                _tell_team(people[person_id], team.values(), cohorts.total(), now, keys[person_id])


def _unjustified(school_id: int, first: date, last: date) -> dict[int, Counter[int]]:
    """Count the half-days of unjustified absence of each person in each cohort of a school in a period."""
    absent = {
        (person_id, cohort_id, half_day_id)
        for person_id, cohort_id, half_day_id, facts in reading.marks_between(school_id, first, last)
        if facts.get("mark") == Mark.ABSENT and facts.get("absence") != "justified"
    }
    counts: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for person_id, cohort_id, _half_day in absent:
        counts[person_id][cohort_id] += 1
    return counts


def _teams(school_id: int, cohorts: Collection[int], day: date) -> dict[int, list[Person]]:
    """Return who hears of the absences of each of these cohorts of a school. Three queries."""
    trainers, managers = trainers_among(cohorts, day), auth_services.read_managers(school_id)
    everybody = auth_services.read_trainers(school_id)
    return {cohort_id: [*(trainers.get(cohort_id) or everybody), *managers] for cohort_id in cohorts}


def _tell_person(person: Person, count: int, now: datetime, key: str) -> None:
    with force_locale(person.language):
        tell(
            person,
            kind=ABSENCE,
            title=_("On a remarqué votre absence"),
            body=_("Vous avez manqué %(count)s demi-journées ce mois-ci. Si quelque chose bloque, dites-le à votre "
                   "équipe : une solution existe souvent. Vous pouvez aussi envoyer un papier qui explique.",
                   count=count),
            url="/presence",
            now=now,
            key=key,
        )  # fmt: skip


def _tell_team(person: Person, team: Iterable[Person], count: int, now: datetime, key: str) -> None:
    for member in team:
        with force_locale(member.language):
            tell(
                member,
                kind=ABSENCE,
                title=_("Absences à suivre : %(name)s", name=person.name),
                body=_("%(count)s demi-journées injustifiées en 30 jours. Appelez la personne, notez un entretien, "
                       "puis décidez ensemble de la suite.", count=count),
                url=f"/people/{person.id}/presence",
                now=now,
                key=f"{key}/{member.id}",
            )  # fmt: skip


jobs.recur("open half-days and remind", "popschool.attendance.reminders:run_day", every=timedelta(minutes=10))
jobs.recur("absences that add up", "popschool.attendance.reminders:alert_absences", at=time(18, 15))
