"""Tables of the network, its schools, people and cohorts."""

from datetime import date
from zoneinfo import ZoneInfo

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.locked import LockedText
from popschool.schools.rules import Place, is_closed


class Network(Base):
    """Pop School itself, as its papers name it. One row."""

    __tablename__ = "network"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    legal_name: Mapped[str] = mapped_column(String(200), default="")
    siret: Mapped[str] = mapped_column(String(14), default="")
    activity_number: Mapped[str] = mapped_column(String(11), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    mail: Mapped[str] = mapped_column(String(254), default="")


@counted(schools="SELECT {row}.id AS id")
class School(Base):
    """One fabrique, with its identity papers. `activity_number` is its own when it has one; the network's otherwise."""

    __tablename__ = "school"

    id: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id"), index=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(300), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    mail: Mapped[str] = mapped_column(String(254), default="")
    siret: Mapped[str] = mapped_column(String(14), default="")
    activity_number: Mapped[str] = mapped_column(String(11), default="")
    time_zone: Mapped[str] = mapped_column(String(40), default="Europe/Paris")
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]

    network: Mapped[Network] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.id)

    def is_closed(self, on: date) -> bool:
        return is_closed(self.closed_on, on)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Site(Base):
    """A place of training away from the school's own address, such as a workshop in another town."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(300), default="")


class Person(Base, UserMixin):
    """Anyone with an account; what they may do comes from their roles, enrolments and postings.

    `search_key` is the name, mail, phone and number without accents or capitals. `preferences` holds comfort settings:
    theme, text, space, simple; `message_choices` which messages leave, how and when.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("mail IS NOT NULL OR phone IS NOT NULL OR learner_number IS NOT NULL", name="reachable"),
        Index(None, "last_name", "first_name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(String(80))
    last_name: Mapped[str] = mapped_column(String(80))
    search_key: Mapped[str] = mapped_column(String(500), index=True)
    mail: Mapped[str | None] = mapped_column(String(254), unique=True)
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    learner_number: Mapped[str | None] = mapped_column(String(20), unique=True)
    language: Mapped[str] = mapped_column(String(8), default="fr")
    preferences: Mapped[Json] = mapped_column(default=dict)
    message_choices: Mapped[Json] = mapped_column(default=dict, server_default="{}")
    home_school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    created_at: Mapped[Moment]

    home_school: Mapped[School | None] = relationship()

    session_id = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_id(self) -> str:
        """Return what flask-login keeps in the session: the person and the token that signing in gave."""
        return self.session_id or f"{self.id}:"


@counted
class Cohort(Base):
    """One group on one programme at one school, pinned to a revision of its course until its trainer moves it."""

    __tablename__ = "cohort"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    archived_at: Mapped[Moment | None]

    school: Mapped[School] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.id)


@counted
class Enrolment(Base):
    """One person's dated place in a cohort. `ends_on` is planned; `left_on` and its reason are what happened.

    A move to another cohort ends one enrolment and starts the next, which names it in `follows_id`. A place that never
    began has `left_on` on the eve of its start: it holds no day.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        Index(None, "person_id", "cohort_id"),
        Index(None, "cohort_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    left_on: Mapped[date | None]
    exit_reason: Mapped[str | None] = mapped_column(String(30))
    exit_note: Mapped[str] = mapped_column(String(500), default="")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    created_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def last_day(self) -> date:
        """The last day this person is expected: the real exit if there is one, the planned end otherwise."""
        return self.left_on if self.left_on is not None else self.ends_on

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


class Posting(Base):
    """A trainer's dated place with a cohort. Without an end, until the cohort is archived."""

    __tablename__ = "posting"
    __table_args__ = (
        Index(None, "person_id", "cohort_id"),
        UniqueConstraint("cohort_id", "person_id", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    created_at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()


class Accommodation(Base):
    """What is arranged for one person, never why: extra time, days more, a format, breaks.

    `deadline_days` moves a person's own due and closing times; `extra_time_percent` lengthens timed work;
    `fewer_reviews` is what a round of reviews asks less of them. It holds at the school that arranged it, and at others
    once the person has agreed that it `follows`.
    What is written in words lies locked: it may say more than it should.
    """

    __tablename__ = "accommodation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    deadline_days: Mapped[int] = mapped_column(default=0)
    extra_time_percent: Mapped[int] = mapped_column(default=0)
    fewer_reviews: Mapped[int] = mapped_column(default=0, server_default="0")
    format: Mapped[str] = mapped_column(LockedText, default="")
    breaks: Mapped[str] = mapped_column(LockedText, default="")
    quiet_place: Mapped[bool] = mapped_column(default=False, server_default=false())
    sign_language: Mapped[bool] = mapped_column(default=False, server_default=false())
    follows: Mapped[bool] = mapped_column(default=False, server_default=false())
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]


class ContactNote(Base):
    """What the disability contact writes down for themselves about a person. It lies locked; nobody else opens it.

    The person it is about may ask to read it: it is in the copy of their data.
    """

    __tablename__ = "contact_note"
    __table_args__ = (Index(None, "person_id", "school_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    words: Mapped[str] = mapped_column(LockedText)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[Moment]

    by: Mapped[Person] = relationship(foreign_keys=[by_id])


@append_only
class PersonMerge(Base):
    """Two records were of one person: what was said under `merged_id` counts for `kept_id`. Both records stay."""

    __tablename__ = "person_merge"

    merged_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    merged_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    merged_at: Mapped[Moment]

    merged: Mapped[Person] = relationship(foreign_keys=[merged_id])
    kept: Mapped[Person] = relationship(foreign_keys=[kept_id])
    merged_by: Mapped[Person] = relationship(foreign_keys=[merged_by_id])
