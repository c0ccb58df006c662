"""When work is taken, what it still lacks, and where it stands."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.projects import rules
from popschool.projects.rules import MoreDays, Progress, Timing, Window

PARIS = ZoneInfo("Europe/Paris")
OPENS = datetime(2027, 3, 1, 8, tzinfo=UTC)
DUE = datetime(2027, 3, 5, 17, tzinfo=UTC)
CLOSES = datetime(2027, 4, 30, 16, tzinfo=UTC)
WINDOW = Window(OPENS, DUE, CLOSES)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)

moments = st.integers(0, 1_000_000).map(lambda minutes: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))
windows = st.tuples(moments, moments, moments).map(lambda found: Window(*sorted(found)))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS, Timing.ON_TIME),
        (DUE, Timing.ON_TIME),
        (DUE + SECOND, Timing.LATE),
        (CLOSES - SECOND, Timing.LATE),
    ],
)
def test_timing_follows_the_due_time(now, expected):
    assert rules.timing(WINDOW, now) is expected


def test_nothing_is_taken_before_the_opening():
    with pytest.raises(rules.NotOpenYet) as refused:
        rules.timing(WINDOW, OPENS - SECOND)

    assert refused.value.opens_at == OPENS


@pytest.mark.parametrize("now", [CLOSES, CLOSES + DAY])
def test_nothing_is_taken_once_closed(now):
    with pytest.raises(rules.DeliverableClosed) as refused:
        rules.timing(WINDOW, now)

    assert refused.value.closed_at == CLOSES


@given(windows, moments)
def test_work_is_on_time_late_or_refused_and_never_anything_else(window, now):
    try:
        timing = rules.timing(window, now)
    except (rules.NotOpenYet, rules.DeliverableClosed):
        assert not window.opens_at <= now < window.closes_at
    else:
        assert timing is (Timing.ON_TIME if now <= window.due_at else Timing.LATE)


@pytest.mark.parametrize(
    ("window", "is_sound"),
    [
        (WINDOW, True),
        (Window(DUE, DUE, DUE), True),
        (Window(DUE, OPENS, CLOSES), False),
        (Window(OPENS, CLOSES, DUE), False),
    ],
)
def test_a_window_opens_then_is_due_then_closes(window, is_sound):
    if is_sound:
        rules.check_window(window)
    else:
        with pytest.raises(rules.WindowInverted):
            rules.check_window(window)


@pytest.mark.parametrize(
    ("more_days", "extension", "due_at", "closes_at"),
    [
        (0, None, DUE, CLOSES),
        (2, None, DUE + 2 * DAY, CLOSES + 2 * DAY),
        (0, (DUE + DAY, CLOSES), DUE + DAY, CLOSES),
        (2, (DUE + DAY, CLOSES), DUE + 2 * DAY, CLOSES + 2 * DAY),
        (2, (DUE + 9 * DAY, CLOSES + 9 * DAY), DUE + 9 * DAY, CLOSES + 9 * DAY),
        (0, (DUE - DAY, CLOSES - DAY), DUE, CLOSES),
    ],
)
def test_what_is_arranged_for_somebody_moves_their_own_dates(more_days, extension, due_at, closes_at):
    own = rules.own_window(WINDOW, more_days, extension, PARIS)

    assert (own.opens_at, own.due_at, own.closes_at) == (OPENS, due_at, closes_at)


def test_two_days_more_end_at_the_same_hour_when_clocks_change():
    friday = datetime(2027, 3, 26, 18, tzinfo=PARIS)
    window = Window(friday - 4 * DAY, friday, friday)

    own = rules.own_window(window, 2, None, PARIS)

    assert own.due_at.astimezone(PARIS) == datetime(2027, 3, 28, 18, tzinfo=PARIS)


@given(
    windows,
    st.integers(0, 60),
    st.none() | st.tuples(moments, moments).map(lambda found: tuple(sorted(found))),
)
def test_arranging_never_takes_time_away(window, more_days, extension):
    own = rules.own_window(window, more_days, extension, PARIS)

    assert own.opens_at == window.opens_at
    assert own.due_at >= window.due_at
    assert own.closes_at >= window.closes_at
    rules.check_window(own)


FIRST, LAST = date(2027, 3, 1), date(2027, 3, 5)


@pytest.mark.parametrize(
    ("arranged", "expected"),
    [
        ([], 0),
        ([MoreDays(2, FIRST - DAY)], 2),
        ([MoreDays(2, LAST)], 2),
        ([MoreDays(2, LAST + DAY)], 0),
        ([MoreDays(2, FIRST - 9 * DAY, FIRST)], 2),
        ([MoreDays(2, FIRST - 9 * DAY, FIRST - DAY)], 0),
        ([MoreDays(2, FIRST), MoreDays(5, FIRST - 9 * DAY, LAST), MoreDays(9, LAST + DAY)], 5),
    ],
)
def test_an_accommodation_counts_when_it_holds_between_the_opening_and_the_due_day(arranged, expected):
    assert rules.days_more(arranged, FIRST, LAST) == expected


def test_people_who_work_together_share_the_most_generous_dates():
    slow, late = Window(OPENS, DUE + 2 * DAY, CLOSES), Window(OPENS, DUE + DAY, CLOSES + 3 * DAY)

    assert rules.widest([WINDOW, slow, late]) == Window(OPENS, DUE + 2 * DAY, CLOSES + 3 * DAY)


@pytest.mark.parametrize(
    ("due_at", "now", "is_more"),
    [
        (DUE + SECOND, OPENS, True),
        (DUE, OPENS, False),
        (DUE + DAY, DUE + 2 * DAY, False),
        (DUE + 3 * DAY, DUE + 2 * DAY, True),
    ],
)
def test_more_time_is_a_date_to_come_and_later_than_everybodys(due_at, now, is_more):
    if is_more:
        rules.check_extension(WINDOW, due_at, now)
    else:
        with pytest.raises(rules.ExtensionTooShort):
            rules.check_extension(WINDOW, due_at, now)


@pytest.mark.parametrize(
    ("asks", "either", "given", "expected"),
    [
        (["text"], False, set(), ("text",)),
        (["text"], False, {"text"}, ()),
        (["text", "link", "files"], False, {"link"}, ("text", "files")),
        (["text", "link", "files"], True, set(), ("text", "link", "files")),
        (["text", "link", "files"], True, {"files"}, ()),
        (["repository"], False, {"text", "link"}, ("repository",)),
        ([], False, set(), ()),
    ],
)
def test_what_is_missing_is_all_that_is_asked_or_one_of_it(asks, either, given, expected):
    assert rules.missing(asks, either, given) == expected


@pytest.mark.parametrize(("length", "most"), [(100_000, 100_000), (0, 0)])
def test_a_text_may_be_as_long_as_it_may(length, most):
    rules.check_text("é" * length, most)


def test_a_text_that_is_too_long_is_refused_with_its_length():
    with pytest.raises(rules.TextTooLong) as refused:
        rules.check_text("é" * 5_001, rules.LONGEST_NOTE)

    assert (refused.value.length, refused.value.most) == (5_001, 5_000)


BEFORE, WHILE_ON_TIME, WHILE_LATE, AFTER = OPENS - DAY, OPENS + DAY, DUE + DAY, CLOSES + DAY


@pytest.mark.parametrize(
    ("now", "is_sent", "decision", "has_draft", "expected"),
    [
        (BEFORE, False, "", False, Progress.TO_COME),
        (BEFORE, False, "", True, Progress.TO_COME),
        (BEFORE, True, "", False, Progress.SENT),
        (BEFORE, True, "to_complete", False, Progress.TO_COME),
        (WHILE_ON_TIME, False, "", False, Progress.TO_DO),
        (WHILE_ON_TIME, False, "", True, Progress.DRAFT),
        (WHILE_ON_TIME, True, "", False, Progress.SENT),
        (WHILE_ON_TIME, True, "", True, Progress.DRAFT),
        (WHILE_ON_TIME, True, "to_complete", False, Progress.TO_COMPLETE),
        (WHILE_ON_TIME, True, "to_complete", True, Progress.DRAFT),
        (WHILE_ON_TIME, True, "validated", True, Progress.VALIDATED),
        (WHILE_LATE, False, "", False, Progress.TO_DO),
        (WHILE_LATE, True, "to_complete", False, Progress.TO_COMPLETE),
        (AFTER, False, "", False, Progress.CLOSED),
        (AFTER, False, "", True, Progress.CLOSED),
        (AFTER, True, "", False, Progress.SENT),
        (AFTER, True, "to_complete", True, Progress.CLOSED),
        (AFTER, True, "validated", False, Progress.VALIDATED),
    ],
)
def test_where_somebody_stands_with_one_deliverable(now, is_sent, decision, has_draft, expected):
    assert rules.progress(WINDOW, now, is_sent=is_sent, decision=decision, has_draft=has_draft) is expected


@given(windows, moments, st.booleans(), st.sampled_from(["", "validated", "to_complete"]), st.booleans())
def test_nothing_is_proposed_that_would_be_refused(window, now, is_sent, decision, has_draft):
    decision = decision if is_sent else ""

    found = rules.progress(window, now, is_sent=is_sent, decision=decision, has_draft=has_draft)

    if found in rules.OPEN:
        assert rules.timing(window, now) in Timing


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], Progress.TO_COME),
        ([Progress.VALIDATED, Progress.VALIDATED], Progress.VALIDATED),
        ([Progress.VALIDATED, Progress.CLOSED], Progress.CLOSED),
        ([Progress.VALIDATED, Progress.SENT], Progress.SENT),
        ([Progress.SENT, Progress.TO_DO], Progress.TO_DO),
        ([Progress.DRAFT, Progress.TO_COMPLETE], Progress.TO_COMPLETE),
    ],
)
def test_a_project_stands_where_it_needs_somebody_most(found, expected):
    assert rules.most_pressing(found) is expected


@given(st.lists(st.sampled_from(Progress), min_size=1))
def test_a_project_is_validated_only_when_all_of_it_is(found):
    assert (rules.most_pressing(found) is Progress.VALIDATED) == (set(found) == {Progress.VALIDATED})


@given(st.integers(0, 2**64 - 1))
def test_a_receipt_is_ten_letters_that_nobody_confuses(number):
    code = rules.receipt_code(number)

    assert len(code) == 10
    assert not set(code) & set("01ILO")
