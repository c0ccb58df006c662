"""Tables of what timetables stand on: a school's settings, its rooms and closures, a cohort's week, calendar feeds."""

from datetime import date, time

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from popschool.attendance.rules import Half
from popschool.attendance.rules_calendar import PatternLine
from popschool.db import Base, Moment
from popschool.schools.rules import Place


class AttendanceSettings(Base):
    """What a school decides of its attendance; without a row, each has its default.

    `delay_hours` after the end of a half-day one may still sign. `needs_code`: the code of the room, or help, is asked
    for besides the button. `keeps_address`: the network address of a signature is kept whole, else masked.
    """

    __tablename__ = "attendance_settings"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    opens_before_minutes: Mapped[int] = mapped_column(default=15)
    delay_hours: Mapped[int] = mapped_column(default=24)
    needs_code: Mapped[bool] = mapped_column(default=False)
    keeps_address: Mapped[bool] = mapped_column(default=False)
    alert_half_days: Mapped[int] = mapped_column(default=3)


class Room(Base):
    """A room of a school, with how many people it holds."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("school_id", "name"), CheckConstraint("capacity > 0", name="capacity"))

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    name: Mapped[str] = mapped_column(String(80))
    capacity: Mapped[int]
    retired_at: Mapped[Moment | None]

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class Closure(Base):
    """Days on which a school is closed, the last one included."""

    __tablename__ = "closure"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    label: Mapped[str] = mapped_column(String(120))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


class WeekPattern(Base):
    """A half-day of the week of a cohort, as it comes back."""

    __tablename__ = "week_pattern"
    __table_args__ = (UniqueConstraint("cohort_id", "weekday", "half"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    weekday: Mapped[int]
    half: Mapped[Half] = mapped_column(String(2))
    starts: Mapped[time]
    ends: Mapped[time]
    pause_minutes: Mapped[int] = mapped_column(default=0)

    @property
    def line(self) -> PatternLine:
        return PatternLine(self.weekday, Half(self.half), self.starts, self.ends, self.pause_minutes)


class CalendarFeed(Base):
    """A secret address at which a calendar is read: of a person, a cohort or a school. Only its hash is kept."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    made_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class AbsenceCode(Base):
    """What a school decides of a motive of absence, as its funders ask: its words, whether it justifies, if it is used.

    Without a row, a usual motive is as in `codes.CODES`: justified. Without words, a usual motive has its own.
    """

    __tablename__ = "absence_code"

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    words: Mapped[str] = mapped_column(String(80), default="")
    is_justified: Mapped[bool]
    is_used: Mapped[bool] = mapped_column(default=True)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    changed_at: Mapped[Moment]
