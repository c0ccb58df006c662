"""Meetings of rounds that are spoken: a moment that somebody offers, who booked it, and what both say of it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.db import Base, Moment
from popschool.review.models import Review, Round, Work, new_key
from popschool.schools.models import Person


class OralSlot(Base):
    """A moment at which somebody speaks of their work. Its review is made once both have said that they met."""

    __tablename__ = "oral_slot"
    __table_args__ = (CheckConstraint("minutes > 0", name="minutes"), Index(None, "round_id", "starts_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(24), unique=True, default=new_key)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    work_id: Mapped[int] = mapped_column(ForeignKey("review_work.id"), index=True)
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_at: Mapped[Moment]
    minutes: Mapped[int]
    spot: Mapped[str] = mapped_column(String(120))
    offered_at: Mapped[Moment]
    booked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    booked_at: Mapped[Moment | None]
    author_said_at: Mapped[Moment | None]
    reviewer_said_at: Mapped[Moment | None]
    called_off_at: Mapped[Moment | None]
    called_off_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"))

    round: Mapped[Round] = relationship()
    work: Mapped[Work] = relationship()
    review: Mapped[Review | None] = relationship()
    offered_by: Mapped[Person] = relationship(foreign_keys=[offered_by_id])
    booked_by: Mapped[Person | None] = relationship(foreign_keys=[booked_by_id])
