"""What a demonstration is laid around: open days, windows, the moment of its clock. Nothing is started."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.portal import demo_plan as plan

DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    "day",
    [
        date(2027, 1, 1),
        date(2027, 3, 29),  # Easter Monday
        date(2024, 4, 1),  # Easter Monday
        date(2027, 5, 6),  # Ascension
        date(2024, 5, 9),  # Ascension
        date(2027, 5, 17),  # Whit Monday
        date(2038, 4, 26),  # the latest Easter Monday there can be
        date(2026, 5, 1),
        date(2028, 5, 8),
        date(2027, 7, 14),
        date(2028, 8, 15),
        date(2027, 11, 1),
        date(2027, 11, 11),
        date(2028, 12, 25),
        date(2027, 3, 6),  # a Saturday
        date(2027, 3, 7),  # a Sunday
    ],
)
def test_schools_are_closed(day):
    assert not plan.is_open_day(day)


@pytest.mark.parametrize(
    "day", [date(2027, 3, 8), date(2027, 12, 31), date(2028, 2, 29), date(2027, 3, 26), date(2027, 5, 7)]
)
def test_schools_are_open(day):
    assert plan.is_open_day(day)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2027, 3, 10), date(2027, 3, 10)),
        (date(2027, 3, 7), date(2027, 3, 5)),
        (date(2027, 1, 1), date(2026, 12, 31)),
        (date(2027, 1, 3), date(2026, 12, 31)),
        (date(2027, 3, 29), date(2027, 3, 26)),
        (date(2026, 5, 3), date(2026, 4, 30)),
        (date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_a_closed_day_uses_the_last_open_one(day, expected):
    assert plan.last_open_day(day) == expected


@given(days)
def test_there_is_always_an_open_day_in_the_week_before(day):
    found = plan.last_open_day(day)

    assert plan.is_open_day(found)
    assert timedelta(0) <= day - found <= 5 * DAY
    assert not any(plan.is_open_day(found + later * DAY) for later in range(1, (day - found).days + 1))


@given(days, st.integers(1, 30))
def test_the_projects_of_a_demonstration_are_past_due_or_to_come(any_day, projects):
    day = plan.last_open_day(any_day)
    now, ends_on = plan.morning_of(day), day + timedelta(weeks=20)

    laid = plan.windows(day, projects, ends_on)

    assert len(laid) == projects
    assert all(one.opens_at < one.due_at <= one.closes_at for one in laid)
    assert [one.due_at for one in laid] == sorted(one.due_at for one in laid)
    under_way = [one for one in laid if one.opens_at < now < one.due_at]
    assert len(under_way) == 1
    assert under_way[0].due_at - now < 5 * DAY
    assert under_way[0].opens_at < now - timedelta(hours=15)
    assert all(plan.is_open_day(one.due_at.astimezone(plan.PARIS).date()) for one in laid)
    assert all(plan.is_open_day(one.opens_at.astimezone(plan.PARIS).date()) for one in laid)


@given(st.integers(3, 30), days)
def test_about_two_thirds_of_the_projects_are_past(projects, any_day):
    day = plan.last_open_day(any_day)

    past = sum(one.due_at < plan.morning_of(day) for one in plan.windows(day, projects, day))

    assert abs(past - projects * 2 / 3) <= 1


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 10, 9, 30, tzinfo=UTC), None),
        (datetime(2027, 3, 10, 8, 0, tzinfo=UTC), None),
        (datetime(2027, 3, 10, 7, 59, tzinfo=UTC), datetime(2027, 3, 10, 8, 5, tzinfo=UTC)),
        (datetime(2027, 3, 10, 16, 0, tzinfo=UTC), datetime(2027, 3, 10, 8, 5, tzinfo=UTC)),
        (datetime(2027, 3, 10, 23, 30, tzinfo=UTC), datetime(2027, 3, 10, 8, 5, tzinfo=UTC)),
        (datetime(2027, 3, 11, 9, 30, tzinfo=UTC), datetime(2027, 3, 10, 8, 5, tzinfo=UTC)),
        (datetime(2030, 1, 1, tzinfo=UTC), datetime(2027, 3, 10, 8, 5, tzinfo=UTC)),
    ],
)
def test_outside_of_school_hours_the_clock_shows_five_past_nine(now, expected):
    assert plan.clock_for(date(2027, 3, 10), now) == expected


def test_five_past_nine_is_that_of_the_school_in_summer_too():
    assert plan.morning_of(date(2027, 7, 1)) == datetime(2027, 7, 1, 7, 5, tzinfo=UTC)
    assert plan.morning_of(date(2027, 1, 4)) == datetime(2027, 1, 4, 8, 5, tzinfo=UTC)


def test_the_network_is_that_of_fifteen_schools():
    assert len(plan.SCHOOLS) == len({school.code for school in plan.SCHOOLS}) == 15
    assert len({school.region for school in plan.SCHOOLS}) == 5
    assert [school.code for school in plan.SCHOOLS if not school.cohorts] == ["RUN"]
