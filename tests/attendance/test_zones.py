"""A school in another zone: La Réunion is three hours ahead of Paris in winter, and its days begin before ours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.attendance import reminders, signing_links
from popschool.attendance.models import Entry, HalfDay
from popschool.db import db
from popschool.messages.models import Notice
from tests.factories import (
    make_cohort,
    make_half_day,
    make_learner,
    make_network_manager,
    make_school,
    make_trainer,
    save,
)

NINE_THERE = datetime(2027, 3, 8, 5, 0, tzinfo=UTC)
ISLAND = "Indian/Reunion"


@pytest.fixture
def morning(app):
    """A morning from 9 to 12.30 in La Réunion, which is 6 to 9.30 in Paris."""
    cohort = make_cohort(make_school(time_zone=ISLAND))
    trainer, learner = make_trainer(cohort), make_learner(cohort)
    half_day = make_half_day(cohort, trainer, time_zone=ISLAND)
    save()
    clock.freeze(NINE_THERE + timedelta(minutes=4))
    return half_day, trainer, learner


def words(answer):
    return answer.text.replace("\N{NO-BREAK SPACE}", " ")


def test_one_signs_and_reads_the_hour_of_the_school(morning, client, log_in):
    half_day, _trainer, learner = morning
    log_in(learner)

    page = words(client.post(f"/half-days/{half_day.id}/sign", data={"key": "k"}, follow_redirects=True))

    assert "9 h 04" in page
    assert "6 h 04" not in page
    assert "9 h 04" in words(client.get("/today"))
    assert "9 h 04" in words(client.get(f"/presence/{half_day.id}"))


def test_the_link_of_a_mail_says_the_hour_of_the_school_to_nobody_signed_in(morning, client):
    half_day, _trainer, learner = morning
    address = signing_links.path_of(half_day.id, learner.id)

    page = words(client.post(address, data={"key": "k"}, follow_redirects=True))

    assert "9 h 04" in page
    assert "6 h 04" not in page


def test_the_team_and_the_network_read_the_same_hour(morning, client, log_in, app):
    half_day, trainer, learner = morning
    client.post(signing_links.path_of(half_day.id, learner.id), data={"key": "k"})
    manager = make_network_manager()
    save()
    for person in (trainer, manager):
        log_in(person)
        page = words(client.get(f"/half-days/{half_day.id}"))

        assert "9 h 04" in page
        assert "6 h 04" not in page
    assert db.session.scalars(select(Entry.at)).one() == NINE_THERE + timedelta(minutes=4)


def test_the_next_visitor_is_back_in_paris(morning, client, log_in):
    half_day, _trainer, learner = morning
    log_in(learner)
    client.get(f"/half-days/{half_day.id}/sign")

    assert clock.here() == clock.PARIS


def test_the_day_begins_where_the_school_is(morning, client, log_in):
    """At 1.00 on Tuesday in La Réunion it is still Monday in Paris."""
    half_day, trainer, _learner = morning
    make_half_day(half_day.cohort, trainer, on=half_day.on + timedelta(days=1), time_zone=ISLAND)
    save()
    clock.freeze(datetime(2027, 3, 8, 21, 0, tzinfo=UTC))
    log_in(trainer)

    assert "mardi 9 mars" in words(client.get("/attendance"))


def test_a_morning_far_to_the_east_opens_and_reminds_while_it_is_still_the_day_before_in_utc(app):
    """Nine o'clock in Nouméa is 22.00 in UTC, the day before."""
    cohort = make_cohort(make_school(time_zone="Pacific/Noumea"), starts_on=date(2027, 1, 4))
    trainer, learner = make_trainer(cohort), make_learner(cohort)
    half_day = make_half_day(
        cohort, trainer, on=date(2027, 3, 9), starts=time(9), ends=time(12), time_zone="Pacific/Noumea"
    )
    save()
    clock.freeze(datetime(2027, 3, 8, 22, 40, tzinfo=UTC))

    reminders.run_day()

    assert db.session.get_one(HalfDay, half_day.id).opened_at == datetime(2027, 3, 8, 22, 40, tzinfo=UTC)
    assert db.session.scalars(select(Notice.person_id)).all() == [learner.id]
