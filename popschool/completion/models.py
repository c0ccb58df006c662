"""Tables of funders, of what they pay for, and of what their agreements decide."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.rules_funding import Share
from popschool.counted import EVERY_SCHOOL, counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place


@counted(schools=EVERY_SCHOOL)
class Funder(Base):
    """Who pays. Without a school, it is a funder of the whole network, such as the State."""

    __tablename__ = "funder"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(160))
    siret: Mapped[str] = mapped_column(String(14), default="")
    mail: Mapped[str] = mapped_column(String(254), default="")
    retired_at: Mapped[Moment | None]
    created_at: Mapped[Moment]

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


@counted
class Funding(Base):
    """An agreement of a funder with a school: for whom, how many hours, from when to when. `lot` is its lot.

    `report_line` is the line of frame C of the yearly report. `amount_cents` is before tax.
    """

    __tablename__ = "funding"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    funder_id: Mapped[int] = mapped_column(ForeignKey("funder.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    scheme: Mapped[str] = mapped_column(String(160), default="")
    agreement: Mapped[str] = mapped_column(String(60), default="")
    lot: Mapped[str] = mapped_column(String(60), default="")
    report_line: Mapped[str] = mapped_column(String(2))
    is_funded_by_union: Mapped[bool] = mapped_column(default=False)
    minutes_agreed: Mapped[int | None]
    amount_cents: Mapped[int | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[Moment]

    funder: Mapped[Funder] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


@counted
class EnrolmentFunding(Base):
    """A funding that pays for a place, for its dates. A change on the way ends one and starts the next.

    `employer` is the company of somebody who is paid by one. `voucher` is the number of a digital voucher.
    """

    __tablename__ = "enrolment_funding"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    minutes_agreed: Mapped[int | None]
    file_number: Mapped[str] = mapped_column(String(60), default="")
    employer: Mapped[str] = mapped_column(String(160), default="")
    voucher: Mapped[str] = mapped_column(String(60), default="")
    end_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment]

    enrolment: Mapped[Enrolment] = relationship()
    funding: Mapped[Funding] = relationship()

    @property
    def share(self) -> Share:
        return Share(self.funding_id, self.starts_on, self.ends_on, self.minutes_agreed)


@counted
@append_only
class FundingSetting(Base):
    """A value said for a school, a funder at that school, or one funding; it holds from a day. See `rules_settings`."""

    __tablename__ = "funding_setting"
    __table_args__ = (Index(None, "school_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funder.id"), index=True)
    funding_id: Mapped[int | None] = mapped_column(ForeignKey("funding.id"), index=True)
    key: Mapped[str] = mapped_column(String(30))
    value: Mapped[str] = mapped_column(String(60))
    since: Mapped[date]
    is_confirmed: Mapped[bool] = mapped_column(default=False)
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]


@append_only
class Signatory(Base):
    """Who signs the papers of a school, from a day on; `quality` is what they are, `city` where they sign."""

    __tablename__ = "signatory"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    quality: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80))
    since: Mapped[date]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@counted
class TrainingAction(Base):
    """What the agreement of a cohort says of its action, besides the title that its programme has.

    `nature` is training, assessment, vae or apprenticeship. `objectives` are sentences, one each. `speciality` is the
    NSF code of three digits.
    """

    __tablename__ = "training_action"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    nature: Mapped[str] = mapped_column(String(16), default="training")
    objectives: Mapped[Json] = mapped_column(default=list)
    speciality: Mapped[str] = mapped_column(String(3), default="")
    prerequisites: Mapped[str] = mapped_column(Text, default="")
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()


@append_only
class ReportFigures(Base):
    """What a school types of a yearly report, in whole; without a school, what the network says of itself.

    `figures` is by line, as `rules_figures` names them. A correction is another row: the last of a year holds.
    """

    __tablename__ = "report_figures"
    __table_args__ = (Index(None, "school_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    year: Mapped[int]
    figures: Mapped[Json]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    said_by: Mapped[Person] = relationship()
