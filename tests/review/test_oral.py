"""A spoken round: moments offered and booked, both say that they met, then the same form."""

from dataclasses import replace
from datetime import timedelta

import pytest

from popschool.db import db
from popschool.messages.models import Notice
from popschool.review import rules_oral, services_oral, services_plan
from popschool.review.models import Review
from popschool.review.rules import NothingToReview
from popschool.review.rules_oral import Meeting, check_booking, check_confirmation, check_offer
from popschool.review.rules_states import ReviewState
from tests.conftest import NOW
from tests.review.groups import in_teams, make_group
from tests.review.rounds import ENDS, circle, open_round, write

HOUR = timedelta(hours=1)
SOON = NOW + HOUR


def meeting(work=0, at=SOON, minutes=15, booked_by=None):
    return Meeting(work, work, at, minutes, booked_by)


@pytest.mark.parametrize(("minute", "second", "expected"), [(0, 0, 0), (0, 1, 15), (14, 59, 15), (46, 0, 60)])
def test_a_moment_is_proposed_at_the_next_quarter(minute, second, expected):
    whole = SOON.replace(minute=0)

    assert rules_oral.next_quarter(whole.replace(minute=minute, second=second)) == whole + timedelta(minutes=expected)


@pytest.mark.parametrize(
    ("new", "others", "refusal"),
    [
        (meeting(at=NOW - HOUR), [], rules_oral.MeetingOutside),
        (meeting(at=ENDS), [], rules_oral.MeetingOutside),
        (meeting(), [meeting(at=SOON + timedelta(minutes=14))], rules_oral.MeetingsClash),
        (meeting(), [meeting(work=1, booked_by=0)], rules_oral.MeetingsClash),
        (meeting(), [meeting(at=SOON + place * HOUR) for place in range(1, 7)], rules_oral.OffersTooMany),
        (meeting(), [meeting(at=SOON + timedelta(minutes=15)), meeting(work=1)], None),
        (meeting(), [meeting(at=NOW - place * HOUR) for place in range(1, 9)], None),
    ],
)
def test_a_moment_is_offered_between_now_and_the_end_when_one_is_free(new, others, refusal):
    if refusal is None:
        check_offer(new, others, ENDS, NOW)
    else:
        with pytest.raises(refusal):
            check_offer(new, others, ENDS, NOW)


GROUP = make_group(in_teams(8, 2), 2, conflicts=frozenset([(0, 5)]))


@pytest.mark.parametrize(
    ("person", "asked", "read", "others", "refusal"),
    [
        (2, meeting(), [], [], None),
        (2, meeting(booked_by=3), [], [], rules_oral.MeetingTaken),
        (2, meeting(at=NOW), [], [], rules_oral.MeetingTaken),
        (2, meeting(work=99), [], [], rules_oral.MeetingTaken),
        (0, meeting(), [], [], rules_oral.MeetingNotYours),
        (1, meeting(), [], [], rules_oral.MeetingNotYours),
        (5, meeting(), [], [], rules_oral.MeetingNotYours),
        (77, meeting(), [], [], rules_oral.MeetingNotYours),
        (2, meeting(), [(2, 0)], [], rules_oral.MeetingNotYours),
        (2, meeting(), [], [meeting(at=SOON + HOUR, booked_by=2)], rules_oral.MeetingNotYours),
        (2, meeting(), [(3, 0), (4, 0)], [], rules_oral.WorkHasEnough),
        (2, meeting(), [(2, 4), (2, 5), (2, 6)], [], rules_oral.ReviewerHasEnough),
        (2, meeting(), [], [meeting(work=4, booked_by=2)], rules_oral.MeetingsClash),
        (2, meeting(), [], [meeting(work=2)], rules_oral.MeetingsClash),
    ],
)  # fmt: skip
def test_a_moment_is_booked_by_somebody_who_may_read_that_work_and_is_free(person, asked, read, others, refusal):
    if refusal is None:
        check_booking(asked, person, GROUP, read, others, NOW)
    else:
        with pytest.raises(refusal):
            check_booking(asked, person, GROUP, read, others, NOW)


def test_nobody_confirms_what_has_not_begun():
    with pytest.raises(rules_oral.NotMetYet):
        check_confirmation(meeting(), NOW)
    check_confirmation(replace(meeting(), starts_at=NOW), NOW)


