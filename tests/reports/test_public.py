"""Public figures: right, open to anybody, and never about fewer than five people, whatever is added or subtracted."""

import csv
import io
import itertools
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from popschool import clock
from popschool.completion.models_afterwards import Answer, Questionnaire, SurveyTotal
from popschool.completion.models_rules import ExamResult, ExamSession
from popschool.reports import rules_public
from popschool.reports.rules_public import FEWEST, Count, Family, Group, groups_of, opens_on, percent, shown
from tests.conftest import NOW
from tests.factories import add, make_cohort, make_enrolment, make_person, make_programme, make_school, save
from tests.shown import shown as words

ENDED = {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 7, 31)}
tables = st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 9), max_size=9)


def rank(rows):
    """Return the rank of a matrix, by elimination on all of its columns."""
    rows, found = [[Fraction(one) for one in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((place for place in range(found, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for place in range(len(rows)):
            if place != found and rows[place][column]:
                times = rows[place][column] / rows[found][column]
                rows[place] = [one - times * other for one, other in zip(rows[place], rows[found], strict=True)]
        found += 1
    return found


def given_back(people, published):
    """Return every group of one to four people that sums of what is published give, tried one by one."""
    cells = sorted(people)
    rows = [[int(group.holds(cell)) for cell in cells] for group in published]
    known, found = rank(rows), []
    for size in range(1, FEWEST):
        for some in itertools.combinations(cells, size):
            is_few = rows and sum(people[cell] for cell in some) < FEWEST
            if is_few and rank([*rows, [int(cell in some) for cell in cells]]) == known:
                found.append(some)
    return found


@given(tables)
@settings(max_examples=120)
def test_no_small_number_can_be_got_back_by_subtraction(people):
    published = shown(people)

    assert given_back(people, published) == []
    sizes = {group: sum(n for cell, n in people.items() if group.holds(cell)) for group in groups_of(people)}
    assert all(sizes[group] >= FEWEST for group in published)


@given(tables)
@settings(max_examples=60)
def test_nothing_is_hidden_without_a_reason(people):
    """One group more and a small number is given back, or it is one itself."""
    published = shown(people)

    for group in set(groups_of(people)) - published:
        assert given_back(people, [*published, group])


def test_a_second_figure_is_hidden_when_a_subtraction_would_give_the_first_back():
    people = {(1, 1): 12, (2, 1): 3, (3, 1): 20}

    published = shown(people)

    assert Group() in published and Group(school=3) in published
    assert Group(school=2) not in published and Group(school=1) not in published


def test_everything_is_shown_when_nobody_is_few():
    people = {(school, programme): 8 for school in range(15) for programme in range(6)}

    assert shown(people) == frozenset(groups_of(people))


def test_a_large_network_with_many_small_groups_is_worked_out_in_time():
    people = {(school, programme): 1 + (school * programme) % 9 for school in range(15) for programme in range(6)}

    published = shown(people)

    assert Group() in published and len(published) > 20


def test_rates_of_nothing_are_nothing():
    assert percent(0, 0) is None
    assert str(percent(1, 8)) == "12.5"
    assert Count() + Count(1, 2, (3,)) == Count(1, 2, (3,))


def test_a_figure_is_shown_once_its_answers_are_in():
    assert opens_on(Family.COMPLETION, 2026) == date(2027, 2, 1)
    assert opens_on(Family.SIX_MONTHS, 2026) == date(2027, 11, 1)


# counted, shown, shared


def a_year(school, programme, completed=0, dropped=0, never_came=0, titles=0, failed=0, happy=0, silent=0):
    """A cohort that ended last year: how many people of each kind."""
    cohort = make_cohort(school, programme, **ENDED)
    exam = add(
        ExamSession(
            school_id=school.id, cohort_id=cohort.id, title="Session du titre", on=ENDED["ends_on"], created_at=NOW,
        )
    )  # fmt: skip
    kinds = [("completed", None)] * completed + [("dropped_out", 1)] * dropped + [("never_came", 1)] * never_came
    places = []
    for reason, has_left in kinds:
        left = {"left_on": date(2026, 5, 1), "exit_reason": reason} if has_left else {}
        places.append(make_enrolment(make_person("Apprenant"), cohort, **ENDED, **left))
    judge = make_person()
    for place, outcome in zip(places, ["title"] * titles + ["none"] * failed, strict=False):
        where = {"school_id": school.id, "session_id": exam.id, "enrolment_id": place.id}
        add(ExamResult(**where, outcome="absent", said_by_id=judge.id, said_at=NOW))
        add(ExamResult(**where, outcome=outcome, said_by_id=judge.id, said_at=NOW, reason="Corrigé"))
    for number, (place, rating) in enumerate(zip(places, [4] * happy + [None] * silent, strict=False)):
        asked = add(
            Questionnaire(
                school_id=school.id, cohort_id=cohort.id, enrolment_id=place.id, person_id=place.person_id,
                moment="exit", due_on=ENDED["ends_on"], link_hash=f"{cohort.id}-{number}", created_at=NOW,
            )
        )  # fmt: skip
        if rating:
            for one in (1, rating):
                said = {"questionnaire_id": asked.id, "situation": "training", "source": "person", "said_at": NOW}
                add(Answer(**said, rating=one))
    return cohort


@pytest.fixture
def ended(app):
    """Two schools: one with enough people, one with three."""
    programme = make_programme(title="Développer le web")
    large, small = make_school(name="École grande", code="GRA"), make_school(name="École petite", code="PET")
    cohort = a_year(large, programme, completed=9, dropped=3, never_came=2, titles=6, failed=2, happy=6, silent=2)
    a_year(small, programme, completed=3, titles=3, happy=3)
    add(SurveyTotal(school_id=large.id, cohort_id=cohort.id, moment="exit", asked=2, answered=2, rated=2, satisfied=0))
    save()
    clock.freeze(NOW.replace(month=6))
    return large, small


def figures(client, family, **where):
    said = client.get("/figures.json").json["figures"]
    wanted = {"school": None, "programme": None} | where
    return next(one for one in said if one["family"] == family and wanted.items() <= one.items())


def test_figures_are_those_of_the_year(client, ended):
    whole = figures(client, "completion")

    assert (whole["people"], whole["is_hidden"]) == (15, False)
    assert whole["percent"] == {"completed": 80.0, "dropped": 20.0, "positive_exit": 0.0}
    title = figures(client, "title")
    assert (title["people"], title["percent"]["title"]) == (11, 81.8)
    happy = figures(client, "satisfaction")
    assert (happy["people"], happy["response_percent"]) == (11, 84.6)
    assert happy["percent"]["satisfied"] == 81.8


def test_a_school_of_three_is_hidden_and_so_is_what_would_give_it_back(client, ended):
    for school in ("PET", "GRA"):
        said = figures(client, "completion", school=school)
        assert (said["is_hidden"], said["people"], set(said["percent"].values())) == (True, None, {None})

    page = words(client.get("/figures"))
    assert "École petite caché" in page and "Tout le réseau 15" in page


def test_the_table_says_what_the_page_says(client, ended):
    answer = client.get("/figures.csv?year=2026")

    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    whole = next(row for row in rows if row["mesure"] == "completed" and not row["ecole"] and not row["formation"])
    assert (whole["annee"], whole["personnes"], whole["taux"], whole["masque"]) == ("2026", "15", "80", "non")
    hidden = [row for row in rows if row["masque"] == "oui"]
    assert hidden and all(row["personnes"] == row["taux"] == "" for row in hidden)
    assert "licence-ouverte" in answer.headers["Link"] and "2026" in answer.headers["Content-Disposition"]


def test_anybody_may_take_them_under_an_open_licence(client, ended):
    answer = client.get("/figures.json")

    assert answer.json["licence"] == "Licence Ouverte 2.0"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = client.get("/figures.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert "Licence Ouverte 2.0" in client.get("/figures").text


def test_what_is_not_settled_is_not_shown_yet(client, ended):
    assert {one["family"] for one in client.get("/figures.json").json["figures"]} == {
        "completion", "title", "satisfaction",
    }  # fmt: skip
    clock.freeze(NOW.replace(month=1, day=15))
    assert client.get("/figures.json").json["figures"] == []
    assert "Pas encore de chiffres" in words(client.get("/figures"))


def test_a_year_that_does_not_exist_is_the_last_one(client, ended):
    for year in ("1999", "x", "", "2027"):
        assert client.get(f"/figures.json?year={year}").json["year"] == 2026


def test_the_page_costs_the_same_whatever_the_people(client, ended, queries):
    client.get("/figures")
    with queries() as seen:
        client.get("/figures.json")

    assert len([one for one in seen if not one.startswith("BEGIN")]) <= 10
    assert rules_public.FEWEST == 5
