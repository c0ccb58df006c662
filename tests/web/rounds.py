"""Two rounds of peer review on the network's day: one that is released, one in which the learner is in the middle."""

from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from popschool import storage
from popschool.db import db
from popschool.projects.models import Deliverable
from popschool.review import (
    services,
    services_copies,
    services_oral,
    services_pieces,
    services_plan,
    services_release,
    services_reviewing,
    services_world,
)
from popschool.review.models import Review, Reviewer, Round, RoundGuest
from popschool.review.models_copies import ReviewCopy
from popschool.review.models_pieces import PieceReview
from popschool.review.rules import NothingToReview, Said
from popschool.review.services_parts import parts_by_name, shown_parts
from popschool.schools.models import Person
from tests.web.network import NOW, Network, at_its_day

HOURS = timedelta(hours=1)


def live(network: Network) -> None:
    """The trainer opens both on their page; the learner reviews on theirs; the others review too."""
    from tests.web.morning import Hands

    facts = network.facts
    with network.app.app_context():
        second, first = db.session.scalars(
            select(Deliverable).where(Deliverable.assignment_id == facts.past.id).order_by(Deliverable.position)
        )
    facts.piece_id = _piece(network, first.id)
    facts.released_id = _open(network, first.id, 50 * 60, pieces=str(facts.piece_id))
    with at_its_day(NOW - 49 * HOURS), network.app.app_context():
        _all_review(facts.released_id, facts.learner.id)
    with at_its_day(NOW - HOURS), network.app.app_context():
        _release(facts)
    facts.round_id = _open(network, second.id, 45)
    learner = Hands(network, facts.learner.id, 40)
    with network.app.app_context():
        facts.sent_key = _review_by(facts.round_id, facts.learner.id)
    learner.send("/reviews")
    with network.app.app_context():
        facts.begun_key = db.session.scalar(
            select(Review.key)
            .join(Reviewer, Reviewer.id == Review.reviewer_id)
            .where(Reviewer.person_id == facts.learner.id, Review.state == "revealed")
        )
        _copy(facts)
    facts.oral_id = _open(network, first.id, 30, way="oral")
    with network.app.app_context():
        facts.slot_key = _speak(facts)
        facts.guest_id = _asked(facts)
        facts.piece_key, facts.read_key = _begun_piece(facts), _read_piece(facts)


def _open(network: Network, deliverable_id: int, minutes_ago: int, **more: str) -> int:
    from tests.web.morning import Hands

    moment = NOW - timedelta(minutes=minutes_ago)
    hands = Hands(network, network.facts.trainer.id, minutes_ago)
    location = hands.send(
        f"/assignments/{network.facts.past.id}/rounds/new",
        deliverable=str(deliverable_id),
        wanted="2",
        starts_at=(moment + HOURS).strftime("%Y-%m-%dT%H:%M"),
        ends_at=(NOW + 30 * HOURS).strftime("%Y-%m-%dT%H:%M"),
        **more,
    )
    return int(location.split("/")[2].split("#")[0])


def _piece(network: Network, deliverable_id: int) -> int:
    """The team has made a piece that everybody reads first."""
    with network.app.app_context():
        found = db.session.get(Deliverable, deliverable_id)
        criteria = services.criteria_for(found)
        made = services_pieces.make(
            found,
            criteria,
            title="Le menu du café",
            text="Un café, 2 euros\nUn thé",
            marks={one["id"]: 1 for one in criteria},
            whys={criteria[0]["id"]: "Le prix du thé manque."},
            by=db.session.get(Person, network.facts.trainer.id),
            now=NOW - 51 * HOURS,
        )
        return made.id


def _copy(facts: SimpleNamespace) -> None:
    """What the learner is given of the work that they have begun: its files, and a page of code."""
    work = db.session.scalars(select(Review).where(Review.key == facts.begun_key)).one().work
    services_copies.make(work.submission_id, NOW - HOURS)
    text = "<h1>Menu</h1>\n" * 300
    kept = storage.put(text.encode())
    db.session.add(
        ReviewCopy(
            submission_id=work.submission_id,
            kind="code",
            rank=1,
            path="index.html",
            hash=kept.hash,
            size=kept.size,
            lines=300,
            made_at=NOW - HOURS,
        )
    )
    db.session.commit()


def _begun_piece(facts: SimpleNamespace) -> str:
    """The learner has opened the piece of the round under way, and has not read it yet."""
    found = db.session.get(Round, facts.round_id)
    found.piece_ids = [facts.piece_id]
    reviewer = services_plan.reviewer_in(found.id, facts.learner.id)
    reading = services_pieces.next_for(found, reviewer, NOW - HOURS)
    db.session.commit()
    return reading.key


