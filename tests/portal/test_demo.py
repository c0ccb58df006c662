"""The demonstration: the same each time, sound on any day, with every role to sign in as."""

import json
from collections import Counter
from contextlib import nullcontext
from datetime import date, timedelta
from itertools import combinations, count
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import func, inspect, select

from popschool import audit, clock, pace
from popschool.attendance import ledger, summaries
from popschool.completion.models import EnrolmentFunding, Funder, Funding, Signatory
from popschool.completion.models_papers import Document, DocumentAct
from popschool.completion.rules_funding import FundingKind
from popschool.courses import services_sources
from popschool.courses.models import Programme, Project
from popschool.db import db
from popschool.grading import services as grading
from popschool.grading.models import Award, CriterionMark, Feedback
from popschool.portal import demo, demo_bulk, demo_courses, demo_plan
from popschool.projects import rules_teams
from popschool.projects.models import (
    Assignment,
    Draft,
    Submission,
    SubmissionOwner,
    SubmissionState,
    Team,
    TeamMember,
)
from popschool.projects.services_states import counting
from popschool.projects.services_windows import own_windows
from popschool.schools.models import Cohort, Enrolment, Person, School
from tests import factories
from tests.conftest import make_app
from tests.lessons import remembered
from tests.postgres import knows_its_rows

DAY = date(2027, 3, 8)
ROLES = {
    "learner",
    "trainer",
    "author",
    "school manager",
    "network manager",
    "funder",
    "auditor",
    "disability contact",
}
# What a run measures of itself: how long each step took, and where its repository stands on this machine.
MEASURED = {"sync_run": {"steps", "log", "beat_at", "finished_at"}, "source": {"url"}}


