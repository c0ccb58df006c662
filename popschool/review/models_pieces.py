"""Pieces that everybody reads first: made by the team, with the marks that the team gives them."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.db import Base, Json, Moment
from popschool.review.models import Reviewer, Round, new_key


class Piece(Base):
    """A piece of work written by the team for one deliverable of a project, to be used with every cohort of a school.

    `criteria` is what it was marked against, as it read then: [{"id", "text", "words"}]; `marks` is {id: mark}, and
    `whys` the team's words for each. `score` is 100 × the marks given / the marks possible.
    """

    __tablename__ = "review_piece"
    __table_args__ = (Index(None, "school_id", "project_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    deliverable_key: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    criteria: Mapped[Json]
    marks: Mapped[Json]
    whys: Mapped[Json]
    score: Mapped[float]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[Moment]
    retired_at: Mapped[Moment | None]


class PieceReview(Base):
    """One reviewer's reading of a piece, in one round. Once sent, it never changes.

    `draft` is what is written, as in a review: {criterion id: {"mark", "good", …}}.
    """

    __tablename__ = "piece_review"
    __table_args__ = (UniqueConstraint("reviewer_id", "piece_id"), Index(None, "round_id", "submitted_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    piece_id: Mapped[int] = mapped_column(ForeignKey("review_piece.id"), index=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    key: Mapped[str] = mapped_column(String(24), unique=True, default=new_key)
    draft: Mapped[Json] = mapped_column(default=dict)
    opened_at: Mapped[Moment]
    saved_at: Mapped[Moment | None]
    submitted_at: Mapped[Moment | None]
    score: Mapped[float | None]

    round: Mapped[Round] = relationship()
    piece: Mapped[Piece] = relationship()
    reviewer: Mapped[Reviewer] = relationship()
