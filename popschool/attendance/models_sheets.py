"""Tables of the sheets that close a week: append-only, each chained to the cohort's sheet before it."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort
from popschool.schools.rules import Place


class SheetHeading(Base):
    """What the sheets of a cohort say of its session and of who pays. Without a row: the cohort's code, and nobody.

    `funders` is a list of {name, agreement}. The logo is one picture, in storage.
    """

    __tablename__ = "sheet_heading"

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    session_number: Mapped[str] = mapped_column(String(60), default="")
    funders: Mapped[Json] = mapped_column(default=list)
    is_funded_by_union: Mapped[bool] = mapped_column(default=False)
    logo_hash: Mapped[str] = mapped_column(String(64), default="")
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[Moment]


@append_only
@counted
class Sheet(Base):
    """The attendance sheet of a cohort and a week, closed. Version 2 and later amend the one before.

    `hash` is chained to the cohort's sheet before it. `last_entry` is how far the ledger went.
    """

    __tablename__ = "sheet"
    __table_args__ = (
        UniqueConstraint("cohort_id", "monday", "version"),
        UniqueConstraint("cohort_id", "sequence"),
        Index(None, "school_id", "monday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    monday: Mapped[date]
    version: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(300), default="")
    last_entry: Mapped[int]
    last_entry_hash: Mapped[str] = mapped_column(String(64))
    closed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    second_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[Moment]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    cohort: Mapped[Cohort] = relationship()
    content: Mapped["SheetContent | None"] = relationship(viewonly=True)
    paper: Mapped["SheetPaper | None"] = relationship(viewonly=True)

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


@append_only(deletes=True)
class SheetContent(Base):
    """What a sheet says, in full, with its names; retention may remove it."""

    __tablename__ = "sheet_content"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    content: Mapped[Json]


@append_only
class SheetRemoval(Base):
    """The content and the paper of a sheet were removed on a day, under a rule of retention."""

    __tablename__ = "sheet_removal"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    removed_on: Mapped[date]
    rule: Mapped[str] = mapped_column(String(60))


@append_only(deletes=True)
class SheetPaper(Base):
    """The PDF of a sheet, as it was sealed, in storage under its hash."""

    __tablename__ = "sheet_paper"

    sheet_id: Mapped[int] = mapped_column(ForeignKey("sheet.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    is_signed: Mapped[bool] = mapped_column(default=False)
    is_stamped: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[Moment]
