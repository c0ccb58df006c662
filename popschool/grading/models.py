"""Tables of feedback, marks and awards."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.counted import counted
from popschool.courses.models import Competence
from popschool.db import Base, Json, Moment
from popschool.projects.models import Submission
from popschool.schools.models import Person


class FeedbackDraft(Base):
    """What one trainer has begun to answer to a submission, and when they last had it open.

    `marks` is {criterion id: 0, 1 or 2}; `levels` is {competence key: 0 to 3, 0 meaning not this time} for everybody,
    and {"competence key@person": 0 to 3} for one person of a team.
    """

    __tablename__ = "feedback_draft"
    __table_args__ = (UniqueConstraint("submission_id", "trainer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    marks: Mapped[Json] = mapped_column(default=dict)
    levels: Mapped[Json] = mapped_column(default=dict)
    comment: Mapped[str] = mapped_column(Text, default="")
    decision: Mapped[str] = mapped_column(String(12), default="")
    opened_at: Mapped[Moment]
    saved_at: Mapped[Moment | None]

    trainer: Mapped[Person] = relationship()


class Feedback(Base):
    """A trainer's answer to a submission. `decision` is validated or to_complete.

    It can be undone for ten minutes: `undone_at` is set once, and the row stays.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        Index(None, "submission_id", "undone_at"),
        UniqueConstraint("submission_id", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    decision: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[Moment]
    undone_at: Mapped[Moment | None]

    submission: Mapped[Submission] = relationship()
    trainer: Mapped[Person] = relationship()
    marks: Mapped[list["CriterionMark"]] = relationship(order_by="CriterionMark.position")
    awards: Mapped[list["Award"]] = relationship(order_by="Award.id", back_populates="feedback")


@append_only
class CriterionMark(Base):
    """One criterion marked in one feedback, with its sentence and words as they were read that day."""

    __tablename__ = "criterion_mark"
    __table_args__ = (UniqueConstraint("feedback_id", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"))
    position: Mapped[int]
    criterion: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(500))
    mark: Mapped[int]
    word: Mapped[str] = mapped_column(String(60))


@append_only
@counted(schools="SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = {row}.person_id")
class Award(Base):
    """A level given to a person for a competence, on the proof of a submission.

    `level` 0 withdraws it, with a reason. An award of feedback that was undone does not count.
    """

    __tablename__ = "award"
    __table_args__ = (Index(None, "person_id", "competence_id"), Index(None, "school_id", "awarded_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    competence_id: Mapped[int] = mapped_column(ForeignKey("competence.id"), index=True)
    level: Mapped[int]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    feedback_id: Mapped[int] = mapped_column(ForeignKey("feedback.id"), index=True)
    trainer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    awarded_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(300), default="")

    feedback: Mapped[Feedback] = relationship(back_populates="awards")
    submission: Mapped[Submission] = relationship()
    competence: Mapped[Competence] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    trainer: Mapped[Person] = relationship(foreign_keys=[trainer_id])
