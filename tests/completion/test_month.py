"""The monthly statement of a cohort, computed by hand and read from its PDF; then replaced."""

import dataclasses
from datetime import date

import pytest

from popschool.completion import services_funding
from popschool.completion import services_month as services
from popschool.completion.rules_papers import AlreadyIssued, NotReady, What
from popschool.db import db
from popschool.schools.models import Enrolment
from tests.completion.paths import (
    HERE,
    ISSUED,
    NOTHING,
    TODAY,
    attend,
    in_order,
    late,
    make_path,
    paper_of,
    pay,
    read_aloud,
)
from tests.factories import make_learner, save
from tests.shown import shown

JANUARY = date(2027, 1, 1)


@pytest.fixture
def path(app):
    return make_path()


def issue(path, **more):
    return services.issue_month(services.preview(path.cohort, JANUARY, TODAY), path.manager, ISSUED, **more)


def test_a_line_for_each_person_and_their_total(path):
    """10 half-days of 3 h 30 in January: one ill, one away, one late by 20 minutes. 7 × 3,5 + 3,1666 = 27,66."""
    attend(path, ["J", "A", late(20)] + [HERE] * 7, date(2027, 1, 4))
    attend(path, [HERE] * 4, date(2027, 2, 1))
    pay(path, file_number="FT-42")

    said = read_aloud(paper_of(issue(path)))

    assert in_order(
        said,
        "ÉTAT DE PRÉSENCE MENSUEL",
        "Développement web et web mobile",
        "janvier 2027",
        "Région",
        "Personne Dates Prévues Centre Distance Entrep. Abs. just. Abs. inj. Retards Taux",
        "Élodie LŒUVRE",
        "FT-42",
        "04/01 au 31/01",
        "35,00 27,66 0,00 0,00 3,50 3,84 0,33 79,0 %",
        "Total",
        "35,00 27,66 0,00 0,00 3,50 3,84 0,33 79,0 %",
        "Fait à : Valenciennes",
    )
    assert "AJ-MAL" not in said


def test_each_funder_of_a_cohort_has_its_own_statement(path, client, log_in):
    """Two people; the region pays for both, France Travail for the second too: neither reads of somebody else's."""
    attend(path, [HERE] * 2, date(2027, 1, 4))
    region = pay(path, funder="Région")
    other = make_learner(path.cohort, first_name="Ali", last_name="BEN")
    save()
    place = db.session.query(Enrolment).filter_by(person_id=other.id).one()
    second = dataclasses.replace(path, enrolment=place)
    agency = pay(second, funder="France Travail")
    services_funding.fund(place, region.funding, place.starts_on, place.ends_on, path.manager.id, ISSUED)
    log_in(path.manager)
    address = f"/cohorts/{path.cohort.id}/statements/2027-01"

    def of(share):
        return services.preview(path.cohort, JANUARY, TODAY, funder_id=share.funding.funder_id)

    assert [one.person.id for one in of(agency).people] == [other.id]
    assert {one.person.id for one in of(region).people} == {path.person.id, other.id}
    page = shown(client.get(address))
    assert (
        "Pour France Travail : les personnes que ce financeur paie" in page
        and path.person.last_name.upper() not in page
    )
    assert path.person.last_name.upper() in shown(client.get(f"{address}?funder={region.funding.funder_id}"))
    made = [services.issue_month(of(share), path.manager, ISSUED) for share in (region, agency)]
    assert [of(share).issued.id for share in (region, agency)] == [one.id for one in made]
    with pytest.raises(AlreadyIssued):
        services.issue_month(of(region), path.manager, ISSUED)
    again = shown(client.get(f"{address}?replaces={made[0].id}"))
    assert f"Il remplacera le papier {made[0].number}" in again and "Pour Région" in again


def test_somebody_whom_nobody_pays_for_has_a_statement_when_two_funders_pay(path, client, log_in):
    attend(path, [HERE] * 2, date(2027, 1, 4))
    people = [path.person, *(make_learner(path.cohort, first_name="Ali", last_name=name) for name in ("BEN", "CRU"))]
    save()
    places = {one.person_id: one for one in db.session.query(Enrolment).filter_by(cohort_id=path.cohort.id)}
    for person, funder in zip(people, ("Région", "France Travail"), strict=False):
        pay(dataclasses.replace(path, enrolment=places[person.id]), funder=funder)
    log_in(path.manager)
    address = f"/cohorts/{path.cohort.id}/statements/2027-01"

    seen = services.preview(path.cohort, JANUARY, TODAY)
    alone = services.preview(path.cohort, JANUARY, TODAY, funder_id=services.NOBODY)

    assert list(seen.funders.values()) == ["France Travail", "Région", ""]
    assert [one.person.last_name for one in alone.people] == ["CRU"]
    assert "Sans financeur" in shown(client.get(address))
    assert "CRU" in shown(client.get(f"{address}?funder=0"))
    made = services.issue_month(alone, path.manager, ISSUED)
    again = services.preview(path.cohort, JANUARY, TODAY, funder_id=services.NOBODY)
    assert again.issued.id == made.id and services.preview(path.cohort, JANUARY, TODAY).issued is None
    assert "CRU" in shown(client.get(f"{address}?replaces={made.id}")), "it is replaced for the same people"


def test_what_is_missing_is_said_with_the_person(path):
    attend(path, [HERE, NOTHING])
    make_learner(path.cohort, last_name="Sans séance")
    save()

    found = services.preview(path.cohort, JANUARY, TODAY)

    assert [(one.person.id, anomaly.what) for one, anomaly in found.own] == [
        (path.person.id, What.HALF_DAYS_MISSING)
    ], "somebody who was planned nothing keeps nobody back"
    with pytest.raises(NotReady):
        issue(path)


def test_a_month_under_way_is_not_issued(path):
    attend(path, [HERE] * 2)

    found = services.preview(path.cohort, JANUARY, date(2027, 1, 20))

    assert [one.what for one in found.shared if one.blocks] == [What.PERIOD_OPEN]


def test_a_statement_is_issued_once_and_replaced_with_a_reason(path, client, log_in):
    attend(path, [HERE] * 2)
    log_in(path.manager)
    first = issue(path)

    with pytest.raises(AlreadyIssued):
        issue(path)
    again = issue(path, replaces=first, reason="Un retard était oublié")
    page = client.get(f"/documents/{first.id}").get_data(as_text=True)
    db.session.expire_all()

    assert again.number.endswith("-EM-0002")
    assert again.replaces_id == first.id and "Un retard était oublié" in page
    assert f"/cohorts/{path.cohort.id}/statements/2027-01?replaces={again.id}" in client.get(
        f"/documents/{again.id}"
    ).get_data(as_text=True).replace("&amp;", "&")
