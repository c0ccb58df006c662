"""Tables of the pieces that a school adds for Qualiopi, and of the archives made of its evidence."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person
from popschool.schools.rules import Place


@append_only
class EvidencePiece(Base):
    """A piece that somebody brought for an indicator, and the day that it is of."""

    __tablename__ = "evidence_piece"
    __table_args__ = (Index(None, "school_id", "indicator"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    indicator: Mapped[int]
    title: Mapped[str] = mapped_column(String(160))
    dated_on: Mapped[date]
    file_hash: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    by: Mapped[Person] = relationship()


class EvidencePack(Base):
    """The evidence of a school and year as one archive, made in the background: how far it is, then the archive."""

    __tablename__ = "evidence_pack"
    __table_args__ = (Index(None, "school_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    year: Mapped[int]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    parts: Mapped[Json] = mapped_column(default=list)
    finished_at: Mapped[Moment | None]
    archive_hash: Mapped[str] = mapped_column(String(64), default="")
    archive_size: Mapped[int] = mapped_column(default=0)

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)
