"""Pieces that everybody reads first: the team makes and marks them, reviewers begin with them, the estimate learns.

Two pieces that all have read teach as much of who gives more, or less, as a trainer's marks on a fifth of the works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.db import db, transaction
from popschool.projects.models import Assignment, Deliverable
from popschool.review import rules
from popschool.review import rules_estimate as estimates
from popschool.review import rules_feedback as feedback
from popschool.review.models import Reviewer, Round
from popschool.review.models_pieces import Piece, PieceReview
from popschool.review.rules import Part, Said, joined
from popschool.schools.models import Person

TEXT = "text"


def kept_for(assignment: Assignment) -> Sequence[Piece]:
    """Return the pieces that a school keeps for a project. One query."""
    return db.session.scalars(
        select(Piece)
        .where(
            Piece.school_id == assignment.school_id,
            Piece.project_id == assignment.project_id,
            Piece.retired_at.is_(None),
        )
        .order_by(Piece.id)
    ).all()


def fits(piece: Piece, deliverable: Deliverable, criteria: Sequence[Mapping]) -> bool:
    """Say whether a piece was marked against what is asked of a deliverable today."""
    return piece.deliverable_key == deliverable.key and _shape(piece.criteria) == _shape(criteria)


def offered_for(deliverable: Deliverable, criteria: Sequence[Mapping]) -> list[Piece]:
    """Return the pieces that a round on a deliverable can begin with. One query."""
    return [piece for piece in kept_for(deliverable.assignment) if fits(piece, deliverable, criteria)]


def _shape(criteria: Sequence[Mapping]) -> list[tuple[str, int]]:
    return [(one["id"], len(one["words"])) for one in criteria]


def make(
    deliverable: Deliverable,
    criteria: Sequence[Mapping],
    *,
    title: str,
    text: str,
    marks: Mapping[str, int],
    whys: Mapping[str, str],
    by: Person,
    now: datetime,
) -> Piece:
    """Keep a piece with the team's marks. Sent twice, it is kept once. Raises NothingToJudge."""
    highest = {one["id"]: len(one["words"]) - 1 for one in criteria}
    score = feedback.score({name: marks.get(name) for name in highest}, highest)
    if score is None:
        raise rules.NothingToJudge
    assignment = deliverable.assignment
    with transaction(lock=f"pieces/{assignment.school_id}/{assignment.project_id}"):
        for known in offered_for(deliverable, criteria):
            if (known.title, known.text, known.marks) == (title, text, dict(marks)):
                return known
        piece = Piece(
            school_id=assignment.school_id,
            project_id=assignment.project_id,
            deliverable_key=deliverable.key,
            title=title,
            text=text,
            criteria=list(criteria),
            marks=dict(marks),
            whys=dict(whys),
            score=score,
            made_by_id=by.id,
            made_at=now,
        )
        db.session.add(piece)
        db.session.flush()
        audit.record("make_piece", piece, actor_id=by.id, now=now, project_id=assignment.project_id)
    return piece


def retire(piece: Piece, by: Person, now: datetime) -> None:
    """Offer a piece no more; rounds that began with it keep it."""
    with transaction(lock=piece):
        if piece.retired_at is None:
            piece.retired_at = now
            audit.record("retire_piece", piece, actor_id=by.id, now=now)


def check_chosen(chosen: Sequence[int], deliverable: Deliverable, criteria: Sequence[Mapping], is_oral: bool) -> None:
    """Raises TooManyPieces."""
    if not chosen:
        return
    known = {piece.id for piece in offered_for(deliverable, criteria)}
    if is_oral or len(set(chosen)) > rules.MOST_PIECES or not set(chosen) <= known:
        raise rules.TooManyPieces


def sent_in(rounds: Sequence[Round], person_id: int) -> dict[int, int]:
    """Return how many pieces of each round somebody has read. One query, none when no round has any."""
    ids = [found.id for found in rounds if found.piece_ids]
    if not ids:
        return {}
    rows = db.session.execute(
        select(PieceReview.round_id, func.count())
        .join(Reviewer, Reviewer.id == PieceReview.reviewer_id)
        .where(
            Reviewer.person_id == person_id,
            PieceReview.round_id.in_(ids),
            PieceReview.submitted_at.is_not(None),
        )
        .group_by(PieceReview.round_id)
    )
    return {round_id: count for round_id, count in rows}


def next_for(found: Round, reviewer: Reviewer, now: datetime) -> PieceReview | None:
    """Return the piece that a reviewer reads now, None when all are read. In a transaction."""
    rows = db.session.scalars(select(PieceReview).where(PieceReview.reviewer_id == reviewer.id)).all()
    by_piece = {one.piece_id: one for one in rows}
    for piece_id in found.piece_ids:
        one = by_piece.get(piece_id)
        if one is None:
            one = PieceReview(round_id=found.id, piece_id=piece_id, reviewer_id=reviewer.id, draft={}, opened_at=now)
            db.session.add(one)
            db.session.flush()
        if one.submitted_at is None:
            return one
    return None


