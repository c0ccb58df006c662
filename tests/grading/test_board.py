"""A whole cohort at a glance, and as a spreadsheet."""

import csv
import io
from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import spreadsheets
from popschool.courses.models import Competence, ProjectVersion
from popschool.db import db
from popschool.grading import services
from popschool.grading.models import Award, Feedback
from popschool.grading.services import Answer
from popschool.grading.services_board import competences_board, projects_board, sort
from popschool.projects.models import Draft, SubmissionState
from popschool.projects.services import choose_version
from popschool.schools.models import Enrolment
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_author,
    make_cohort,
    make_deliverable,
    make_learner,
    make_manager,
    make_network_manager,
    make_revision,
    make_submission,
    make_trainer,
    save,
)
from tests.shown import shown

DAY = timedelta(days=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


def decide(submission, decision):
    state = db.session.get_one(SubmissionState, submission.id)
    state.decision, state.decided_at, state.is_waiting = decision, NOW, False
    save()


def begin(deliverable, person):
    add(
        Draft(
            school_id=deliverable.school_id,
            deliverable_id=deliverable.id,
            person_id=person.id,
            files=[],
            updated_at=NOW,
        )
    )


def cell_of(cohort, person, assignment):
    board = projects_board(cohort.id, NOW)
    row = next(row for row in board.rows if row.person.id == person.id)
    return row.cells.get(assignment.id)


@pytest.mark.parametrize(
    ("first", "second", "has_draft", "expected"),
    [
        (None, None, False, None),
        (None, None, True, "draft"),
        ("", None, False, "waiting"),
        ("", None, True, "waiting"),
        ("to_complete", None, False, "to_complete"),
        ("to_complete", "", False, "to_complete"),
        ("validated", None, False, "partly"),
        ("validated", "", False, "waiting"),
        ("validated", "validated", False, "validated"),
    ],
)
def test_a_cell_says_where_all_the_deliverables_of_a_project_stand(cohort, first, second, has_draft, expected):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    deliverables = [assignment.deliverables[0], make_deliverable(assignment, position=2)]
    for deliverable, decision in zip(deliverables, (first, second), strict=True):
        if decision is not None:
            sent = make_submission(deliverable, [person])
            if decision:
                decide(sent, decision)
    if has_draft:
        begin(deliverables[1], person)
    save()

    cell = cell_of(cohort, person, assignment)

    assert (str(cell[0]) if cell else None) == expected


def test_a_cell_follows_the_version_that_counts(cohort):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    first = make_submission(assignment.deliverables[0], [person], submitted_at=NOW - 2 * DAY)
    decide(first, "validated")
    second = make_submission(assignment.deliverables[0], [person], version=2)
    save()
    assert cell_of(cohort, person, assignment) == ("waiting", second.id)

    choose_version(first, person.id, NOW)

    assert cell_of(cohort, person, assignment) == ("validated", first.id)


def test_everybody_of_a_team_stands_where_its_work_stands(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    pair = [make_learner(cohort), make_learner(cohort)]
    sent = make_submission(assignment.deliverables[0], pair)
    save()

    assert [cell_of(cohort, person, assignment) for person in pair] == [("waiting", sent.id)] * 2


def test_a_project_that_the_course_no_longer_has_stays_on_the_board(cohort):
    assignment, person = make_assignment(cohort), make_learner(cohort)
    make_submission(assignment.deliverables[0], [person])
    version = db.session.query(ProjectVersion).filter_by(project_id=assignment.project_id).one()
    source = db.session.get(type(version), version.id).project.source
    version.until = version.since
    cohort.revision_id = make_revision(source).id
    save()

    board = projects_board(cohort.id, NOW)

    assert [column.title for column in board.columns] == [f"{version.position}. {version.title}"]
    assert board.count("waiting") == 1


def test_somebody_is_silent_ten_days_after_their_last_work_or_their_arrival(cohort):
    assignment = make_assignment(cohort)
    active, silent, never, new = (make_learner(cohort) for _ in range(4))
    make_submission(assignment.deliverables[0], [active], submitted_at=NOW - 9 * DAY)
    make_submission(assignment.deliverables[0], [silent], submitted_at=NOW - 11 * DAY)
    db.session.query(Enrolment).filter_by(person_id=new.id).one().starts_on = (NOW - 3 * DAY).date()
    save()

    board = projects_board(cohort.id, NOW)

    assert {person.id for person in board.silent} == {silent.id, never.id}


def test_only_those_who_are_there_today_are_on_the_board(cohort):
    here, gone, coming = (make_learner(cohort) for _ in range(3))
    db.session.query(Enrolment).filter_by(person_id=gone.id).one().left_on = (NOW - DAY).date()
    db.session.query(Enrolment).filter_by(person_id=coming.id).one().starts_on = (NOW + DAY).date()
    save()

    assert [row.person.id for row in projects_board(cohort.id, NOW).rows] == [here.id]


@pytest.mark.parametrize(
    ("by", "expected"),
    [("name", ["Eve", "Élise", "Zoé"]), ("done", ["Eve", "Zoé", "Élise"]), ("sent", ["Eve", "Zoé", "Élise"])],
)
def test_the_board_is_sorted_by_name_by_what_is_done_or_by_silence(cohort, by, expected):
    assignment = make_assignment(cohort)
    zoe, elise = (make_learner(cohort, first_name=name, last_name="Zed") for name in ("Zoé", "Élise"))
    make_learner(cohort, first_name="Eve", last_name="Abc")
    make_submission(assignment.deliverables[0], [zoe], submitted_at=NOW - 8 * DAY)
    decide(make_submission(assignment.deliverables[0], [elise], submitted_at=NOW - 2 * DAY), "validated")

    board = projects_board(cohort.id, NOW)
    sort(board, by)

    assert [row.person.first_name for row in board.rows] == expected


@pytest.fixture
def awarded(cohort):
    """Two proofs of one competence, at levels 2 then 1; another competence answered then corrected away."""
    person, trainer = make_learner(cohort), make_trainer(cohort)
    assignment = make_assignment(cohort)
    first = make_submission(assignment.deliverables[0], [person])
    second = make_submission(make_deliverable(assignment, position=2), [person])
    save()
    keys = db.session.scalars(select(Competence.key).order_by(Competence.id.desc()).limit(2)).all()[::-1]
    services.send_answer(first, trainer, Answer("validated", "Bien.", {}, {keys[0]: 2, keys[1]: 3}), [], 0, NOW)
    services.send_answer(first, trainer, Answer("validated", "Mieux.", {}, {keys[0]: 2, keys[1]: 0}), [], 1, NOW)
    services.send_answer(second, trainer, Answer("validated", "Oui.", {}, {keys[0]: 1}), [], 0, NOW)
    return person, first, keys


def test_a_competence_shows_its_level_with_the_proof_that_gives_it(cohort, awarded):
    person, first, keys = awarded

    row = next(row for row in competences_board(cohort.id, NOW).rows if row.person.id == person.id)

    assert row.cells == {keys[0]: (2, first.id)}
    assert row.done == 2


def test_an_answer_that_was_corrected_or_undone_gives_nothing(cohort, awarded):
    person, first, keys = awarded
    db.session.query(Feedback).filter_by(submission_id=first.id, number=2).one().undone_at = NOW
    db.session.get_one(SubmissionState, first.id).feedback_id = None
    save()

    row = next(row for row in competences_board(cohort.id, NOW).rows if row.person.id == person.id)

    assert row.cells[keys[0]][0] == 1
    assert keys[1] not in row.cells
    assert db.session.query(Award).count() == 4


# pages


@pytest.fixture
def trainer(cohort, log_in):
    return log_in(make_trainer(cohort))


def test_twenty_four_people_are_read_in_one_table(client, cohort, trainer, queries):
    assignments = [make_assignment(cohort) for _ in range(5)]
    for _ in range(24):
        person = make_learner(cohort)
        for assignment in assignments:
            make_submission(assignment.deliverables[0], [person])
    save()
    for view in ("projects", "competences"):
        with queries() as seen:
            page = Context().run(client.get, f"/cohorts/{cohort.id}/board?view={view}")
        assert "24 personnes" in shown(page)
        assert page.text.count('role="rowheader"') == 24
        assert page.text.index("</table>") < page.text.index("/board.csv")
        assert len([one for one in seen if one.startswith("SELECT")]) <= 8


def test_an_empty_cohort_says_what_to_do(client, cohort, trainer):
    assert "Rien à montrer pour le moment" in shown(client.get(f"/cohorts/{cohort.id}/board"))


def test_a_strange_sort_or_view_shows_the_board(client, cohort, trainer):
    make_learner(cohort)
    make_assignment(cohort)
    save()

    assert client.get(f"/cohorts/{cohort.id}/board?sort=%27&view=x").status_code == 200


@pytest.mark.parametrize("view", ["projects", "competences"])
def test_the_board_is_downloaded_for_a_spreadsheet(client, cohort, trainer, awarded, view):
    person, _first, _keys = awarded

    answer = client.get(f"/cohorts/{cohort.id}/board.csv?view={view}")

    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.mimetype == "text/csv"
    assert f"{cohort.code}-{view}.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Personne" and rows[1][0] == person.name
    assert len(rows[1]) == len(rows[0])
    assert rows[1][1] == ("validé" if view == "projects" else "2")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+33 6", "'+33 6"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("Zoé", "Zoé"),
        ("", ""),
    ],
)
def test_no_cell_is_ever_a_formula(cell, expected):
    assert spreadsheets.safe(cell) == expected


