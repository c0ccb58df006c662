"""All that somebody wrote and received in rounds, for them to take away; the other side stays a number."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from popschool.db import db
from popschool.review.models import Review, ReviewAnswer, Reviewer
from popschool.review.models_pieces import Piece, PieceReview
from popschool.review.rules_states import ReviewState
from popschool.review.services_reading import Answer, Opinion, received_by, verdict_of

NEVER_OPENED = (ReviewState.PLANNED, ReviewState.RETURNED)


def written_by(person_id: int) -> list[dict[str, Any]]:
    """Return every review that somebody opened, as they wrote it, sent or not; what authors made of it stays theirs."""
    rows = db.session.scalars(
        select(Review)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .where(Reviewer.person_id == person_id, Review.state.not_in(list(NEVER_OPENED)))
        .options(joinedload(Review.answers), joinedload(Review.work), joinedload(Review.round))
        .order_by(Review.id)
    ).unique()
    return [
        {
            "round": one.round.title,
            "work": one.work.number,
            "opened_at": one.revealed_at,
            "sent_at": one.submitted_at,
            "is_set_aside": one.state == ReviewState.SET_ASIDE,
            "answers": _answers(one.answers),
            "draft": {} if one.answers else one.draft,
        }
        for one in rows
    ]


def pieces_by(person_id: int) -> list[dict[str, Any]]:
    """Return what somebody answered on the samples that everybody reads first."""
    rows = db.session.execute(
        select(PieceReview, Piece.title)
        .join(Reviewer, Reviewer.id == PieceReview.reviewer_id)
        .join(Piece, Piece.id == PieceReview.piece_id)
        .where(Reviewer.person_id == person_id)
        .order_by(PieceReview.id)
    )
    return [
        {"sample": title, "opened_at": one.opened_at, "sent_at": one.submitted_at, "answers": one.draft}
        for one, title in rows
    ]


def received_of(person_id: int) -> list[dict[str, Any]]:
    """Return every review of somebody's works that they can read, with their own answer; and the number once it shows.

    What they reported stays hidden while the trainer looks, as it does on their page.
    """
    found = []
    for received in received_by(person_id):
        verdict = verdict_of(received.work, person_id)
        appeal, shown = verdict.appeal, (verdict.estimate if verdict.is_answered else None)
        found.append(
            {
                "round": received.round.title,
                "reviews": [_opinion(one) for one in verdict.opinions if not one.is_reported],
                "estimate": None if shown is None else {"is": shown.estimate, "low": shown.low, "high": shown.high},
                "appeal": None if appeal is None else {"said": appeal.words, "told": appeal.answer},
            }
        )
    return found


def _opinion(one: Opinion) -> dict[str, Any]:
    own = one.reaction
    return {
        "reviewer": one.number if one.reviewer is None else one.reviewer.name,
        "answers": _answers(one.answers),
        "my_answer": None if own is None else {"helps": own.helps, "reason": own.reason, "change": own.change},
    }


def _answers(answers: Iterable[Answer | ReviewAnswer]) -> list[dict[str, Any]]:
    """Return answers as values; a level is its word."""
    return [
        {
            "asked": one.text,
            "level": one.word,
            "works": {"said": one.good, "place": one.good_place, "line": one.good_line, "quoted": one.good_quote},
            "idea": {"said": one.idea, "place": one.idea_place, "line": one.idea_line, "quoted": one.idea_quote},
        }
        for one in answers
    ]
