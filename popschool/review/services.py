"""Opening a round on an assignment, and saying beforehand whether it is possible."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from popschool import audit
from popschool.db import db, transaction
from popschool.projects.models import Assignment, Deliverable
from popschool.projects.rules_criteria import criteria_of, mark_words
from popschool.projects.services_assignments import number_asked, version_for
from popschool.review import rules, services_notices, services_pieces
from popschool.review import rules_allocation as allocation
from popschool.review.models import Round
from popschool.review.models_pieces import Piece
from popschool.review.rules_states import OVER, RoundAct, RoundState
from popschool.review.services_moves import learners_there, move, sent_by
from popschool.review.services_plan import start
from popschool.review.services_world import teams_of
from popschool.schools.cohorts import check_open
from popschool.schools.models import Person


def criteria_for(deliverable: Deliverable) -> list[dict]:
    """Return what a deliverable is read against, with the words of its marks. One query."""
    return criteria_in(deliverable.assignment, [deliverable])[deliverable.id]


def criteria_in(assignment: Assignment, deliverables: Sequence[Deliverable]) -> dict[int, list[dict]]:
    """Return what each deliverable of an assignment is read against. One query."""
    version = version_for(assignment.project_id, number_asked(assignment.cohort))
    data = version.data if version is not None else {}
    words = list(mark_words(data.get("marks")))
    return {
        deliverable.id: [
            {"id": one["id"], "text": one["text"], "words": words}
            for one in criteria_of(data.get("criteria") or (), deliverable.key)
        ]
        for deliverable in deliverables
    }


def pieces_for(assignment: Assignment, deliverables: Sequence[Deliverable]) -> list[tuple[Deliverable, Piece]]:
    """Return the pieces that a round on one of these deliverables may begin with. One query, two more for some."""
    known = services_pieces.kept_for(assignment)
    criteria = criteria_in(assignment, deliverables) if known else {}
    return [
        (one, piece) for one in deliverables for piece in known if services_pieces.fits(piece, one, criteria[one.id])
    ]


@dataclass(frozen=True)
class Forecast:
    """Whether a round would be possible, by how many reviews each work would get; who has sent, who is there.

    `is_supposed` when it counts on everybody to send, which only the due date tells.
    """

    answers: Mapping[int, allocation.Feasibility]
    sent: int
    people: int
    is_supposed: bool


def forecast(deliverable: Deliverable, now: datetime) -> Forecast:
    """Say whether a round would be possible: with what is sent, or before the due date with all that would be sent.

    Four queries.
    """
    people = [person.id for person in learners_there(deliverable.assignment, now)]
    sent = sent_by(deliverable.id, people)
    teams = teams_of(deliverable.assignment_id)
    is_supposed = not sent or now < deliverable.assignment.due_at
    if not is_supposed:
        works = [allocation.Work(number, owners) for number, owners in sorted(sent.items())]
        there = sorted({owner for owners in sent.values() for owner in owners})
    else:
        groups: dict[tuple[str, int], set[int]] = {}
        for person_id in people:
            whose = ("team", teams[person_id]) if person_id in teams else ("person", person_id)
            groups.setdefault(whose, set()).add(person_id)
        works = [allocation.Work(number, frozenset(owners)) for number, owners in enumerate(groups.values(), 1)]
        there = people
    everybody = tuple(allocation.Person(one, teams.get(one)) for one in there)
    answers = {
        wanted: allocation.feasibility(allocation.Group(everybody, tuple(works), wanted))
        for wanted in range(rules.FEWEST, rules.MOST + 1)
    }
    return Forecast(answers, len(sent), len(people), is_supposed)


def open_round(
    deliverable: Deliverable,
    *,
    wanted: int,
    starts_at: datetime,
    ends_at: datetime,
    is_named: bool,
    is_formative: bool,
    is_oral: bool = False,
    pass_mark: int | None,
    piece_ids: Sequence[int] = (),
    by: Person,
    now: datetime,
) -> Round:
    """Open a round on a deliverable, and tell the cohort how it goes before they send. Asked for twice, opened once.

    With `piece_ids`, everybody reads those pieces first. Raises RoundExists, NothingToJudge, TooManyPieces,
    WindowTooShort or CohortArchived.
    """
    assignment = deliverable.assignment
    check_open(assignment.cohort)
    rules.check_window(starts_at, ends_at, now)
    criteria = criteria_for(deliverable)
    if not criteria:
        raise rules.NothingToJudge
    services_pieces.check_chosen(piece_ids, deliverable, criteria, is_oral)
    with transaction(lock=f"rounds/{deliverable.id}"):
        known = db.session.scalars(
            select(Round).where(Round.deliverable_id == deliverable.id).order_by(Round.number.desc())
        ).all()
        if known and known[0].state not in OVER:
            if (known[0].opened_by_id, known[0].starts_at, known[0].ends_at) == (by.id, starts_at, ends_at):
                return known[0]
            raise rules.RoundExists
        found = _new_round(
            deliverable,
            number=len(known) + 1,
            wanted=wanted,
            # Who meets knows who speaks.
            is_named=is_named or is_oral,
            is_formative=is_formative,
            is_oral=is_oral,
            pass_mark=pass_mark,
            criteria=criteria,
            piece_ids=sorted(set(piece_ids)),
            starts_at=starts_at,
            ends_at=ends_at,
            opened_by_id=by.id,
            opened_at=now,
        )
        move(found, RoundAct.OPEN, now, by.id)
        audit.record("open_round", found, actor_id=by.id, now=now, deliverable_id=deliverable.id)
        services_notices.tell_opened(found, assignment.id, learners_there(assignment, now), now)
        db.session.flush()
        if starts_at <= now:
            start(found, now, by.id)
    return found


def _new_round(deliverable: Deliverable, **choices: Any) -> Round:
    """Add a round, under the title that its project has today, with a seed of its own. In a transaction."""
    assignment = deliverable.assignment
    version = version_for(assignment.project_id, number_asked(assignment.cohort))
    found = Round(
        school_id=assignment.school_id,
        cohort_id=assignment.cohort_id,
        assignment_id=assignment.id,
        deliverable_id=deliverable.id,
        title=version.title if version else deliverable.title,
        seed=secrets.randbelow(2**31),
        state=str(RoundState.DRAFT),
        **choices,
    )
    db.session.add(found)
    db.session.flush()
    return found
