"""Search: in the courses that one reads, at the revision of one's cohort, on both databases."""

import html
import re

import pytest
from sqlalchemy import func, select

from popschool.courses import sync
from popschool.courses.models import Programme, SearchText, Source
from popschool.courses.services_search import MOST_SHOWN
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import PROGRAMME, Repository, project, web_course
from tests.factories import make_author, make_cohort, make_learner, make_source, make_trainer

PAGES = {
    "web/p01/01-html.md": "# Le HTML\n\nUne page répétée, avec des éléments et un cœur.\n",
    "web/p01/01-html.simple.md": "# Le HTML\n\nTout simplement.\n",
    "web/p01/02-tableaux.md": "# Les tableaux\n\nDes lignes.\n",
    "web/p01/03-listes.md": "# Les listes\n\nUne liste vaut parfois mieux que des tableaux.\n",
    "web/p01/equipe.md": "# Pour l'équipe\n\nLe mot secret est girafe.\n",
    "web/p01/quiz.md": "# Essai\n\n## Qui court ?\n\n- [x] zèbre\n  > Le zèbre court.\n- [ ] lama\n",
    "web/a-lire.md": "# À lire d'abord\n\nUne page sans projet.\n",
}


@pytest.fixture
def repository(app, tmp_path):
    return Repository(tmp_path / "cours")


@pytest.fixture
def source(repository):
    repository.commit(web_course(**PAGES))
    found = make_source(name="web", url=repository.url, is_local=True)
    db.session.commit()
    outcome = sync.synchronise(found, NOW)
    assert outcome.outcome == "published", outcome.problems
    return found


@pytest.fixture
def cohort(source):
    found = make_cohort(programme=db.session.scalar(select(Programme).where(Programme.key == "web")))
    db.session.commit()
    return found


def titles(client, question):
    text = client.get("/search", query_string={"q": question}).text
    return [html.unescape(re.sub(r"<[^>]*>", "", title)) for title in re.findall(r"<li><h2><a[^>]*>(.*?)</a>", text)]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("repetee", ["Le HTML"]),
        ("RÉPÉTÉES", ["Le HTML"]),
        ("élément", ["Le HTML"]),
        ("coeur", ["Le HTML"]),
        ("tableau", ["Les tableaux", "Les listes"]),
        ("tabl", ["Les tableaux", "Les listes"]),
        ("listes et tableaux", ["Les listes"]),
        ("liste cœur", []),
        ("comptoir", ["La page", "Le menu"]),
        ("sans projet", ["À lire d'abord"]),
        ("simplement", ["Le HTML"]),
        ("qui court", ["Essai"]),
        ("'\" OR * ) -", []),
        ("tableau:*", ["Les tableaux", "Les listes"]),
    ],
)
def test_a_learner_finds_pages_by_their_title_and_their_text(cohort, client, log_in, question, found):
    log_in(make_learner(cohort=cohort))

    shown = titles(client, question)

    assert shown == found or (question == "comptoir" and sorted(shown) == found)


