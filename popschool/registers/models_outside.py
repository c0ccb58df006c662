"""Tables of the surveys that companies and funders answer by a link, without an account."""

from datetime import date

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.registers.rules_outside import Audience
from popschool.schools.models import School
from popschool.schools.rules import Place


class OutsideSurvey(Base):
    """What the companies, or the funders, of a school are asked between two days."""

    __tablename__ = "outside_survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    audience: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    school: Mapped[School] = relationship()

    @property
    def asks(self) -> Audience:
        return Audience(self.audience)

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class OutsideAsked(Base):
    """Somebody who is asked, for whom they answer, how often they were written to, and when they answered.

    The address goes a year after the survey: nothing needs it any more.
    """

    __tablename__ = "outside_asked"
    __table_args__ = (UniqueConstraint("survey_id", "mail"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("outside_survey.id"))
    organisation: Mapped[str] = mapped_column(String(160))
    mail: Mapped[str | None] = mapped_column(String(254))
    messages: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[Moment | None]

    survey: Mapped[OutsideSurvey] = relationship()
    answer: Mapped["OutsideAnswer | None"] = relationship(viewonly=True)


@append_only
class OutsideAnswer(Base):
    """One answer, the only one of its link: a word for each question, and what they wanted to add."""

    __tablename__ = "outside_answer"

    asked_id: Mapped[int] = mapped_column(ForeignKey("outside_asked.id"), primary_key=True)
    ratings: Mapped[Json]
    comment: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[Moment]