def is_waiting(found: Round, reviewer: Reviewer) -> bool:
    """Say whether a reviewer has a piece to read before any work. One query when the round has pieces."""
    if not found.piece_ids:
        return False
    sent = select(func.count()).where(PieceReview.reviewer_id == reviewer.id, PieceReview.submitted_at.is_not(None))
    return (db.session.scalar(sent) or 0) < len(found.piece_ids)


def piece_review_at(key: str) -> PieceReview | None:
    """Return a reading of a piece by its address. One query."""
    return db.session.scalars(
        select(PieceReview)
        .where(PieceReview.key == key)
        .options(joinedload(PieceReview.piece), joinedload(PieceReview.reviewer), joinedload(PieceReview.round))
    ).first()


def part_of(piece: Piece) -> Part:
    return Part(TEXT, tuple(piece.text.replace("\r", "").rstrip().split("\n")))


def save(reading: PieceReview, criterion: str, said: Said, now: datetime, seen: str = "") -> Said:
    """Keep what is written of one criterion, complete or not; return what is kept, see `joined`. Raises AlreadySent."""
    with transaction(lock=reading):
        db.session.refresh(reading, ["submitted_at", "draft"])
        if reading.submitted_at is not None:
            raise rules.AlreadySent
        said = joined(Said(**reading.draft.get(criterion, {})), said, seen)
        reading.draft = {**reading.draft, criterion: said.as_kept()}
        reading.saved_at = now
    return said


def submit(reading: PieceReview, now: datetime) -> None:
    """Send what one says of a piece. Sent twice, it is sent once. Raises ReviewIncomplete or NoPlaceNamed."""
    criteria = reading.round.criteria
    with transaction(lock=reading):
        db.session.refresh(reading, ["submitted_at", "draft"])
        if reading.submitted_at is not None:
            return
        said = {criterion: Said(**one) for criterion, one in reading.draft.items()}
        rules.check_whole(criteria, said, has_places=True)
        highest = {one["id"]: len(one["words"]) - 1 for one in criteria}
        reading.score = feedback.score({name: said[name].mark for name in highest}, highest)
        reading.submitted_at = now


def evidence_of(found: Round) -> tuple[list[estimates.Score], dict[int, float]]:
    """Return what reviewers gave the pieces of a round, and the team's scores. One query, none without a piece.

    A piece has its number below zero, where no work has one.
    """
    if not found.piece_ids:
        return [], {}
    rows = db.session.execute(
        select(Piece.id, Piece.score, PieceReview.score, Reviewer.person_id)
        .outerjoin(
            PieceReview,
            (PieceReview.piece_id == Piece.id)
            & (PieceReview.round_id == found.id)
            & PieceReview.submitted_at.is_not(None),
        )
        .outerjoin(Reviewer, Reviewer.id == PieceReview.reviewer_id)
        .where(Piece.id.in_(found.piece_ids))
        .order_by(Piece.id, Reviewer.person_id)
    ).all()
    scores = [estimates.Score(person_id, -piece_id, given) for piece_id, _own, given, person_id in rows if person_id]
    return scores, {-piece_id: own for piece_id, own, *_rest in rows}


def touched_at(found: Round) -> dict[int, datetime]:
    """Return when each reviewer last did something with a piece. One query, none without a piece."""
    if not found.piece_ids:
        return {}
    rows = db.session.scalars(select(PieceReview).where(PieceReview.round_id == found.id))
    last: dict[int, datetime] = {}
    for one in rows:
        moment = one.submitted_at or one.saved_at or one.opened_at
        last[one.reviewer_id] = max(moment, last.get(one.reviewer_id, moment))
    return last


@dataclass(frozen=True)
class Lesson:
    """One criterion of a piece: what somebody answered, what the team answers, and why."""

    criterion: str
    own: str
    team: str
    why: str
    is_same: bool


def lessons_of(found: Round, person_id: int) -> list[tuple[Piece, list[Lesson]]]:
    """Return the pieces that somebody read in a round, beside the team's answers. One query, none without a piece."""
    if not found.piece_ids:
        return []
    rows = db.session.scalars(
        select(PieceReview)
        .join(Reviewer, Reviewer.id == PieceReview.reviewer_id)
        .where(
            PieceReview.round_id == found.id,
            Reviewer.person_id == person_id,
            PieceReview.submitted_at.is_not(None),
        )
        .options(joinedload(PieceReview.piece))
        .order_by(PieceReview.id)
    )
    return [(one.piece, _lessons(found, one)) for one in rows]


def _lessons(found: Round, reading: PieceReview) -> list[Lesson]:
    piece, lessons = reading.piece, []
    for one in found.criteria:
        own, team = reading.draft[one["id"]]["mark"], piece.marks[one["id"]]
        why = piece.whys.get(one["id"], "")
        lessons.append(Lesson(one["text"], one["words"][own], one["words"][team], why, own == team))
    return lessons
