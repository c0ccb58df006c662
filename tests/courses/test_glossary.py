"""The words of a course: hard words of its projects and abbreviations of its pages, gathered in a glossary."""

import pytest

from popschool.courses import sync
from popschool.markdown import render
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import make_author, make_learner, make_source, save

LESSON = (
    "# Le HTML\n\nLe HTML se lit. Le CSS habille.\n\n*[HTML]: La langue des pages.\n*[CSS]: La langue des couleurs.\n"
)


@pytest.fixture
def publish(app, tmp_path):
    """Publish a course with these files, the next revision each time."""
    repository, made = Repository(tmp_path / "cours"), []

    def published(**files):
        repository.commit(web_course(**files))
        made[:] = made or [make_source(name="web", title="Web", url=repository.url, is_local=True, branch="main")]
        save()
        outcome = sync.synchronise(made[0], NOW)
        assert outcome.outcome == "published", outcome

    return published


def test_abbreviations_are_said_at_the_end_of_their_page():
    page = render(LESSON)

    assert page.sections[-1].title == "Les mots courts de cette page"
    assert page.sections[-1].html == (
        '<dl class="shorts"><dt>HTML</dt><dd>La langue des pages.</dd><dt>CSS</dt><dd>La langue des couleurs.</dd></dl>'
    )
    assert '<abbr title="La langue des pages.">HTML</abbr>' in page.sections[0].html


def test_an_abbreviation_that_the_page_does_not_use_is_not_said():
    assert len(render("# Titre\n\nRien.\n\n*[HTML]: La langue des pages.\n").sections) == 1


def test_the_glossary_gathers_projects_and_pages_in_the_order_of_a_dictionary(publish, client, log_in):
    publish(**{"web/p01/01-html.md": LESSON})
    log_in(make_author())

    page = client.get("/words").text

    assert page.index("<dt>Balise</dt>") < page.index("<dt>CSS</dt>") < page.index("<dt>HTML</dt>")
    assert "La langue des pages." in page and "Projet : La page" in page.replace("\u00a0", " ")


def test_a_word_is_found_by_its_beginning_without_accents(publish, client, log_in):
    publish(**{"web/p01/01-html.md": LESSON.replace("HTML", "Éditeur")})
    log_in(make_author())

    assert "<dt>Éditeur</dt>" in client.get("/words?q=edit").text
    assert "<dt>CSS</dt>" not in client.get("/words?q=edit").text
    assert "Ce mot n" in client.get("/words?q=zzz").text


def test_two_meanings_of_a_word_are_both_said(publish, client, log_in):
    other = project("p02", "Le menu").replace("Un mot entre < et >.", "Une étiquette.")
    publish(**{"web/p02/projet.md": other})
    log_in(make_author())

    page = client.get("/words").text

    assert page.count("<dt>Balise</dt>") == 1
    assert "Un mot entre &lt; et &gt;." in page and "Une étiquette." in page


def test_a_meaning_that_changes_changes_the_glossary(publish, client, log_in):
    publish(**{"web/p01/01-html.md": LESSON})
    publish(**{"web/p01/01-html.md": LESSON.replace("La langue des pages.", "Ce qui écrit les pages.")})
    log_in(make_author())

    page = client.get("/words").text

    assert "Ce qui écrit les pages." in page and "La langue des pages." not in page


def test_whoever_follows_another_course_has_other_words(publish, client, log_in):
    publish(**{"web/p01/01-html.md": LESSON})
    log_in(make_learner())

    page = client.get("/words").text

    assert "Pas encore de mots" in page and "Balise" not in page