def test_the_passage_is_shown_with_its_words(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get("/search?q=repetee").text

    assert "Une page <mark>répétée</mark>, avec des" in text
    assert "1 page contient ces mots." in text


def test_what_is_for_trainers_and_what_is_right_is_not_found_by_learners(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    assert titles(client, "girafe") == [] and titles(client, "zebre") == [] and titles(client, "lama") == []
    log_in(make_trainer(cohort=cohort))
    assert titles(client, "girafe") == ["Pour l'équipe"] and titles(client, "zebre") == []


def test_a_simple_version_is_found_once_and_opened_as_such(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get("/search?q=simplement").text

    assert "?version=simple" in text and "version simple" in text


def test_a_page_found_in_several_versions_is_shown_once_as_itself(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get("/search?q=le+html").text

    assert titles(client, "html").count("Le HTML") == 1 and titles(client, "html")[0] == "Le HTML"
    assert "?version=simple" not in text


def test_a_cohort_finds_what_its_own_revision_says(cohort, source, repository, client, log_in):
    repository.commit({"web/p01/02-tableaux.md": "# Les tableaux\n\nDes colonnes.\n", "web/p01/03-listes.md": None})
    assert sync.synchronise(source, NOW).outcome == "published"
    log_in(make_learner(cohort=cohort))
    assert titles(client, "lignes") == ["Les tableaux"] and titles(client, "colonnes") == []
    assert titles(client, "listes") == ["Les listes"]

    cohort.revision_id = db.session.get(Source, source.id).live_revision_id
    db.session.commit()
    assert titles(client, "lignes") == [] and titles(client, "colonnes") == ["Les tableaux"]
    assert titles(client, "listes") == []


def test_a_few_words_changed_by_the_short_way_are_found_too(cohort, source, repository, client, log_in):
    repository.commit({"web/p01/02-tableaux.md": "# Les tableaux\n\nDes colonnes.\n"})
    assert sync.synchronise(source, NOW).blobs_read == 2
    log_in(make_author())

    assert titles(client, "colonnes") == ["Les tableaux"] and titles(client, "lignes") == []


def test_a_page_is_in_the_index_once_however_many_revisions_hold_it(cohort, source, repository):
    before = db.session.scalar(select(func.count()).select_from(SearchText))
    repository.commit({"web/p01/02-tableaux.md": "# Les tableaux\n\nDes colonnes.\n"})
    sync.synchronise(source, NOW)

    assert db.session.scalar(select(func.count()).select_from(SearchText)) == before + 1


def test_another_programme_is_not_searched(cohort, source, repository, client, log_in):
    other = PROGRAMME.replace("id: web", "id: java").replace("RNCP37674", "RNCP00001")
    brief = project("j01").replace("RNCP37674", "RNCP00001")
    repository.commit(
        {"java/programme.yml": other, "java/j01/projet.md": brief, "java/j01/a.md": "# Les ornithorynques\n"}
    )
    outcome = sync.synchronise(source, NOW)
    assert outcome.outcome == "published", outcome.problems
    cohort.revision_id = db.session.get(Source, source.id).live_revision_id
    db.session.commit()

    log_in(make_learner(cohort=cohort))
    assert titles(client, "ornithorynque") == []
    log_in(make_author())
    assert titles(client, "ornithorynque") == ["Les ornithorynques"]


def test_many_pages_are_not_listed_without_end_and_titles_come_first(app, tmp_path, client, log_in, monkeypatch):
    monkeypatch.setattr("popschool.courses.search.MOST_RANKED", 10)
    repository = Repository(tmp_path / "grand")
    pages = {f"web/p01/page-{number:03}.md": f"# Leçon {number}\n\nUn escargot.\n" for number in range(40)}
    repository.commit(web_course(**pages, **{"web/p01/zz.md": "# L'escargot\n\nVoilà.\n"}))
    found = make_source(name="web", url=repository.url, is_local=True)
    db.session.commit()
    sync.synchronise(found, NOW)
    cohort = make_cohort(programme=db.session.scalar(select(Programme)))
    log_in(make_learner(cohort=cohort))

    shown = titles(client, "escargot")

    assert shown[0] == "L'escargot" and len(shown) == len(set(shown)) == MOST_SHOWN
    assert "Ajoutez un mot" in client.get("/search?q=escargot").text


def test_the_page_says_what_to_do_when_nothing_is_found_and_keeps_the_question(cohort, client, log_in):
    log_in(make_learner(cohort=cohort))

    text = client.get("/search?q=ornithorynque+%3Cb%3E").text

    assert "Aucune page ne contient tous ces mots" in text
    assert 'value="ornithorynque &lt;b&gt;"' in text
    assert "Aucune page" not in client.get("/search").text


def test_somebody_without_a_cohort_finds_nothing(source, client, log_in):
    person = make_learner()
    for_nobody = make_cohort()
    log_in(make_learner(cohort=for_nobody))

    assert titles(client, "tableau") == []
    assert person.id


def test_a_search_costs_few_queries(cohort, client, log_in, queries):
    log_in(make_learner(cohort=cohort))
    client.get("/search?q=tableau")

    with queries() as seen:
        client.get("/search?q=tableau")
    assert len([one for one in seen if one.startswith("SELECT")]) <= 6, seen


def test_nobody_searches_without_signing_in(source, client):
    assert client.get("/search?q=page").status_code in (302, 401)
