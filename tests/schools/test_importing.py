"""A roster brought in on a real database: looked at first, all of it or nothing, and nobody twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.db import db
from popschool.schools import cohorts, importing, places
from popschool.schools.models import Enrolment, Person
from popschool.schools.roster import RosterRefused
from popschool.schools.rules import CohortArchived, ExitReason
from tests.factories import (
    NOW,
    TODAY,
    make_cohort,
    make_enrolment,
    make_manager,
    make_person,
    save,
)

DAY = timedelta(days=1)
HEAD = "prenom;nom;mail;telephone;numero;debut;fin\n"
ROSTER = HEAD + "A1;Test;a1@example.org;;;;\nA2;Test;;06 39 98 00 02;;;\nA3;Test;;;V3;08/03/2027;09/03/2027\n"


@pytest.fixture
def cohort(app):
    return make_cohort(code="VAL-2027-1")


@pytest.fixture
def manager(cohort):
    manager = make_manager(cohort.school)
    save()
    return manager


def plan(text, cohort, today=TODAY):
    return importing.plan_import(text, cohort, today)


def bring(text, cohort, manager, today=TODAY):
    return importing.import_roster(text, cohort, manager.id if manager else None, NOW, today)


def counts():
    return tuple(db.session.scalar(select(func.count()).select_from(model)) for model in (Person, Enrolment))


def problems(text, cohort):
    """Return (line, message) of each problem, with plain spaces."""
    return [(one.line, one.message.replace("\xa0", " ")) for one in plan(text, cohort).problems]


def known(**given):
    person = make_person(**{"first_name": "A1", "last_name": "Test", "mail": "a1@example.org"} | given)
    save()
    return person


def test_a_dry_run_says_what_would_be_done_and_does_nothing(cohort, manager):
    before = counts()

    found = plan(ROSTER, cohort)

    assert [one.line.line for one in found.fresh] == [2, 3, 4]
    assert (found.known, found.held, found.problems, found.advice) == ([], [], [], [])
    assert counts() == before


def test_everybody_comes_in_with_their_dates(cohort, manager):
    bring(ROSTER, cohort, manager)

    rows = db.session.execute(
        select(Person.first_name, Enrolment.starts_on, Enrolment.ends_on, Person.home_school_id)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .order_by(Person.first_name)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("A1", TODAY, cohort.ends_on, cohort.school_id),
        ("A2", TODAY, cohort.ends_on, cohort.school_id),
        ("A3", date(2027, 3, 8), date(2027, 3, 9), cohort.school_id),
    ]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "import_roster")).one()
    assert (entry.actor_id, entry.facts) == (manager.id, {"made": 3, "enrolled": 3})


def test_before_a_cohort_starts_its_first_day_is_everybodys(cohort, manager):
    early = make_cohort(cohort.school, starts_on=TODAY + 9 * DAY)
    save()

    bring(HEAD + "A1;Test;a1@example.org", early, manager)

    assert db.session.scalars(select(Enrolment.starts_on)).one() == TODAY + 9 * DAY


def test_the_same_file_sent_twice_makes_nobody_twice(cohort, manager):
    bring(ROSTER, cohort, manager)
    before = counts()

    again = bring(ROSTER, cohort, manager, today=TODAY + 3 * DAY)

    assert counts() == before
    assert [one.line.line for one in again.held] == [2, 3, 4]
    assert db.session.scalar(select(func.count()).where(AuditEntry.action == "import_roster")) == 1


def test_one_problem_keeps_everybody_out(cohort, manager):
    before = counts()

    with pytest.raises(RosterRefused) as refused:
        bring(ROSTER + "A4;Test;faux\n;;a5@example.org\n", cohort, manager)

    assert [one.line for one in refused.value.problems] == [5, 6]
    assert counts() == before


def test_people_who_are_known_get_a_place_and_no_second_account(cohort, manager):
    person = known()
    before = counts()

    done = bring(HEAD + "a1;TEST;A1@example.org", cohort, manager)

    assert [one.person.id for one in done.known] == [person.id]
    assert counts() == (before[0], before[1] + 1)


def test_the_problems_of_the_database_come_with_those_of_the_file_by_line(cohort, manager):
    known()
    known(first_name="A2", mail="a2@example.org", phone="+33639980002", home_school_id=cohort.school_id)
    text = HEAD + (
        "Autre;Test;a1@example.org\n"
        "A3;Test;faux\n"
        "Autre;Test;a2@example.org\n"
        "A1;Test;a1@example.org;06 39 98 00 02\n"
        "A5;Test;a5@example.org;;;01/01/2020;02/01/2020\n"
        "A2;Test;a2@example.org;06 39 98 00 99\n"
    )

    assert problems(text, cohort) == [
        (2, "Ce mail, téléphone ou numéro est celui d'une autre personne."),
        (3, "« faux » n'est pas une adresse mail."),
        (4, "Ce mail, téléphone ou numéro est celui d'une autre personne : A2 Test."),
        (5, "Ce mail est déjà à la ligne 2."),
        (5, "Cette ligne mélange deux personnes que nous connaissons."),
        (6, "Ces dates ne sont pas dans celles de la promo."),
        (7, "Ce mail est déjà à la ligne 4."),
        (7, "« +33639980099 » n'est pas sur la fiche de cette personne."),
    ]


def test_somebody_of_another_school_is_never_named(cohort, manager):
    other = make_cohort()
    stranger = known(home_school_id=other.school_id)
    make_enrolment(stranger, other)
    save()

    [problem] = plan(HEAD + "Autre;Nom;a1@example.org", cohort).problems

    assert stranger.name not in problem.message + problem.mend


def test_two_lines_of_one_known_person_are_one_too_many(cohort, manager):
    known(learner_number="V1")

    assert problems(HEAD + "A1;Test;a1@example.org\nA1;Test;;;V1\n", cohort) == [
        (3, "C'est la même personne qu'à la ligne 2.")
    ]


def test_a_list_sent_again_does_not_bring_back_those_who_left(cohort, manager):
    bring(HEAD + "A1;Test;a1@example.org", cohort, manager, today=cohort.starts_on)
    place = db.session.scalars(select(Enrolment)).one()
    places.end_enrolment(place, TODAY - DAY, ExitReason.DROPPED_OUT, "", manager.id, NOW)

    again = bring(HEAD + "A1;Test;a1@example.org", cohort, manager)

    assert [one.line.line for one in again.held] == [2]
    assert "a quitté la promo" in again.advice[0].message
    assert counts()[1] == 1
    bring(HEAD + f"A1;Test;a1@example.org;;;{TODAY:%d/%m/%Y}", cohort, manager)
    assert counts()[1] == 2


def test_twins_of_a_name_are_pointed_out_and_let_through(cohort, manager):
    make_enrolment(known(), cohort)
    save()

    found = plan(HEAD + "A1;Test;autre@example.org\nA7;Test;a7@example.org\nA7;TEST;;;V7\n", cohort)

    assert [(one.line, one.level) for one in found.advice] == [(2, "advice"), (4, "advice")]
    assert (len(found.fresh), found.problems) == (3, [])


def test_a_handle_that_is_not_on_file_is_never_added_by_a_list(cohort, manager):
    person = known()

    done = bring(HEAD + "A1;Test;a1@example.org;06 39 98 00 07", cohort, manager)

    assert person.phone is None
    assert "n'est pas encore sur la fiche" in done.advice[0].message


def test_a_list_names_its_cohort_when_none_is_chosen(cohort, manager):
    other = make_cohort(code="LEN-2027-1")
    save()
    text = "prenom;nom;numero;promo\nA1;Test;V1;val-2027-1\nA2;Test;V2;LEN-2027-1\n"

    bring(text, None, None)

    rows = db.session.execute(
        select(Person.first_name, Enrolment.cohort_id).join(Enrolment, Enrolment.person_id == Person.id)
    )
    assert dict(map(tuple, rows)) == {"A1": cohort.id, "A2": other.id}


def test_each_line_leads_to_a_cohort_that_takes_it(cohort, manager):
    archived = make_cohort(code="LEN-2027-1")
    cohorts.archive(archived, manager.id, NOW)
    text = "prenom;nom;numero;promo\nA1;B;V1;\nA2;B;V2;LEN-2027-1\nA3;B;V3;XXX-1\nA4;B;V4;VAL-2027-1\n"

    assert problems(text, None) == [
        (2, "Cette ligne ne dit pas sa promo."),
        (3, "La promo LEN-2027-1 est archivée."),
        (4, "La promo XXX-1 n'existe pas."),
    ]
    assert problems(text, cohort) == [
        (3, "Cette ligne est pour la promo LEN-2027-1."),
        (4, "Cette ligne est pour la promo XXX-1."),
    ]


def test_an_archived_cohort_takes_no_list(cohort, manager):
    cohorts.archive(cohort, manager.id, NOW)

    with pytest.raises(CohortArchived):
        plan(ROSTER, cohort)
    with pytest.raises(CohortArchived):
        bring(ROSTER, cohort, manager)


def test_a_long_list_is_planned_in_a_few_queries(cohort, manager, queries):
    def roster(count):
        return "prenom;nom;numero\n" + "".join(f"A{n};Test;V{n}\n" for n in range(count))

    def asked(count):
        with queries() as seen:
            assert len(plan(roster(count), cohort).fresh) == count
        return len(seen)

    assert asked(300) == asked(3) == 2
