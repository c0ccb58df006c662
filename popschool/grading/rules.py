"""What marks, levels and decisions mean, and what an answer must respect."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from popschool.errors import RuleBroken

LEVELS = (1, 2, 3)
UNDO = timedelta(minutes=10)
OPEN_BESIDE = timedelta(minutes=30)
SILENCE = timedelta(days=10)


class Decision(StrEnum):
    """What a trainer decides about a submission."""

    VALIDATED = "validated"
    TO_COMPLETE = "to_complete"


class WorkState(StrEnum):
    """Where a person's work for one project stands, all its deliverables together."""

    NONE = "none"
    DRAFT = "draft"
    WAITING = "waiting"
    TO_COMPLETE = "to_complete"
    PARTLY = "partly"
    VALIDATED = "validated"


@dataclass
class AnsweredMeanwhile(RuleBroken):
    """Somebody answered this work after the form was opened."""

    trainer: str
    sent_at: datetime


@dataclass
class TooLateToUndo(RuleBroken):
    """An answer can be undone for ten minutes only."""

    until: datetime


@dataclass
class NewerVersionSent(RuleBroken):
    """The learner has already sent another version after this answer."""

    version: int


@dataclass
class AlreadyUndone(RuleBroken):
    """This answer does not hold any more: another one has replaced it, or it was undone."""


@dataclass
class NotYourAnswer(RuleBroken):
    """Only the trainer who sent an answer can undo it."""

    trainer: str


@dataclass
class SameLevel(RuleBroken):
    """The new level is the one that the person already has."""

    level: int


def targets_of(data: Mapping, deliverable: str) -> list[tuple[str, int]]:
    """Return (competence id, target level) for a deliverable: what it proves, or all that its project works on."""
    every = [(target["id"], target["level"]) for target in data.get("competences") or ()]
    asked = next((one for one in data.get("deliverables") or () if one["id"] == deliverable), {})
    proves = asked.get("proves") or ()
    return [target for target in every if target[0] in proves] or every


def check_seen(seen: int, number: int, trainer: str, sent_at: datetime | None) -> None:
    """`seen` is the feedback that the form was opened after, `number` the last there is. Raises AnsweredMeanwhile."""
    if sent_at is not None and number > seen:
        raise AnsweredMeanwhile(trainer, sent_at)


def may_undo(sent_at: datetime, now: datetime, newer_version: int | None = None) -> bool:
    """Say whether an answer can still be taken back: ten minutes, and no newer version sent after it."""
    try:
        check_undo(sent_at, now, newer_version)
    except RuleBroken:
        return False
    return True


def check_undo(sent_at: datetime, now: datetime, newer_version: int | None = None) -> None:
    """Raises TooLateToUndo, NewerVersionSent."""
    if now >= sent_at + UNDO:
        raise TooLateToUndo(sent_at + UNDO)
    if newer_version is not None:
        raise NewerVersionSent(newer_version)


class Awarded(NamedTuple):
    """One award, as the rule sees it. `proof` is the submission; `holds` is False once its feedback no longer does."""

    id: int
    competence: int
    level: int
    awarded_at: datetime
    proof: int = 0
    holds: bool = True


def best_proofs(awards: Iterable[Awarded]) -> dict[int, Awarded]:
    """Return for each competence the award that gives its level: the highest that one of its proofs gives.

    On each proof the last award that holds decides, and level 0 withdraws it. A later project that aims lower, as
    most do, takes nothing away. Of two proofs of one level, the later.
    """
    last: dict[tuple[int, int], Awarded] = {}
    for award in sorted(awards, key=lambda award: (award.awarded_at, award.id)):
        if award.holds:
            last[award.competence, award.proof] = award
    best: dict[int, Awarded] = {}
    for award in sorted(last.values(), key=lambda award: (award.level, award.awarded_at, award.id)):
        if award.level > 0:
            best[award.competence] = award
    return best


def level_reached(awards: Iterable[Awarded]) -> dict[int, int]:
    """Return {competence: level}, of those that have one."""
    return {competence: award.level for competence, award in best_proofs(awards).items()}


@dataclass(frozen=True)
class Target:
    """A project that takes a competence to a level, at its place in the programme."""

    project_id: int
    position: int
    title: str
    competence: str
    level: int


def next_target(competence: str, level: int, targets: Iterable[Target], done: Collection[int]) -> Target | None:
    """Return the first project, in order, not `done`, that takes this competence further than `level`."""
    further = [
        target
        for target in targets
        if target.competence == competence and target.level > level and target.project_id not in done
    ]
    return min(further, key=lambda target: target.position, default=None)


def work_state(deliverables: Collection[int], decisions: Mapping[int, str], has_draft: bool) -> WorkState:
    """Return where a project stands from its deliverables and the decision on the last version of each.

    `decisions` has no key for what was never sent, and "" for what waits for an answer.
    """
    sent = [decisions[deliverable] for deliverable in deliverables if deliverable in decisions]
    if Decision.TO_COMPLETE in sent:
        return WorkState.TO_COMPLETE
    if "" in sent:
        return WorkState.WAITING
    if sent and len(sent) == len(deliverables):
        return WorkState.VALIDATED
    if sent:
        return WorkState.PARTLY
    return WorkState.DRAFT if has_draft else WorkState.NONE


def is_silent(last_sent_at: datetime | None, enrolled_at: datetime, now: datetime) -> bool:
    """Say whether somebody has sent nothing for ten days, counted from their arrival at the earliest."""
    return now - max(last_sent_at or enrolled_at, enrolled_at) >= SILENCE
