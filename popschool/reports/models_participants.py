"""Tables of the operations of the European Social Fund, of who is asked what, and of what they answer."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.models import Funding
from popschool.db import Base, Json, Moment
from popschool.locked import LockedJson
from popschool.reports.rules_participants import Terms
from popschool.schools.models import Person, School
from popschool.schools.rules import Place


class Operation(Base):
    """An operation co-financed by the European Social Fund; its participants are those whom its agreements pay for.

    `number` is that of Ma Démarche FSE+, `referent` who answers for it.
    """

    __tablename__ = "operation"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    number: Mapped[str] = mapped_column(String(60), default="")
    referent: Mapped[str] = mapped_column(String(120), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    created_at: Mapped[Moment]

    school: Mapped[School] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class OperationFunding(Base):
    """An agreement whose people are the participants of an operation; of one operation only."""

    __tablename__ = "operation_funding"

    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"), index=True)

    funding: Mapped[Funding] = relationship()


@append_only
class OperationTerms(Base):
    """What an operation asks from a day on; what was asked before stays as it was. `asks` are keys of questions."""

    __tablename__ = "operation_terms"

    id: Mapped[int] = mapped_column(primary_key=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"), index=True)
    since: Mapped[date]
    exit_days: Mapped[int]
    asks: Mapped[Json]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    @property
    def terms(self) -> Terms:
        return Terms(self.since, self.exit_days, frozenset(self.asks))


class ParticipantForm(Base):
    """What one participant is asked at one moment: its link, and what is typed and not sent, under lock."""

    __tablename__ = "participant_form"
    __table_args__ = (UniqueConstraint("operation_id", "person_id", "moment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    moment: Mapped[str] = mapped_column(String(16))
    link_hash: Mapped[str] = mapped_column(String(32), unique=True)
    draft: Mapped[dict | None] = mapped_column(LockedJson)
    made_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]

    operation: Mapped[Operation] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, people=[self.person_id])


@append_only(deletes=True)
class ParticipantAnswer(Base):
    """What a participant said at one moment; the last holds. `asked` proves which questions were put to them.

    `facts` are the answers that lie open; the others are in `ParticipantLocked`.
    """

    __tablename__ = "participant_answer"
    __table_args__ = (Index(None, "operation_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    moment: Mapped[str] = mapped_column(String(16))
    asked: Mapped[Json]
    facts: Mapped[Json]
    said_on: Mapped[date]
    said_at: Mapped[Moment]


class ParticipantLocked(Base):
    """The sensitive answers of a participant: under lock, in a place of their own, read by who may and written down.

    It is changed by nothing but a new key, when everything is locked again.
    """

    __tablename__ = "participant_locked"

    answer_id: Mapped[int] = mapped_column(ForeignKey("participant_answer.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    said: Mapped[dict] = mapped_column(LockedJson)
