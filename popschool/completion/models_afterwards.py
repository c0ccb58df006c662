"""Tables of what happens afterwards: who was asked what, each answer, and what remains of them without a name."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.rules_afterwards import Figures
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place


@counted
class Questionnaire(Base):
    """One of the three times that one place is asked. `link_hash` is that of the link that opens it without an account.

    `messages` is how many were sent, the last of them at `written_at`. `draft` is what the person has typed and not
    sent: an answer for each question, and `saved_at`.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (UniqueConstraint("enrolment_id", "moment"), Index(None, "cohort_id", "moment"))

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    moment: Mapped[str] = mapped_column(String(16))
    due_on: Mapped[date]
    link_hash: Mapped[str] = mapped_column("secret", String(32), unique=True)
    messages: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[Moment | None]
    draft: Mapped[Json | None]
    created_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    person: Mapped[Person] = relationship()
    answers: Mapped[list["Answer"]] = relationship(viewonly=True, order_by="Answer.id")

    @property
    def answer(self) -> "Answer | None":
        """The one that holds: the last."""
        return self.answers[-1] if self.answers else None

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


@append_only(deletes=True)
@counted(schools="SELECT q.school_id AS id FROM questionnaire q WHERE q.id = {row}.questionnaire_id")
class Answer(Base):
    """What somebody does now, with its source; `said_by_id` is who wrote it down, nobody when it is the person.

    `rating` goes from 1 (not at all happy with the training) to 4. Retention may remove an answer.
    """

    __tablename__ = "questionnaire_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"), index=True)
    situation: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(10))
    rating: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    said_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    said_by: Mapped[Person | None] = relationship()


class SurveyTotal(Base):
    """What the answers of a cohort at one of the three times add up to, of those that no longer have a name."""

    __tablename__ = "survey_total"
    __table_args__ = (UniqueConstraint("cohort_id", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    moment: Mapped[str] = mapped_column(String(16))
    asked: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    positive: Mapped[int] = mapped_column(default=0)
    lasting: Mapped[int] = mapped_column(default=0)
    unreached: Mapped[int] = mapped_column(default=0)
    satisfied: Mapped[int] = mapped_column(default=0)
    rated: Mapped[int] = mapped_column(default=0)

    @property
    def figures(self) -> Figures:
        return Figures(**{name: getattr(self, name) for name in vars(Figures())})
