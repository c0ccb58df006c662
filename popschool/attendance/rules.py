"""What a half-day's facts add up to, and when one may sign. Minutes are integers; moments are UTC."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from popschool.errors import RuleBroken

MINUTES_OF_A_DAY = 24 * 60


class Half(StrEnum):
    """Which half of the day."""

    MORNING = "am"
    AFTERNOON = "pm"


class Kind(StrEnum):
    """What an entry of the ledger says."""

    SIGNATURE = "signature"
    MARK = "mark"
    COUNTERSIGNATURE = "countersignature"


class Method(StrEnum):
    """How somebody signed; all are of equal value."""

    BUTTON = "button"
    LINK = "link"
    CODE = "code"
    QR = "qr"
    TABLET = "tablet"
    PIN = "pin"
    HELP = "help"
    PAPER = "paper"


class Mark(StrEnum):
    """What a trainer or the school says of somebody's half-day. DONE: its work at a distance was sent."""

    PRESENT = "present"
    PARTIAL = "partial"
    ABSENT = "absent"
    DISPENSED = "dispensed"
    DONE = "done"


class Absence(StrEnum):
    """Whether minutes missed are justified: a second fact, apart from having been there."""

    JUSTIFIED = "justified"
    UNJUSTIFIED = "unjustified"


class State(StrEnum):
    """How a half-day stands for one person; its value is the letter printed on the sheet."""

    NOT_ENTERED = "–"
    PRESENT = "P"
    PARTIAL = "RET"
    JUSTIFIED = "AJ"
    UNJUSTIFIED = "AI"
    COMPANY = "ENT"
    DISPENSED = "DSP"


class Why(StrEnum):
    """What is missing before a half-day counts."""

    NOTHING_SAID = "nothing_said"
    SIGNATURE_MISSING = "signature_missing"
    SIGNED_BUT_ABSENT = "signed_but_absent"
    COUNTERSIGNATURE_MISSING = "countersignature_missing"


class Expectation(StrEnum):
    """Why a person stands on the list of a half-day."""

    EXPECTED = "expected"
    COMPANY = "company"
    WALK_IN = "walk_in"


@dataclass(frozen=True)
class Span:
    """The hours of a half-day where the school is: a local date, a start and an end, the pause between them."""

    on: date
    starts: time
    ends: time
    pause_minutes: int
    zone: ZoneInfo

    @property
    def minutes(self) -> int:
        """Return the planned minutes, by the clock on the wall: a night's clock change takes none away."""
        return _minute(self.ends) - _minute(self.starts) - self.pause_minutes

    @property
    def starts_at(self) -> datetime:
        return moment(self.on, self.starts, self.zone)

    @property
    def ends_at(self) -> datetime:
        return moment(self.on, self.ends, self.zone)


@dataclass(frozen=True)
class Delays:
    """How early a half-day may open and how long one may sign after its end."""

    opens_before: timedelta = timedelta(minutes=15)
    signs_after: timedelta = timedelta(hours=24)


@dataclass(frozen=True)
class Fact:
    """One entry of the ledger about one person's half-day, as the rules read it. `corrects` names an older one."""

    id: int
    kind: Kind
    mark: Mark | None = None
    absence: Absence | None = None
    late_minutes: int = 0
    early_minutes: int = 0
    corrects: int | None = None


@dataclass(frozen=True)
class Standing:
    """One person's half-day in minutes: planned = attended + distance + justified + unjustified + missing."""

    state: State
    planned: int = 0
    attended: int = 0
    distance: int = 0
    justified: int = 0
    unjustified: int = 0
    missing: int = 0
    is_signed: bool = False
    why: Why | None = None


@dataclass
class TooEarly(RuleBroken):
    """The half-day is not open yet."""

    opens_at: datetime


@dataclass
class SigningClosed(RuleBroken):
    """The time to sign is over: a correction needs a reason and a second person."""

    on: date
    half: Half
    closed_at: datetime


@dataclass
class StillOpen(RuleBroken):
    """The time to sign is not over: one signs, and needs nobody else."""


@dataclass
class AlreadySigned(RuleBroken):
    """This person has signed this half-day."""

    at: datetime


@dataclass
class NotExpected(RuleBroken):
    """This person is not on the list of this half-day."""

    on: date
    half: Half


@dataclass
class InCompany(RuleBroken):
    """This person is in a company that day: the tutor's statement is signed instead."""

    on: date


@dataclass
class HalfDayCancelled(RuleBroken):
    """The half-day does not take place."""

    reason: str


@dataclass
class DoneByWork(RuleBroken):
    """The half-day is followed at a distance, at one's own time: the work sent counts, there is nothing to sign."""


@dataclass
class HalfDayOpened(RuleBroken):
    """The half-day was opened: its hours and its list no longer change."""

    on: date
    half: Half


@dataclass
class HalfDaysOverlap(RuleBroken):
    """Something else is planned at those hours: for the cohort, a trainer or a room. `who` names it."""

    who: str
    on: date
    half: Half


@dataclass
class HoursInverted(RuleBroken):
    """A half-day ends after it starts, and its pause is shorter than it is."""

    starts: time
    ends: time


@dataclass
class MinutesTooMany(RuleBroken):
    """More minutes are missed than the half-day has."""

    planned: int


@dataclass
class NotOverYet(RuleBroken):
    """A half-day is countersigned once it is over."""

    ends_at: datetime


@dataclass
class StatesMissing(RuleBroken):
    """Some people have neither a signature nor a mark. `names` are theirs."""

    names: tuple[str, ...]


@dataclass
class WeekNotReady(RuleBroken):
    """The week cannot be closed yet; `left` says how many things are missing."""

    left: int


