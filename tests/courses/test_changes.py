"""What would change for readers, in their words; and what has left the course still serves whoever has work on it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from popschool.courses import sync
from popschool.courses.differences import ADDED, CHANGED, REMOVED, SAME, blocks_of, compare
from popschool.courses.models import Page, Programme, Project, Revision
from popschool.db import db
from popschool.projects import services_moves
from tests.conftest import NOW
from tests.courses.repositories import Repository, project, web_course
from tests.factories import (
    make_assignment,
    make_cohort,
    make_learner,
    make_source,
    make_submission,
    make_trainer,
    save,
)


def shown(difference):
    """Write a difference as one would on paper: {+added+}, [-removed-]."""
    marks = {SAME: "{}", ADDED: "{{+{}+}}", REMOVED: "[-{}-]"}
    return ["".join(marks[part.kind].format(part.text) for part in block.parts) for block in difference.blocks]


def test_words_that_change_are_marked_inside_their_paragraph():
    found = compare(
        ["Un", "Le comptoir ouvre à neuf heures.", "Deux"], ["Un", "Le comptoir ouvre à dix heures.", "Deux"]
    )

    assert shown(found) == ["Un", "Le comptoir ouvre à [-neuf-]{+dix+} heures."]
    assert [block.kind for block in found.blocks] == [SAME, CHANGED]
    assert (found.added, found.removed) == (1, 1)


def test_paragraphs_come_and_go_whole():
    found = compare(["Un", "Vieux paragraphe."], ["Un", "Tout autre chose ici", "Encore"])

    assert [block.kind for block in found.blocks] == [SAME, ADDED, ADDED, REMOVED]
    assert (found.added, found.removed) == (5, 2)


def test_nothing_changes_between_a_page_and_itself():
    assert not compare(["Un", "Deux"], ["Un", "Deux"])


def test_a_page_is_read_as_its_blocks():
    sections = [
        {"id": "", "title": "", "html": "<p>Un &lt;b&gt; <b>deux</b></p><ul><li>trois</li></ul>"},
        {"id": "p-a", "title": "Titre", "html": '<p><img src="/a" alt="Une carte"></p><pre><code>a\nb</code></pre>'},
    ]

    assert blocks_of(sections) == ["Un <b> deux", "trois", "Titre", "[image : Une carte]", "a", "b"]


WORDS = st.lists(
    st.sampled_from(["un", "deux", "trois quatre", "cinq six sept", "huit neuf", "un deux dix"]), max_size=8
)


@given(WORDS, WORDS)
def test_what_is_shown_tells_both_pages_apart(before, after):
    found = compare(before, after)

    assert bool(found) == (before != after)
    assert found.added - found.removed == len(" ".join(after).split()) - len(" ".join(before).split())


@pytest.fixture
def course(app, tmp_path):
    """A cohort on the first of two revisions; the second changes a page, adds one, and removes a project."""
    repository = Repository(tmp_path / "cours")
    repository.commit(
        web_course(
            **{
                "web/p01/01-html.md": "# Le HTML\n\nUne page est faite de balises.\n",
                "web/p01/01-html.simple.md": "# Le HTML\n\nUne page a des balises.\n",
                "web/p02/02-menu.md": "# Les plats\n\nLes plats du jour.\n",
            }
        )
    )
    source = make_source(name="web", title="Cours web", url=repository.url, is_local=True)
    save()
    assert sync.synchronise(source, NOW).outcome == "published"
    cohort = make_cohort(programme=db.session.scalar(select(Programme)))
    save()
    repository.commit(
        {
            "web/p01/01-html.md": "# Le HTML\n\nUne page est faite de balises **fermées**.\n",
            "web/p01/03-css.md": "# Le CSS\n\nLes couleurs.\n",
            "web/p01/projet.md": project().replace("Les horaires sont dans un tableau.", "Les horaires sont lisibles."),
            "web/p02/projet.md": None,
            "web/p02/02-menu.md": None,
        }
    )
    assert sync.synchronise(source, NOW).outcome == "published"
    return cohort


def page_id(key):
    return db.session.scalar(select(Page.id).where(Page.key == key))


def project_of(key):
    return db.session.scalar(select(Project).where(Project.key == key))


def move(cohort, number):
    goal = db.session.scalar(select(Revision).where(Revision.number == number))
    services_moves.move_revision(cohort, goal, make_trainer(cohort=cohort).id, NOW)
    save()


def test_a_trainer_reads_every_change_before_the_cohort_moves(course, client, log_in):
    log_in(make_trainer(cohort=course))

    moving = client.get(f"/cohorts/{course.id}/revision?to=2").text
    address = f"/sources/web/changes/pages/{page_id('p01/01-html')}?from=1&amp;to=2"
    assert address in moving
    page = client.get(address.replace("&amp;", "&")).text

    assert (
        re.search(r"<ins><span class=\"out\">Ajouté : </span>\s*fermées", page) or "<ins>" in page and "fermées" in page
    )
    assert "mots ajoutés" in page or "mot ajouté" in page
    assert "changé" in page


def test_going_back_is_read_the_other_way(course, client, log_in):
    log_in(make_trainer(cohort=course))
    address = f"/sources/web/changes/pages/{page_id('p01/01-html')}"

    forth = client.get(f"{address}?from=1&to=2").text
    back = client.get(f"{address}?from=2&to=1").text

    assert forth.count("<ins>") == back.count("<del>") > 0
    assert forth.count("<del>") == back.count("<ins>")


def test_pages_that_come_and_go_are_listed_with_what_their_project_asks(course, client, log_in):
    log_in(make_trainer(cohort=course))

    listed = client.get("/sources/web/changes?from=1&to=2").text
    project_page = client.get(f"/sources/web/changes/projects/{project_of('p01').id}?from=1&to=2").text
    gone = client.get(f"/sources/web/changes/pages/{page_id('p02/02-menu')}?from=1&to=2").text

    assert "Le CSS" in listed and "nouveau" in listed and "retiré" in listed
    assert "lisibles." in project_page and "<del>" in project_page
    assert "Les plats du jour." in gone and "retiré" in gone


@pytest.mark.parametrize(
    "address",
    ["/sources/web/changes?from=1&to=9", "/sources/web/changes", "/sources/absent/changes?from=1&to=2",
     "/sources/web/changes/pages/99999?from=1&to=2", "/sources/web/changes/projects/99999?from=1&to=2"],
)  # fmt: skip
def test_a_revision_or_a_page_that_is_not_there(course, client, log_in, address):
    log_in(make_trainer(cohort=course))

    assert client.get(address).status_code == 404


def test_learners_do_not_read_what_is_not_theirs_yet(course, client, log_in):
    log_in(make_learner(cohort=course))

    assert client.get("/sources/web/changes?from=1&to=2").status_code == 403
    assert client.get(f"/sources/web/changes/pages/{page_id('p01/01-html')}?from=1&to=2").status_code == 403


def test_the_words_of_a_page_cost_few_queries(course, client, log_in, queries):
    log_in(make_trainer(cohort=course))
    address = f"/sources/web/changes/pages/{page_id('p01/01-html')}?from=1&to=2"
    client.get(address)

    with queries() as seen:
        client.get(address)

    assert len(seen) <= 8


# what disappears


def test_a_project_that_disappears_serves_whoever_has_work_on_it(course, client, log_in):
    learner = make_learner(cohort=course)
    assignment = make_assignment(cohort=course, project=project_of("p02"))
    submission = make_submission(assignment.deliverables[0], [learner])
    save()
    move(course, 2)
    log_in(learner)

    brief = client.get("/courses/web/p02")
    lesson = client.get("/courses/web/p02/02-menu")

    assert brief.status_code == lesson.status_code == 200
    assert "plus dans le cours. Vous lisez sa dernière version" in brief.text
    assert "Les plats du jour." in lesson.text
    assert client.get(f"/submissions/{submission.id}").status_code == 200
    assert client.get(f"/assignments/{assignment.id}").status_code == 200


def test_what_is_to_come_is_not_served_as_what_has_gone(course, client, log_in):
    log_in(make_learner(cohort=course))

    assert client.get("/courses/web/p01/03-css").status_code == 404


def test_a_source_that_disappears_goes_on_serving(course, client, log_in, tmp_path):
    import shutil

    from popschool.courses.services import source_named

    learner = make_learner(cohort=course)
    shutil.rmtree(tmp_path / "cours")

    assert sync.synchronise(source_named("web"), NOW).outcome == "failed"
    log_in(learner)
    assert "Une page est faite de balises." in client.get("/courses/web/p01/01-html").text
