"""A cohort that goes to another revision of its course: what would change, for whom, and what stays."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.courses import sync
from popschool.courses.models import Page, Programme, Revision
from popschool.db import db
from popschool.projects import rules
from popschool.projects.models import Assignment, RevisionMove
from popschool.projects.services import submit_work
from popschool.projects.services_assignments import projects_of, set_assignment
from popschool.projects.services_drafts import save_draft
from popschool.projects.services_moves import impact, move_revision
from popschool.projects.services_reading import work_of
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import (
    make_author,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_source,
    make_trainer,
    save,
)
from tests.shown import shown

DAY = timedelta(days=1)
WINDOW = rules.Window(NOW - DAY, NOW + 4 * DAY, NOW + 60 * DAY)
MORE = "  - {id: maquette, title: La maquette, asks: [text]}\n"


@pytest.fixture
def repository(app, tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def source(repository):
    repository.commit(web_course(**{"web/a-lire.md": "# À lire\n", "web/p01/equipe.md": "# Pour l'équipe\n"}))
    made = make_source(name="web", url=repository.url, is_local=True)
    save()
    assert sync.synchronise(made, NOW).outcome == "published"
    return made


@pytest.fixture
def cohort(source):
    found = make_cohort(programme=db.session.scalars(select(Programme)).one())
    save()
    return found


@pytest.fixture
def trainer(cohort):
    found = make_trainer(cohort)
    save()
    return found


def publish(repository, source, **files):
    """Push, and return the revision that it makes."""
    repository.commit(files)
    outcome = sync.synchronise(source, NOW)
    assert outcome.outcome == "published", outcome.problems
    return db.session.get(Revision, source.live_revision_id)


def give(cohort, trainer, place):
    version = projects_of(cohort)[place]
    return set_assignment(cohort, version, WINDOW, "alone", 1, "trainer", trainer.id, NOW)


def test_nothing_is_said_to_change_when_nothing_does(repository, source, cohort):
    goal = publish(repository, source, **{"notes-pour-nous.txt": "Rien pour le cours"})

    found = impact(cohort, goal, NOW)

    assert found.is_empty
    assert (found.learners, found.under_way, found.competences) == (0, 0, 0)


def test_each_project_that_changes_is_named_with_those_who_work_on_it(repository, source, cohort, trainer):
    given = give(cohort, trainer, 0)
    drafting, waiting, idle = (make_learner(cohort) for _ in range(3))
    save()
    deliverable = given.deliverables[0]
    save_draft(deliverable, drafting.id, NOW, link="https://example.org/a")
    save_draft(deliverable, waiting.id, NOW, link="https://example.org/b")
    submit_work(deliverable, waiting, NOW)

    goal = publish(
        repository,
        source,
        **{
            "web/p01/projet.md": project(title="La page, mieux"),
            "web/p02/projet.md": None,
            "web/p03/projet.md": project("p03", "La carte"),
        },
    )
    found = impact(cohort, goal, NOW)

    assert {(one.title, one.what, one.is_set) for one in found.projects} == {
        ("La page, mieux", "changed", True),
        ("La carte", "added", False),
        ("Le menu", "removed", False),
    }
    changed = next(one for one in found.projects if one.what == "changed")
    assert sorted(changed.people) == sorted([drafting.name, waiting.name])
    assert (found.learners, found.under_way) == (3, 2)
    assert idle.name not in changed.people and not changed.is_only_pages
    aims = {aim["id"] for one in projects_of(cohort) for aim in one.data["competences"]}
    assert found.competences == len(aims)


def test_a_page_that_changes_touches_its_project(repository, source, cohort):
    goal = publish(repository, source, **{"web/p01/01-html.md": "# Le HTML\n\nAutrement.\n"})

    found = impact(cohort, goal, NOW)

    assert [(one.title, one.what) for one in found.pages] == [("Le HTML", "changed")]
    assert [(one.title, one.what) for one in found.projects] == [("La page", "changed")]


def test_a_page_is_named_once_whatever_its_variants(repository, source, cohort):
    goal = publish(
        repository,
        source,
        **{
            "web/p01/01-html.md": "# Le HTML\n\nAutrement.\n",
            "web/p01/01-html.simple.md": "# Le HTML\n\nSimple.\n",
            "web/p01/01-html.en.md": "# HTML\n\nA page.\n",
        },
    )

    assert [(one.title, one.what) for one in impact(cohort, goal, NOW).pages] == [("Le HTML", "changed")]


def test_a_page_of_the_programme_is_named_too(repository, source, cohort):
    goal = publish(repository, source, **{"web/a-lire.md": "# À lire d'abord\n"})

    assert [one.title for one in impact(cohort, goal, NOW).pages] == ["À lire d'abord"]


def test_what_only_trainers_read_touches_no_learner(repository, source, cohort):
    make_learner(cohort)
    save()
    goal = publish(repository, source, **{"web/p01/equipe.md": "# Pour l'équipe, mieux\n"})

    found = impact(cohort, goal, NOW)

    assert [(one.title, one.is_for_team) for one in found.pages] == [("Pour l'équipe, mieux", True)]
    assert (found.projects, found.learners) == ([], 0)


def test_the_impact_costs_the_same_for_one_learner_as_for_many(repository, source, cohort, trainer, queries):
    deliverable = give(cohort, trainer, 0).deliverables[0]
    goal = publish(repository, source, **{"web/p01/projet.md": project(title="La page, mieux")})
    counts = []
    for _ in range(2):
        for _ in range(6):
            person = make_learner(cohort)
            save()
            save_draft(deliverable, person.id, NOW, link="https://example.org/a")
        with queries() as seen:
            impact(cohort, goal, NOW)
        counts.append(len([one for one in seen if one.startswith("SELECT")]))

    assert counts[0] == counts[1] <= 10


def test_a_cohort_moves_and_its_deliverables_follow_the_course(repository, source, cohort, trainer):
    given = give(cohort, trainer, 0)
    learner = make_learner(cohort)
    save()
    save_draft(given.deliverables[0], learner.id, NOW, link="https://example.org/a")
    sent = submit_work(given.deliverables[0], learner, NOW)
    before = cohort.revision_id
    goal = publish(
        repository,
        source,
        **{"web/p01/projet.md": project(title="La page, mieux").replace("criteria:\n", MORE + "criteria:\n")},
    )

    move_revision(cohort, goal, trainer.id, NOW)

    assert cohort.revision_id == goal.id
    assert [(one.key, one.retired_at) for one in given.deliverables] == [("page", None), ("maquette", None)]
    assert sent.revision_id == before
    work = work_of(learner.id, frozenset({cohort.id}), NOW)[0]
    assert work.title == "La page, mieux"
    assert [one.sent.id if one.sent else None for one in work.asked] == [sent.id, None]
    moved = db.session.scalars(select(RevisionMove)).one()
    assert (moved.from_revision_id, moved.to_revision_id, moved.moved_by_id) == (before, goal.id, trainer.id)


def test_a_deliverable_that_is_no_longer_asked_stays_for_those_who_began_it(repository, source, cohort, trainer):
    repository.commit({"web/p01/projet.md": project().replace("criteria:\n", MORE + "criteria:\n")})
    sync.synchronise(source, NOW)
    move_revision(cohort, db.session.get(Revision, source.live_revision_id), trainer.id, NOW)
    given = give(cohort, trainer, 0)
    drafting, sender, idle = (make_learner(cohort) for _ in range(3))
    save()
    extra = given.deliverables[1]
    save_draft(extra, drafting.id, NOW, text="À moitié")
    save_draft(extra, sender.id, NOW, text="Voici")
    submit_work(extra, sender, NOW)

    move_revision(cohort, publish(repository, source, **{"web/p01/projet.md": project()}), trainer.id, NOW)

    asked = {
        person.id: [one.deliverable.key for one in work_of(person.id, frozenset({cohort.id}), NOW)[0].asked]
        for person in (drafting, sender, idle)
    }
    assert asked == {drafting.id: ["page", "maquette"], sender.id: ["page", "maquette"], idle.id: ["page"]}
    assert submit_work(extra, drafting, NOW).text == "À moitié"


def test_a_project_that_disappears_keeps_serving_those_with_work_on_it(
    client, repository, source, cohort, trainer, log_in
):
    given = give(cohort, trainer, 1)
    learner = make_learner(cohort)
    save()
    goal = publish(repository, source, **{"web/p02/projet.md": None})
    move_revision(cohort, goal, trainer.id, NOW)
    log_in(learner)

    page = client.get(f"/assignments/{given.id}")
    assert page.status_code == 200 and "Le menu" in shown(page) and "Envoyer mon travail" in shown(page)
    save_draft(given.deliverables[0], learner.id, NOW, link="https://example.org/a")
    sent = submit_work(given.deliverables[0], learner, NOW)
    assert "Le menu" in shown(client.get(f"/submissions/{sent.id}/project"))
    assert "Le menu" in shown(client.get("/projects"))
    assert "Le menu" in shown(client.get("/today"))


def test_the_lessons_of_a_project_that_disappears_are_still_read(client, repository, source, cohort, trainer, log_in):
    given = give(cohort, trainer, 0)
    learner = make_learner(cohort)
    save()
    goal = publish(
        repository, source, **{"web/p01/projet.md": None, "web/p01/01-html.md": None, "web/p01/equipe.md": None}
    )
    move_revision(cohort, goal, trainer.id, NOW)
    log_in(learner)
    lesson = db.session.scalar(select(Page.id).where(Page.key == "p01/01-html"))

    page = client.get(f"/assignments/{given.id}")
    assert f'href="/pages/{lesson}' in page.text
    assert "Une page." in shown(client.get(f"/pages/{lesson}"))


def test_going_back_is_the_same_act(repository, source, cohort, trainer):
    first = db.session.get(Revision, cohort.revision_id)
    given = give(cohort, trainer, 0)
    goal = publish(
        repository, source, **{"web/p01/projet.md": project(title="Mieux").replace("criteria:\n", MORE + "criteria:\n")}
    )

    move_revision(cohort, goal, trainer.id, NOW)
    move_revision(cohort, first, trainer.id, NOW)

    assert cohort.revision_id == first.id
    assert [(one.key, one.retired_at is None) for one in given.deliverables] == [("page", True), ("maquette", False)]
    assert db.session.query(RevisionMove).count() == 2


def test_a_double_click_moves_once(repository, source, cohort, trainer):
    goal = publish(repository, source, **{"web/p01/projet.md": project(title="Mieux")})

    assert move_revision(cohort, goal, trainer.id, NOW) is not None
    assert move_revision(cohort, goal, trainer.id, NOW) is None
    assert db.session.query(RevisionMove).count() == 1


def test_a_cohort_stays_where_it_is_until_its_trainer_moves_it(client, repository, source, cohort, trainer, log_in):
    learner = make_learner(cohort)
    given = give(cohort, trainer, 0)
    goal = publish(repository, source, **{"web/p01/projet.md": project(title="La page, mieux")})
    log_in(learner)
    assert "La page, mieux" not in shown(client.get(f"/assignments/{given.id}"))
    log_in(trainer)

    shown_before = shown(client.get(f"/cohorts/{cohort.id}/revision?to={goal.number}"))
    assert "Passer de la version 1 à la version 2 ?" in shown_before and "Cela touche 1 personne" in shown_before
    assert db.session.query(RevisionMove).count() == 0
    answer = client.post(f"/cohorts/{cohort.id}/revision", data={"to": goal.number}, follow_redirects=True)
    assert "La promo lit maintenant la version 2 du cours." in shown(answer)
    log_in(learner)
    assert "La page, mieux" in shown(client.get(f"/assignments/{given.id}"))


@pytest.mark.parametrize("to", ["", "0", "99", "abc", "-1", "1"])
def test_a_revision_that_is_not_there_moves_nothing(client, source, cohort, trainer, log_in, to):
    log_in(trainer)

    assert client.get(f"/cohorts/{cohort.id}/revision?to={to}").status_code == 200
    assert client.post(f"/cohorts/{cohort.id}/revision", data={"to": to}).status_code == 200
    assert db.session.query(RevisionMove).count() == 0


def test_an_archived_cohort_does_not_move(client, repository, source, cohort, trainer, log_in):
    goal = publish(repository, source, **{"web/p01/projet.md": project(title="Mieux")})
    cohort.archived_at = NOW
    log_in(trainer)

    answer = client.post(f"/cohorts/{cohort.id}/revision", data={"to": goal.number})

    assert f"La promo {cohort.code} est archivée." in shown(answer)
    assert db.session.query(RevisionMove).count() == 0


@pytest.mark.parametrize(
    ("visitor", "status"),
    [
        (lambda cohort: None, 302),
        (make_learner, 403),
        (lambda cohort: make_learner(), 404),
        (lambda cohort: make_trainer(make_cohort()), 404),
        (lambda cohort: make_author(), 404),
        (lambda cohort: make_network_manager(), 403),
        (lambda cohort: make_manager(cohort.school), 200),
    ],
)
def test_only_the_team_of_a_cohort_moves_it(client, cohort, log_in, visitor, status):
    person = visitor(cohort)
    if person is not None:
        log_in(person)

    assert client.get(f"/cohorts/{cohort.id}/revision").status_code == status
    assert db.session.query(Assignment).count() == 0