@dataclass
class WeekClosed(RuleBroken):
    """The week is closed and its sheet sealed: only an amendment, by a second person, adds to it."""

    monday: date


@dataclass
class NotTheirHalfDay(RuleBroken):
    """This trainer does not lead this half-day."""


@dataclass
class ReasonMissing(RuleBroken):
    """This act needs a reason."""


def moment(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return a local day and hour in UTC. An hour that a clock change skips is read as the one after it."""
    local = datetime.combine(on, at, zone)
    return local.astimezone(ZoneInfo("UTC"))


def check_hours(starts: time, ends: time, pause_minutes: int) -> None:
    """Raises HoursInverted."""
    if pause_minutes < 0 or _minute(ends) - _minute(starts) - pause_minutes <= 0:
        raise HoursInverted(starts, ends)


def overlaps(first: Span, second: Span) -> bool:
    """Say whether two half-days share a minute."""
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def opening_moment(span: Span, delays: Delays) -> datetime:
    """Return the earliest moment at which its trainer may open a half-day."""
    return span.starts_at - delays.opens_before


def closing_moment(span: Span, delays: Delays) -> datetime:
    """Return the moment from which one can no longer sign."""
    return span.ends_at + delays.signs_after


def is_open(span: Span, opened_at: datetime | None, now: datetime) -> bool:
    """Say whether a half-day is open: its trainer opened it, or its hour came."""
    return opened_at is not None or now >= span.starts_at


def check_opening(span: Span, delays: Delays, now: datetime) -> None:
    """Raises TooEarly."""
    if now < opening_moment(span, delays):
        raise TooEarly(opening_moment(span, delays))


def check_signing(half: Half, span: Span, delays: Delays, opened_at: datetime | None, now: datetime) -> None:
    """Raises TooEarly or SigningClosed. Signing starts when the half-day opens and ends the delay after its end."""
    if not is_open(span, opened_at, now):
        raise TooEarly(span.starts_at)
    if now >= closing_moment(span, delays):
        raise SigningClosed(span.on, half, closing_moment(span, delays))


def check_missed(planned: int, mark: Mark, late_minutes: int, early_minutes: int) -> None:
    """Raises MinutesTooMany: somebody who missed every minute was absent, not late."""
    missed = late_minutes + early_minutes
    if late_minutes < 0 or early_minutes < 0 or (mark is Mark.PARTIAL and not 0 < missed < planned):
        raise MinutesTooMany(planned)


def holding(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out the facts that a later one corrects, however long the chain of corrections."""
    facts = list(facts)
    corrected = {fact.corrects for fact in facts if fact.corrects is not None}
    return [fact for fact in facts if fact.id not in corrected] if corrected else facts


def standing(
    planned: int,
    facts: Sequence[Fact],
    *,
    expectation: Expectation = Expectation.EXPECTED,
    is_countersigned: bool,
) -> Standing:
    """Work out one person's half-day from the entries of the ledger, oldest first.

    It counts only with both signatures: the person's, and that of each trainer. Until then its minutes are missing, and
    `why` says what is. Absent and present are one fact, justified or not another.
    Source: the reference of funders' documents, 2.1, 2.3 and 3.2.
    """
    if expectation is Expectation.COMPANY:
        return Standing(State.COMPANY)
    held = holding(facts)
    is_signed = any(fact.kind is Kind.SIGNATURE for fact in held)
    mark = next((fact for fact in reversed(held) if fact.kind is Kind.MARK), None)
    if mark is not None and mark.mark is Mark.DISPENSED:
        return Standing(State.DISPENSED, is_signed=is_signed)
    said = _said(planned, mark, is_signed)
    if said.why is None and not is_countersigned:
        said = replace(said, why=Why.COUNTERSIGNATURE_MISSING)
    if said.why is None:
        return said
    is_shown = said.why is Why.COUNTERSIGNATURE_MISSING
    state = said.state if is_shown else State.NOT_ENTERED
    return Standing(state, planned, missing=planned, is_signed=is_signed, why=said.why)


def _said(planned: int, mark: Fact | None, is_signed: bool) -> Standing:
    """Return what person and trainer say together, before the countersignature."""
    if mark is None:
        if is_signed:
            return Standing(State.PRESENT, planned, attended=planned, is_signed=True)
        return Standing(State.NOT_ENTERED, planned, missing=planned, why=Why.NOTHING_SAID)
    if mark.mark is Mark.DONE:
        return Standing(State.PRESENT, planned, distance=planned, is_signed=is_signed)
    if mark.mark is Mark.ABSENT:
        if is_signed:
            return Standing(State.NOT_ENTERED, planned, missing=planned, is_signed=True, why=Why.SIGNED_BUT_ABSENT)
        return _missed(planned, planned, mark.absence)
    if not is_signed:
        return Standing(State.NOT_ENTERED, planned, missing=planned, why=Why.SIGNATURE_MISSING)
    missed = mark.late_minutes + mark.early_minutes if mark.mark is Mark.PARTIAL else 0
    return replace(_missed(planned, missed, mark.absence), is_signed=True)


def _missed(planned: int, missed: int, absence: Absence | None) -> Standing:
    is_justified = absence is Absence.JUSTIFIED
    if missed == 0:
        state = State.PRESENT
    elif missed < planned:
        state = State.PARTIAL
    else:
        state = State.JUSTIFIED if is_justified else State.UNJUSTIFIED
    return Standing(
        state,
        planned,
        attended=planned - missed,
        justified=missed if is_justified else 0,
        unjustified=0 if is_justified else missed,
    )


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute
