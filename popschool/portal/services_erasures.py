"""The erasures that a school agreed to, kept outside the database: a backup from before them does not undo them.

One line of JSON each, without a name: the person's number, since when they are known (somebody else may have the same
number after a restore), when it was agreed and by whom. The list lies in the store under a name of its own, which no
archive holds and no restore takes back; a second one lies in the file that POPSCHOOL_ERASURES names.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from popschool import audit, storage
from popschool.auth import services
from popschool.auth.models import RoleGrant
from popschool.auth.models_decisions import Proposal, ProposalAnswer
from popschool.auth.rules_granting import LastManager
from popschool.auth.services_decisions import waiting_about
from popschool.db import db, transaction
from popschool.portal import services_retention
from popschool.portal.services_retention import ERASURE
from popschool.schools.models import Person

NAME = "erasures"


@dataclass(frozen=True, order=True)
class Erasure:
    """One erasure that was agreed: whose, and since when they are known; when, and by whom. Moments as ISO 8601."""

    agreed_at: str
    person_id: int
    known_at: str
    by_id: int


class ErasuresUnreadable(ValueError):
    """A line that is not an erasure; says which."""


@dataclass(frozen=True)
class Replayed:
    """What replaying a list did: the people whose data went again, and how many lines say nobody of this database.

    `kept` are those who alone run the network here: somebody else must be invited first.
    """

    people: tuple[int, ...]
    kept: tuple[int, ...]
    unknown: int


def keep(others: Iterable[Erasure] = ()) -> int:
    """Bring the lists up to the database and to `others`, and return how many they hold. Again, it does nothing."""
    second = _second()
    with transaction(lock=NAME):
        before = kept()
        known = sorted(before | _agreed() | set(others))
        content = "".join(json.dumps(asdict(one)) + "\n" for one in known).encode()
        if set(known) != before or not storage.store().exists(NAME):
            storage.store().note(NAME, content)
        if second is not None and (not second.exists() or second.read_bytes() != content):
            storage.write_whole(second, [content])
    return len(known)


def _second() -> Path | None:
    named = current_app.config["POPSCHOOL"].erasures
    return Path(named) if named else None


def kept() -> set[Erasure]:
    """Return the erasures of both lists. Raises ErasuresUnreadable."""
    found: set[Erasure] = set()
    second = _second()
    if storage.store().exists(NAME):
        with storage.store().open(NAME) as file:
            found |= erasures_in(file.read().decode().splitlines())
    if second is not None and second.exists():
        found |= erasures_in(second.read_text(encoding="utf-8").splitlines())
    return found


def erasures_in(lines: Iterable[str]) -> set[Erasure]:
    """Return the erasures of a list. Raises ErasuresUnreadable."""
    found = set()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = Erasure(**json.loads(line))
            datetime.fromisoformat(one.agreed_at), datetime.fromisoformat(one.known_at)
            found.add(Erasure(one.agreed_at, int(one.person_id), one.known_at, int(one.by_id)))
        except (ValueError, TypeError) as wrong:
            raise ErasuresUnreadable(f"line {number} is not an erasure") from wrong
    return found


def _agreed() -> set[Erasure]:
    rows = db.session.execute(
        select(ProposalAnswer.at, Person.id, Person.created_at, ProposalAnswer.by_id)
        .join(Proposal, Proposal.id == ProposalAnswer.proposal_id)
        .join(Person, Person.id == Proposal.person_id)
        .where(Proposal.kind == ERASURE, ProposalAnswer.is_accepted)
    )
    return {Erasure(at.isoformat(), number, known_at.isoformat(), by_id) for at, number, known_at, by_id in rows}


def replay(erasures: Iterable[Erasure], now: datetime, today: date) -> Replayed:
    """Do again the erasures that this database does not know, of the people that it knows. Again, it does nothing."""
    done, alone, unknown = [], [], 0
    for one in sorted(set(erasures) - _agreed()):
        person = db.session.get(Person, one.person_id)
        if person is None or person.created_at != datetime.fromisoformat(one.known_at):
            unknown += 1
            continue
        try:
            _agree_again(person, one, now)
        except LastManager:
            alone.append(person.id)
            continue
        services_retention.remove_due(person.id, now, today)
        done.append(person.id)
    return Replayed(tuple(done), tuple(alone), unknown)


def _agree_again(person: Person, one: Erasure, now: datetime) -> None:
    """Write the request and its answer as they were, end the roles that came back, and close the account."""
    at = datetime.fromisoformat(one.agreed_at)
    with transaction(lock=f"proposals/{ERASURE}/{person.id}"):
        waiting = waiting_about(ERASURE, person_id=person.id)
        asked = waiting[0] if waiting else _asked(person, at)
        by = db.session.get(Person, one.by_id) or person
        db.session.add(ProposalAnswer(proposal_id=asked.id, is_accepted=True, by_id=by.id, at=at))
        held = select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.ended_at.is_(None))
        for grant in db.session.scalars(held).all():
            services.end_role(grant, by=None, now=now)
        services.close_account(person, by_id=None, now=now)
        audit.record(
            "erasure.again", person, actor_id=None, school_id=person.home_school_id, now=now, agreed_at=one.agreed_at
        )


def _asked(person: Person, at: datetime) -> Proposal:
    asked = Proposal(
        kind=ERASURE, school_id=person.home_school_id, person_id=person.id, facts={}, by_id=person.id, at=at
    )
    db.session.add(asked)
    db.session.flush()
    return asked
