"""The short way to a revision gives what the long way would."""

import pytest
from sqlalchemy import select

from popschool.courses import sync
from popschool.courses.build import MemoryShelf, build
from popschool.courses.models import Page, PageVersion, SourceFile
from popschool.courses.trees import CommitTree
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import make_source

LESSON = (
    "# Le HTML\n\nUne page. [La suite](02.md#deux), [le menu](../p02/projet.md).\n\n![Dessin d'une carte](carte.svg)\n"
)
CARD = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20"/></svg>'


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def source(app, repository):
    repository.commit(
        web_course(
            **{
                "web/p01/01-html.md": LESSON,
                "web/p01/01-html.simple.md": "# Simple\n\nUne.\n",
                "web/p01/02.md": "# Suite\n\n## Deux\n\nTexte.\n",
                "web/p01/carte.svg": CARD,
                "web/p01/depart/aide.md": "# Aide\n",
            }
        )
    )
    made = make_source(name="web", url=repository.url, is_local=True, branch="main")
    db.session.commit()
    assert sync.synchronise(made, NOW).outcome == "published"
    return made


def was_short(outcome):
    return [step["name"] for step in outcome.steps] == ["fetch", "retouch"]


def serving():
    query = select(PageVersion.path, PageVersion.rendered_hash, PageVersion.weight).where(PageVersion.until.is_(None))
    return {path: (made_of, weight) for path, made_of, weight in db.session.execute(query)}


def afresh(source):
    mirror = sync.mirror_of(source)
    made = build(CommitTree(mirror, mirror.head("refs/heads/live")), source.name, source.title, {}, MemoryShelf())
    return {path: (made.hashes[path], made.weights[path]) for path in made.hashes}


@pytest.mark.parametrize(
    "files",
    [
        {"web/p01/01-html.md": LESSON.replace("Une page.", "Une page.\n\nEt un mot de plus.")},
        {
            "web/p01/02.md": "# Suite\n\nAvant.\n\n## Deux\n\nAprès.\n",
            "web/p01/01-html.simple.md": "# Simple\n\nDeux.\n",
        },
        {"web/p01/projet.md": project(body="2. Écrivez.\n")},
    ],
)
def test_words_that_change_take_the_short_way(source, repository, files):
    repository.commit(files)

    outcome = sync.synchronise(source, NOW)

    assert was_short(outcome) and outcome.outcome == "published"
    assert (outcome.changed, outcome.blobs_read) == (len(files), 2 * len(files))
    assert serving() == afresh(source)


@pytest.mark.parametrize(
    "files",
    [
        {"web/p01/01-html.md": LESSON.replace("# Le HTML", "# Le HTML 5")},
        {"web/p01/01-html.md": LESSON.replace("02.md#deux", "02.md")},
        {"web/p01/01-html.md": LESSON + "\n## Encore\n"},
        {"web/p01/03.md": "# Trois\n"},
        {"web/p01/02.md": None, "web/p01/01-html.md": LESSON.replace("[La suite](02.md#deux), ", "")},
        {"web/p01/carte.svg": CARD.replace("40", "60")},
        {"web/p01/depart/aide.md": "# Une autre aide\n"},
        {"web/p01/depart/aide.md": "# Aide\n\nEncore.\n"},
        {"web/p01/projet.md": project(title="La page, mieux")},
    ],
)
def test_anything_else_takes_the_long_way(source, repository, files):
    repository.commit(files)

    outcome = sync.synchronise(source, NOW)

    assert not was_short(outcome) and outcome.outcome == "published"
    assert serving() == afresh(source)


def test_a_mistake_never_takes_the_short_way(source, repository):
    repository.commit({"web/p01/01-html.md": LESSON.replace("![Dessin d'une carte]", "![]")})

    assert sync.synchronise(source, NOW).outcome == "refused"


def test_short_and_long_ways_follow_each_other(source, repository):
    for text in ("un", "deux"):
        repository.commit({"web/p01/02.md": f"# Suite\n\n## Deux\n\n{text}\n"})
        assert was_short(sync.synchronise(source, NOW))
    repository.commit({"web/p01/02.md": "rien", "web/p02/projet.md": "rien"})
    assert sync.synchronise(source, NOW).outcome == "refused"
    repository.commit(
        {"web/p01/02.md": "# Suite\n\n## Deux\n\ntrois\n", "web/p02/projet.md": project("p02", "Le menu")}
    )

    outcome = sync.synchronise(source, NOW)

    assert (outcome.outcome, outcome.changed) == ("published", 1)
    assert serving() == afresh(source)
    blob = select(SourceFile.blob).where(SourceFile.path == "web/p01/02.md")
    assert db.session.scalar(blob) in {entry.blob for entry in _entries(source)}


def _entries(source):
    mirror = sync.mirror_of(source)
    return mirror.entries(mirror.head("refs/heads/live"))


def test_advice_follows_the_words(source, repository):
    long = "mot " * 40
    repository.commit({"web/p01/02.md": f"# Suite\n\n## Deux\n\n{long}.\n"})
    first = sync.synchronise(source, NOW)
    repository.commit({"web/p01/02.md": "# Suite\n\n## Deux\n\nCourt.\n"})
    second = sync.synchronise(source, NOW)

    assert was_short(first) and was_short(second)
    assert [(one["line"], one["level"]) for one in first.problems] == [(5, "advice")]
    assert second.problems == []
    assert db.session.query(Page).count() == 4
