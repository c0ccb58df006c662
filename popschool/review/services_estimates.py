"""The score drawn from the reviews of each work, with how sure it is, and which work the trainer should look at next.

Worked out from the facts, and kept: a page that shows one work reads the row, the round's own page works it out again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import func, select, true

from popschool.db import db, transaction
from popschool.review import rules_cohorts as cohorts
from popschool.review import rules_estimate as estimates
from popschool.review import rules_feedback as feedback
from popschool.review import rules_routing as routing
from popschool.review import services_pieces
from popschool.review.grades import marks_of
from popschool.review.models import Flag, Leniency, Round, Work, WorkEstimate
from popschool.review.rules_states import FINISHED
from popschool.review.services_world import World, read_world

FLAGS = {"appeal": routing.MustSee.APPEAL, "report": routing.MustSee.REPORT}


@dataclass(frozen=True)
class Drawn:
    """What a round says: an estimate for each work, each reviewer's leniency, and what to look at next.

    `evidence` is what it was drawn from; `grades` are the trainers' scores by submission.
    """

    result: estimates.Estimates
    order: tuple[routing.Next, ...]
    is_enough: bool
    factor: float
    evidence: estimates.Evidence
    grades: Mapping[int, float]


@dataclass(frozen=True)
class History:
    """What earlier rounds taught: of the cohort that holds the round and of its guests' own, and of intervals.

    `guests` are the leniencies of whole cohorts, of those that were met.
    """

    learned: estimates.Learned = field(default_factory=estimates.Learned)
    guests: Mapping[int, estimates.Prior] = field(default_factory=dict)
    factor: float = estimates.FACTOR


def grades_of(world: World) -> dict[int, float]:
    """Return the score that trainers gave to each submission of a round, of those whose criteria are all marked."""
    highest = {criterion["id"]: len(criterion["words"]) - 1 for criterion in world.round.criteria}
    marks = marks_of([work.submission_id for work in world.standing_works])
    scores = {
        submission_id: feedback.score({name: given.get(name) for name in highest}, highest)
        for submission_id, given in marks.items()
    }
    return {submission_id: score for submission_id, score in scores.items() if score is not None}


def evidence_of(
    world: World, grades: Mapping[int, float], history: History
) -> tuple[estimates.Evidence, dict[int, float]]:
    """Return what the estimate is drawn from: the reviews sent, the trainer's marks, what earlier rounds taught.

    What was made by the team and read by everybody is there too. What is known of a guest was learnt beside their own
    cohort: it is brought to the level of the one that holds the round. By how much is returned with it, by person.
    """
    person_of = {reviewer.id: reviewer.person_id for reviewer in world.reviewers}
    works = tuple(sorted(work.id for work in world.standing_works))
    scores = tuple(
        estimates.Score(person_of[review.reviewer_id], review.work_id, review.score)
        for review in sorted(world.reviews, key=lambda one: (one.work_id, one.reviewer_id))
        if review.state in FINISHED and review.score is not None and review.work_id in works
    )
    marked = {work.id: grades[work.submission_id] for work in world.standing_works if work.submission_id in grades}
    given, pieces = services_pieces.evidence_of(world.round)
    scores, works, marked = (*scores, *given), (*sorted(pieces), *works), marked | pieces
    learned, apart = history.learned, _how_far_apart(world, scores, history)
    known = cohorts.levelled(learned.reviewers, apart)
    return estimates.Evidence(works, scores, marked, known, learned.beta, learned.flat, learned.leaning), apart


def _how_far_apart(world: World, scores: Sequence[estimates.Score], history: History) -> dict[int, float]:
    """Return how much higher the whole cohort of each guest marks than the one that holds the round."""
    guests: dict[int, set[int]] = {}
    for reviewer in world.reviewers:
        if reviewer.cohort_id is not None:
            guests.setdefault(reviewer.cohort_id, set()).add(reviewer.person_id)
    found = {}
    for cohort_id, people in sorted(guests.items()):
        before = cohorts.between(history.guests.get(cohort_id, cohorts.UNKNOWN), history.learned.beta)
        seen = cohorts.apart(scores, frozenset(people), history.learned.reviewers, before)
        found |= dict.fromkeys(sorted(people), seen.mean)
    return found


def draw(world: World, flags: list[Flag] | None = None) -> Drawn:
    """Work everything out. Three queries, two with the flags given."""
    grades = grades_of(world)
    history = history_of(world.round, guests_of(world))
    evidence, _apart = evidence_of(world, grades, history)
    result = _estimated(*_frozen(evidence), history.factor)
    if flags is None:
        flags = open_flags(world.round.id)
    flagged = {flag.work_id: FLAGS[flag.kind] for flag in sorted(flags, key=lambda one: one.kind, reverse=True)}
    marks = world.round.pass_mark
    boundaries = () if marks is not None else (25.0, 50.0, 75.0)
    order = routing.queue(
        result,
        pass_mark=marks,
        boundaries=boundaries,
        flagged=flagged,
        seed=str(world.round.seed),
        leave_out=[work for work in result.works if work < 0],
    )
    is_enough = routing.is_enough(order, result)
    return Drawn(result, tuple(order), is_enough, history.factor, evidence, grades)


def without_grades(drawn: Drawn) -> dict[int, float]:
    """Return what peers alone say of each work that was read: the estimate before any trainer's mark on a work."""
    pieces = {work: score for work, score in drawn.evidence.grades.items() if work < 0}
    result = _estimated(*_frozen(replace(drawn.evidence, grades=pieces)), drawn.factor)
    return {work: one.mean for work, one in result.works.items() if one.reviews}


