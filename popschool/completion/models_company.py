"""Tables of what is said of a period in a company: the tutor's evaluation, and the visits of the school."""

from datetime import date

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.attendance.models import CompanyPeriod
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person


@append_only(deletes=True)
class CompanyEvaluation(Base):
    """What a tutor said of somebody, by competence; the last one of a period holds.

    `marks` is by competence, as `rules_company.Mark`. `noted_by_id` is who wrote it down, when the tutor told it.
    """

    __tablename__ = "company_evaluation"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("company_period.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    marks: Mapped[Json]
    comment: Mapped[str] = mapped_column(Text, default="")
    tutor_name: Mapped[str] = mapped_column(String(120))
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[Moment]

    period: Mapped[CompanyPeriod] = relationship()
    noted_by: Mapped[Person | None] = relationship(foreign_keys=[noted_by_id])


@append_only(deletes=True)
class CompanyVisit(Base):
    """A visit of the school to somebody in a company: whom it met, what they do there, what comes next."""

    __tablename__ = "company_visit"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("company_period.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    on: Mapped[date]
    how: Mapped[str] = mapped_column(String(8))
    met: Mapped[str] = mapped_column(String(200), default="")
    tasks: Mapped[str] = mapped_column(Text)
    goes_well: Mapped[str] = mapped_column(Text, default="")
    next_steps: Mapped[str] = mapped_column(Text, default="")
    visited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[Moment]

    period: Mapped[CompanyPeriod] = relationship()
    visited_by: Mapped[Person] = relationship(foreign_keys=[visited_by_id])
