"""Every form of schools, sent what nobody means: a page answers, and nothing is changed by half."""

import pytest
from sqlalchemy import select

from popschool.db import db
from popschool.schools.models import Accommodation, Cohort, Enrolment, Posting, School
from tests.factories import TODAY, add, make_cohort, make_learner, make_network_manager, make_trainer, save
from tests.hostile_forms import hostile_answers

FORMS = [
    "/network/papers",
    "/schools/new",
    "/schools/{school}/edit",
    "/schools/{school}/cohorts/new",
    "/cohorts/{cohort}/edit",
    "/cohorts/{cohort}/people/new",
    "/cohorts/{cohort}/people/{trainer}/enrol",
    "/cohorts/{cohort}/trainers/new",
    "/cohorts/{cohort}/import",
    "/enrolments/{place}/dates",
    "/enrolments/{place}/leave",
    "/enrolments/{place}/move",
    "/postings/{posting}/end",
    "/people/{learner}/edit",
    "/people/{learner}/accommodations/new",
]


@pytest.fixture
def ids(app, log_in):
    cohort = make_cohort()
    make_cohort(cohort.school)
    learner, trainer = make_learner(cohort), make_trainer(cohort)
    log_in(make_network_manager())
    return {
        "school": cohort.school_id,
        "cohort": cohort.id,
        "learner": learner.id,
        "trainer": trainer.id,
        "place": db.session.scalars(select(Enrolment.id)).one(),
        "posting": db.session.scalars(select(Posting.id)).one(),
    }


def everything():
    """Return what the school is made of, row by row."""
    db.session.commit()
    db.session.expire_all()
    return [
        [tuple(row) for row in db.session.execute(select(model.__table__).order_by(model.id))]
        for model in (School, Cohort, Enrolment, Posting, Accommodation)
    ]


@pytest.mark.parametrize("form", FORMS)
def test_bad_input_is_answered_and_changes_nothing(ids, client, form):
    address, before = form.format(**ids), everything()

    for kind, answer in hostile_answers(client, address):
        assert answer.status_code in (200, 302, 400), (kind, answer.status_code)
        if answer.status_code == 200:
            assert "<title>Erreur" in answer.text or 'role="alert"' in answer.text, kind
            assert "<script>alert" not in answer.text, kind
    assert everything() == before


@pytest.mark.parametrize(
    "address", ["/people?q={}", "/people?page={}", "/cohorts?page={}", "/network?q={}&region={}", "/people/{}"]
)
@pytest.mark.parametrize(
    "value", ["", "%27%22%3C", "9" * 50, "-1", "%E2%80%AE%F0%9F%98%80", "%25_%5C", "%ff%fe", "1e9"]
)
def test_an_address_that_makes_no_sense_is_answered(ids, client, address, value):
    assert client.get(address.replace("{}", value)).status_code in (200, 302, 404)


def test_what_is_arranged_elsewhere_is_not_ended_by_its_number(ids, client, log_in, now):
    arranged = add(
        Accommodation(person_id=ids["learner"], school_id=ids["school"], deadline_days=2, extra_time_percent=0,
                      starts_on=TODAY, created_at=now)
    )  # fmt: skip
    save()
    log_in(make_learner())

    assert client.post(f"/accommodations/{arranged.id}/end").status_code == 404
    assert arranged.ends_on is None
