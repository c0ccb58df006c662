"""Reviews spoken face to face: a learner offers moments, another books one, both say that it took place.

Then the reviewer writes the same form as for any review. Names are known, since people meet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from popschool.errors import RuleBroken
from popschool.review.rules_allocation import Group, Id

LENGTHS = (10, 15, 20, 30)
MOST_OFFERED = 6


def next_quarter(moment: datetime) -> datetime:
    """Return this moment, or the next quarter of an hour: nobody meets at 16.51."""
    whole = moment.replace(second=0, microsecond=0)
    whole += timedelta(minutes=1) if whole < moment else timedelta()
    return whole + timedelta(minutes=-whole.minute % 15)


@dataclass
class MeetingOutside(RuleBroken):
    """A meeting lies between now and the end of the round."""

    ends_at: datetime


@dataclass
class MeetingsClash(RuleBroken):
    """The person has another meeting at that moment."""

    starts_at: datetime


@dataclass
class OffersTooMany(RuleBroken):
    """Somebody offers at most so many moments at a time."""

    most: int


@dataclass
class MeetingTaken(RuleBroken):
    """Somebody booked this moment before, or it was called off."""


@dataclass
class MeetingNotYours(RuleBroken):
    """One's own work, one's team's, somebody's that one should not read, or a work that one has read."""


@dataclass
class WorkHasEnough(RuleBroken):
    """As many people as the round asks for have booked this work."""

    wanted: int


@dataclass
class ReviewerHasEnough(RuleBroken):
    """Somebody reviews one work more than the others at most."""

    most: int


@dataclass
class NotMetYet(RuleBroken):
    """A meeting is confirmed once it has begun."""

    starts_at: datetime


@dataclass(frozen=True)
class Meeting:
    """One moment that somebody offers for a work; `booked_by` nobody yet is None."""

    work: Id
    offered_by: Id
    starts_at: datetime
    minutes: int
    booked_by: Id | None = None

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    def is_of(self, person: Id) -> bool:
        return person in (self.offered_by, self.booked_by)

    def clashes(self, other: "Meeting") -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def check_offer(new: Meeting, others: Iterable[Meeting], closes_at: datetime, now: datetime) -> None:
    """Raises MeetingOutside, OffersTooMany or MeetingsClash."""
    if new.starts_at < now or new.ends_at > closes_at:
        raise MeetingOutside(closes_at)
    mine = [one for one in others if one.is_of(new.offered_by)]
    if sum(one.offered_by == new.offered_by and one.ends_at > now for one in mine) >= MOST_OFFERED:
        raise OffersTooMany(MOST_OFFERED)
    _check_free(new, mine)


def check_booking(
    asked: Meeting, person: Id, group: Group, read: Iterable[tuple[Id, Id]], others: Iterable[Meeting], now: datetime
) -> None:
    """Say whether somebody may book a meeting; `read` are pairs (reviewer, work) of reviews that there are.

    Raises MeetingTaken, MeetingNotYours, WorkHasEnough, ReviewerHasEnough or MeetingsClash.
    """
    others, read = list(others), set(read)
    if asked.booked_by is not None or asked.starts_at <= now or asked.work not in group.works_by_id:
        raise MeetingTaken
    booked = {(one.booked_by, one.work) for one in others if one.booked_by is not None}
    if person not in group.by_id or not group.allows(person, asked.work) or (person, asked.work) in booked | read:
        raise MeetingNotYours
    if sum(work == asked.work for _one, work in booked | read) >= group.wanted:
        raise WorkHasEnough(group.wanted)
    most = group.load + 1
    if sum(one == person for one, _work in booked | read) >= most:
        raise ReviewerHasEnough(most)
    _check_free(asked, [one for one in others if one.is_of(person)])


def _check_free(asked: Meeting, mine: Iterable[Meeting]) -> None:
    for one in mine:
        if one is not asked and one.clashes(asked):
            raise MeetingsClash(one.starts_at)


def check_confirmation(asked: Meeting, now: datetime) -> None:
    """Raises NotMetYet."""
    if now < asked.starts_at:
        raise NotMetYet(asked.starts_at)
