"""Tables of half-days, their list, and the ledger of signatures and marks; those of sheets are in `models_sheets`.

The ledger, its removals, sealed sheets and frozen lists are append-only, against SQL too: triggers refuse to change or
delete a row. The only delete they let through is that of personal content, which the rule of retention that allowed it
names.
"""

from datetime import date, time
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from popschool.append_only import append_only
from popschool.attendance.models_planning import AttendanceSettings, Room
from popschool.attendance.rules import Half, Span
from popschool.chain_heads import claims_its_key, follows_its_head
from popschool.counted import SELECTED, counted
from popschool.db import Base, Json, Moment
from popschool.parts import in_parts
from popschool.schools.models import Cohort, Person, School
from popschool.schools.rules import Place


@counted
class CompanyPeriod(Base):
    """A period in a company: of one person, or of the whole cohort when `person_id` is empty."""

    __tablename__ = "company_period"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"), Index(None, "cohort_id", "starts_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    company: Mapped[str] = mapped_column(String(160), default="")
    siret: Mapped[str] = mapped_column(String(14), default="")
    tutor_name: Mapped[str] = mapped_column(String(120), default="")
    tutor_mail: Mapped[str] = mapped_column(String(254), default="")
    minutes_a_day: Mapped[int] = mapped_column(default=420)
    created_at: Mapped[Moment]

    person: Mapped[Person | None] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


@counted(on="on", moves=True)
class HalfDay(Base):
    """A planned morning or afternoon of a cohort: a local date, its own hours, the school's time zone.

    `secret` makes the code of the room. `opened_at` freezes the list and the hours; `opened_by_id` is empty when it
    opened by itself. `sequence` counts its changes, for calendars.
    """

    __tablename__ = "half_day"
    __table_args__ = (
        Index(
            "uq_half_day_taking_place", "cohort_id", "on", "half", unique=True,
            sqlite_where=text("cancelled_at IS NULL"), postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(None, "school_id", "on"),
        Index(None, "cohort_id", "on"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    on: Mapped[date]
    half: Mapped[Half] = mapped_column(String(2))
    starts: Mapped[time]
    ends: Mapped[time]
    pause_minutes: Mapped[int] = mapped_column(default=0)
    time_zone: Mapped[str] = mapped_column(String(40))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"), index=True)
    place_text: Mapped[str] = mapped_column(String(200), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    module: Mapped[str] = mapped_column(String(200), default="")
    secret: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[Moment | None]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    countersigned_at: Mapped[Moment | None]
    cancelled_at: Mapped[Moment | None]
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()
    school: Mapped[School] = relationship()
    room: Mapped[Room | None] = relationship()
    activity: Mapped["DistanceActivity | None"] = relationship(viewonly=True)
    settings: Mapped[AttendanceSettings | None] = relationship(
        primaryjoin=lambda: foreign(HalfDay.school_id) == AttendanceSettings.school_id, viewonly=True
    )
    trainers: Mapped[list["HalfDayTrainer"]] = relationship(order_by="HalfDayTrainer.id", back_populates="half_day")
    scans: Mapped[list["PaperScan"]] = relationship(order_by="PaperScan.id", viewonly=True)

    @property
    def span(self) -> Span:
        return Span(self.on, self.starts, self.ends, self.pause_minutes, ZoneInfo(self.time_zone))

    @property
    def minutes(self) -> int:
        return self.span.minutes

    @property
    def where(self) -> str:
        """Return the room, or the place, or nothing for a half-day held at a distance."""
        return self.room.name if self.room is not None else self.place_text

    @property
    def leaders(self) -> list["HalfDayTrainer"]:
        """Return the trainers who lead it today, without those who were replaced."""
        return [one for one in self.trainers if one.replaced_at is None]

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


@counted(on=SELECTED, schools='SELECT h.school_id AS id, h."on" FROM half_day h WHERE h.id = {row}.half_day_id')
class HalfDayTrainer(Base):
    """A trainer who leads a half-day. A replaced one keeps the row, with the reason."""

    __tablename__ = "half_day_trainer"
    __table_args__ = (
        Index(None, "person_id"),
        Index(
            "uq_half_day_trainer_leading", "half_day_id", "person_id", unique=True,
            sqlite_where=text("replaced_at IS NULL"), postgresql_where=text("replaced_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    replaced_at: Mapped[Moment | None]
    reason: Mapped[str] = mapped_column(String(300), default="")

    half_day: Mapped[HalfDay] = relationship(back_populates="trainers")
    person: Mapped[Person] = relationship()


class DistanceActivity(Base):
    """The work by which a half-day is followed at a distance, each at their own time. `title` as it was that day."""

    __tablename__ = "distance_activity"

    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[Moment]


class HalfDayChange(Base):
    """A half-day that was moved, cancelled, restored or led by another: what it was, what it became, why, by whom."""

    __tablename__ = "half_day_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    before: Mapped[Json]
    after: Mapped[Json]
    reason: Mapped[str] = mapped_column(String(300))
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[Moment]


@append_only
class Expected(Base):
    """A person on the list of a half-day, frozen when it opened. `expectation` is expected, company or walk_in."""

    __tablename__ = "expected"
    __table_args__ = (UniqueConstraint("half_day_id", "person_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    expectation: Mapped[str] = mapped_column(String(10))
    has_more_time: Mapped[bool] = mapped_column(default=False)
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    added_at: Mapped[Moment]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class ChainHead(Base):
    """The last line of a cohort's ledger, which the database keeps itself: no other line can follow the same one."""

    __tablename__ = "attendance_chain"

    cohort_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class ActKey(Base):
    """The key of an act that the ledger has, kept by the database itself: no act is there twice."""

    __tablename__ = "attendance_claim"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)


@in_parts("attendance", by="id")
@claims_its_key("attendance_claim", "key")
@follows_its_head("attendance_chain", "cohort_id")
@append_only
class Entry(Base):
    """One line of a cohort's ledger: a signature, a mark or a countersignature. `hash` chains it to the line before.

    `person_id` is whom it is about, `by_id` who did it. `facts` holds what the rules read: mark, absence, late_minutes,
    early_minutes. `received_at` is later than `at` when it was signed with no network, in the order `device_sequence`.
    `half_day_hash` is that of the half-day as it was shown. `key` makes a second sending of the same act nothing.
    """

    __tablename__ = "attendance_entry"
    __table_args__ = (
        UniqueConstraint("cohort_id", "sequence").ddl_if(dialect="sqlite"),
        UniqueConstraint("key").ddl_if(dialect="sqlite"),
        UniqueConstraint("hash").ddl_if(dialect="sqlite"),
        Index(None, "cohort_id", "sequence").ddl_if(dialect="postgresql"),
        Index(None, "key").ddl_if(dialect="postgresql"),
        Index(None, "half_day_id", "person_id"),
        Index(None, "person_id", "at"),
        Index(None, "school_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    sequence: Mapped[int]
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"))
    half_day_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(8), default="")
    statement_version: Mapped[str] = mapped_column(String(12), default="")
    facts: Mapped[Json]
    at: Mapped[Moment]
    received_at: Mapped[Moment]
    device_sequence: Mapped[int | None]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("attendance_entry.id"), index=True)
    key: Mapped[str | None] = mapped_column(String(64))
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    half_day: Mapped[HalfDay] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    content: Mapped["EntryContent | None"] = relationship(viewonly=True)


@in_parts("attendance", by="entry_id")
@append_only(deletes=True)
class EntryContent(Base):
    """The personal content of an entry, which retention may remove: names, statement, device, code and reason."""

    __tablename__ = "attendance_content"

    entry_id: Mapped[int] = mapped_column(ForeignKey("attendance_entry.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    content: Mapped[Json]


@append_only
class ContentRemoval(Base):
    """The personal content of an entry was removed on a day, under a rule of retention."""

    __tablename__ = "attendance_removal"

    entry_id: Mapped[int] = mapped_column(ForeignKey("attendance_entry.id"), primary_key=True)
    removed_on: Mapped[date]
    rule: Mapped[str] = mapped_column(String(60))


class PaperScan(Base):
    """The scan of a sheet of paper, brought in by the person who attests it. `people` are those who signed it."""

    __tablename__ = "paper_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    half_day_id: Mapped[int] = mapped_column(ForeignKey("half_day.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    people: Mapped[Json]
    brought_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    brought_at: Mapped[Moment]


@counted(on="on")
class PresenceDay(Base):
    """A day of an enrolment in minutes: a summary of the ledger, written in the same transaction as its entries."""

    __tablename__ = "presence_day"
    __table_args__ = (Index(None, "cohort_id", "on"), Index(None, "school_id", "on"))

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    planned: Mapped[int]
    attended: Mapped[int]
    distance: Mapped[int] = mapped_column(default=0, server_default="0")
    justified: Mapped[int]
    unjustified: Mapped[int]
    missing: Mapped[int]


@counted
class CompanyWeek(Base):
    """What a learner and a tutor sign of a week in a company. `days` are minutes by ISO date."""

    __tablename__ = "company_week"
    __table_args__ = (UniqueConstraint("period_id", "person_id", "monday", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("company_period.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    monday: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)
    days: Mapped[Json]
    learner_signed_at: Mapped[Moment | None]
    tutor_signed_at: Mapped[Moment | None]
    tutor_name: Mapped[str] = mapped_column(String(120), default="")
    token_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    created_at: Mapped[Moment]

    period: Mapped[CompanyPeriod] = relationship()
    person: Mapped[Person] = relationship()


class SigningPin(Base):
    """The PIN with which a person signs on somebody else's device."""

    __tablename__ = "signing_pin"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    pin_hash: Mapped[str] = mapped_column(String(200))
    failures: Mapped[int] = mapped_column(default=0)
    set_at: Mapped[Moment]
