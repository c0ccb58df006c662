"""Tables of what learners say: why they were away, and half-days that are not as they were."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.attendance.models import HalfDay
from popschool.counted import counted
from popschool.db import Base, Moment
from popschool.locked import LockedText
from popschool.schools.models import Person
from popschool.schools.rules import Place


@counted
class Excuse(Base):
    """A learner says why they were away, from a half-day to another, and may join a paper. Decided by the school.

    The motive and what is written of it lie locked.
    """

    __tablename__ = "excuse"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"), Index(None, "school_id", "decided_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    code: Mapped[str] = mapped_column(LockedText)
    note: Mapped[str] = mapped_column(LockedText, default="")
    file_hash: Mapped[str] = mapped_column(String(64), default="")
    file_name: Mapped[str] = mapped_column(String(200), default="")
    file_type: Mapped[str] = mapped_column(String(100), default="")
    file_removed_on: Mapped[date | None]
    sent_at: Mapped[Moment]
    is_accepted: Mapped[bool | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Moment | None]
    answer: Mapped[str] = mapped_column(LockedText, default="")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


@counted
class Dispute(Base):
    """A learner says that a half-day is not as it was, and somebody of the school answers."""

    __tablename__ = "presence_dispute"
    __table_args__ = (Index(None, "school_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(String(1000))
    sent_at: Mapped[Moment]
    answer: Mapped[str] = mapped_column(String(1000), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    half_day: Mapped[HalfDay] = relationship()
