"""The help queue: who needs help, where, since when; who goes, and how it ended."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.projects import rules_help as rules
from popschool.projects.models_help import HelpRequest, HelpTurn
from popschool.projects.rules_help import How, Turn
from popschool.projects.services_quizzes import Pinned
from popschool.schools.models import Person, Posting

RECENT = timedelta(hours=24)
MOST_RECENT = 25


def ask_help(
    person: Person, where: Pinned, page_id: int, anchor: str, place_name: str, words: str, now: datetime
) -> HelpRequest:
    """Put somebody in the queue of their trainers. Asking again at the same place finds the first request."""
    with transaction(lock=f"help/{person.id}"):
        query = select(HelpRequest).where(HelpRequest.person_id == person.id, HelpRequest.page_id == page_id)
        found = db.session.scalar(query.where(HelpRequest.anchor == anchor, HelpRequest.ended_at.is_(None)))
        if found is not None:
            return found
        found = HelpRequest(
            school_id=where.school_id,
            cohort_id=where.cohort_id,
            person_id=person.id,
            page_id=page_id,
            revision_id=where.revision_id,
            anchor=anchor,
            place_name=place_name[: rules.LONGEST_PLACE],
            words=words.strip(),
            asked_at=now,
        )
        db.session.add(found)
        db.session.flush()
        for trainer in trainers_of(where.cohort_id, now.date()):
            tell(
                trainer,
                kind="help",
                title=_l("%(name)s demande de l'aide", name=person.name),
                body="\n".join(part for part in (found.place_name, found.words) if part),
                url="/help/queue",
                now=now,
                key=f"help-{found.id}-{trainer.id}",
            )
    return found


def trainers_of(cohort_id: int, day: date) -> list[Person]:
    """Return who trains a cohort on a day."""
    return trainers_among([cohort_id], day).get(cohort_id, [])


def trainers_among(cohorts: Collection[int], day: date) -> dict[int, list[Person]]:
    """Return who trains each of these cohorts on a day. One query."""
    rows = db.session.execute(
        select(Posting.cohort_id, Person)
        .join(Person, Posting.person_id == Person.id)
        .where(
            Posting.cohort_id.in_(cohorts),
            Posting.starts_on <= day,
            or_(Posting.ends_on.is_(None), Posting.ends_on >= day),
        )
        .order_by(Person.last_name, Person.id)
    )
    found: dict[int, dict[int, Person]] = {}
    for cohort_id, person in rows:
        found.setdefault(cohort_id, {})[person.id] = person
    return {cohort_id: list(people.values()) for cohort_id, people in found.items()}


def take_turn(
    request: HelpRequest, turn: Turn, person: Person, now: datetime, how: str = "", words: str = ""
) -> HelpTurn:
    """Take a request, give it back, answer it, or find by oneself. Raises HelpEnded, TakenByAnother, MessageEmpty."""
    if turn is Turn.ANSWERED and how == How.MESSAGE and not words.strip():
        raise rules.MessageEmpty
    with transaction(lock=request):
        db.session.refresh(request)
        taker = request.taken_by.name if request.taken_by else ""
        rules.check_turn(turn, request.ended_at is None, request.taken_by_id, person.id, taker)
        if turn is Turn.TAKEN and request.taken_by_id == person.id:
            return request.turns[-1]
        made = HelpTurn(request_id=request.id, person_id=person.id, turn=turn, how=how, words=words.strip(), at=now)
        db.session.add(made)
        if turn is Turn.TAKEN:
            request.taken_by_id = person.id
        elif turn is Turn.GIVEN_BACK:
            request.taken_by_id = None
        else:
            request.ended_at = now
        db.session.flush()
        _tell(request, made, person, now)
    return made


def _tell(request: HelpRequest, made: HelpTurn, person: Person, now: datetime) -> None:
    """Tell the person who asked what concerns them: that somebody comes, and the answer when it is written."""
    url = f"/help/requests/{request.id}"
    if made.turn == Turn.TAKEN:
        title = _l("%(name)s vient vous aider", name=person.name)
        tell(request.person, kind="help", title=title, body=request.place_name, url=url, now=now)
    elif made.turn == Turn.ANSWERED and made.words:
        title = _l("%(name)s vous a répondu", name=person.name)
        tell(request.person, kind="help", title=title, body=made.words, url=url, now=now)


def queue(cohorts: Collection[int], schools: Collection[int], offset: int, limit: int) -> tuple[list[HelpRequest], int]:
    """Return a page of who waits in these cohorts or schools, the oldest first, and how many there are. Two queries."""
    mine = or_(HelpRequest.cohort_id.in_(cohorts), HelpRequest.school_id.in_(schools))
    waiting = (mine, HelpRequest.ended_at.is_(None))
    query = (
        select(HelpRequest)
        .options(joinedload(HelpRequest.person), joinedload(HelpRequest.taken_by), joinedload(HelpRequest.cohort))
        .where(*waiting)
        .order_by(HelpRequest.asked_at, HelpRequest.id)
    )
    count = db.session.scalar(select(func.count()).select_from(HelpRequest).where(*waiting)) or 0
    return list(db.session.scalars(query.offset(offset).limit(limit))), count


def ended_lately(cohorts: Collection[int], schools: Collection[int], now: datetime) -> list[HelpRequest]:
    """Return what ended in the last day, the latest first. Two queries."""
    mine = or_(HelpRequest.cohort_id.in_(cohorts), HelpRequest.school_id.in_(schools))
    query = (
        select(HelpRequest)
        .options(joinedload(HelpRequest.person), selectinload(HelpRequest.turns).joinedload(HelpTurn.person))
        .where(mine, HelpRequest.ended_at > now - RECENT)
        .order_by(HelpRequest.ended_at.desc())
    )
    return list(db.session.scalars(query.limit(MOST_RECENT)))


def rank_of(request: HelpRequest) -> int:
    """Return how many people of the cohort wait since before this request, and are not being helped."""
    before = select(func.count()).where(
        HelpRequest.cohort_id == request.cohort_id,
        HelpRequest.ended_at.is_(None),
        HelpRequest.taken_by_id.is_(None),
        tuple_(HelpRequest.asked_at, HelpRequest.id) < tuple_(request.asked_at, request.id),
    )
    return db.session.scalar(before) or 0
