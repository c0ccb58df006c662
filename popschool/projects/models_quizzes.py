"""Tables of quizzes: each attempt and each of its answers is a row that stays."""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.courses.models import Page
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person
from popschool.schools.rules import Place


class QuizAttempt(Base):
    """One try at a quiz. `quiz_hash` names the questions as they were; `right` of them, out of `asked`, were right.

    `number` counts the attempts of a person at a page. `key` is that of the form, so that a second click finds the
    first one's attempt.
    """

    __tablename__ = "quiz_attempt"
    __table_args__ = (
        UniqueConstraint("person_id", "page_id", "number"),
        Index(None, "cohort_id", "page_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    quiz_hash: Mapped[str] = mapped_column(ForeignKey("quiz.hash"))
    number: Mapped[int]
    right: Mapped[int]
    asked: Mapped[int]
    key: Mapped[str] = mapped_column(String(32), unique=True)
    answered_at: Mapped[Moment]

    person: Mapped[Person] = relationship()
    page: Mapped[Page] = relationship()
    answers: Mapped[list["QuizAnswer"]] = relationship(order_by="QuizAnswer.position")

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


class QuizAnswer(Base):
    """What was given to one question: `given` holds keys of answers, a line's number, or the text typed.

    `verdict` is right, partly, wrong or empty.
    """

    __tablename__ = "quiz_answer"

    attempt_id: Mapped[int] = mapped_column(ForeignKey("quiz_attempt.id"), primary_key=True)
    question: Mapped[str] = mapped_column(String(64), primary_key=True)
    position: Mapped[int]
    given: Mapped[Json]
    verdict: Mapped[str] = mapped_column(String(8))
