"""Tables of what programmes ask for, of exams and of their results."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.rules import Asked
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place


@append_only
@counted
class CompletionRule(Base):
    """What a school asks of a programme to be complete. The last one said holds."""

    __tablename__ = "completion_rule"
    __table_args__ = (Index(None, "school_id", "programme_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    asked: Mapped[Json]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    @property
    def as_asked(self) -> Asked:
        return Asked(**self.asked)


class ExamSession(Base):
    """A day of exam of a cohort: for the whole title, or for some of its blocks."""

    __tablename__ = "exam_session"
    __table_args__ = (UniqueConstraint("cohort_id", "on", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    title: Mapped[str] = mapped_column(String(200))
    on: Mapped[date]
    place_text: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


@append_only
class ExamResult(Base):
    """What a jury decided of somebody: the title, some of its blocks, nothing, or they did not come. The last holds.

    `blocks` are the positions of the blocks obtained, from 1.
    """

    __tablename__ = "exam_result"
    __table_args__ = (Index(None, "session_id", "enrolment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("exam_session.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(10))
    blocks: Mapped[Json] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(300), default="")
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    session: Mapped[ExamSession] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    said_by: Mapped[Person] = relationship()
