"""Where a round, a work and a review stand, and what may happen to them next.

An act done twice answers what the first did: a form sent from two devices changes nothing the second time.
"""

from dataclasses import dataclass
from enum import StrEnum

from popschool.errors import RuleBroken


class RoundState(StrEnum):
    """Where a review round stands."""

    DRAFT = "draft"
    OPEN = "open"
    PLANNED = "planned"
    REVIEWING = "reviewing"
    TOPPING_UP = "topping_up"
    MODERATING = "moderating"
    RELEASED = "released"
    RESPONDING = "responding"
    CLOSED = "closed"


class RoundAct(StrEnum):
    """What moves a round on. Only `extend` goes back: a trainer gives more time to review."""

    OPEN = "open"
    PLAN = "plan"
    START = "start"
    TOP_UP = "top_up"
    MODERATE = "moderate"
    EXTEND = "extend"
    RELEASE = "release"
    RESPOND = "respond"
    CLOSE = "close"


class ReviewState(StrEnum):
    """Where one learner's reading of one work stands."""

    PLANNED = "planned"
    REVEALED = "revealed"
    IN_PROGRESS = "in_progress"
    SUBMITTED = "submitted"
    RELEASED = "released"
    REACTED = "reacted"
    RETURNED = "returned"
    EXPIRED = "expired"
    SET_ASIDE = "set_aside"


class ReviewAct(StrEnum):
    """What moves a review on."""

    REVEAL = "reveal"
    BEGIN = "begin"
    SUBMIT = "submit"
    RELEASE = "release"
    REACT = "react"
    GIVE_BACK = "give_back"
    EXPIRE = "expire"
    SET_ASIDE = "set_aside"


class WorkState(StrEnum):
    """Where a deliverable stands in a round. An estimate can be worked out at any of them, so it is no state."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUBMITTED_LATE = "submitted_late"
    IN_REVIEW = "in_review"
    REVIEWED = "reviewed"
    SHORT = "short"
    NEEDS_TRAINER = "needs_trainer"
    READY = "ready"
    GRADED = "graded"
    RELEASED = "released"
    RESPONDED = "responded"
    REVISED = "revised"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass
class RoundNotThere(RuleBroken):
    """The round is not at a point where this can be done."""

    state: RoundState
    act: RoundAct


@dataclass
class ReviewNotThere(RuleBroken):
    """The review is not at a point where this can be done."""

    state: ReviewState
    act: ReviewAct


_R, _A = RoundState, RoundAct
ROUND_ACTS: dict[RoundAct, tuple[frozenset[RoundState], RoundState]] = {
    _A.OPEN: (frozenset({_R.DRAFT}), _R.OPEN),
    _A.PLAN: (frozenset({_R.OPEN}), _R.PLANNED),
    _A.START: (frozenset({_R.PLANNED}), _R.REVIEWING),
    _A.TOP_UP: (frozenset({_R.REVIEWING}), _R.TOPPING_UP),
    _A.MODERATE: (frozenset({_R.OPEN, _R.PLANNED, _R.REVIEWING, _R.TOPPING_UP}), _R.MODERATING),
    _A.EXTEND: (frozenset({_R.TOPPING_UP, _R.MODERATING}), _R.REVIEWING),
    _A.RELEASE: (frozenset({_R.MODERATING}), _R.RELEASED),
    _A.RESPOND: (frozenset({_R.RELEASED}), _R.RESPONDING),
    _A.CLOSE: (frozenset({_R.RELEASED, _R.RESPONDING}), _R.CLOSED),
}

_S, _V = ReviewState, ReviewAct
REVIEW_ACTS: dict[ReviewAct, tuple[frozenset[ReviewState], ReviewState]] = {
    _V.REVEAL: (frozenset({_S.PLANNED}), _S.REVEALED),
    _V.BEGIN: (frozenset({_S.REVEALED}), _S.IN_PROGRESS),
    # What was typed after the end still reaches the author, as one review more.
    _V.SUBMIT: (frozenset({_S.REVEALED, _S.IN_PROGRESS, _S.EXPIRED}), _S.SUBMITTED),
    _V.RELEASE: (frozenset({_S.SUBMITTED}), _S.RELEASED),
    _V.REACT: (frozenset({_S.RELEASED}), _S.REACTED),
    _V.GIVE_BACK: (frozenset({_S.PLANNED, _S.REVEALED}), _S.RETURNED),
    _V.EXPIRE: (frozenset({_S.IN_PROGRESS}), _S.EXPIRED),
    _V.SET_ASIDE: (frozenset({_S.SUBMITTED, _S.RELEASED, _S.REACTED}), _S.SET_ASIDE),
}

OPENED = frozenset({_S.REVEALED, _S.IN_PROGRESS})
FINISHED = frozenset({_S.SUBMITTED, _S.RELEASED, _S.REACTED})
HELD = OPENED | FINISHED | {_S.EXPIRED}
OVER = frozenset({_R.RELEASED, _R.RESPONDING, _R.CLOSED})
TAKES_REVIEWS = frozenset({_R.REVIEWING, _R.TOPPING_UP})


def round_after(state: RoundState, act: RoundAct) -> RoundState:
    """Return where an act brings a round. Raises RoundNotThere."""
    from_states, then = ROUND_ACTS[act]
    if state == then:
        return state
    if state not in from_states:
        raise RoundNotThere(state, act)
    return then


def review_after(state: ReviewState, act: ReviewAct) -> ReviewState:
    """Return where an act brings a review. Raises ReviewNotThere."""
    from_states, then = REVIEW_ACTS[act]
    if state == then:
        return state
    if state not in from_states:
        raise ReviewNotThere(state, act)
    return then


def work_state(
    round_state: RoundState,
    *,
    is_submitted: bool,
    finished: int = 0,
    wanted: int = 0,
    is_late: bool = False,
    is_withdrawn: bool = False,
    is_graded: bool = False,
    needs_trainer: bool = False,
    has_responded: bool = False,
    has_revised: bool = False,
) -> WorkState:
    """Say where a work stands, from the facts: it is never kept, so it can never be wrong."""
    if is_withdrawn:
        return WorkState.WITHDRAWN
    if not is_submitted:
        return WorkState.DRAFT
    if round_state is RoundState.CLOSED:
        return WorkState.CLOSED
    if round_state in OVER:
        if has_revised:
            return WorkState.REVISED
        return WorkState.RESPONDED if has_responded else WorkState.RELEASED
    if is_graded:
        return WorkState.GRADED
    if round_state is RoundState.MODERATING:
        if needs_trainer or finished == 0:
            return WorkState.NEEDS_TRAINER
        return WorkState.READY if finished >= wanted else WorkState.SHORT
    if round_state in TAKES_REVIEWS:
        return WorkState.REVIEWED if finished >= wanted else WorkState.IN_REVIEW
    return WorkState.SUBMITTED_LATE if is_late else WorkState.SUBMITTED