def _frozen(evidence: estimates.Evidence) -> tuple:
    return (
        evidence.works,
        evidence.scores,
        tuple(sorted(evidence.grades.items())),
        tuple(sorted(evidence.history.items())),
        evidence.beta,
        tuple(sorted(evidence.flat.items())),
        evidence.leaning,
    )


@lru_cache(maxsize=64)
def _estimated(
    works: tuple, scores: tuple, grades: tuple, history: tuple, beta: estimates.Prior, flat: tuple, leaning: tuple,
    factor: float,
) -> estimates.Estimates:  # fmt: skip
    """The same inputs give the same answer: it is worked out once in each process."""
    evidence = estimates.Evidence(works, scores, dict(grades), dict(history), beta, dict(flat), leaning)
    return estimates.estimate(evidence, factor=factor)


def guests_of(world: World) -> frozenset[int]:
    """Return the cohorts that read in a round with the one that holds it."""
    return frozenset(reviewer.cohort_id for reviewer in world.reviewers if reviewer.cohort_id is not None)


def history_of(found: Round, guests: Collection[int] = ()) -> History:
    """Return what earlier rounds taught of a cohort and of its guests', and how wide intervals are after checks.

    A cohort that joins agreed to it: what its own rounds taught comes with it, and nothing of any other. One query.
    """
    last = (
        select(func.max(Leniency.id))
        .where(Leniency.cohort_id.in_([found.cohort_id, *sorted(guests)]), Leniency.round_id < found.id)
        .group_by(Leniency.person_id)
    )
    checks = select(func.sum(WorkEstimate.misses), func.count(WorkEstimate.misses)).join(
        Round, Round.id == WorkEstimate.round_id
    ).where(Round.cohort_id == found.cohort_id, Round.id < found.id).subquery()  # fmt: skip
    rows = db.session.execute(
        select(Leniency, Round.cohort_id, Round.learnt, *checks.c)
        .join(Round, Round.id == Leniency.round_id)
        .join(checks, true())
        .where(Leniency.id.in_(last))
        .order_by(Leniency.round_id)
    ).all()
    if not rows:
        return History()
    people = {row.person_id: estimates.Prior(row.mean, row.variance) for row, *_rest in rows}
    flat = {row.person_id: row.flat for row, *_rest in rows}
    betas, group = {}, {}
    for row, holder, learnt, *_checks in rows:
        if not learnt:
            continue
        if row.cohort_id == holder:
            betas[row.cohort_id] = estimates.Prior(*learnt["beta"])
        elif str(row.cohort_id) in learnt.get("guests", {}):
            betas[row.cohort_id] = estimates.Prior(*learnt["guests"][str(row.cohort_id)])
        if holder == found.cohort_id:
            group["leaning"] = tuple(map(tuple, learnt["leaning"]))
    if found.cohort_id in betas:
        group["beta"] = betas.pop(found.cohort_id)
    *_row, missed, count = rows[-1]
    factor = estimates.interval_factor(missed or 0.0, count)
    return History(estimates.Learned(people, flat, **group), betas, factor)


