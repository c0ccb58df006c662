"""A learner reads a work: what is kept at each step, and what is sent at the end."""

from collections.abc import Mapping
from datetime import datetime

from popschool.db import db, transaction
from popschool.review import rules
from popschool.review import rules_feedback as feedback
from popschool.review.models import Review, ReviewAnswer
from popschool.review.rules import Part, Said
from popschool.review.rules_states import FINISHED, TAKES_REVIEWS, ReviewAct, ReviewState
from popschool.review.services_moves import move_review, note
from popschool.review.services_world import ACTIVE


def said_in(review: Review) -> dict[str, Said]:
    """Return what is written so far, by criterion."""
    return {criterion: Said(**said) for criterion, said in review.draft.items()}


def save(review: Review, criterion: str, said: Said, now: datetime, seen: str = "") -> Said:
    """Keep what is written of one criterion, complete or not; return what is kept, see `joined`. Raises AlreadySent."""
    with transaction(lock=review):
        db.session.refresh(review)
        _check_open(review)
        if review.state == ReviewState.REVEALED:
            move_review(review, ReviewAct.BEGIN)
            note(review.round, str(ReviewAct.BEGIN), now, work_id=review.work_id, reviewer_id=review.reviewer_id)
        said = rules.joined(said_in(review).get(criterion, Said()), said, seen)
        review.draft = {**review.draft, criterion: said.as_kept()}
        review.saved_at = now
    return said


def _check_open(review: Review) -> None:
    if review.state in FINISHED or review.state in (ReviewState.SET_ASIDE, ReviewState.RETURNED):
        raise rules.AlreadySent


def submit(review: Review, parts: Mapping[str, Part], now: datetime) -> Review:
    """Send a review: its answers are added, and do not change any more. Sent twice, it is sent once.

    What was begun before the end may still be sent after it, until the round is released. Raises ReviewIncomplete,
    NoPlaceNamed, AlreadySent or ReviewNotThere.
    """
    found = review.round
    with transaction(lock=found):
        db.session.refresh(review)
        if review.state in FINISHED:
            return review
        _check_open(review)
        said = said_in(review)
        rules.check_whole(found.criteria, said, has_places=len(parts) > 0)
        if review.state == ReviewState.REVEALED:
            move_review(review, ReviewAct.BEGIN)
        move_review(review, ReviewAct.SUBMIT)
        for position, criterion in enumerate(found.criteria, 1):
            db.session.add(_answer(review, position, criterion, said[criterion["id"]], parts))
        marks = {criterion: one.mark for criterion, one in said.items()}
        highest = {criterion["id"]: len(criterion["words"]) - 1 for criterion in found.criteria}
        review.score = feedback.score(marks, highest)
        review.submitted_at = now
        cause = "" if found.state in TAKES_REVIEWS else "after the end"
        note(found, str(ReviewAct.SUBMIT), now, cause, work_id=review.work_id, reviewer_id=review.reviewer_id)
        if review.reviewer.state != ACTIVE and found.state in TAKES_REVIEWS:
            review.reviewer.state = ACTIVE
        if found.is_formative:
            move_review(review, ReviewAct.RELEASE)
    return review


def _answer(review: Review, position: int, criterion: Mapping, said: Said, parts: Mapping[str, Part]) -> ReviewAnswer:
    nowhere = Part("")
    return ReviewAnswer(
        review_id=review.id,
        position=position,
        criterion=criterion["id"],
        text=criterion["text"],
        mark=said.mark,
        word=criterion["words"][said.mark],
        good=said.good,
        good_place=said.good_place,
        good_line=said.good_line,
        good_quote=parts.get(said.good_place, nowhere).quote(said.good_line),
        idea=said.idea,
        idea_place=said.idea_place,
        idea_line=said.idea_line,
        idea_quote=parts.get(said.idea_place, nowhere).quote(said.idea_line),
    )
