"""Hours, rates, settings, fundings, completion and exams: tables computed by hand, and what holds for any value."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.completion import rules, rules_exams, rules_funding, rules_papers, rules_settings
from popschool.completion.rules import Asked, Exit, Part
from popschool.completion.rules_exams import Outcome
from popschool.completion.rules_funding import Share
from popschool.completion.rules_hours import (
    ROUNDING,
    Hours,
    add_up,
    attendance_rate,
    cpf_rate,
    decimal_hours,
    printed_column,
    realisation_rate,
    rounded,
    unjustified_rate,
)
from popschool.completion.rules_settings import Saying, Scope

MINUTES = st.integers(0, 60_000)


@st.composite
def histories(draw):
    """The hours of a centre, whatever they were."""
    parts = {name: draw(MINUTES) for name in ("attended", "distance", "justified", "unjustified", "missing")}
    due = sum(parts.values())
    return Hours(planned=due + draw(MINUTES), due=due, company=draw(MINUTES), company_planned=draw(MINUTES), **parts)


@given(histories(), st.sampled_from(list(ROUNDING)))
def test_what_is_printed_adds_up_whatever_the_history(hours, rounding):
    shown = rounded(hours, rounding)

    column = printed_column(shown.due, shown.realised, (shown.justified, shown.unjustified, shown.missing))

    assert shown.adds_up
    assert column[0] == sum(column[1:])
    assert column[1] == decimal_hours(shown.realised) <= Decimal(shown.realised) / 60
    assert all(abs(getattr(shown, name) - getattr(hours, name)) < max(15, ROUNDING[rounding]) for name in vars(hours))


@given(st.lists(histories(), max_size=5))
def test_people_added_up_still_add_up(some):
    assert add_up(some).adds_up


@given(histories())
def test_the_rate_of_the_personal_account_is_whole_and_100_only_for_the_whole_action(hours):
    rate = cpf_rate(hours)
    done, whole = hours.realised + hours.company, hours.planned + hours.company_planned

    if not whole:
        assert rate is None
    else:
        assert 0 <= rate <= 100
        assert (rate == 100) == (done >= whole)


def test_a_rate_over_nothing_is_nothing():
    assert (attendance_rate(Hours()), unjustified_rate(Hours()), realisation_rate(Hours())) == (None, None, None)
    assert attendance_rate(Hours(due=60, justified=60), "justified_removed") is None


@pytest.mark.parametrize(
    ("formula", "rate"), [("plain", "93.5"), ("justified_added", "97.4"), ("justified_removed", "97.3")]
)
def test_each_formula_of_attendance(formula, rate):
    # 589 / 630; (589 + 24.5) / 630; 589 / (630 - 24.5)
    hours = Hours(due=37800, attended=35340, justified=1470, unjustified=990)

    assert attendance_rate(hours, formula) == Decimal(rate)


JANUARY, MARCH = date(2027, 1, 1), date(2027, 3, 1)


def test_the_narrowest_place_that_says_something_wins_from_its_day():
    said = [
        Saying(1, "rounding", Scope.SCHOOL, "quarter", JANUARY),
        Saying(2, "rounding", Scope.FUNDING, "minute", MARCH, is_confirmed=True),
    ]

    assert rules_settings.resolve([], "rounding", MARCH).scope is Scope.DEFAULT
    assert rules_settings.resolve(said, "rounding", MARCH - timedelta(days=1)).value == "quarter"
    assert rules_settings.resolve(said, "rounding", MARCH).is_confirmed
    times = [(None, "minute"), (JANUARY, "quarter"), (MARCH, "minute")]
    assert rules_settings.times_of(said, "rounding") == times
    assert rules_settings.changed_within(said, "rounding", JANUARY, MARCH) == [MARCH]
    assert rules_settings.changed_within(said, "rounding", MARCH, MARCH + timedelta(days=9)) == []


@pytest.mark.parametrize(("key", "value"), [("rounding", "hour"), ("retention_years", "0"), ("retention_years", "x")])
def test_a_value_that_a_setting_does_not_take_is_refused(key, value):
    with pytest.raises(rules_settings.ValueRefused):
        rules_settings.check_value(key, value)


PLACE = (date(2027, 1, 4), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("share", "fact"),
    [
        (Share(1, date(2027, 1, 3), None), rules_funding.OutsideTheFunding),
        (Share(1, date(2027, 6, 1), date(2027, 7, 1)), rules_funding.OutsideTheFunding),
        (Share(2, date(2027, 2, 1), date(2027, 2, 2)), rules_funding.FundedTwice),
        (Share(2, date(2027, 3, 2), date(2027, 3, 1)), rules_funding.OutsideTheFunding),
    ],
)
def test_a_funding_pays_once_within_its_dates(share, fact):
    others = [Share(2, date(2027, 1, 4), date(2027, 3, 1))]

    with pytest.raises(fact):
        rules_funding.check_share(share, others, PLACE, PLACE)


def test_two_funders_may_pay_at_once_and_a_gap_is_seen():
    first = Share(1, date(2027, 1, 4), date(2027, 2, 28))

    rules_funding.check_share(Share(2, date(2027, 1, 4), None), [first], PLACE, PLACE)

    assert rules_funding.uncovered([first], *PLACE) == [(date(2027, 3, 1), date(2027, 6, 30))]
    assert rules_funding.uncovered([first, Share(2, date(2027, 3, 1), None)], *PLACE) == []


BLOCKS = [
    {"title": "CCP 1", "competences": [{"id": "a", "title": "A"}, {"id": "b", "title": "B", "plain": "b!"}]},
    {"title": "CCP 2", "competences": [{"id": "c", "title": "C", "plain": ""}]},
]


def test_what_is_left_is_said_for_each_thing_asked():
    hours = Hours(planned=6000, attended=4000, company_planned=1000, company=900)

    found = rules.completion(Asked(), hours, {"a": 2, "b": 1, "c": 3}, BLOCKS, (5, 7))

    assert [(line.part, line.done, line.asked, line.left) for line in found.lines] == [
        (Part.HOURS, 4000, 4200, 200),
        (Part.COMPETENCES, 2, 3, 1),
        (Part.DELIVERABLES, 5, 7, 2),
        (Part.COMPANY, 900, 800, 0),
    ]
    assert [(block.is_done, block.missing) for block in found.blocks] == [(False, ("b!",)), (True, ())]
    assert not found.is_complete


def test_what_is_asked_of_nothing_is_no_line():
    asked = Asked(hours_percent=0)

    assert rules.completion(asked, Hours(planned=600), {}, [], (0, 0)).lines == ()


@given(st.integers(0, 500), st.integers(0, 100))
def test_a_share_is_rounded_up_and_never_more_than_the_whole(total, percent):
    found = rules.share_of(total, percent)

    assert found <= total
    assert found * 100 >= total * percent > (found - 1) * 100 or found == 0


@pytest.mark.parametrize(
    ("reason", "has_left", "is_over", "positive", "expected"),
    [
        (None, False, False, "employment_training", Exit.RUNNING),
        (None, False, True, "employment_training", Exit.COMPLETED),
        ("employment", True, False, "employment_training", Exit.POSITIVE),
        ("other_training", True, False, "employment_training", Exit.POSITIVE),
        ("other_training", True, False, "employment", Exit.DROPPED),
        ("employment", True, False, "none", Exit.DROPPED),
        ("moved_cohort", True, False, "none", Exit.MOVED),
        ("never_came", True, False, "none", Exit.NEVER_CAME),
    ],
)
def test_leaving_early_is_a_failure_or_not(reason, has_left, is_over, positive, expected):
    assert rules.exit_of(reason, has_left, is_over, positive) is expected


def test_exits_are_counted_apart():
    exits = [Exit.RUNNING, Exit.DROPPED, Exit.POSITIVE, Exit.COMPLETED, Exit.MOVED, Exit.NEVER_CAME]

    assert rules.exit_counts(exits) == {"entered": 4, "dropped": 1, "positive": 1, "completed": 1}


def test_partial_success_is_on_its_own_line():
    found = rules_exams.success(8, [Outcome.TITLE, Outcome.TITLE, Outcome.BLOCKS, Outcome.NONE, Outcome.ABSENT])

    assert (found.presented, found.titles, found.partial) == (4, 2, 1)
    assert (found.rate(), found.rate("entered")) == (Decimal("50.0"), Decimal("25.0"))
    assert rules_exams.success(0, []).rate() is None


@pytest.mark.parametrize(
    ("first", "last", "path", "today", "closed"),
    [
        (date(2027, 2, 1), date(2027, 2, 28), date(2027, 6, 30), date(2027, 3, 1), True),
        (date(2027, 2, 1), date(2027, 2, 27), date(2027, 6, 30), date(2027, 3, 1), False),
        (date(2027, 2, 1), date(2027, 2, 28), date(2027, 6, 30), date(2027, 2, 28), False),
        (date(2027, 2, 1), date(2027, 6, 30), date(2027, 6, 30), date(2027, 7, 1), True),
        (date(2027, 12, 1), date(2027, 12, 31), date(2028, 6, 30), date(2028, 1, 1), True),
    ],
)
def test_a_whole_month_or_a_whole_path_may_be_certified(first, last, path, today, closed):
    assert rules_papers.is_closed(first, last, path, today) is closed


def test_a_code_reads_as_it_is_printed():
    code = rules_papers.new_code()

    assert rules_papers.read_code(f" {rules_papers.in_fours(code).lower()} ") == code
    assert len({rules_papers.new_code() for _time in range(50)}) == 50
