"""What a learner does next."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.portal.rules import Stand, Step, next_step, outside, to_do
from popschool.projects.rules import OPEN, Progress, Window

NOW = datetime(2027, 3, 8, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def stand(progress, due=2, opens=-7):
    return Stand(progress, Window(NOW + opens * DAY, NOW + due * DAY, NOW + 60 * DAY))


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ([], (Step.NOTHING_SET, None)),
        ([stand(Progress.TO_DO)], (Step.DO, 0)),
        ([stand(Progress.TO_DO, due=-1)], (Step.LATE, 0)),
        ([stand(Progress.DRAFT)], (Step.DRAFT, 0)),
        ([stand(Progress.DRAFT, due=-1)], (Step.LATE, 0)),
        ([stand(Progress.TO_DO, due=-3), stand(Progress.TO_COMPLETE)], (Step.COMPLETE, 1)),
        ([stand(Progress.TO_DO, due=5), stand(Progress.TO_DO, due=1)], (Step.DO, 1)),
        ([stand(Progress.DRAFT, due=9), stand(Progress.TO_DO, due=1)], (Step.DO, 1)),
        ([stand(Progress.TO_DO, due=1), stand(Progress.DRAFT, due=1)], (Step.DRAFT, 1)),
        ([stand(Progress.SENT)], (Step.SENT, 0)),
        ([stand(Progress.SENT), stand(Progress.TO_COME)], (Step.SENT, 0)),
        ([stand(Progress.TO_COME, opens=9), stand(Progress.TO_COME, opens=2)], (Step.WAIT, 1)),
        ([stand(Progress.VALIDATED), stand(Progress.TO_COME)], (Step.WAIT, 1)),
        ([stand(Progress.VALIDATED), stand(Progress.CLOSED)], (Step.CLOSED, 1)),
        ([stand(Progress.VALIDATED)], (Step.DONE, None)),
    ],
)
def test_one_thing_is_said_first(stands, expected):
    assert next_step(stands, NOW) == expected


STANDS = st.lists(st.builds(stand, st.sampled_from(Progress), st.integers(-9, 9)), max_size=8)


@given(STANDS)
def test_what_can_be_sent_is_said_before_anything_else(stands):
    step, place = next_step(stands, NOW)

    if any(one.progress in OPEN for one in stands):
        assert stands[place].progress in OPEN
        assert step in (Step.COMPLETE, Step.DRAFT, Step.LATE, Step.DO)
        assert place == to_do(stands)[0]
    else:
        assert step in (Step.SENT, Step.WAIT, Step.CLOSED, Step.DONE, Step.NOTHING_SET)


@given(STANDS)
def test_everything_that_can_be_sent_is_listed_once_with_what_was_answered_first(stands):
    places = to_do(stands)

    assert sorted(places) == [place for place, one in enumerate(stands) if one.progress in OPEN]
    answered = [stands[place].progress is Progress.TO_COMPLETE for place in places]
    assert answered == sorted(answered, reverse=True)


TODAY = date(2027, 3, 8)
PAST, FUTURE = (date(2026, 9, 1), date(2027, 2, 26)), (date(2027, 3, 15), date(2027, 9, 3))


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], (Step.NOWHERE, None)),
        ([FUTURE], (Step.BEFORE, FUTURE[0])),
        ([PAST], (Step.AFTER, PAST[1])),
        ([PAST, FUTURE], (Step.BEFORE, FUTURE[0])),
        ([PAST, (PAST[0] - 400 * DAY, PAST[1] - 400 * DAY)], (Step.AFTER, PAST[1])),
    ],
)
def test_somebody_in_no_cohort_is_told_when_they_begin_or_when_they_ended(places, expected):
    assert outside(places, TODAY) == expected
