"""The copy sheet of the yearly report: each place on its line, and totals that the form accepts."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.completion import services_funding, services_report
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.completion.rules_report import Count, Place, line_of_person, lines_of_goal, rows, sheet
from tests.completion.paths import HERE, ISSUED, TODAY, attend, make_path, pay, work_in_company


def place(minutes=210, funder="region", speciality="326", **more) -> Place:
    return Place(1, "Élodie", minutes, funder, speciality=speciality, **more)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"funder": "region"}, "c"),
        ({"funder": "state"}, "c"),
        ({"funder": "region", "employer": "Atelier du Canal"}, "a"),
        ({"funder": "opco"}, "a"),
        ({"funder": None, "nature": "apprenticeship"}, "b"),
        ({"funder": "person"}, "d"),
        ({"funder": "cpf"}, None),  # the account says nothing of a job: somebody has to
        ({"funder": None}, None),
    ],
)
def test_who_pays_says_the_line_of_a_person(given, line):
    assert line_of_person(place(**given)) == line


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"certification": "RNCP37674", "level": 5}, ["a", "a5"]),
        ({"certification": "RNCP37873", "level": 7}, ["a", "a6"]),
        ({"certification": "RS5893"}, ["b"]),
        ({}, ["d"]),
        ({"nature": "vae"}, ["f"]),
    ],
)
def test_the_certification_says_the_line_of_an_action(given, lines):
    assert lines_of_goal(place(**given)) == lines


PLACES = st.builds(
    place,
    minutes=st.integers(1, 60_000),
    funder=st.sampled_from([str(one) for one in FunderKind if one not in ("cpf", "other")]),
    speciality=st.sampled_from(["326", "320", "315", "341", "200", "310", "345"]),
    certification=st.sampled_from(["RNCP37674", "RS5893", ""]),
    level=st.sampled_from([None, 3, 4, 5, 6, 8]),
)


@given(st.lists(PLACES))
def test_the_three_totals_are_equal_whatever_the_places(places):
    found = sheet(places, {}, {})

    assert found.agrees and found.unsorted == {}
    assert found.totals["1"].people + found.entrusted.people == len(places)
    assert len(found.specialities) <= 6


def test_what_has_no_line_is_named_and_the_totals_then_differ():
    found = sheet([place(), place(funder=None, speciality="")], {}, {})

    assert found.unsorted == {"F-1": ["Élodie"], "F-4": ["Élodie"]}
    assert not found.agrees


def test_a_year_is_copied_from_the_register(app):
    """40 half-days of 3 h 30 by one person, led by one trainer, 14 h in a company that the report leaves out."""
    path = make_path()
    attend(path, ["J"] + [HERE] * 39)
    pay(path)
    work_in_company(path, date(2027, 5, 3), date(2027, 5, 28), [420, 420])
    services_funding.save_action(path.cohort, "training", ["Publier"], "326", path.manager.id, ISSUED)
    school = path.cohort.school_id

    found = services_report.yearly_sheet([school], 2027)

    assert found.people["c"] == Count(1, 39 * 210)
    assert found.trainers == Count(1, 40 * 210)
    assert found.specialities == [("326", Count(1, 39 * 210))]
    assert found.payers == {"6": ["Région 2027-118"]}
    assert found.agrees
    assert ("F-1", "c", "Personnes en recherche d'emploi formées par votre organisme", 1, 136.5, "") in rows(found)
    services_funding.say_setting(school, "company_in_report", "yes", date(2027, 1, 1), True, path.manager, ISSUED)
    assert services_report.yearly_sheet([school], 2027).people["c"] == Count(1, 39 * 210 + 840)
    pay(path, funder="Atelier du Canal", kind=FundingKind.COMPANY, employer="Atelier du Canal")
    assert services_report.yearly_sheet([school], 2027).people["a"].people == 1, "an employee is one, whoever else pays"
    assert services_report.yearly_sheet([school], TODAY.year - 1).total == Count()
