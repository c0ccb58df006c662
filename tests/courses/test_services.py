"""What pages ask of courses, at one revision or between two."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool.courses import services, sync
from popschool.courses.models import Page, Programme, Project
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import make_source


@pytest.fixture
def source(app, tmp_path):
    """A source whose second revision adds, changes and removes."""
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course(**{"web/p01/projet.simple.md": "## Contexte\n\nSimple.\n"}))
    made = make_source(name="web", url=repository.url, is_local=True)
    db.session.commit()
    sync.synchronise(made, NOW)
    repository.commit(
        {
            "web/p01/projet.md": project(title="La page, mieux"),
            "web/p02/projet.md": None,
            "web/p03/projet.md": project("p03", "La carte"),
            "web/p01/02-css.md": "# Le CSS\n",
        }
    )
    sync.synchronise(made, NOW)
    return made


def project_id(key):
    return db.session.scalar(select(Project.id).where(Project.key == key))


def test_what_changes_between_two_revisions(source):
    changes = services.changes_between(source.id, 1, 2)

    assert [one["key"] for one in changes.projects_added] == ["p03"]
    assert [(one["key"], one["title"]) for one in changes.projects_changed] == [("p01", "La page, mieux")]
    assert [one["key"] for one in changes.projects_removed] == ["p02"]
    assert sorted(one["key"] for one in changes.pages_added) == ["p01/02-css", "p03/projet"]
    assert [one["key"] for one in changes.pages_changed] == ["p01/projet"]
    assert [one["key"] for one in changes.pages_removed] == ["p02/projet"]


def test_changes_can_be_asked_of_one_programme_and_backwards(source):
    programme_id = db.session.scalar(select(Programme.id))

    back = services.changes_between(source.id, 2, 1, programme_id)

    assert [one["key"] for one in back.projects_added] == ["p02"]
    assert [one["key"] for one in back.projects_removed] == ["p03"]
    assert not services.changes_between(source.id, 2, 2, programme_id)


def test_a_project_and_its_brief_cost_one_query(source, queries):
    wanted = project_id("p01")
    with queries() as seen:
        shown = services.project_page(wanted, 1, "simple")

    assert len(seen) == 1
    assert (shown.version.title, shown.variant, shown.variants) == ("La page", "simple", ("", "simple"))
    assert "Simple." in shown.brief["contexte"][0]["html"]
    assert services.project_page(wanted, 2).version.title == "La page, mieux"
    assert services.project_page(project_id("p03"), 1) is None


def test_a_page_costs_one_query(source, queries):
    page_id = db.session.scalar(select(Page.id).where(Page.key == "p01/02-css"))
    with queries() as seen:
        shown = services.page_at(page_id, 2, "en")

    assert len(seen) == 1
    assert (shown.version.title, shown.version.variant) == ("Le CSS", "")
    assert services.page_at(page_id, 1) is None


def test_projects_and_pages_follow_their_revision(source):
    programme_id = db.session.scalar(select(Programme.id))

    assert [one.title for one in services.projects_of(programme_id, 1)] == ["La page", "Le menu"]
    assert [one.title for one in services.projects_of(programme_id, 2)] == ["La page, mieux", "La carte"]
    assert [one.name for one in services.pages_of(project_id("p01"), 2)] == ["01-html", "02-css"]
    version = services.programme_at(programme_id, 1)
    assert [one.key for one in services.competences_of(version)] == ["RNCP37674/1", "RNCP37674/2"]
    assert [revision.number for _, revision in services.live_programmes()] == [2]


def test_problems_of_the_last_sync_start_with_errors(source):
    assert services.problems_of_last_sync(source.id) == []


def test_the_last_sync_is_the_one_that_came_last_whatever_the_clock_says(source):
    """The clock of a machine was an hour fast, then was set right."""
    before = services.last_sync(source.id)

    sync.synchronise(source, before.started_at - timedelta(hours=1))

    assert services.last_sync(source.id).id > before.id
