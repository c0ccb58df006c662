"""Many people sign at the same moment, some of them twice: nobody is lost, nobody is there twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from popschool import clock
from popschool.attendance import ledger, services, signing_links, summaries
from popschool.attendance.models import Entry, PresenceDay
from popschool.db import db
from tests.factories import make_cohort, make_half_day, make_learner, make_trainer, save

ROOM, SCHOOLS, AT_ONCE = 24, 15, 24
SMALL_ROOM = 6


def make_room(now, size=ROOM):
    """A half-day of a school, open; what each of its people was sent."""
    cohort = make_cohort()
    trainer, people = make_trainer(cohort), [make_learner(cohort) for _ in range(size)]
    half_day = make_half_day(cohort, trainer)
    save()
    services.open_half_day(half_day, trainer.id, now)
    return half_day.id, [signing_links.path_of(half_day.id, person.id) for person in people]


def press(app, links):
    """Press the button behind each link, all at once; returns what the pages said."""
    db.session.remove()

    def one(given):
        number, link = given
        return app.test_client().post(link, data={"key": f"press-{number}"}).status_code

    with ThreadPoolExecutor(AT_ONCE) as crowd:
        return Counter(crowd.map(one, links))


def signed():
    """Return how many signatures each half-day has, and how many people signed it."""
    asked = select(Entry.half_day_id, func.count(), func.count(Entry.person_id.distinct())).group_by(Entry.half_day_id)
    return {half_day: (entries, people) for half_day, entries, people in db.session.execute(asked)}


def test_a_room_signs_in_the_same_seconds_and_each_press_twice(app, now):
    half_day, links = make_room(now)
    clock.freeze(now)

    said = press(app, [given for given in enumerate(links) for _ in range(2)])

    assert said == {302: 2 * ROOM}
    assert signed() == {half_day: (ROOM, ROOM)}
    assert ledger.verify() is None
    assert list(summaries.differences()) == []


def test_fifteen_schools_sign_at_once(app, now):
    """360 people on PostgreSQL; on SQLite, which is for one school, fewer are as many writers at once."""
    size = ROOM if db.engine.dialect.name == "postgresql" else SMALL_ROOM
    rooms = dict(make_room(now, size) for _ in range(SCHOOLS))
    clock.freeze(now)
    links = [link for together in zip(*rooms.values(), strict=True) for link in together]

    said = press(app, list(enumerate(links)))

    assert said == {302: SCHOOLS * size}
    assert signed() == dict.fromkeys(rooms, (size, size))
    assert ledger.verify() is None
    assert db.session.scalar(select(func.count()).select_from(PresenceDay)) == SCHOOLS * size
