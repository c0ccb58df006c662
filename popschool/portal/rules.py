"""What a learner does next, said from where each of their projects stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from popschool.projects.rules import OPEN, PRESSING, Progress, Window


class Step(StrEnum):
    """The one thing that the page of the day says first."""

    BEFORE = "before"
    AFTER = "after"
    NOWHERE = "nowhere"
    NOTHING_SET = "nothing_set"
    COMPLETE = "complete"
    DRAFT = "draft"
    LATE = "late"
    DO = "do"
    SENT = "sent"
    WAIT = "wait"
    CLOSED = "closed"
    DONE = "done"


@dataclass(frozen=True)
class Stand:
    """Where one project stands for somebody, and their own dates for it."""

    progress: Progress
    window: Window


def to_do(stands: Sequence[Stand]) -> list[int]:
    """Return the places of what can be sent now: what was answered first, then by due date, what is begun first."""
    waiting = [place for place, stand in enumerate(stands) if stand.progress in OPEN]
    return sorted(
        waiting,
        key=lambda place: (
            stands[place].progress is not Progress.TO_COMPLETE,
            stands[place].window.due_at,
            PRESSING.index(stands[place].progress),
        ),
    )


def next_step(stands: Sequence[Stand], now: datetime) -> tuple[Step, int | None]:
    """Return what somebody in a cohort does now, and the place of the project it is about.

    What can be sent comes first; then what waits for an answer, what opens soonest, what closed without their work.
    """
    waiting = to_do(stands)
    if waiting:
        first = stands[waiting[0]]
        if first.progress is Progress.TO_COMPLETE:
            return Step.COMPLETE, waiting[0]
        if now > first.window.due_at:
            return Step.LATE, waiting[0]
        return (Step.DRAFT if first.progress is Progress.DRAFT else Step.DO), waiting[0]
    for progress, step in ((Progress.SENT, Step.SENT), (Progress.TO_COME, Step.WAIT), (Progress.CLOSED, Step.CLOSED)):
        found = [place for place, stand in enumerate(stands) if stand.progress is progress]
        if found:
            opens = {place: stands[place].window.opens_at for place in found}
            return step, min(found, key=opens.__getitem__) if step is Step.WAIT else found[-1]
    return (Step.DONE, None) if stands else (Step.NOTHING_SET, None)


def outside(places: Sequence[tuple[date, date]], today: date) -> tuple[Step, date | None]:
    """Return what somebody in no cohort today is told, and the day it is about: (first day, last day) of their places.

    A place to come matters more than those that have ended.
    """
    coming = [first for first, _ in places if first > today]
    if coming:
        return Step.BEFORE, min(coming)
    ended = [last for _, last in places if last < today]
    return (Step.AFTER, max(ended)) if ended else (Step.NOWHERE, None)
