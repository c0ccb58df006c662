"""Sources read again and again: ids that stay, work that is not done twice, and a last good revision that serves."""

import pytest
from sqlalchemy import select

from popschool.courses import sync, tasks
from popschool.courses.models import (
    Competence,
    Page,
    PageVersion,
    Project,
    ProjectVersion,
    Rendered,
    Revision,
    Source,
    SourceFile,
    SyncRun,
)
from popschool.courses.rules import SyncUnderWay
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import PROGRAMME, Repository, project, web_course
from tests.factories import make_source

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def source(app, repository):
    made = make_source(name="web", url=repository.url, is_local=True, branch="main")
    db.session.commit()
    return made


def live_number(source):
    return db.session.scalar(select(Revision.number).where(Revision.id == source.live_revision_id))


def live_pages(number):
    query = (
        select(Page.key, PageVersion.variant, PageVersion.title)
        .join(PageVersion)
        .where(PageVersion.since <= number, (PageVersion.until.is_(None)) | (PageVersion.until >= number))
        .order_by(Page.key, PageVersion.variant)
    )
    return [tuple(row) for row in db.session.execute(query)]


def test_a_push_becomes_a_revision(source, repository):
    commit = repository.commit(web_course())

    outcome = sync.synchronise(source, NOW)

    assert (outcome.outcome, outcome.commit, outcome.pages, outcome.changed) == ("published", commit, 3, 3)
    assert outcome.problems == []
    assert live_number(source) == 1
    assert live_pages(1) == [
        ("p01/01-html", "", "Le HTML"),
        ("p01/projet", "", "La page"),
        ("p02/projet", "", "Le menu"),
    ]
    assert db.session.scalar(select(Competence.plain).where(Competence.key == "RNCP37674/2")) == "Faire une page"


def test_the_same_commit_is_not_read_twice(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)

    again = sync.synchronise(source, NOW)

    assert (again.outcome, again.blobs_read, again.pages) == ("unchanged", 0, 3)
    assert live_number(source) == 1


def test_only_what_changed_is_read_and_written(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)

    repository.commit({"web/p01/01-html.md": "# Le HTML\n\nUne autre page.\n"})
    outcome = sync.synchronise(source, NOW)

    assert (outcome.outcome, outcome.changed, outcome.blobs_read) == ("published", 1, 2)  # its facts, then its text
    assert db.session.query(PageVersion).count() == 4
    assert db.session.query(ProjectVersion).count() == 2


