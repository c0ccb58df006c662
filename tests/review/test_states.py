"""What may happen to a round and to a review, and that doing it twice is doing it once."""

import pytest

from popschool.review.rules_states import (
    FINISHED,
    HELD,
    REVIEW_ACTS,
    ReviewAct,
    ReviewNotThere,
    ReviewState,
    RoundAct,
    RoundNotThere,
    RoundState,
    WorkState,
    review_after,
    round_after,
    work_state,
)

ROUND_WAY = [RoundAct.OPEN, RoundAct.PLAN, RoundAct.START, RoundAct.TOP_UP, RoundAct.MODERATE, RoundAct.RELEASE]


def test_a_round_goes_its_way_and_each_act_twice_is_once():
    state, seen = RoundState.DRAFT, [RoundState.DRAFT]
    for act in [*ROUND_WAY, RoundAct.RESPOND, RoundAct.CLOSE]:
        state = round_after(state, act)
        assert round_after(state, act) is state
        seen.append(state)

    assert seen == list(RoundState)


def test_a_trainer_gives_more_time_or_skips_to_moderating():
    assert round_after(RoundState.MODERATING, RoundAct.EXTEND) is RoundState.REVIEWING
    assert round_after(RoundState.PLANNED, RoundAct.MODERATE) is RoundState.MODERATING


@pytest.mark.parametrize("state", [RoundState.RELEASED, RoundState.RESPONDING, RoundState.CLOSED])
@pytest.mark.parametrize("act", [RoundAct.OPEN, RoundAct.START, RoundAct.EXTEND, RoundAct.MODERATE])
def test_what_is_released_cannot_be_taken_back(state, act):
    with pytest.raises(RoundNotThere) as refused:
        round_after(state, act)

    assert (refused.value.state, refused.value.act) == (state, act)


def test_a_review_goes_its_way():
    state = ReviewState.PLANNED
    for act in (ReviewAct.REVEAL, ReviewAct.BEGIN, ReviewAct.SUBMIT, ReviewAct.RELEASE, ReviewAct.REACT):
        state = review_after(state, act)
        assert review_after(state, act) is state

    assert state is ReviewState.REACTED


def test_a_review_begun_is_not_given_back_and_an_expired_one_may_still_be_sent():
    with pytest.raises(ReviewNotThere):
        review_after(ReviewState.IN_PROGRESS, ReviewAct.GIVE_BACK)

    assert review_after(ReviewState.EXPIRED, ReviewAct.SUBMIT) is ReviewState.SUBMITTED


def test_nothing_leaves_an_end():
    for act in ReviewAct:
        for end in (ReviewState.RETURNED, ReviewState.SET_ASIDE):
            if REVIEW_ACTS[act][1] is not end:
                with pytest.raises(ReviewNotThere):
                    review_after(end, act)


def test_what_is_finished_is_held():
    assert FINISHED < HELD
    assert ReviewState.PLANNED not in HELD


@pytest.mark.parametrize(
    ("round_state", "facts", "expected"),
    [
        (RoundState.OPEN, {"is_submitted": False}, WorkState.DRAFT),
        (RoundState.OPEN, {}, WorkState.SUBMITTED),
        (RoundState.OPEN, {"is_late": True}, WorkState.SUBMITTED_LATE),
        (RoundState.REVIEWING, {"finished": 2}, WorkState.IN_REVIEW),
        (RoundState.TOPPING_UP, {"finished": 3}, WorkState.REVIEWED),
        (RoundState.MODERATING, {"finished": 2}, WorkState.SHORT),
        (RoundState.MODERATING, {"finished": 0}, WorkState.NEEDS_TRAINER),
        (RoundState.MODERATING, {"finished": 3, "needs_trainer": True}, WorkState.NEEDS_TRAINER),
        (RoundState.MODERATING, {"finished": 3}, WorkState.READY),
        (RoundState.MODERATING, {"finished": 0, "is_graded": True}, WorkState.GRADED),
        (RoundState.RELEASED, {"finished": 3}, WorkState.RELEASED),
        (RoundState.RESPONDING, {"has_responded": True}, WorkState.RESPONDED),
        (RoundState.RESPONDING, {"has_responded": True, "has_revised": True}, WorkState.REVISED),
        (RoundState.CLOSED, {"has_revised": True}, WorkState.CLOSED),
        (RoundState.REVIEWING, {"is_withdrawn": True}, WorkState.WITHDRAWN),
    ],
)
def test_where_a_work_stands_is_worked_out_from_the_facts(round_state, facts, expected):
    assert work_state(round_state, **{"is_submitted": True, "wanted": 3, **facts}) is expected
