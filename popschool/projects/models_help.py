"""Tables of what a learner does in the margin of a page: boxes ticked, help asked for; and of who helped."""

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Person
from popschool.schools.rules import Place


class Checklist(Base):
    """The boxes that one person has ticked in a page, as a list of their keys. Theirs alone; it proves nothing."""

    __tablename__ = "checklist"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), primary_key=True, index=True)
    done: Mapped[Json] = mapped_column(default=list)
    updated_at: Mapped[Moment]


class HelpRequest(Base):
    """Somebody needs help at a place of a page. `place` is how that place read on that day; `words` may be empty.

    `taken_by_id` and `ended_at` say where it stands: a summary of its turns, written in the same transaction.
    """

    __tablename__ = "help_request"
    __table_args__ = (
        Index(None, "person_id"),
        Index(
            "ix_help_request_open",
            "cohort_id",
            "asked_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_help_request_open_place",
            "person_id",
            "page_id",
            "anchor",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "cohort_id", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    anchor: Mapped[str] = mapped_column(String(140), default="")
    place_name: Mapped[str] = mapped_column(String(300))
    words: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[Moment]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    taken_by: Mapped[Person | None] = relationship(foreign_keys=[taken_by_id])
    cohort: Mapped[Cohort] = relationship()
    turns: Mapped[list["HelpTurn"]] = relationship(order_by="HelpTurn.id")

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


class HelpTurn(Base):
    """What somebody did about a request: taken, given_back, answered or found. `how` and `words` tell an answer."""

    __tablename__ = "help_turn"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("help_request.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    turn: Mapped[str] = mapped_column(String(12))
    how: Mapped[str] = mapped_column(String(12), default="")
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[Moment]

    person: Mapped[Person] = relationship()
