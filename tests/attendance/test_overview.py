"""The overview of attendance: its counts are those of the lists, and it shows the cohorts some at a time."""

import re
from datetime import UTC, datetime, time, timedelta

import pytest

from popschool import clock
from popschool.attendance import services, services_half_days, services_marks, services_sheets
from popschool.attendance import services_reading as reading
from popschool.attendance.models import HalfDay
from popschool.attendance.rules import Absence, Mark, Method
from popschool.attendance.services import Act
from popschool.attendance.services_marks import Said
from tests.factories import make_cohort, make_half_day, make_learner, make_manager, make_trainer, save
from tests.shown import shown

OPEN = datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
BUTTON = Act(Method.BUTTON, "Je participe à la séance.", "1-fr")
AWAY = Said(Mark.ABSENT, Absence.UNJUSTIFIED)


@pytest.fixture
def morning(app):
    cohort = make_cohort()
    trainer, people = make_trainer(cohort), [make_learner(cohort) for _ in range(4)]
    half_day = make_half_day(cohort, trainer)
    save()
    clock.freeze(OPEN)
    services.open_half_day(half_day, trainer.id, OPEN)
    return half_day, trainer, people


def test_what_is_counted_is_what_the_list_says(morning):
    half_day, trainer, [first, second, third, _last] = morning
    for person in (first, second):
        services.sign(half_day, person, BUTTON, OPEN)
    services_marks.mark(half_day, third, AWAY, trainer, OPEN)

    [listed] = reading.lists_of([half_day])
    tally = reading.tallies_of([half_day.id])[half_day.id]

    assert (tally.signed, tally.expected) == (len(listed.signed), len(listed.expected)) == (2, 4)


def test_the_weeks_to_close_are_given_some_at_a_time(morning):
    half_day = morning[0]
    for week in range(1, 4):
        make_half_day(half_day.cohort, on=half_day.on + timedelta(weeks=week))
    save()

    some, count = services_sheets.weeks_to_close([half_day.cohort_id], half_day.on + timedelta(weeks=5), 2, 1)

    assert [monday for _cohort, monday in some] == [half_day.on + timedelta(weeks=week) for week in (1, 2)]
    assert count == 4


def test_many_cohorts_are_shown_some_at_a_time_and_found_by_their_code(morning, client, log_in):
    half_day, trainer, _people = morning
    manager = make_manager(half_day.school)
    cohorts = [make_cohort(school=half_day.school, code=f"ZZ-{number:02}") for number in range(30)]
    for cohort in cohorts:
        make_half_day(cohort, trainer, on=half_day.on)
    save()
    log_in(manager)

    first, second = client.get("/attendance").text, client.get("/attendance?page=2").text
    found = client.get("/attendance?q=zz-29").text

    assert "Page 1 sur 2, 31 lignes en tout" in shown(first)
    assert sum(f"<summary>{cohort.code}</summary>" in first for cohort in cohorts) + 1 == 25
    assert all(f">{cohort.code}</" in first + second for cohort in cohorts)
    assert "<h3>ZZ-29</h3>" in found and "<h3>ZZ-28</h3>" not in found
    assert "Aucune promo n'a ce code." in shown(client.get("/attendance?q=rien").text)


def test_a_trainer_sees_first_their_own_half_day_of_those_at_one_hour(morning, client, log_in):
    half_day, _trainer, _people = morning
    other = make_cohort(school=half_day.school)
    mine = make_trainer(other)
    own = make_half_day(other, mine, on=half_day.on)
    make_half_day(other, mine, on=half_day.on, half="pm", starts=time(13, 30), ends=time(17))
    save()

    def first(person_id, now=OPEN):
        found = services_half_days.half_days_of([half_day.cohort_id, other.id], half_day.on, half_day.on)
        return services_half_days.next_for(person_id, found, now)

    assert first(mine.id).id == own.id
    assert first(make_manager(half_day.school).id).id == half_day.id
    assert first(mine.id, OPEN + timedelta(hours=5)).half == "pm"
    assert first(mine.id, OPEN + timedelta(hours=9)) is None
    log_in(mine)
    assert "à ouvrir" in shown(client.get("/attendance")) and "à venir" in shown(client.get("/attendance"))


def test_a_half_day_whose_people_are_all_marked_says_so_whoever_signed(morning, client, log_in):
    half_day, trainer, people = morning
    services.sign(half_day, people[0], BUTTON, OPEN)
    for person in people[1:]:
        services_marks.mark(half_day, person, AWAY, trainer, OPEN)
    log_in(trainer)

    text = shown(client.get(f"/half-days/{half_day.id}"))

    assert "Tout le monde est noté 1 personne sur 4 a signé" in text and "n'a pas signé" not in text


def test_of_many_half_days_a_few_are_shown_and_the_others_folded_by_what_they_are(morning, client, log_in):
    half_day, trainer, _people = morning
    for _number in range(9):
        other = make_half_day(make_cohort(school=half_day.school), trainer, on=half_day.on)
        services.open_half_day(other, trainer.id, OPEN)
        make_half_day(other.cohort, trainer, on=half_day.on, half="pm", starts=time(13, 30), ends=time(17))
    half_day.countersigned_at = OPEN
    save()
    log_in(make_manager(half_day.school))
    save()

    page = client.get("/attendance").text
    seen = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)

    assert re.findall(r"<summary>(\d.*?)</summary>", page) == [
        "3 autres séances ouvertes",
        "9 séances à venir",
        "1 séance contresignée",
    ]
    assert (seen.count(", matin</a>"), seen.count(", après-midi</a>")) == (6, 0)
    assert (page.count(", matin</a>"), page.count(", après-midi</a>")) == (10, 9)


@pytest.mark.parametrize("opened", [True, False])
def test_of_many_half_days_those_to_come_are_shown_when_none_goes_on(opened):
    days = [HalfDay(opened_at=OPEN if opened else None, countersigned_at=OPEN if opened else None) for _one in range(8)]

    found, folded = services_half_days.shown_first(days)

    assert (len(found), {state: len(group) for state, group in folded.items()}) == (
        (0, {"done": 8}) if opened else (6, {"later": 2})
    )


def test_what_is_missing_is_shown_some_at_a_time(morning, client, log_in):
    half_day, _trainer, _people = morning
    for day in range(1, 30):
        make_half_day(half_day.cohort, on=half_day.on + timedelta(days=day))
    manager = make_manager(half_day.school)
    save()
    clock.freeze(OPEN + timedelta(days=31))
    log_in(manager)

    page = client.get("/attendance/missing").text
    last = client.get("/attendance/missing?page=2").text

    assert "30 séances ne comptent pas encore" in shown(page)
    assert (page.count("<tr role"), last.count("<tr role")) == (1 + 25, 1 + 5)
    assert client.get("/attendance/missing?page=9").status_code == 302
