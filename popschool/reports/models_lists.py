"""Tables of the lists that funders are sent: how their columns are laid out, when they are prepared, what waits."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.models import Funder, Funding
from popschool.completion.models_papers import Document
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person, School
from popschool.schools.rules import Place


@append_only
class ReportLayout(Base):
    """The columns of a list, in order, from a version on: for every funder, or for one. The last one said holds.

    `columns` is a list of [key, heading, way to write]. `restores` is the version that it takes up again.
    """

    __tablename__ = "report_layout"
    __table_args__ = (Index(None, "listed", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    listed: Mapped[str] = mapped_column(String(20))
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funder.id"), index=True)
    version: Mapped[int]
    columns: Mapped[Json]
    restores: Mapped[int | None]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    said_by: Mapped[Person] = relationship()
    funder: Mapped[Funder | None] = relationship()


class ReportSchedule(Base):
    """A list that comes back: for which funder or agreement, how often, the day of the next time and its period."""

    __tablename__ = "report_schedule"
    __table_args__ = (CheckConstraint("next_last >= next_first", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    listed: Mapped[str] = mapped_column(String(20))
    funder_id: Mapped[int] = mapped_column(ForeignKey("funder.id"), index=True)
    funding_id: Mapped[int | None] = mapped_column(ForeignKey("funding.id"), index=True)
    rhythm: Mapped[str] = mapped_column(String(10))
    next_on: Mapped[date] = mapped_column(index=True)
    next_first: Mapped[date]
    next_last: Mapped[date]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[Moment | None]

    school: Mapped[School] = relationship()
    funder: Mapped[Funder] = relationship()
    funding: Mapped[Funding | None] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class ReportDue(Base):
    """A list of one period that waits for a manager: as it would be issued, and what keeps it back.

    `content` is what would be kept, `seen` its fingerprint: nobody approves what they did not read. Both are emptied
    once it is decided; what was approved is a document.
    """

    __tablename__ = "report_due"
    __table_args__ = (
        CheckConstraint("last >= first", name="dates"),
        Index(None, "school_id", "decided_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("report_schedule.id"), index=True)
    listed: Mapped[str] = mapped_column(String(20))
    funder_id: Mapped[int] = mapped_column(ForeignKey("funder.id"), index=True)
    funding_id: Mapped[int | None] = mapped_column(ForeignKey("funding.id"), index=True)
    first: Mapped[date]
    last: Mapped[date]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    prepared_at: Mapped[Moment | None]
    content: Mapped[Json] = mapped_column(default=dict)
    anomalies: Mapped[Json] = mapped_column(default=list)
    seen: Mapped[str] = mapped_column(String(64), default="")
    decision: Mapped[str] = mapped_column(String(10), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[Moment | None]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)

    school: Mapped[School] = relationship()
    funder: Mapped[Funder] = relationship()
    funding: Mapped[Funding | None] = relationship()
    decided_by: Mapped[Person | None] = relationship(foreign_keys=[decided_by_id])
    document: Mapped[Document | None] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)

    @property
    def blocks(self) -> bool:
        """Say whether something keeps it from being approved."""
        return any(one["blocks"] for one in self.anomalies)

    @property
    def table(self) -> dict[str, Any]:
        return self.content.get("table") or {"columns": [], "rows": []}
