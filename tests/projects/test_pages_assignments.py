"""The pages of a trainer: projects set to a cohort, their dates, more time for one person, teams."""

from contextvars import Context
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.courses.models import Programme, Revision
from popschool.db import db
from popschool.messages.models import Notice
from popschool.projects.models import Assignment, Extension, Team, TeamMember
from popschool.projects.services_drafts import draft_of, save_draft
from popschool.projects.services_teams import teams_of
from popschool.projects.services_windows import own_window
from popschool.schools.models import Accommodation, Posting
from tests.conftest import NOW
from tests.factories import (
    add,
    make_assignment,
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_project,
    make_submission,
    make_team,
    make_trainer,
    save,
)
from tests.shown import shown

DAY = timedelta(days=1)


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def project(cohort):
    return make_project(db.session.get(Programme, cohort.programme_id), db.session.get(Revision, cohort.revision_id))


@pytest.fixture
def trainer(cohort, project, log_in):
    return log_in(make_trainer(cohort))


WINDOW = {"opens_at": "2027-03-08T09:00", "due_at": "12/03/2027 18:00", "closes_at": "2027-04-30T18:00"}


def settings(project, /, **given):
    return {"project": project.id, "work": "alone", "teams_by": "trainer", **WINDOW} | given


def test_a_trainer_sets_a_project_and_the_cohort_is_told(client, cohort, project, trainer):
    learner = make_learner(cohort)
    save()
    page = client.get(f"/cohorts/{cohort.id}/assignments/new")
    assert "Le menu du jour" in shown(page)

    answer = client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))

    assert answer.location == f"/cohorts/{cohort.id}/assignments"
    made = db.session.scalars(select(Assignment)).one()
    assert made.due_at == NOW.replace(day=12, hour=17, minute=0)
    assert [one.title for one in made.deliverables] == ["La page"]
    notice = db.session.scalars(select(Notice)).one()
    assert (notice.person_id, notice.url) == (learner.id, f"/assignments/{made.id}")
    assert "vendredi 12 mars" in notice.body
    listed = shown(client.get(answer.location))
    assert "Le menu du jour" in listed and "est donné à la promo." in listed


def test_whoever_has_more_days_is_told_their_own_date(client, cohort, project, trainer):
    learner = make_learner(cohort)
    add(
        Accommodation(
            person_id=learner.id,
            school_id=cohort.school_id,
            deadline_days=2,
            starts_on=cohort.starts_on,
            created_at=NOW,
        )
    )
    save()

    client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))

    assert "dimanche 14 mars" in db.session.scalars(select(Notice)).one().body


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"due_at": "2027-03-01T09:00"}, "Mettez les dates dans l'ordre"),
        ({"closes_at": "2027-03-10T09:00"}, "Mettez les dates dans l'ordre"),
        ({"due_at": ""}, "Il manque une réponse."),
        ({"due_at": "demain"}, "Écrivez la date et l'heure comme ceci"),
        ({"project": "999999"}, "Choisissez une réponse dans la liste."),
        ({"project": "abc"}, "Choisissez une réponse dans la liste."),
        ({"work": "seul"}, "Choisissez une réponse dans la liste."),
        ({"work": "team", "team_size": "99"}, "Écrivez un nombre entre 2 et 8."),
        ({"work": "team", "team_size": "trois"}, "Écrivez un nombre entier."),
    ],
)
def test_a_project_that_is_set_wrongly_is_refused_with_what_was_typed(client, cohort, project, trainer, given, words):
    answer = client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project, **given))

    assert answer.status_code == 200 and words in shown(answer)
    assert 'value="2027-03-08T09:00"' in answer.text
    assert db.session.query(Assignment).count() == 0


def test_a_double_click_sets_a_project_once(client, cohort, project, trainer):
    make_learner(cohort)
    save()
    for _ in range(2):
        answer = client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))
        assert answer.location == f"/cohorts/{cohort.id}/assignments"

    assert (db.session.query(Assignment).count(), db.session.query(Notice).count()) == (1, 1)
    assert "Tous les projets sont donnés" in shown(client.get(f"/cohorts/{cohort.id}/assignments/new"))


