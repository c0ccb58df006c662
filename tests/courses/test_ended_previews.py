"""What was kept for a preview goes when it has ended, and never what anybody else needs."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from popschool import storage
from popschool.courses import ended_previews, previewing, services_previews, sync
from popschool.courses.mirrors import mirror_of
from popschool.courses.models import Asset, SyncRun
from popschool.db import db, transaction
from popschool.projects.models import Draft
from tests.conftest import NOW
from tests.courses.repositories import Repository, git, web_course
from tests.factories import make_author, make_deliverable, make_learner, make_source, make_submission, save

LATER = NOW + timedelta(days=8)


def picture(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(out, "PNG")
    return out.getvalue()


LIVE, TRIED = picture("teal"), picture("orange")
WITH_LIVE = {"web/p01/01-html.md": "# Le HTML\n\n![Un plan](plan.png)\n", "web/p01/plan.png": LIVE}
TRIAL = {
    "web/p01/01-html.md": "# Le HTML\n\n![Un plan](plan.png) ![Une carte](carte.png)\n",
    "web/p01/carte.png": TRIED,
}


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "cours")
    made.commit(web_course(**WITH_LIVE))
    git(made.folder, "checkout", "--quiet", "-b", "essai")
    made.commit(TRIAL, "Essayer")
    git(made.folder, "checkout", "--quiet", "main")
    return made


@pytest.fixture
def source(app, repository):
    made = make_source(name="web", title="Cours web", url=repository.url, is_local=True, branch="main")
    save()
    assert sync.synchronise(made, NOW).outcome == "published"
    return made


def preview(source, at=NOW):
    """Ask for the branch "essai" and make it ready."""
    author = make_author()
    save()
    made = services_previews.ask(source, "essai", author.id, at)
    previewing.make(made.id, at)
    return made


def assets() -> set[str]:
    return set(db.session.scalars(select(Asset.hash)))


@pytest.fixture
def tried(source):
    """A preview, and the name of the image that it alone shows."""
    live = assets()
    made = preview(source)
    (name,) = assets() - live
    return made, name


def refs(source) -> list[str]:
    return mirror_of(source).refs("refs/popschool/previews/")


def test_what_a_preview_alone_showed_goes_once_it_has_ended(source, tried):
    made, name = tried
    kept, shown = assets() - {name}, made.manifest_hash

    assert ended_previews.forget(NOW + timedelta(days=6)) == 0 and storage.exists(name) and refs(source)
    assert ended_previews.forget(LATER) == 2

    assert not storage.exists(name) and not storage.exists(shown) and made.manifest_hash == ""
    assert assets() == kept and all(storage.exists(one) for one in kept)
    assert refs(source) == [] and ended_previews.forget(LATER) == 0


def test_a_preview_that_its_author_closed_goes_at_once(tried):
    made, name = tried
    services_previews.revoke(made, made.created_by_id, NOW)

    assert ended_previews.forget(NOW) == 2 and not storage.exists(name)


def test_what_a_refused_preview_had_made_goes_too(source, repository):
    git(repository.folder, "checkout", "--quiet", "essai")
    repository.commit({"web/p02/projet.md": "rien"})
    git(repository.folder, "checkout", "--quiet", "main")
    live = assets()
    assert preview(source).outcome == "refused" and len(assets()) == len(live) + 1

    ended_previews.forget(LATER)

    assert assets() == live


def by_another_preview(source, repository, name):
    preview(source, at=NOW + timedelta(days=3))


def by_the_revision_that_serves(source, repository, name):
    git(repository.folder, "merge", "--quiet", "essai")
    assert sync.synchronise(source, NOW).outcome == "published"


def by_a_revision_of_the_past(source, repository, name):
    by_the_revision_that_serves(source, repository, name)
    repository.commit(WITH_LIVE | {"web/p01/carte.png": None})
    assert sync.synchronise(source, NOW).outcome == "published"


def by_a_draft(source, repository, name):
    deliverable, learner, file = make_deliverable(), make_learner(), file_named(name)
    given = {"deliverable_id": deliverable.id, "person_id": learner.id, "school_id": deliverable.school_id}
    with transaction():
        db.session.add(Draft(files=[file], updated_at=NOW, **given))


def by_work_that_was_sent(source, repository, name):
    make_submission(files=[file_named(name)])
    save()


def file_named(name: str) -> dict:
    return {"hash": name, "name": "carte.webp", "size": 10, "media_type": "image/webp"}


@pytest.mark.parametrize(
    "used",
    [by_another_preview, by_the_revision_that_serves, by_a_revision_of_the_past, by_a_draft, by_work_that_was_sent],
)
def test_a_file_stays_while_it_is_used(source, repository, tried, used):
    made, name = tried
    used(source, repository, name)

    ended_previews.forget(LATER)

    assert storage.exists(name) and name in assets() and made.manifest_hash == ""


def test_nothing_goes_while_a_repository_is_being_read(source, tried):
    _made, name = tried
    with transaction():
        db.session.add(SyncRun(source_id=source.id, started_at=LATER, beat_at=LATER))

    assert ended_previews.forget(LATER) == 0 and storage.exists(name)