def spoken(count=5):
    found = circle(count)
    return found, open_round(found, is_oral=True), found.learners


def test_both_say_that_they_met_and_the_reviewer_writes_the_same_form(app):
    _circle, found, (author, other, *_rest) = spoken()
    slot = services_oral.offer(found, author, SOON, 15, "Salle 2", NOW)
    assert services_oral.offer(found, author, SOON, 15, "Salle 2", NOW) is slot

    services_oral.book(slot, other, NOW)
    services_oral.book(slot, other, NOW)
    services_oral.confirm(slot, author, SOON)
    assert slot.review is None
    services_oral.confirm(slot, other, SOON)
    services_oral.confirm(slot, other, SOON)

    review = slot.review
    assert (review.state, review.reviewer.person_id) == (ReviewState.REVEALED, other.id)
    assert review.work.authors == {author.id}
    assert write(review, SOON).state == ReviewState.SUBMITTED
    assert db.session.query(Review).count() == 1
    assert len([one for one in db.session.query(Notice).all() if "rendez-vous est pris" in one.title]) == 1


def test_nobody_is_given_a_plan_in_a_spoken_round(app):
    _circle, found, learners = spoken()

    assert found.is_named
    services_plan.mend(found, NOW)
    with pytest.raises(NothingToReview):
        services_plan.reveal(found, learners[0], NOW)
    assert db.session.query(Review).count() == 0


def test_a_meeting_called_off_by_who_booked_it_is_free_again_and_by_its_author_is_gone(app):
    _circle, found, (author, one, other, *_rest) = spoken()
    slot = services_oral.offer(found, author, SOON, 15, "Salle 2", NOW)
    services_oral.book(slot, one, NOW)
    with pytest.raises(rules_oral.MeetingTaken):
        services_oral.book(slot, other, NOW)

    services_oral.call_off(slot, one, NOW)
    services_oral.book(slot, other, NOW)
    services_oral.call_off(slot, author, NOW)

    assert services_oral.slots_of(found) == []
    with pytest.raises(rules_oral.MeetingTaken):
        services_oral.book(slot, one, NOW)
    told = [notice.person_id for notice in db.session.query(Notice).all() if "est annulé" in notice.title]
    assert sorted(told) == sorted([author.id, other.id])


def test_nobody_else_calls_off_or_confirms(app):
    _circle, found, (author, other, stranger, *_rest) = spoken()
    slot = services_oral.offer(found, author, SOON, 15, "Salle 2", NOW)
    services_oral.book(slot, other, NOW)

    services_oral.call_off(slot, stranger, NOW)
    assert slot.called_off_at is None
    with pytest.raises(rules_oral.MeetingTaken):
        services_oral.confirm(slot, stranger, SOON)


def test_a_learner_offers_and_another_books_on_the_page(client, log_in):
    _circle, found, (author, other, *_rest) = spoken()
    there = f"/rounds/{found.id}/slots"

    log_in(author)
    day = (SOON + HOUR).strftime("%Y-%m-%dT%H:%M")
    client.post(there, data={"starts_at": day, "minutes": "15", "spot": "Salle 2"})
    assert "Salle 2" in client.get(there).text
    assert (
        "heure à venir" in client.post(there, data={"starts_at": "2001-01-01T10:00", "minutes": "15", "spot": "x"}).text
    )

    log_in(other)
    slot = services_oral.slots_of(found)[0]
    assert author.name in client.get(there).text
    assert client.post(f"/slots/{slot.key}/book").status_code == 302
    assert "vous écoutez le travail" in client.get(there).text
    assert "commence le" in client.post(f"/slots/{slot.key}/confirm", follow_redirects=True).text


def test_somebody_from_outside_finds_nothing_there(client, log_in):
    from tests.factories import make_cohort, make_learner

    _circle, found, (author, *_rest) = spoken()
    slot = services_oral.offer(found, author, SOON, 15, "Salle 2", NOW)
    log_in(make_learner(make_cohort()))

    assert client.get(f"/rounds/{found.id}/slots").status_code == 404
    assert client.post(f"/slots/{slot.key}/book").status_code == 404
