"""The reminder of the day before."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.db import db
from popschool.messages.models import Notice
from popschool.projects import tasks
from popschool.projects.models import Extension
from popschool.projects.services_drafts import save_draft
from popschool.schools.models import Enrolment
from tests.conftest import NOW
from tests.factories import add, make_assignment, make_cohort, make_learner, make_submission, make_team, save

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


def reminded():
    return db.session.scalars(select(Notice.person_id).where(Notice.kind == "reminder").order_by(Notice.id)).all()


def test_whoever_has_sent_nothing_is_reminded_the_day_before_and_once(cohort):
    assignment = make_assignment(cohort, due_at=NOW + 33 * HOUR)
    late, drafting, done = (make_learner(cohort) for _ in range(3))
    make_submission(assignment.deliverables[0], [done])
    save()
    save_draft(assignment.deliverables[0], drafting.id, NOW, text="Un début")

    tasks.remind()
    tasks.remind()

    assert sorted(reminded()) == sorted([late.id, drafting.id])
    notice = db.session.scalars(select(Notice).where(Notice.person_id == late.id)).one()
    assert notice.url == f"/assignments/{assignment.id}" and "mardi 9 mars" in notice.body


@pytest.mark.parametrize("due_at", [NOW - HOUR, NOW + 37 * HOUR, NOW + 9 * DAY])
def test_nobody_is_reminded_too_early_or_too_late(cohort, due_at):
    make_assignment(cohort, due_at=due_at)
    make_learner(cohort)
    save()

    tasks.remind()

    assert reminded() == []


def test_somebody_with_more_time_is_reminded_of_their_own_date(cohort):
    assignment = make_assignment(cohort, due_at=NOW + 20 * HOUR)
    person = make_learner(cohort)
    add(
        Extension(
            school_id=cohort.school_id,
            assignment_id=assignment.id,
            person_id=person.id,
            due_at=NOW + 4 * DAY,
            closes_at=assignment.closes_at,
            granted_by_id=person.id,
            granted_at=NOW,
        )
    )
    save()

    tasks.remind()
    assert reminded() == []
    clock.freeze(NOW + 3 * DAY)
    tasks.remind()

    assert reminded() == [person.id]


def test_a_date_that_changed_is_reminded_again(cohort):
    assignment = make_assignment(cohort, due_at=NOW + 20 * HOUR)
    person = make_learner(cohort)
    save()
    tasks.remind()
    assignment.due_at = NOW + 5 * DAY
    save()
    clock.freeze(NOW + 4 * DAY)

    tasks.remind()

    assert reminded() == [person.id, person.id]


def test_a_team_that_has_sent_is_left_in_peace(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2, due_at=NOW + 20 * HOUR)
    pair = [make_learner(cohort), make_learner(cohort)]
    make_team(assignment, pair)
    make_submission(assignment.deliverables[0], pair)
    save()

    tasks.remind()

    assert reminded() == []


def test_neither_a_withdrawn_project_nor_somebody_who_left_is_reminded(cohort):
    make_assignment(cohort, due_at=NOW + 20 * HOUR, withdrawn_at=NOW)
    make_learner(cohort)
    other = make_cohort()
    make_assignment(other, due_at=NOW + 20 * HOUR)
    gone = make_learner(other)
    db.session.query(Enrolment).filter_by(person_id=gone.id).one().left_on = (NOW - DAY).date()
    save()

    tasks.remind()

    assert reminded() == []
