"""Traps that other systems fell into: an id that moves, a sync that half works, several syncs at once."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from popschool import clock
from popschool.courses import build as building
from popschool.courses import revisions, services, sync, tasks
from popschool.courses.models import Page, PageVersion, Programme, Project, Revision, Source, SyncRun
from popschool.courses.rules import SyncUnderWay
from popschool.db import db
from popschool.jobs import Job
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import (
    make_assignment,
    make_author,
    make_cohort,
    make_learner,
    make_source,
    make_submission,
)
from tests.processes import SECONDS


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def source(app, repository):
    repository.commit(web_course())
    made = make_source(name="web", title="Cours web", url=repository.url, is_local=True)
    db.session.commit()
    assert sync.synchronise(made, NOW).outcome == "published"
    return made


def number_that_serves(source):
    return db.session.scalar(select(Revision.number).where(Revision.id == source.live_revision_id))


def project_id(key):
    return db.session.scalar(select(Project.id).where(Project.key == key))


def said(outcome, words):
    return [problem for problem in outcome.problems if words in problem["message"]]


# ids: the same after a delete, changed, copied


def test_an_id_used_again_after_a_delete_jams_nothing(source, repository):
    before = project_id("p02")
    repository.commit({"web/p02/projet.md": None})
    assert sync.synchronise(source, NOW).outcome == "published"

    repository.commit({"web/autre/projet.md": project("p02", "Tout autre chose")})
    assert sync.synchronise(source, NOW).outcome == "published"

    assert project_id("p02") == before
    assert services.project_at(before, 1).title == "Le menu"
    assert services.project_at(before, 2) is None
    assert services.project_at(before, 3).title == "Tout autre chose"


def test_an_id_that_is_deleted_and_used_again_at_once(source, repository):
    repository.commit({"web/p02/projet.md": None, "web/autre/projet.md": project("p02", "Tout autre chose")})

    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "published"
    assert services.project_at(project_id("p02"), 2).path == "web/autre/projet.md"


def test_a_copied_folder_is_refused_on_both_files_until_its_id_is_new(source, repository):
    repository.commit({"web/copie/projet.md": project("p01")})
    refused = sync.synchronise(source, NOW)
    assert refused.outcome == "refused"
    assert {one["path"] for one in said(refused, "« p01 »")} == {"web/copie/projet.md", "web/p01/projet.md"}
    assert number_that_serves(source) == 1

    repository.commit({"web/copie/projet.md": project("p09")})

    assert sync.synchronise(source, NOW).outcome == "published"
    assert project_id("p09") is not None


def test_a_changed_id_is_said_and_work_stays_on_the_old_one(source, repository):
    cohort = make_cohort(programme=db.session.scalar(select(Programme)))
    db.session.commit()
    old = project_id("p02")

    repository.commit({"web/p02/projet.md": project("menu", "Le menu")})
    outcome = sync.synchronise(source, NOW)

    (notice,) = said(outcome, "change d'identifiant")
    assert (notice["path"], notice["level"]) == ("web/p02/projet.md", "advice")
    assert "« p02 » devient « menu »" in notice["message"]
    assert cohort.revision_id != source.live_revision_id
    assert services.project_at(old, 1).title == "Le menu"
    assert services.project_at(project_id("menu"), 2).title == "Le menu"


def test_that_an_id_changed_is_said_once(source, repository):
    repository.commit({"web/p02/projet.md": project("menu", "Le menu")})
    sync.synchronise(source, NOW)

    again = sync.synchronise(source, NOW)
    repository.commit({"web/p01/01-html.md": "# Le HTML\n\nUn mot.\n"})
    after = sync.synchronise(source, NOW)

    assert said(again, "change d'identifiant") == said(after, "change d'identifiant") == []


def test_a_page_that_takes_an_id_is_said_to_change_its_address(source, repository):
    repository.commit({"web/p01/01-html.md": "---\nid: html\n---\n# Le HTML\n\nUne page.\n"})

    outcome = sync.synchronise(source, NOW)

    assert said(outcome, "« p01/01-html » devient « p01/html »")


def test_two_projects_that_swap_their_folders_keep_their_ids(source, repository):
    ids = {key: project_id(key) for key in ("p01", "p02")}
    repository.commit({"web/p01/projet.md": project("p02", "Le menu"), "web/p02/projet.md": project("p01", "La page")})

    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "published"
    assert {key: project_id(key) for key in ids} == ids
    assert services.project_at(ids["p01"], 2).path == "web/p02/projet.md"
    assert said(outcome, "change d'identifiant") == []


# a heading renamed


def test_renaming_a_heading_loses_no_work_and_names_the_links_to_mend(source, repository, client, log_in):
    repository.commit(
        {
            "web/p01/projet.md": project(body="\n## Les critères du comptoir\n\nUn.\n"),
            "web/p01/02.md": "# Suite\n\nVoir [les critères](projet.md#les-critères-du-comptoir).\n",
        }
    )
    assert sync.synchronise(source, NOW).outcome == "published"
    cohort = make_cohort(programme=db.session.scalar(select(Programme)))
    learner = make_learner(cohort=cohort)
    assignment = make_assignment(cohort=cohort, project=db.session.get(Project, project_id("p01")))
    submission = make_submission(assignment.deliverables[0], [learner])
    db.session.commit()

    renamed = {"web/p01/projet.md": project(body="\n## Ce qui compte\n\nUn.\n")}
    repository.commit(renamed)
    refused = sync.synchronise(source, NOW)
    assert [(one["path"], one["line"]) for one in said(refused, "Le titre")] == [("web/p01/02.md", 3)]

    repository.commit({"web/p01/02.md": "# Suite\n\nVoir [ce qui compte](projet.md#ce-qui-compte).\n"})
    assert sync.synchronise(source, NOW).outcome == "published"
    db.session.refresh(submission)
    assert submission.revision_id == cohort.revision_id != source.live_revision_id
    log_in(learner)
    assert "Les critères du comptoir" in client.get("/courses/web/p01").text


# a sync that fails half-way


def test_a_commit_is_recorded_only_once_everything_has_succeeded(source, repository, monkeypatch):
    commit = repository.commit({"web/p01/01-html.md": "# Nouveau\n", "web/p03/projet.md": project("p03", "La carte")})
    real = revisions._write_competences

    def break_off(course):
        raise RuntimeError("the power went")

    monkeypatch.setattr(revisions, "_write_competences", break_off)
    failed = sync.synchronise(source, NOW)

    assert failed.outcome == "failed"
    assert number_that_serves(source) == 1
    assert project_id("p03") is None
    assert db.session.scalar(select(Revision.id).where(Revision.commit == commit)) is None
    assert "web/p01/01-html.md" in list(db.session.scalars(select(PageVersion.path).where(PageVersion.until.is_(None))))

    monkeypatch.setattr(revisions, "_write_competences", real)
    again = sync.synchronise(source, NOW)
    assert (again.outcome, again.commit, again.changed) == ("published", commit, 2)


def test_a_refused_commit_is_read_again_when_asked(source, repository):
    repository.commit({"web/p01/projet.md": "rien"})

    first, second = sync.synchronise(source, NOW), sync.synchronise(source, NOW)

    assert first.outcome == second.outcome == "refused"
    assert first.problems == second.problems != []


def test_every_wrong_file_is_named_not_some(source, repository):
    repository.commit({f"web/p{number:02}/projet.md": "rien" for number in range(10, 30)})

    outcome = sync.synchronise(source, NOW)

    assert [one["path"] for one in outcome.problems] == [f"web/p{number:02}/projet.md" for number in range(10, 30)]
    assert all(one["message"] and one["mend"] for one in outcome.problems)


def test_a_push_that_rewrites_history_is_read(source, repository):
    from tests.courses.repositories import git

    repository.commit({"web/p01/01-html.md": "# Deux\n"})
    sync.synchronise(source, NOW)
    git(repository.folder, "reset", "--quiet", "--hard", "HEAD~1")
    repository.commit({"web/p01/01-html.md": "# Trois\n"})
    git(repository.folder, "reflog", "expire", "--expire=now", "--all")
    git(repository.folder, "gc", "--quiet", "--prune=now")

    outcome = sync.synchronise(source, NOW)

    assert (outcome.outcome, number_that_serves(source)) == ("published", 3)
    shown = select(PageVersion.title).join(Page).where(Page.key == "p01/01-html", PageVersion.until.is_(None))
    assert db.session.scalar(shown) == "Trois"


# several at once


def test_a_push_during_a_sync_is_read_after_it(source, repository, now):
    db.session.add(SyncRun(source_id=source.id, started_at=now, beat_at=now))
    db.session.commit()

    tasks.sync_source(source.id, reason="push")

    (job,) = db.session.scalars(select(Job))
    assert (job.key, job.run_at) == (f"sync/{source.id}", now + timedelta(seconds=5))
    assert job.arguments == {"source_id": source.id, "asked_by_id": None, "reason": "push"}


def test_a_sync_whose_process_died_does_not_hold_the_next_one(source, repository, now):
    dead = SyncRun(source_id=source.id, started_at=now - timedelta(minutes=20), beat_at=now - timedelta(minutes=5))
    db.session.add(dead)
    db.session.commit()

    assert sync.synchronise(source, now).outcome == "unchanged"

    db.session.refresh(dead)
    assert (dead.outcome, dead.finished_at) == ("failed", now)
    assert "arrêtée en route" in dead.problems[0]["message"]


def test_a_long_sync_that_lives_is_left_to_it(source, now):
    alive = SyncRun(source_id=source.id, started_at=now - timedelta(hours=1), beat_at=now - timedelta(seconds=20))
    db.session.add(alive)
    db.session.commit()

    with pytest.raises(SyncUnderWay):
        sync.synchronise(source, now)


@pytest.fixture
def slow_build(monkeypatch):
    """Hold each build of one source until the test lets go. Gives (holds, has_begun, let_go)."""
    begun, go = threading.Event(), threading.Event()
    real = building.build
    held = set()

    def build(tree, source, *arguments):
        if source in held:
            begun.set()
            assert go.wait(SECONDS)
        return real(tree, source, *arguments)

    monkeypatch.setattr(sync, "build", build)
    yield held, begun, go
    go.set()


def in_another_process(app, work):
    """Run in a thread with its own session, as another worker would."""
    answers = []

    def run():
        with app.app_context():
            try:
                answers.append(work())
            except Exception as error:
                answers.append(error)
            finally:
                db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def test_syncs_disturb_neither_one_another_nor_the_pages(app, source, repository, tmp_path, slow_build, client, log_in):
    held, begun, go = slow_build
    other = Repository(tmp_path / "autre")
    other.commit(web_course())
    second = make_source(name="autre", url=other.url, is_local=True)
    log_in(make_author())
    db.session.commit()
    repository.commit({"web/p01/01-html.md": "# Le HTML, ensuite\n"})
    held.add("web")

    def again(name):
        return sync.synchronise(db.session.scalar(select(Source).where(Source.name == name)), clock.now())

    thread, first = in_another_process(app, lambda: again("web"))
    assert begun.wait(SECONDS)

    # The same source is refused at once, another goes through, and pages are served meanwhile.
    with pytest.raises(SyncUnderWay):
        sync.synchronise(source, NOW)
    assert sync.synchronise(second, NOW).outcome == "published"
    assert "<h1 data-read>Le HTML</h1>" in client.get("/courses/web/p01/01-html").text

    go.set()
    thread.join(SECONDS)
    assert first[0].outcome == "published"
    db.session.rollback()  # ends the read that saw the database before
    db.session.expire_all()
    assert number_that_serves(source) == 2
    assert "Le HTML, ensuite" in client.get("/courses/web/p01/01-html").text


def test_one_that_was_taken_for_dead_publishes_nothing(app, source, repository, slow_build, now):
    held, begun, go = slow_build
    repository.commit({"web/p01/01-html.md": "# Deuxième titre\n"})
    held.add("web")
    thread, first = in_another_process(
        app, lambda: sync.synchronise(db.session.scalar(select(Source)), NOW - timedelta(minutes=10))
    )
    assert begun.wait(SECONDS)
    held.clear()

    second = sync.synchronise(source, NOW)
    go.set()
    thread.join(SECONDS)

    assert second.outcome == "published"
    assert first[0].outcome == "failed"
    db.session.rollback()  # ends the read that saw the database before
    db.session.expire_all()
    assert number_that_serves(source) == 2
    assert sorted(db.session.scalars(select(SyncRun.outcome))) == ["failed", "published", "published"]