def test_a_project_that_is_set_already_keeps_its_dates_and_says_so(client, cohort, project, trainer):
    client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))

    again = settings(project, due_at="13/03/2027 18:00")
    answer = client.post(f"/cohorts/{cohort.id}/assignments/new", data=again)

    assert "Ce projet est déjà donné à la promo. Changez plutôt ses dates." in shown(answer)
    assert "Le menu du jour" in shown(answer)
    assert db.session.scalars(select(Assignment)).one().due_at == NOW.replace(day=12, hour=17, minute=0)


@pytest.mark.parametrize(("work", "size", "expected"), [("alone", "5", 1), ("pair", "5", 2), ("team", "4", 4)])
def test_the_size_of_a_team_follows_how_people_work(client, cohort, project, trainer, work, size, expected):
    client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project, work=work, team_size=size))

    assert db.session.scalars(select(Assignment.team_size)).one() == expected


def test_an_archived_cohort_is_set_nothing(client, cohort, project, trainer):
    cohort.archived_at = NOW
    save()

    answer = client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))

    assert f"{cohort.code} est archivée" in shown(answer)
    assert db.session.query(Assignment).count() == 0


def test_dates_change_and_what_was_sent_keeps_its_timing(client, cohort, trainer):
    assignment = make_assignment(cohort)
    sent = make_submission(assignment.deliverables[0])
    save()

    for _ in range(2):  # the second click tells nobody again
        answer = client.post(f"/assignments/{assignment.id}/edit", data=WINDOW | {"due_at": "2027-03-09T18:00"})
        assert answer.location == f"/cohorts/{cohort.id}/assignments"

    db.session.expire_all()
    assert assignment.due_at == NOW.replace(day=9, hour=17, minute=0)
    assert sent.timing == "on_time"
    assert [notice.kind for notice in db.session.scalars(select(Notice))] == ["dates"]


def test_a_project_is_taken_back_while_nothing_was_sent_and_drafts_stay(client, cohort, trainer):
    assignment, learner = make_assignment(cohort), make_learner(cohort)
    save()
    save_draft(assignment.deliverables[0], learner.id, NOW, text="J'ai commencé")

    for _ in range(2):
        answer = client.post(f"/assignments/{assignment.id}/edit", data={"withdraw": "1"})
        assert answer.location == f"/cohorts/{cohort.id}/assignments"

    db.session.expire_all()
    assert assignment.withdrawn_at == NOW
    assert draft_of(assignment.deliverables[0].id, learner.id).text == "J'ai commencé"
    assert client.get(f"/assignments/{assignment.id}/edit").status_code == 404


def test_a_project_set_again_finds_the_drafts_that_were_kept(client, cohort, project, trainer):
    assignment, learner = make_assignment(cohort, project), make_learner(cohort)
    save()
    save_draft(assignment.deliverables[0], learner.id, NOW, text="J'ai commencé")
    client.post(f"/assignments/{assignment.id}/edit", data={"withdraw": "1"})

    client.post(f"/cohorts/{cohort.id}/assignments/new", data=settings(project))

    db.session.expire_all()
    assert assignment.withdrawn_at is None
    assert draft_of(assignment.deliverables[0].id, learner.id).text == "J'ai commencé"


def test_a_project_with_work_is_never_taken_back(client, cohort, trainer):
    assignment = make_assignment(cohort)
    make_submission(assignment.deliverables[0])
    save()

    answer = client.post(f"/assignments/{assignment.id}/edit", data={"withdraw": "1"})

    assert "Du travail est déjà arrivé. Ce projet ne peut plus être retiré." in shown(answer)
    db.session.expire_all()
    assert assignment.withdrawn_at is None


