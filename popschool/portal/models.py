"""Tables of the ways out: keys of the API, addresses that are told what happens, what each was told."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.locked import LockedText
from popschool.schools.models import Person, School
from popschool.schools.rules import Place


class ApiKey(Base):
    """A key with which a program reads what its owner may see, within its scopes and until its end.

    Only the hash of it is kept; `hint` is its last letters. `window_began_at` and `window_used` count the calls of the
    present minute, whatever the process that answers.
    """

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[Json]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    window_began_at: Mapped[Moment | None]
    window_used: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.person.home_school_id, people=[self.person_id])


class Hook(Base):
    """An address that is told what happens in a school. `secret_encrypted` signs what is sent.

    `waits_until` holds everything back while its receiver is away. `worked_at` is when it last took something;
    `stopped_at` when it was given up, or stopped by somebody.
    """

    __tablename__ = "outgoing_hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[Json]
    secret_encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    worked_at: Mapped[Moment | None]
    waits_until: Mapped[Moment | None]
    stopped_at: Mapped[Moment | None]
    is_given_up: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship()
    school: Mapped[School] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class Delivery(Base):
    """One thing told to one address, as it was the first time. `attempts` counts the tries since it was last asked."""

    __tablename__ = "outgoing_event"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event", "subject_id"),
        Index(None, "webhook_id", "outcome", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("outgoing_hook.id"))
    event: Mapped[str] = mapped_column(String(30))
    subject_id: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Moment]
    outcome: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[Moment | None]
    next_at: Mapped[Moment | None]

    webhook: Mapped[Hook] = relationship()
    tries: Mapped[list["DeliveryTry"]] = relationship(order_by="DeliveryTry.id", viewonly=True)

    @property
    def message_id(self) -> str:
        return f"msg_{self.id}"


@append_only
class DeliveryTry(Base):
    """One try at a delivery: the status answered, 0 for none, and what went wrong."""

    __tablename__ = "outgoing_try"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("outgoing_event.id"), index=True)
    at: Mapped[Moment]
    status: Mapped[int]
    error: Mapped[str] = mapped_column(String(200), default="")
    milliseconds: Mapped[int]


class Barrier(Base):
    """What keeps somebody out of a page, and the answer to them. Its words lie locked: they may tell of a health."""

    __tablename__ = "barrier"
    __table_args__ = (Index(None, "school_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    what: Mapped[str] = mapped_column(LockedText)
    where: Mapped[str] = mapped_column(LockedText)
    reported_at: Mapped[Moment]
    answer: Mapped[str] = mapped_column(LockedText, default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, people=[self.person_id])


class DataCopy(Base):
    """All that is kept of a person, put together for them in the background; its file is removed after some days."""

    __tablename__ = "data_copy"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    asked_at: Mapped[Moment]
    made_at: Mapped[Moment | None]
    archive_hash: Mapped[str] = mapped_column(String(64), default="")
    archive_size: Mapped[int] = mapped_column(default=0)
