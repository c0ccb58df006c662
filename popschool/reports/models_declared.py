"""Table of what was typed in KAIROS, by whom and when."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Moment
from popschool.schools.models import Person


@append_only
class KairosEntry(Base):
    """One step of one place, typed in KAIROS on a day; without a place, the number of a cohort's session.

    The last one of a step holds.
    """

    __tablename__ = "kairos_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    step: Mapped[str] = mapped_column(String(12))
    value: Mapped[str] = mapped_column(String(60))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    by: Mapped[Person] = relationship()
