"""Tables of doors, of what is asked through them and answered, and of the whole files made for auditors."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.models import Funder
from popschool.completion.models_papers import Document
from popschool.db import Base, Json, Moment
from popschool.schools.models import Enrolment, Person, School
from popschool.schools.rules import Place


class Door(Base):
    """A way in for somebody who is not of the school, to a funder's rows or to all those of a period.

    It is an account's (`person_id`), or a link's: `secret_hash` knows it, `secret_kept` lets the school copy it again.
    `for_whom` is the name of who holds it, `mail` where answers go. Without a school, the whole network. `covers_from`
    and `covers_to` are the days that it shows; without them, all those that the funder pays for. `ends_on` is the last
    day on which it opens.
    """

    __tablename__ = "door"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR secret_hash <> ''", name="held"),
        CheckConstraint("kind <> 'funder' OR funder_id IS NOT NULL", name="payer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funder.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    secret_kept: Mapped[str] = mapped_column(String(300), default="")
    for_whom: Mapped[str] = mapped_column(String(160))
    mail: Mapped[str] = mapped_column(String(254), default="")
    covers_from: Mapped[date | None]
    covers_to: Mapped[date | None]
    ends_on: Mapped[date | None]
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Moment]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[Moment | None]

    school: Mapped[School | None] = relationship()
    funder: Mapped[Funder | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    opened_by: Mapped[Person] = relationship(foreign_keys=[opened_by_id])

    @property
    def place(self) -> Place:
        """Where it stands for whoever holds it: theirs, and nobody else's."""
        return Place(people=frozenset({self.person_id} if self.person_id else ()))


@append_only(empties=("text",))
class Question(Base):
    """What somebody asks through a door: about a person's place, or one of their documents."""

    __tablename__ = "door_question"
    __table_args__ = (Index(None, "school_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    door_id: Mapped[int] = mapped_column(ForeignKey("door.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), index=True)
    text: Mapped[str] = mapped_column(String(2000))
    asked_at: Mapped[Moment]

    door: Mapped[Door] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    document: Mapped[Document | None] = relationship()
    answers: Mapped[list["Answered"]] = relationship(viewonly=True, order_by="Answered.id")

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


@append_only(empties=("text",))
class Answered(Base):
    """What the school answers to a question; another answer follows, the first one stays."""

    __tablename__ = "door_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("door_question.id"), index=True)
    text: Mapped[str] = mapped_column(String(2000))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    by: Mapped[Person] = relationship()


class WholeFile(Base):
    """The whole file of one place, made in the background: how far it is, and the archive once it is made.

    `parts` says what each part holds. `door_id` is that of the auditor who asked for it, `asked_by_id` the manager.
    """

    __tablename__ = "whole_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    door_id: Mapped[int | None] = mapped_column(ForeignKey("door.id"), index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[Json] = mapped_column(default=list)
    finished_at: Mapped[Moment | None]
    archive_hash: Mapped[str] = mapped_column(String(64), default="")
    archive_size: Mapped[int] = mapped_column(default=0)

    enrolment: Mapped[Enrolment] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)