def test_a_name_written_as_a_formula_stays_a_name(client, cohort, trainer):
    make_learner(cohort, first_name='=HYPERLINK("http://x")', last_name="")
    make_assignment(cohort)
    save()

    rows = list(
        csv.reader(io.StringIO(client.get(f"/cohorts/{cohort.id}/board.csv").text.lstrip("\ufeff")), delimiter=";")
    )

    assert rows[1][0] == '\'=HYPERLINK("http://x")'


def test_a_strange_code_does_no_harm_to_the_name_of_the_file(client, cohort, trainer):
    cohort.code = 'É"\r\nX: y'
    save()

    answer = client.get(f"/cohorts/{cohort.id}/board.csv")

    assert answer.status_code == 200
    assert "X" not in answer.headers


@pytest.mark.parametrize("address", ["/cohorts/{}/board", "/cohorts/{}/board.csv"])
@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (lambda cohort: None, 302),
        (make_learner, 403),
        (lambda cohort: make_learner(), 404),
        (lambda cohort: make_trainer(make_cohort()), 404),
        (lambda cohort: make_author(), 404),
        (lambda cohort: make_manager(cohort.school), 200),
        (lambda cohort: make_network_manager(), 200),
    ],
)
def test_a_board_is_for_the_team_of_its_cohort(client, cohort, log_in, address, visitor, status):
    person = visitor(cohort)
    if person is not None:
        log_in(person)

    assert client.get(address.format(cohort.id)).status_code == status