def make(folder: Path, day: date = DAY, learners: int | None = None, courses=remembered):
    folder.mkdir()
    app = make_app(folder, f"sqlite:///{folder / 'demo.sqlite'}")
    clock.freeze(demo_plan.morning_of(day))
    with app.app_context(), courses():
        db.create_all()
        app.accounts = demo.make_demo(day, demo_plan.morning_of(day), learners)
    clock.freeze(None)
    return app


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The demonstration as everybody has it."""
    return make(tmp_path_factory.mktemp("demo") / "whole")


@pytest.fixture
def network(whole):
    clock.freeze(demo_plan.morning_of(DAY))
    with whole.app_context():
        yield whole
        db.session.remove()
    clock.freeze(None)


def dump(app) -> dict[str, list]:
    """Return every row of every table, without what a run measures of itself."""
    with app.app_context():
        found = {}
        for table in db.metadata.sorted_tables:
            hidden = MEASURED.get(table.name, set())
            kept = [column for column in table.columns if column.name not in hidden]
            order = [column for column in table.primary_key.columns]
            rows = db.session.execute(select(*kept).order_by(*order)).all()
            found[table.name] = [json.dumps([str(value) for value in row]) for row in rows]
        db.session.remove()
        return found


def test_the_same_options_give_the_same_rows(tmp_path):
    first = dump(make(tmp_path / "first", learners=28))
    second = dump(make(tmp_path / "second", learners=28, courses=nullcontext))  # read and rendered again

    assert {name for name in first if first[name] != second[name]} == set()
    assert len(first["submission"]) > 50


def test_every_role_has_an_account_and_every_account_signs_in(network):
    accounts = network.accounts

    assert {one["role"] for one in accounts} == ROLES
    assert {tuple(sorted(one)) for one in accounts} == {("email", "password", "role", "school")}
    for one in accounts:
        client = network.test_client()
        answer = client.post("/sign-in/password", data={"handle": one["email"], "password": one["password"]})
        assert answer.status_code == 302, one
        assert client.get("/", follow_redirects=True).status_code == 200


def test_a_cohort_is_given_the_projects_that_the_plan_names(network):
    projects = select(Assignment.cohort_id, Project.key).join(Project, Project.id == Assignment.project_id)
    given: dict[int, list[str]] = {}
    for cohort_id, key in db.session.execute(projects.order_by(Assignment.due_at)):
        given.setdefault(cohort_id, []).append(key)
    programmes = select(Cohort.id, Programme.key).join(Programme, Programme.id == Cohort.programme_id)

    for cohort_id, key in db.session.execute(programmes):
        assert given[cohort_id] == list(demo_plan.PROJECTS[key])


def test_nobody_is_invented(network):
    labels = {"Apprenante", "Apprenant", "Formatrice", "Formateur", "Responsable", "Responsable réseau", "Référente"}
    labels |= {"Autrice", "Financeur", "Auditrice"}

    for person in db.session.scalars(select(Person)):
        assert person.first_name in labels
        assert person.last_name[:2].isdigit()
        assert person.mail is None or person.mail.endswith("@example.org")
        assert person.phone is None or person.phone.startswith("+336399")


def test_one_learner_in_four_has_no_mail_and_everybody_can_be_reached(network):
    learners = list(db.session.scalars(select(Person).join(Enrolment, Enrolment.person_id == Person.id).distinct()))

    assert 0.2 <= sum(one.mail is None for one in learners) / len(learners) <= 0.3
    assert all(one.mail or one.phone or one.learner_number for one in learners)
    assert any(not one.mail and not one.phone for one in learners)


def test_a_school_is_new_and_empty_and_the_others_have_their_cohorts(network):
    cohorts = Counter(db.session.scalars(select(School.code).join(Cohort, Cohort.school_id == School.id)))

    assert len(db.session.scalars(select(School)).all()) == 15
    assert cohorts["RUN"] == 0 and cohorts["VAL"] == cohorts["LEN"] == 2
    assert all(cohorts[school.code] == school.cohorts for school in demo_plan.SCHOOLS)


def test_work_is_sent_within_its_window_and_timed_by_each_ones_own_dates(network):
    now = demo_plan.morning_of(DAY)
    for assignment in db.session.scalars(select(Assignment)):
        sent = db.session.scalars(select(Submission).where(Submission.assignment_id == assignment.id)).all()
        windows = own_windows(assignment, [one.submitted_by_id for one in sent])
        for one in sent:
            window = windows[one.submitted_by_id]
            assert window.opens_at <= one.submitted_at < min(now, window.closes_at)
            assert one.timing == ("late" if one.submitted_at > window.due_at else "on_time")
    for draft in db.session.scalars(select(Draft)):
        assert draft.updated_at <= now


def test_there_is_late_work_waiting_work_work_to_complete_and_drafts(network):
    decisions = Counter(db.session.scalars(select(SubmissionState.decision)))

    assert set(decisions) == {"", "validated", "to_complete"}
    assert db.session.scalar(select(func.count()).where(SubmissionState.is_waiting)) > 20
    assert db.session.scalar(select(func.count()).where(Submission.timing == "late")) > 5
    assert db.session.scalar(select(func.count()).select_from(Draft)) > 20
    assert db.session.scalar(select(func.count()).where(Submission.version == 2)) > 20


def test_the_summary_beside_each_version_says_what_the_rows_say(network):
    counted = set(db.session.scalars(select(counting(SubmissionOwner.person_id > 0).c.submission_id)))
    answers = {one.submission_id: one for one in db.session.scalars(select(Feedback))}

    for state in db.session.scalars(select(SubmissionState)):
        feedback = answers.get(state.submission_id)
        assert state.decision == (feedback.decision if feedback else "")
        assert state.feedback_id == (feedback.id if feedback else None)
        assert state.decided_at == (feedback.sent_at if feedback else None)
        assert state.is_waiting == (feedback is None and state.submission_id in counted)


def test_a_second_version_answers_what_was_said_of_the_first(network):
    versions: dict[tuple[int, int], list[Submission]] = {}
    for one in db.session.scalars(select(Submission).order_by(Submission.id)):
        versions.setdefault((one.deliverable_id, one.submitted_by_id), []).append(one)
    answers = {one.submission_id: one for one in db.session.scalars(select(Feedback))}

    for found in versions.values():
        assert [one.version for one in found] == list(range(1, len(found) + 1))
        for first, second in zip(found, found[1:], strict=False):
            assert answers[first.id].decision == "to_complete"
            assert first.submitted_at < answers[first.id].sent_at < second.submitted_at


def test_awards_are_given_by_whoever_answered_and_hold(network):
    for award in db.session.scalars(select(Award)):
        assert award.trainer_id == award.feedback.trainer_id
        assert award.awarded_at == award.feedback.sent_at
        assert award.feedback.decision == "validated"
    award = db.session.scalars(select(Award)).first()
    assert grading.level_now(award.person_id, award.competence_id) >= award.level
    assert db.session.scalar(select(func.count()).select_from(CriterionMark)) > 100


def teams_of(assignment):
    rows = db.session.execute(
        select(TeamMember.team_id, TeamMember.person_id).where(TeamMember.assignment_id == assignment.id)
    )
    teams: dict[int, list[int]] = {}
    for team_id, person_id in rows:
        teams.setdefault(team_id, []).append(person_id)
    return teams


def test_everybody_is_in_one_team_and_nobody_is_lost(network):
    checked = 0
    for assignment in db.session.scalars(select(Assignment).where(Assignment.work != "alone")):
        enrolled = db.session.scalars(
            select(Enrolment.person_id).where(Enrolment.cohort_id == assignment.cohort_id)
        ).all()
        teams = teams_of(assignment)
        if not teams:
            continue
        checked += 1
        assert sorted(one for team in teams.values() for one in team) == sorted(enrolled)
        sizes = rules_teams.team_sizes(len(enrolled), assignment.team_size)
        assert sorted(map(len, teams.values())) == sorted(sizes)
    assert checked > 5


def test_what_a_team_sent_bears_its_name_and_its_people(network):
    named = (
        select(Submission).join(Assignment, Assignment.id == Submission.assignment_id).where(Assignment.work != "alone")
    )
    for one in db.session.scalars(named):
        team = db.session.scalars(
            select(Team).where(Team.assignment_id == one.assignment_id, Team.name == one.team_name)
        ).one()
        assert {owner.person_id for owner in one.owners} == {member.person_id for member in team.members}


@pytest.mark.parametrize("learners", [1, 49])
def test_as_many_learners_as_were_asked_for_and_none_lost_to_an_odd_number(tmp_path, learners):
    app = make(tmp_path / "some", learners=learners)
    assert {one["role"] for one in app.accounts} == ROLES
    with app.app_context():
        assert db.session.scalar(select(func.count(func.distinct(Enrolment.person_id)))) == learners
        new_school = select(func.count()).select_from(Cohort).join(School).where(School.code == "RUN")
        assert db.session.scalar(new_school) == 0
        for assignment in db.session.scalars(select(Assignment).where(Assignment.work != "alone")):
            of_cohort = select(Enrolment.person_id).where(Enrolment.cohort_id == assignment.cohort_id)
            enrolled, teams = db.session.scalars(of_cohort).all(), teams_of(assignment)
            assert not teams or sorted(one for team in teams.values() for one in team) == sorted(enrolled)
            names = db.session.scalars(select(Team.name).where(Team.assignment_id == assignment.id)).all()
            assert len(names) == len(set(names)) == len(teams)
        db.session.remove()


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 31),
        date(2028, 2, 29),
        date(2027, 3, 30),  # the Tuesday after Easter
    ],
)
def test_a_demonstration_is_sound_on_any_day(tmp_path, day):
    app = make(tmp_path / "day", day=day, learners=30)
    now = demo_plan.morning_of(day)
    with app.app_context():
        under_way = db.session.scalar(select(func.count()).where(Assignment.opens_at < now, Assignment.due_at > now))
        assert under_way == db.session.scalar(select(func.count()).select_from(Cohort))
        assert db.session.scalar(select(func.count()).where(SubmissionState.is_waiting)) > 0
        assert db.session.scalar(select(func.max(Submission.submitted_at))) < now
        starts = db.session.execute(
            select(Submission.submitted_at, Assignment.opens_at).join(
                Assignment, Assignment.id == Submission.assignment_id
            )
        )
        assert all(sent >= opens for sent, opens in starts)
        db.session.remove()


def test_a_database_that_has_people_is_left_alone(network):
    before = db.session.scalar(select(func.count()).select_from(Person))

    with pytest.raises(demo.NotEmpty):
        demo.make_demo(DAY, demo_plan.morning_of(DAY))

    assert db.session.scalar(select(func.count()).select_from(Person)) == before


def test_pairs_change_from_one_project_to_the_next(network):
    for cohort in db.session.scalars(select(Cohort)):
        rounds = []
        for assignment in db.session.scalars(
            select(Assignment)
            .where(Assignment.cohort_id == cohort.id, Assignment.work != "alone")
            .order_by(Assignment.id)
        ):
            teams = teams_of(assignment)
            if teams:
                rounds.append({frozenset(pair) for team in teams.values() for pair in combinations(team, 2)})
        for before, after in zip(rounds, rounds[1:], strict=False):
            assert not before & after


def inside() -> set[tuple[str, str]]:
    """Return the names of the indexes, links and rules of one of a kind that the database has."""
    found = inspect(db.engine)
    asked = (found.get_indexes, found.get_foreign_keys, found.get_unique_constraints)
    return {(table, one["name"]) for table in found.get_table_names() for ask in asked for one in ask(table)}


def test_a_large_one_asks_first_whether_there_is_room(network, monkeypatch):
    monkeypatch.setattr(demo_bulk.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=30_000_000))

    assert demo_bulk.check_room(28, 280) < 30_000_000
    with pytest.raises(demo_bulk.TooLittleRoom) as refused:
        demo_bulk.check_room(1_000, 40_000_000)
    assert refused.value.needed > refused.value.free == 30_000_000


def test_a_worker_whose_clock_is_another_leaves_the_courses_to_the_demonstration(app, monkeypatch):
    """It would take a reading that seems to have begun last year for dead, and read the courses in its place."""
    due = []

    def read(source, now):
        due.append(services_sources.due_to_look(now + timedelta(days=365)))
        factories.make_revision(source)
        return SimpleNamespace(problems=[])

    monkeypatch.setattr(demo_courses, "_make_repository", lambda *_places: None)
    monkeypatch.setattr(demo_courses, "synchronise", read)
    now = demo_plan.morning_of(DAY)

    source = demo_courses.publish_courses(now).source_id

    assert due == [[]]
    assert services_sources.due_to_look(now + timedelta(days=365)) == [source]


@pytest.mark.parametrize(("learners", "schools"), [(None, 15), (3_360, 15), (3_361, 16), (100_000, 418)])
def test_a_larger_network_has_more_schools_and_none_is_larger(learners, schools):
    planned = demo_plan.schools_for(learners)

    assert len(planned) == len({one.code for one in planned}) == schools
    assert learners is None or learners <= demo_plan.MOST_IN_A_SCHOOL * sum(one.cohorts > 0 for one in planned)


def test_the_demonstration_fills_both_databases(app, monkeypatch):
    """The whole of it on PostgreSQL as on SQLite, as a large one is: chains, totals, indexes and links are sound."""
    monkeypatch.setattr(demo_bulk, "LARGE", 0)
    monkeypatch.setattr(pace, "monotonic", count(0, pace.AT_A_TERMINAL).__next__)
    before, told = inside(), []
    with remembered():
        accounts = demo.make_demo(DAY, demo_plan.morning_of(DAY), 28, 280, told.append)

    assert inside() == before and knows_its_rows("submission")
    assert any("half-days of 308" in said for said in told)
    checked, acts = ledger.Checked(), audit.Checked()
    assert ledger.verify(checked) is None and audit.verify(acts) is None
    assert checked.entries > 200 and acts.entries > 28 and acts.waiting == 0
    assert list(summaries.differences()) == []

    assert {one["role"] for one in accounts} == ROLES
    for owner in db.session.scalars(select(SubmissionOwner)):
        sent = db.session.get_one(Submission, owner.submission_id)
        assert sent.deliverable_id == owner.deliverable_id
    for feedback in db.session.scalars(select(Feedback)):
        assert feedback.sent_at > feedback.submission.submitted_at
    assert db.session.scalar(select(func.max(Submission.submitted_at))) < demo_plan.morning_of(DAY) - timedelta(
        minutes=1
    )


def test_every_place_is_paid_for_and_some_papers_were_made(network):
    """Every page of completion has something to show: payers of several kinds, a change on the way, papers."""
    paid = set(db.session.scalars(select(EnrolmentFunding.enrolment_id)))
    acts = Counter(db.session.scalars(select(DocumentAct.what)))
    kinds = Counter(db.session.scalars(select(Document.kind)))

    assert paid == set(db.session.scalars(select(Enrolment.id)))
    assert len(set(db.session.scalars(select(Funder.kind)))) >= 5
    funders = db.session.execute(select(Funder.school_id, Funder.name)).all()
    assert len(funders) == len(set(funders)), "two cohorts of a school have one and the same funder"
    assert set(db.session.scalars(select(Funding.kind))) == set(FundingKind)
    assert db.session.scalar(select(func.count()).where(EnrolmentFunding.end_reason != "")) == 1
    assert acts == {"replaced": 1, "revoked": 1}
    assert kinds == {"certificate": 7, "attendance": 6, "workshop": 6}
    assert set(db.session.scalars(select(Signatory.school_id))) == set(db.session.scalars(select(Cohort.school_id)))