def test_one_person_is_given_more_time_and_told(client, cohort, trainer):
    assignment, learner = make_assignment(cohort), make_learner(cohort)
    save()

    for _ in range(2):
        answer = client.post(
            f"/assignments/{assignment.id}/extensions",
            data={"person": learner.id, "due_at": "2027-03-20T18:00", "reason": "Stage"},
            follow_redirects=True,
        )

    assert db.session.query(Extension).count() == 1
    assert "samedi 20 mars" in shown(answer) and "Stage" in shown(answer)
    assert own_window(assignment, learner.id).due_at == NOW.replace(day=20, hour=17, minute=0)
    assert "samedi 20 mars" in db.session.scalars(select(Notice)).one().body


@pytest.mark.parametrize("due_at", ["2027-03-09T18:00", "2027-03-01T18:00"])
def test_more_time_is_a_later_date(client, cohort, trainer, due_at):
    assignment, learner = make_assignment(cohort), make_learner(cohort)
    save()

    answer = client.post(
        f"/assignments/{assignment.id}/extensions", data={"person": learner.id, "due_at": due_at, "reason": "Stage"}
    )

    assert "Choisissez une date à venir, après celle de la promo." in shown(answer)
    assert 'value="Stage"' in answer.text
    assert db.session.query(Extension).count() == 0


def test_somebody_of_another_cohort_is_given_nothing(client, cohort, trainer):
    assignment, stranger = make_assignment(cohort), make_learner()
    save()

    client.post(f"/assignments/{assignment.id}/extensions", data={"person": stranger.id, "due_at": "2027-03-20T18:00"})

    assert db.session.query(Extension).count() == 0


@pytest.fixture
def pairs(cohort):
    assignment = make_assignment(cohort, work="pair", team_size=2)
    assignment.people = [make_learner(cohort) for _ in range(5)]
    save()
    return assignment


def test_a_trainer_lets_chance_make_the_teams(client, pairs, trainer):
    page = client.get(f"/assignments/{pairs.id}/teams")
    assert "5 personnes n'ont pas d'équipe" in shown(page)

    answer = client.post(f"/assignments/{pairs.id}/teams", data={"do": "draw"}, follow_redirects=True)

    assert "2 équipes sont formées." in shown(answer)
    placed = [person.id for _team, members in teams_of(pairs) for person in members]
    assert sorted(placed) == sorted(person.id for person in pairs.people)


def test_a_trainer_places_people_one_by_one(client, pairs, trainer):
    first, second, third, fourth, _ = pairs.people
    for person in (first, second, third, fourth):
        team = db.session.scalars(select(Team.id)).first() or 0
        answer = client.post(f"/assignments/{pairs.id}/teams", data={"person": person.id, "team": team})

    assert "Cette équipe est complète : 2 personnes." in shown(answer)
    assert [[person.id for person in members] for _team, members in teams_of(pairs)] == [
        sorted([first.id, second.id, third.id])
    ]


@pytest.mark.parametrize("data", [{}, {"person": "0", "team": "0"}, {"person": "abc", "team": "9"}])
def test_a_team_that_is_badly_written_is_refused(client, pairs, trainer, data):
    answer = client.post(f"/assignments/{pairs.id}/teams", data=data)

    assert answer.status_code == 200 and "Choisissez une réponse dans la liste." in shown(answer)
    assert db.session.query(Team).count() == 0


def test_work_alone_has_no_teams(client, cohort, trainer):
    assignment = make_assignment(cohort)
    save()

    assert client.get(f"/assignments/{assignment.id}/teams").status_code == 404
    assert client.get(f"/assignments/{assignment.id}/team").status_code in (403, 404)


@pytest.fixture
def chosen(cohort):
    """Pairs that learners make themselves."""
    assignment = make_assignment(cohort, work="pair", team_size=2, teams_by="learners")
    assignment.people = [make_learner(cohort) for _ in range(3)]
    save()
    return assignment