def _read_piece(facts: SimpleNamespace) -> str:
    query = select(PieceReview.key).join(Reviewer, Reviewer.id == PieceReview.reviewer_id)
    return db.session.scalars(
        query.where(Reviewer.person_id == facts.learner.id, PieceReview.round_id == facts.released_id)
    ).one()


def _asked(facts: SimpleNamespace) -> int:
    """The cohort was asked to join a round, and has not answered."""
    guest = RoundGuest(
        round_id=facts.oral_id,
        school_id=facts.school.id,
        cohort_id=facts.cohort.id,
        deliverable_id=db.session.get(Round, facts.oral_id).deliverable_id,
        asked_by_id=facts.trainer.id,
        asked_at=NOW,
    )
    db.session.add(guest)
    db.session.commit()
    return guest.id


def _speak(facts: SimpleNamespace) -> str:
    """The learner offers a moment and has just met somebody; a third moment is free, and its address is returned."""
    found, learner = db.session.get(Round, facts.oral_id), db.session.get(Person, facts.learner.id)
    ids = db.session.scalars(
        select(Reviewer.person_id).where(Reviewer.round_id == found.id, Reviewer.person_id != learner.id)
    )
    apart = services_world.teams_of(found.assignment_id)
    met, other = [
        db.session.get(Person, one) for one in sorted(ids) if one not in apart or apart[one] != apart.get(learner.id)
    ][:2]
    began = NOW - timedelta(minutes=20)
    services_oral.offer(found, learner, NOW + 2 * HOURS, 15, "Salle 2", NOW)
    services_oral.book(
        services_oral.offer(found, met, began, 10, "Salle 1", began - HOURS / 6), learner, began - HOURS / 6
    )
    return services_oral.offer(found, other, NOW + 3 * HOURS, 20, "Salle 3", NOW).key


def _review_by(round_id: int, person_id: int) -> str:
    """Let somebody do one review, whole; return its address."""
    found, person = db.session.get(Round, round_id), db.session.get(Person, person_id)
    moment = NOW - HOURS
    while (piece := services_plan.open_piece(found, person, moment)) is not None:
        for criterion in found.criteria:
            said = Said(2 - person_id % 2, "Le menu est court.", "text", 1, "Ajoutez le prix du thé.", "text", 2)
            services_pieces.save(piece, criterion["id"], said, moment)
        services_pieces.submit(piece, moment)
    review = services_plan.reveal(found, person, moment)
    for criterion in found.criteria:
        said = Said(1 + person_id % 2, "Le titre dit où je suis.", "", None, "Ajoutez un exemple.", "", None)
        services_reviewing.save(review, criterion["id"], said, moment)
    parts = shown_parts(review.work.submission, False)
    said = services_reviewing.said_in(review)[found.criteria[0]["id"]]
    if parts:
        placed = Said(said.mark, said.good, parts[0].name, None, said.idea, "", None)
        services_reviewing.save(review, found.criteria[0]["id"], placed, moment)
    services_reviewing.submit(review, parts_by_name(parts), moment)
    return review.key


def _all_review(round_id: int, author_id: int) -> None:
    """Let people review one after the other, twice, until this author's work has been read."""
    people = db.session.scalars(select(Reviewer.person_id).where(Reviewer.round_id == round_id)).all()
    for person_id in [*people, *people]:
        try:
            _review_by(round_id, person_id)
        except NothingToReview:
            continue
        sent = db.session.scalars(select(Review).where(Review.round_id == round_id, Review.state == "submitted")).all()
        if len(sent) > 2 and any(author_id in one.work.authors for one in sent):
            return


def _release(facts: SimpleNamespace) -> None:
    """Release the first round; somebody else asks the trainer to look."""
    found = db.session.get(Round, facts.released_id)
    services_release.release(found, facts.trainer, NOW - HOURS)
    opinions = db.session.scalars(select(Review).where(Review.round_id == found.id, Review.state == "released")).all()
    mine = next(one for one in opinions if facts.learner.id in one.work.authors)
    facts.reviewed_key, facts.opinion_number = mine.work.key, mine.reviewer.number
    other = next(one for one in opinions if facts.learner.id not in one.work.authors)
    author = db.session.get(Person, min(other.work.authors))
    facts.flag_id = services_release.report(other, author, "Ce texte se moque de moi.", NOW - HOURS).id