def test_an_old_revision_can_still_be_read(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    repository.commit({"web/p01/01-html.md": "# Le HTML 5\n"})
    sync.synchronise(source, NOW)

    assert ("p01/01-html", "", "Le HTML") in live_pages(1)
    assert ("p01/01-html", "", "Le HTML 5") in live_pages(2)


def test_a_renamed_folder_keeps_its_ids(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    before = dict(db.session.execute(select(Project.key, Project.id)).all())

    repository.commit(
        {
            "web/p01/projet.md": None,
            "web/p01/01-html.md": None,
            "web/premier/projet.md": project(),
            "web/premier/01-html.md": "# Le HTML\n\nUne page.\n",
        }
    )
    sync.synchronise(source, NOW)

    assert dict(db.session.execute(select(Project.key, Project.id)).all()) == before
    assert [key for key, _, _ in live_pages(2)] == ["p01/01-html", "p01/projet", "p02/projet"]


def test_a_page_with_its_own_id_may_change_its_file(source, repository):
    repository.commit(web_course(**{"web/p01/02-css.md": "---\nid: css\n---\n# CSS\n"}))
    sync.synchronise(source, NOW)
    page_id = db.session.scalar(select(Page.id).where(Page.key == "p01/css"))

    repository.commit({"web/p01/02-css.md": None, "web/p01/03-style.md": "---\nid: css\n---\n# CSS\n"})
    sync.synchronise(source, NOW)

    path = select(PageVersion.path).where(PageVersion.page_id == page_id, PageVersion.until.is_(None))
    assert db.session.scalar(path) == "web/p01/03-style.md"


def test_what_is_removed_then_put_back_finds_its_id_again(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    project_id = db.session.scalar(select(Project.id).where(Project.key == "p02"))

    repository.commit({"web/p02/projet.md": None})
    sync.synchronise(source, NOW)
    assert "p02/projet" not in [key for key, _, _ in live_pages(2)]
    repository.commit({"web/p02/projet.md": project("p02", "Le menu")})
    sync.synchronise(source, NOW)

    versions = select(ProjectVersion.since, ProjectVersion.until).where(ProjectVersion.project_id == project_id)
    assert sorted(map(tuple, db.session.execute(versions)), key=str) == [(1, 1), (3, None)]


def test_a_bad_push_leaves_the_last_good_revision(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)

    repository.commit({"web/p01/projet.md": project().replace("RNCP37674/2, level", "RNCP37674/9, level")})
    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "refused"
    assert live_number(source) == 1
    problem = outcome.problems[0]
    assert (problem["path"], problem["line"], problem["column"]) == ("web/p01/projet.md", 8, 5)
    assert "RNCP37674/9" in problem["message"] and "RNCP37674/1" in problem["mend"] + "RNCP37674/1"
    assert problem["excerpt"] == "  - {id: RNCP37674/9, level: 1}"


def test_the_next_good_push_includes_what_was_skipped(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    repository.commit({"web/p01/01-html.md": "# Nouveau\n", "web/p02/projet.md": "rien"})
    assert sync.synchronise(source, NOW).outcome == "refused"

    repository.commit({"web/p02/projet.md": project("p02", "Le menu")})
    outcome = sync.synchronise(source, NOW)

    assert (outcome.outcome, outcome.changed) == ("published", 1)
    assert ("p01/01-html", "", "Nouveau") in live_pages(2)


def test_a_push_undone_serves_the_same_revision(source, repository):
    first = repository.commit(web_course())
    sync.synchronise(source, NOW)
    repository.commit({"web/p01/projet.md": "rien"})
    sync.synchronise(source, NOW)
    repository.commit(web_course())

    outcome = sync.synchronise(source, NOW)

    assert outcome.commit != first
    assert (outcome.outcome, outcome.changed) == ("published", 0)


def test_a_link_follows_a_page_that_moves(source, repository):
    repository.commit(web_course(**{"web/p01/02.md": "# Suite\n\n[avant](01-html.md#le-html)\n"}))
    sync.synchronise(source, NOW)

    repository.commit(
        {
            "web/p01/01-html.md": None,
            "web/p01/00-base.md": "# Le HTML\n\nUne page.\n",
            "web/p01/02.md": "# Suite\n\n[avant](00-base.md#le-html)\n",
        }
    )
    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "published"
    shown = select(Rendered.sections).join(PageVersion).where(PageVersion.path == "web/p01/02.md")
    assert any("/courses/web/p01/00-base#p-le-html" in str(sections) for sections in db.session.scalars(shown))


def test_a_page_whose_target_changes_its_id_is_made_again(source, repository):
    repository.commit(web_course(**{"web/p01/02.md": "# Suite\n\n[avant](01-html.md)\n"}))
    sync.synchronise(source, NOW)

    repository.commit({"web/p01/01-html.md": "---\nid: base\n---\n# Le HTML\n"})
    sync.synchronise(source, NOW)

    query = (
        select(Rendered.sections)
        .join(PageVersion)
        .where(PageVersion.path == "web/p01/02.md", PageVersion.until.is_(None))
    )
    assert "/courses/web/p01/base" in str(db.session.scalar(query))


def test_two_syncs_of_one_source_never_run_together(source, repository, now):
    repository.commit(web_course())
    db.session.add(SyncRun(source_id=source.id, started_at=now, problems=[], steps=[]))
    db.session.commit()

    with pytest.raises(SyncUnderWay):
        sync.synchronise(source, NOW)


def test_a_repository_that_is_gone_is_said(source, repository, tmp_path):
    source.url = str(tmp_path / "absent")
    db.session.commit()

    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "failed"
    assert outcome.problems[0]["level"] == "error"
    assert db.session.scalar(select(SyncRun.outcome)) == "failed"


def test_a_repository_without_our_files_is_still_a_course(source, repository):
    repository.commit(
        {
            "README.md": "# Apprendre git\n\nUn [chapitre](bases/01.md). [dehors](../../wiki)\n",
            "bases/01.md": "---\nlayout: post\n---\n# Commencer\n\n![](absente.png)\n",
            "bases/README.md": "# Les bases\n",
            "bases/01.en.md": "# Start\n",
            "code/a.py": "print()",
        }
    )

    outcome = sync.synchronise(source, NOW)

    assert outcome.outcome == "published"
    assert {problem["level"] for problem in outcome.problems} == {"advice"}
    assert live_pages(1) == [
        ("accueil/projet", "", "Apprendre git"),
        ("bases/01", "", "Commencer"),
        ("bases/01", "en", "Start"),
        ("bases/projet", "", "Les bases"),
    ]


def test_facts_of_files_that_are_gone_are_forgotten(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    repository.commit({"web/p01/01-html.md": None})
    sync.synchronise(source, NOW)

    assert "web/p01/01-html.md" not in list(db.session.scalars(select(SourceFile.path)))


def test_the_job_reads_the_source_it_is_given(source, repository):
    repository.commit(web_course())

    tasks.sync_source(source.id)

    assert db.session.get(Source, source.id).live_revision_id is not None
    assert db.session.scalar(select(SyncRun.outcome)) == "published"


def test_programmes_are_versioned_too(source, repository):
    repository.commit(web_course())
    sync.synchronise(source, NOW)
    repository.commit({"web/programme.yml": PROGRAMME + "order: [p02, p01]\n"})
    sync.synchronise(source, NOW)

    query = (
        select(Project.key).join(ProjectVersion).where(ProjectVersion.until.is_(None)).order_by(ProjectVersion.position)
    )
    assert list(db.session.scalars(query)) == ["p02", "p01"]
