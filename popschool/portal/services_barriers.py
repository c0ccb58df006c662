"""What keeps somebody out of a page: who hears of it, and the answer that goes back to whoever said it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.auth import services as accounts
from popschool.auth.rules import Actor, Role
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.messages.services import tell
from popschool.portal.models import Barrier
from popschool.schools.models import Person

ONE_DAY = timedelta(days=1)
OWN = 5
KEPT = (Role.DISABILITY_CONTACT, Role.SCHOOL_MANAGER)


@dataclass
class AlreadyAnswered(RuleBroken):
    """Somebody else answered meanwhile: what they wrote has gone."""

    by: str


def report(person: Person, what: str, where: str, now: datetime) -> Barrier:
    """Keep what somebody says, and tell who answers. Said twice within a day, it is kept and told once."""
    with transaction(lock=person):
        for known in own_reports(person.id):
            if (known.what, known.where) == (what, where) and now - known.reported_at < ONE_DAY:
                return known
        barrier = Barrier(
            person_id=person.id, school_id=person.home_school_id, what=what, where=where, reported_at=now, answer=""
        )
        db.session.add(barrier)
        db.session.flush()
        for one in accounts.read_contacts(person.home_school_id):
            tell(one, kind="barrier", title=_l("Un problème d'accessibilité est signalé"),
                 body=_l("Quelqu'un est bloqué sur une page. Son message vous attend. Répondez en une semaine."),
                 url=f"/barriers/{barrier.id}", now=now, key=f"barrier/{barrier.id}/{one.id}")  # fmt: skip
        tell(person, kind="barrier_sent", title=_l("Votre message sur l'accessibilité est arrivé"),
             body=_l("Une personne de l'école vous répond en une semaine."), url="/accessibility/report",
             now=now, key=f"barrier/{barrier.id}")  # fmt: skip
    return barrier


def own_reports(person_id: int) -> Sequence[Barrier]:
    """Return what somebody said lately, the latest first. One query."""
    own = select(Barrier).where(Barrier.person_id == person_id, Barrier.what != "")
    return db.session.scalars(own.order_by(Barrier.id.desc()).limit(OWN)).all()


def reported_to(actor: Actor, offset: int, limit: int) -> tuple[Sequence[Barrier], int, int]:
    """Return a page of what was said to somebody: what waits first, the oldest on top. How many in all, and waiting."""
    asked = select(Barrier).where(Barrier.what != "")
    if Role.NETWORK_MANAGER not in actor.roles.get(None, frozenset()):
        asked = asked.where(Barrier.school_id.in_(actor.schools_as(*KEPT)))
    is_answered = Barrier.answered_at.is_not(None)
    counts = dict(
        db.session.execute(
            asked.with_only_columns(is_answered, func.count()).group_by(is_answered)
        ).all()
    )  # fmt: skip
    order = (is_answered, Barrier.answered_at.desc(), Barrier.id)
    lines = db.session.scalars(
        asked.options(joinedload(Barrier.person)).order_by(*order).offset(offset).limit(limit)
    ).all()
    waiting = sum(count for answered, count in counts.items() if not answered)
    return lines, sum(counts.values()), waiting


def answer(barrier: Barrier, words: str, by: Person, now: datetime) -> None:
    """Answer once; whoever said it is told that an answer is there. Raises AlreadyAnswered."""
    words = words.strip()
    with transaction(lock=barrier):
        db.session.refresh(barrier)
        if barrier.answered_at is not None:
            if (barrier.answer, barrier.answered_by_id) == (words, by.id):
                return
            raise AlreadyAnswered(barrier.answered_by.name)
        barrier.answer, barrier.answered_by_id, barrier.answered_at = words, by.id, now
        audit.record("answer_barrier", barrier, actor_id=by.id, now=now)
        tell(barrier.person, kind="barrier_answer", title=_l("Une réponse sur l'accessibilité"),
             body=_l("L'école a répondu à ce que vous avez signalé."), url="/accessibility/report",
             now=now, key=f"barrier-answer/{barrier.id}")  # fmt: skip