def test_learners_make_join_and_leave_a_team(client, chosen, log_in):
    first, second, third = chosen.people
    log_in(first)
    client.post(f"/assignments/{chosen.id}/team", data={"team": "new"})
    team = db.session.scalars(select(Team)).one()
    log_in(second)
    assert "Rejoindre" in shown(client.get(f"/assignments/{chosen.id}/team"))
    client.post(f"/assignments/{chosen.id}/team", data={"team": team.id})
    log_in(third)

    answer = client.post(f"/assignments/{chosen.id}/team", data={"team": team.id})

    assert "Cette équipe est complète : 2 personnes. Choisissez-en une autre." in shown(answer)
    assert {person.id for person in teams_of(chosen)[0][1]} == {first.id, second.id}
    log_in(first)
    client.post(f"/assignments/{chosen.id}/team", data={"team": "leave"})
    assert [person.id for person in teams_of(chosen)[0][1]] == [second.id]


def test_a_double_click_on_a_new_team_leaves_nobody_behind(client, chosen, log_in):
    log_in(chosen.people[0])
    for _ in range(2):
        client.post(f"/assignments/{chosen.id}/team", data={"team": "new"})

    teams = teams_of(chosen)
    assert [[person.id for person in members] for _team, members in teams] == [[chosen.people[0].id]]
    assert db.session.query(TeamMember).filter_by(left_at=None).count() == 1


@pytest.mark.parametrize("team", ["", "0", "999999", "abc"])
def test_a_team_that_is_no_more_is_said(client, chosen, log_in, team):
    log_in(chosen.people[0])

    answer = client.post(f"/assignments/{chosen.id}/team", data={"team": team})

    assert answer.status_code == 200
    assert "Cette équipe n'existe plus. Choisissez-en une autre." in shown(answer)


def test_learners_do_not_choose_when_the_trainer_does(client, pairs, log_in):
    log_in(pairs.people[0])

    assert client.get(f"/assignments/{pairs.id}/team").status_code == 404
    assert client.post(f"/assignments/{pairs.id}/team", data={"team": "new"}).status_code == 404


PAGES = [
    "/cohorts/{c}/assignments/new",
    "/assignments/{a}/edit",
    "/assignments/{a}/extensions",
    "/assignments/{a}/teams",
]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        ("nobody", 302),
        ("learner", 403),
        ("stranger", 404),
        ("other trainer", 404),
        ("trainer no more", 403),
        ("author", 404),
        ("network", 403),
        ("manager", 200),
    ],
)
def test_only_the_team_of_a_cohort_sets_its_work(client, cohort, project, pairs, log_in, address, visitor, status):
    people = {
        "learner": lambda: make_learner(cohort),
        "stranger": make_learner,
        "other trainer": lambda: make_trainer(make_cohort()),
        "author": make_author,
        "network": make_network_manager,
        "manager": lambda: make_manager(cohort.school),
    }
    if visitor == "trainer no more":
        person = make_trainer(cohort)
        db.session.query(Posting).filter_by(person_id=person.id).one().ends_on = (NOW - DAY).date()
        log_in(person)
    elif visitor != "nobody":
        log_in(people[visitor]())

    answer = client.get(address.format(c=cohort.id, a=pairs.id))

    assert answer.status_code == status


def test_the_list_of_what_is_set_costs_few_queries(client, cohort, trainer, queries):
    for _ in range(4):
        make_submission(make_assignment(cohort).deliverables[0])
    save()

    with queries() as seen:
        answer = Context().run(client.get, f"/cohorts/{cohort.id}/assignments")

    assert shown(answer).count("Donner un délai") == 4
    assert len([one for one in seen if one.startswith("SELECT")]) <= 8


def test_a_team_made_by_a_factory_is_shown_with_its_members(client, pairs, trainer):
    make_team(pairs, pairs.people[:2], name="Équipe 1")
    save()

    text = shown(client.get(f"/assignments/{pairs.id}/teams"))

    assert pairs.people[0].name in text and "3 personnes n'ont pas d'équipe" in text