def open_flags(round_id: int) -> list[Flag]:
    """Return the reports and appeals that wait for an answer. One query."""
    return list(db.session.scalars(select(Flag).where(Flag.round_id == round_id, Flag.answered_at.is_(None))))


def keep(world: World, now: datetime) -> None:
    """Keep the estimate of each work as it is now. In a transaction."""
    drawn = draw(world)
    known = {row.work_id: row for row in db.session.scalars(select(WorkEstimate).where(_of(world.round)))}
    for work in world.standing_works:
        found = drawn.result.works[work.id]
        row = known.get(work.id) or WorkEstimate(work_id=work.id, round_id=world.round.id)
        has_number = found.reviews > 0 or found.grade is not None
        row.misses = _misses(row, found)
        row.is_graded = found.grade is not None
        row.reviews, row.made_at = found.reviews, now
        row.estimate = float(found.shown) if has_number else None
        row.sd = float(found.sd) if has_number else None
        row.low, row.high = (float(found.low), float(found.high)) if has_number else (None, None)
        row.plain = float(found.plain) if has_number else None
        row.factor = drawn.factor
        db.session.add(row)


def _misses(row: WorkEstimate, found: estimates.Estimate) -> float | None:
    """Return how far the kept estimate was from the trainer's first mark after it, to learn how wide intervals are."""
    if row.misses is not None or found.grade is None or row.is_graded or not row.reviews or not row.sd:
        return row.misses
    return estimates.check_of(found.grade, row.estimate, row.sd / (row.factor or estimates.FACTOR))


def _of(found: Round):
    return WorkEstimate.round_id == found.id


def learn(world: World, now: datetime) -> None:
    """Keep what this round teaches about each reviewer, for the next of their cohort. In a transaction."""
    history = history_of(world.round, guests_of(world))
    evidence, apart = evidence_of(world, grades_of(world), history)
    if not evidence.scores:
        return
    result = _estimated(*_frozen(evidence), history.factor)
    learnt = estimates.learn(result)
    beta, offsets = learnt.beta, {world.cohort_of(person_id): value for person_id, value in sorted(apart.items())}
    world.round.learnt = {
        "beta": [beta.mean, beta.variance],
        "leaning": learnt.leaning,
        "guests": {str(cohort): [beta.mean + value, beta.variance] for cohort, value in offsets.items()},
    }
    known = set(db.session.scalars(select(Leniency.person_id).where(Leniency.round_id == world.round.id)))
    for person_id, prior in sorted(learnt.reviewers.items()):
        if person_id in known:
            continue
        lenient = result.reviewers[person_id]
        db.session.add(
            Leniency(
                round_id=world.round.id,
                cohort_id=world.cohort_of(person_id),
                person_id=person_id,
                mean=float(prior.mean) - apart.get(person_id, 0.0),
                variance=float(prior.variance),
                flat=float(learnt.flat[person_id]),
                deviation=float(lenient.mean),
                deviation_sd=float(lenient.sd),
                learnt_at=now,
            )
        )


def refresh(submission_id: int, now: datetime) -> None:
    """A trainer marked a submission: what the round says of it and of the others is worked out again."""
    found = db.session.scalars(
        select(Round).join(Work, Work.round_id == Round.id).where(Work.submission_id == submission_id)
    ).first()
    if found is None:
        return
    with transaction():
        keep(read_world(found), now)
