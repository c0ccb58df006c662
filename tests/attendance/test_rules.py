"""What half-days add up to, when one may sign, the code of the room, and a timetable from a week."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.attendance import rules, rules_calendar, rules_codes
from popschool.attendance.rules import (
    Absence,
    Delays,
    Expectation,
    Fact,
    Half,
    Kind,
    Mark,
    Span,
    State,
    Why,
    standing,
)
from popschool.attendance.rules_calendar import PatternLine, Period
from popschool.attendance.rules_holidays import public_holidays
from popschool.attendance.rules_ledger import START, content_hash, entry_hash
from popschool.attendance.rules_totals import tally

PARIS = ZoneInfo("Europe/Paris")
MORNING = Span(date(2027, 3, 8), time(9), time(12, 30), 0, PARIS)
SIGNED = Fact(1, Kind.SIGNATURE)
ABSENT = Fact(2, Kind.MARK, Mark.ABSENT, Absence.UNJUSTIFIED)
EXCUSED = Fact(2, Kind.MARK, Mark.ABSENT, Absence.JUSTIFIED)
LATE = Fact(2, Kind.MARK, Mark.PARTIAL, Absence.UNJUSTIFIED, late_minutes=20)


@pytest.mark.parametrize(
    ("facts", "is_countersigned", "expected"),
    [
        ([], True, (State.NOT_ENTERED, 0, 0, 0, 210, Why.NOTHING_SAID)),
        ([SIGNED], True, (State.PRESENT, 210, 0, 0, 0, None)),
        ([SIGNED], False, (State.PRESENT, 0, 0, 0, 210, Why.COUNTERSIGNATURE_MISSING)),
        ([ABSENT], True, (State.UNJUSTIFIED, 0, 0, 210, 0, None)),
        ([EXCUSED], True, (State.JUSTIFIED, 0, 210, 0, 0, None)),
        ([ABSENT], False, (State.UNJUSTIFIED, 0, 0, 0, 210, Why.COUNTERSIGNATURE_MISSING)),
        ([SIGNED, LATE], True, (State.PARTIAL, 190, 0, 20, 0, None)),
        ([LATE], True, (State.NOT_ENTERED, 0, 0, 0, 210, Why.SIGNATURE_MISSING)),
        ([SIGNED, ABSENT], True, (State.NOT_ENTERED, 0, 0, 0, 210, Why.SIGNED_BUT_ABSENT)),
    ],
)
def test_a_half_day_counts_with_both_signatures(facts, is_countersigned, expected):
    found = standing(210, facts, is_countersigned=is_countersigned)

    assert (found.state, found.attended, found.justified, found.unjustified, found.missing, found.why) == expected


def test_a_correction_takes_the_place_of_what_it_names():
    justified = Fact(3, Kind.MARK, Mark.ABSENT, Absence.JUSTIFIED, corrects=2)

    assert standing(210, [ABSENT, justified], is_countersigned=True).justified == 210


def test_a_signature_that_was_corrected_no_longer_holds():
    away = Fact(3, Kind.MARK, Mark.ABSENT, Absence.UNJUSTIFIED, corrects=1)

    assert standing(210, [SIGNED, away], is_countersigned=True).state is State.UNJUSTIFIED


def test_a_period_in_a_company_and_a_dispensation_are_not_planned_hours():
    dispensed = Fact(2, Kind.MARK, Mark.DISPENSED)

    assert standing(210, [], expectation=Expectation.COMPANY, is_countersigned=True).planned == 0
    assert standing(210, [dispensed], is_countersigned=True) == rules.Standing(State.DISPENSED)


facts = st.lists(
    st.builds(
        Fact,
        id=st.integers(1, 12),
        kind=st.sampled_from([Kind.SIGNATURE, Kind.MARK]),
        mark=st.sampled_from(list(Mark)),
        absence=st.sampled_from([None, *Absence]),
        late_minutes=st.integers(0, 100),
        early_minutes=st.integers(0, 100),
        corrects=st.one_of(st.none(), st.integers(1, 12)),
    ),
    max_size=8,
)


@given(st.lists(st.tuples(facts, st.booleans(), st.sampled_from(list(Expectation)))))
def test_planned_hours_are_the_sum_of_what_became_of_them(half_days):
    total = tally(
        standing(210, said, expectation=expectation, is_countersigned=is_countersigned)
        for said, is_countersigned, expectation in half_days
    )

    assert total.planned == (total.attended + total.distance + total.justified + total.unjustified + total.missing)


def test_the_worked_example_of_the_reference_adds_up():
    # 630 h planned: 589 attended, 24.5 justified, 14 unjustified, 2.5 late without a reason.
    whole = [standing(210, [SIGNED], is_countersigned=True)] * 168
    excused = [standing(210, [EXCUSED], is_countersigned=True)] * 7
    away = [standing(210, [ABSENT], is_countersigned=True)] * 4
    late = [standing(210, [SIGNED, Fact(2, Kind.MARK, Mark.PARTIAL, late_minutes=150)], is_countersigned=True)]

    total = tally([*whole, *excused, *away, *late])

    assert total.planned == 630 * 60
    assert (total.attended, total.justified, total.unjustified) == (589 * 60, 24.5 * 60, 16.5 * 60)
    assert round(total.rate, 1) == 93.5


def test_a_rate_of_nothing_is_empty():
    assert tally([]).rate is None


@pytest.mark.parametrize(
    ("now", "opened_at", "fact"),
    [
        (datetime(2027, 3, 8, 7, 59, 59, tzinfo=UTC), None, rules.TooEarly),
        (datetime(2027, 3, 8, 8, 0, tzinfo=UTC), None, None),
        (datetime(2027, 3, 8, 7, 50, tzinfo=UTC), datetime(2027, 3, 8, 7, 46, tzinfo=UTC), None),
        (datetime(2027, 3, 9, 11, 29, 59, tzinfo=UTC), None, None),
        (datetime(2027, 3, 9, 11, 30, tzinfo=UTC), None, rules.SigningClosed),
    ],
)
def test_one_signs_from_the_opening_to_a_day_after_the_end(now, opened_at, fact):
    if fact is None:
        rules.check_signing(Half.MORNING, MORNING, Delays(), opened_at, now)
        return
    with pytest.raises(fact):
        rules.check_signing(Half.MORNING, MORNING, Delays(), opened_at, now)


@pytest.mark.parametrize(
    ("on", "starts_at", "minutes"),
    [
        (date(2027, 3, 27), datetime(2027, 3, 27, 8, tzinfo=UTC), 210),
        (date(2027, 3, 28), datetime(2027, 3, 28, 7, tzinfo=UTC), 210),
        (date(2027, 10, 31), datetime(2027, 10, 31, 8, tzinfo=UTC), 210),
    ],
)
def test_a_clock_change_moves_no_half_day(on, starts_at, minutes):
    span = Span(on, time(9), time(12, 30), 0, PARIS)

    assert span.starts_at == starts_at
    assert span.minutes == minutes


def test_a_school_elsewhere_has_its_own_hours():
    assert Span(date(2027, 3, 8), time(9), time(12), 0, ZoneInfo("Indian/Reunion")).starts_at.hour == 5


@pytest.mark.parametrize(("late", "early", "is_fine"), [(20, 0, True), (0, 0, False), (200, 10, False), (-1, 0, False)])
def test_somebody_late_missed_some_minutes_and_not_all(late, early, is_fine):
    if is_fine:
        rules.check_missed(210, Mark.PARTIAL, late, early)
        return
    with pytest.raises(rules.MinutesTooMany):
        rules.check_missed(210, Mark.PARTIAL, late, early)


NOON = datetime(2027, 3, 8, 12, 0, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "has_more_time", "fact"),
    [
        (0, False, None),
        (30, False, None),
        (65, False, rules_codes.CodeTooOld),
        (65, True, None),
        (180, True, rules_codes.CodeTooOld),
    ],
)
def test_the_code_of_a_photo_is_too_old_within_a_minute(seconds, has_more_time, fact):
    code = rules_codes.room_code("secret", NOON)
    later = NOON + timedelta(seconds=seconds)

    if fact is None:
        rules_codes.check_code("secret", f"{code[:3]} {code[3:]}", later, has_more_time=has_more_time)
        return
    with pytest.raises(fact):
        rules_codes.check_code("secret", code, later, has_more_time=has_more_time)


def test_a_code_is_that_of_one_half_day():
    with pytest.raises(rules_codes.CodeWrong):
        rules_codes.check_code("another", rules_codes.room_code("secret", NOON), NOON)


def test_a_code_is_valid_for_at_least_thirty_seconds_and_at_most_a_minute():
    assert timedelta(seconds=30) < rules_codes.valid_until(NOON) - NOON <= timedelta(seconds=60)


def test_a_timetable_leaves_out_closed_days_and_days_in_a_company():
    lines = [PatternLine(0, Half.MORNING, time(9), time(12)), PatternLine(1, Half.AFTERNOON, time(13), time(17))]

    found = rules_calendar.planned(
        lines,
        date(2027, 3, 1),
        date(2027, 3, 31),
        closed={date(2027, 3, 29)},
        away=[Period(date(2027, 3, 8), date(2027, 3, 14))],
    )

    assert [one.on.day for one in found] == [1, 2, 15, 16, 22, 23, 30]


def test_a_week_has_each_half_day_once():
    line = PatternLine(0, Half.MORNING, time(9), time(12))

    with pytest.raises(rules_calendar.PatternTwice):
        rules_calendar.check_pattern([line, line])


def test_a_week_whose_hours_are_turned_round_is_refused():
    with pytest.raises(rules.HoursInverted):
        rules_calendar.check_pattern([PatternLine(0, Half.MORNING, time(12), time(9))])


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_hash_depends_on_the_content_and_not_on_its_order(content):
    turned = dict(reversed(content.items()))

    assert content_hash("salt", content) == content_hash("salt", turned)
    assert content_hash("salt", content) != content_hash("pepper", content)
    assert entry_hash(START, content) != entry_hash("1" * 64, content)


def test_public_holidays_are_those_of_an_independent_calendar():
    first, last = date(2008, 1, 1), date(2100, 12, 31)
    expected = holidays.country_holidays("FR", years=range(2008, 2101))

    assert set(public_holidays(first, last)) == set(expected)
