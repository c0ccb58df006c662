"""A half-day followed at a distance, each at their own time: the work sent counts, and nothing else does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.attendance import (
    ledger,
    reminders,
    rules,
    rules_totals,
    services,
    services_distance,
    services_marks,
    services_months,
    services_own,
    services_sheets,
    sheet_content,
    summaries,
)
from popschool.attendance.models import Entry, PresenceDay
from popschool.attendance.rules import Absence, Mark, Method, State
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from popschool.completion import services_hours
from popschool.db import db
from popschool.messages.models import Notice
from tests.factories import (
    make_assignment,
    make_cohort,
    make_half_day,
    make_learner,
    make_submission,
    make_trainer,
    save,
)

BUTTON = Act(Method.BUTTON, "J'ai mené la séance.", "1-fr")


@pytest.fixture
def distance(app, now):
    """A morning at a distance for two learners, by a project that their cohort has; nobody has sent it yet."""
    cohort = make_cohort()
    trainer, first, second = make_trainer(cohort), make_learner(cohort), make_learner(cohort)
    half_day = make_half_day(cohort, trainer, place_text="")
    assignment = make_assignment(cohort)
    save()
    [activity] = services_distance.activities_for(half_day)
    services_distance.set_activity(half_day, activity, trainer.id, now - timedelta(days=1))
    services.open_half_day(half_day, trainer.id, half_day.span.starts_at)
    return half_day, trainer, first, second, assignment


def send(assignment, person, at):
    made = make_submission(assignment.deliverables[0], [person], submitted_at=at)
    save()
    return made


def line(half_day, person):
    return services_own.line_of(half_day, person.id)


def test_the_work_sent_counts_at_its_moment_and_names_its_version(distance):
    half_day, trainer, first, second, assignment = distance
    at = half_day.span.starts_at + timedelta(hours=2)
    sent = send(assignment, first, at)

    assert services_distance.count_work(half_day, half_day.span.ends_at) == 1
    assert services_distance.count_work(half_day, half_day.span.ends_at) == 0
    services_marks.mark(half_day, second, Said(Mark.ABSENT, Absence.UNJUSTIFIED), trainer, half_day.span.ends_at)
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    entry = line(half_day, first).mark
    assert (entry.at, entry.by_id, entry.facts) == (at, first.id, {"mark": "done", "submission": sent.id})
    total = rules_totals.tally([line(half_day, first).standing, line(half_day, second).standing])
    assert (total.planned, total.attended, total.distance, total.unjustified, total.missing) == (420, 0, 210, 210, 0)
    assert ledger.verify() is None
    assert list(summaries.differences()) == []


def test_the_hours_of_a_certificate_hold_with_hours_at_a_distance(distance, now):
    half_day, trainer, first, second, assignment = distance
    for person in (first, second):
        send(assignment, person, half_day.span.starts_at)
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    month = services_months.statement(half_day.cohort_id, half_day.on.replace(day=1))
    places = [services_hours.Stretch.of(one.enrolment, half_day.on, half_day.on) for one in month]
    hours = [one.hours for one in services_hours.hours_of(half_day.cohort_id, places, half_day.on)]

    assert db.session.scalars(select(PresenceDay.distance)).all() == [210, 210]
    assert [(one.attended, one.distance, one.missing, one.adds_up) for one in hours] == [(0, 210, 0, True)] * 2
    assert [services_months.hours(one.total.distance) for one in month] == [3.5, 3.5]


def test_nobody_signs_and_nobody_is_reminded_to(distance, client, log_in):
    half_day, _trainer, first, second, _assignment = distance
    during = half_day.span.starts_at + timedelta(hours=1)
    clock.freeze(during)
    with pytest.raises(rules.DoneByWork):
        services.sign(half_day, first, BUTTON, during)
    reminders.run_day()
    log_in(first)
    page = client.get(f"/half-days/{half_day.id}/sign").text

    assert db.session.scalars(select(Notice)).all() == []
    assert "à votre rythme" in page
    assert "<button" not in page.partition("<main")[2].partition("</main>")[0]
    assert "Signer ma présence" not in client.get("/today").text


def test_the_work_is_counted_by_itself_and_the_sheet_says_so(distance):
    half_day, trainer, first, second, assignment = distance
    clock.freeze(half_day.span.starts_at + timedelta(hours=1))
    for person in (first, second):
        send(assignment, person, half_day.span.starts_at + timedelta(minutes=5))
    reminders.run_day()
    services.countersign(half_day, trainer, BUTTON, half_day.span.ends_at)

    week = services_sheets.week_of(half_day.cohort_id, half_day.on)
    said = sheet_content.content_of(half_day.cohort, half_day.on, week, trainer, "N", half_day.span.ends_at)

    assert [cell["state"] for person in said["people"] for cell in person["cells"]] == [State.PRESENT] * 2
    assert said["people"][0]["cells"][0]["done_at"] == "2027-03-08T08:05:00+00:00"
    assert said["half_days"][0]["activity"]
    assert (said["half_days"][0]["present"], said["half_days"][0]["minutes_attended"]) == (2, 420)
    assert {entry.kind for entry in db.session.scalars(select(Entry))} == {"mark", "countersignature"}


def test_it_is_decided_before_the_half_day_opens(distance, now):
    half_day, trainer, *_others = distance
    with pytest.raises(rules.HalfDayOpened):
        services_distance.set_activity(half_day, None, trainer.id, now)


def test_a_trainer_decides_it_and_counts_on_the_pages(distance, client, log_in, now):
    half_day, trainer, first, _second, assignment = distance
    later = make_half_day(half_day.cohort, trainer, on=half_day.on + timedelta(days=1))
    save()
    log_in(trainer)
    chosen = client.post(f"/half-days/{later.id}/activity", data={"assignment": assignment.id}, follow_redirects=True)
    send(assignment, first, now)
    counted = client.post(f"/half-days/{half_day.id}/work", follow_redirects=True).text
    mark = client.get(f"/half-days/{half_day.id}/people/{first.id}").text

    assert "À distance, à son rythme" in chosen.text
    assert "1 travail compté" in counted.replace("\N{NO-BREAK SPACE}", " ")
    assert "Travail à distance rendu" in mark
