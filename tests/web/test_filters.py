"""Dates, hours, durations, numbers and weights as people write them in each language."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from popschool.web import filters, languages

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2027, 3, 8)


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2027, 3, 8), "lundi 8 mars", "Monday 8 March"),
        (date(2027, 2, 1), "lundi 1er février", "Monday 1 February"),
        (date(2026, 12, 31), "jeudi 31 décembre 2026", "Thursday 31 December 2026"),
        (datetime(2027, 3, 8, 23, 30, tzinfo=UTC), "mardi 9 mars", "Tuesday 9 March"),
    ],
)
def test_a_day_says_its_year_when_it_is_another(value, french, english):
    assert filters.day(value, "fr", PARIS, TODAY) == french
    assert filters.day(value, "en", PARIS, TODAY) == english


@pytest.mark.parametrize(("minute", "french", "english"), [(0, "9\u00a0h", "9:00"), (2, "9\u00a0h\u00a002", "9:02")])
def test_an_hour_is_that_of_the_school(minute, french, english):
    value = datetime(2027, 3, 8, 8, minute, tzinfo=UTC)

    assert filters.hour(value, "fr", PARIS) == french
    assert filters.hour(value, "en", PARIS) == english


@pytest.mark.parametrize(
    ("minutes", "french", "english"),
    [
        (None, "", ""),
        (0, "0\u00a0min", "0\u00a0min"),
        (45, "45\u00a0min", "45\u00a0min"),
        (60, "1\u00a0h", "1\u00a0h"),
        (65, "1\u00a0h\u00a005", "1\u00a0h 5\u00a0min"),
        (104_430, "1\u202f740\u00a0h\u00a030", "1,740\u00a0h 30\u00a0min"),
    ],
)
def test_a_duration(minutes, french, english):
    assert filters.duration(minutes, "fr") == french
    assert filters.duration(minutes, "en") == english


def test_a_duration_that_is_read_from_the_right_has_no_letters_that_are_read_from_the_left():
    for language in languages.FROM_THE_RIGHT:
        assert not re.search("[A-Za-z]", filters.duration(6490, language))


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (None, "", ""),
        (3, "3", "3"),
        (3.5, "3,5", "3.5"),
        (93.45, "93,5", "93.5"),
        (1740.26, "1\u202f740,3", "1,740.3"),
        (10.0, "10", "10"),
    ],
)
def test_a_number_has_as_few_decimals_as_it_can(value, french, english):
    assert filters.number(value, "fr") == french
    assert filters.number(value, "en") == english


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (9, "9\u00a0o", "9\u00a0B"),
        (1_499, "1\u00a0ko", "1\u00a0kB"),
        (999_600, "1\u00a0Mo", "1\u00a0MB"),
        (2_450_000, "2,5\u00a0Mo", "2.5\u00a0MB"),
        (24_000_000, "24\u00a0Mo", "24\u00a0MB"),
    ],
)
def test_a_weight(size, french, english):
    assert filters.weight(size, "fr") == french
    assert filters.weight(size, "en") == english


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(seconds=10), ("minutes", 0)),
        (timedelta(minutes=59), ("minutes", 59)),
        (timedelta(hours=23), ("hours", 23)),
        (timedelta(hours=25), ("days", 1)),
        (timedelta(days=7), ("days", 7)),
        (timedelta(seconds=-5), ("minutes", 0)),
    ],
)
def test_what_is_recent_is_counted_finely(gap, expected):
    now = datetime(2027, 3, 8, 9, tzinfo=UTC)

    assert filters.elapsed(now - gap, now, PARIS) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("lundi 8 mars", "Lundi 8 mars"), ("Monday 8 March", "Monday 8 March"), ("été", "Été"), ("", "")],
)
def test_a_first_capital_leaves_the_others(text, expected):
    assert filters.first_capital(text) == expected
