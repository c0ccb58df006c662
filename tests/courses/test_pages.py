"""Course pages: who reads what, at which revision."""

import io

import pytest
from PIL import Image
from sqlalchemy import select

from popschool.courses import sync, vault
from popschool.courses.models import Page, Programme, Project, Revision, Source
from popschool.db import db
from popschool.jobs import Job
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
)


def picture():
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(out, "PNG")
    return out.getvalue()


COURSE = {
    "web/p01/01-html.simple.md": "# Le HTML, simple\n\nUne page simple.\n",
    "web/p01/01-html.en.md": "# HTML\n\nA page.\n",
    "web/p01/02-css.md": "# Le CSS\n\n![Une carte](carte.png)\n",
    "web/p01/carte.png": picture(),
    "web/p01/equipe.md": "# Pour l'équipe\n\nSecret de formation.\n",
    "web/p01/solution/reponse.md": "# La solution\n",
    "web/p01/depart/index.html": "<p>Départ</p>",
    "web/a-lire.md": "# À lire d'abord\n",
}


@pytest.fixture
def course(app, tmp_path):
    """A source with two revisions; its cohort stays on the first."""
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course(**COURSE))
    source = make_source(name="web", title="Cours web", url=repository.url, is_local=True)
    db.session.commit()
    assert sync.synchronise(source, NOW).outcome == "published"
    programme = db.session.scalar(select(Programme))
    cohort = make_cohort(programme=programme)
    db.session.commit()
    repository.commit({"web/p01/01-html.md": "# Le HTML, deuxième version\n"})
    assert sync.synchronise(source, NOW).outcome == "published"
    return cohort


def test_a_learner_reads_the_revision_of_their_cohort(course, client, log_in):
    log_in(make_learner(cohort=course))

    answer = client.get("/courses/web/p01/01-html")

    assert answer.status_code == 200
    assert "<h1 data-read>Le HTML</h1>" in answer.text
    assert "deuxième version" not in answer.text
    assert "Version simple" in answer.text


def test_a_learner_cannot_read_ahead(course, client, log_in):
    log_in(make_learner(cohort=course))

    assert "deuxième version" not in client.get("/courses/web/p01/01-html?revision=2").text


def test_the_staff_read_the_revision_that_serves(course, client, log_in):
    log_in(make_author())

    assert "deuxième version" in client.get("/courses/web/p01/01-html").text
    assert "deuxième version" not in client.get("/courses/web/p01/01-html?revision=1").text


def test_a_page_is_read_simply_or_in_another_language(course, client, log_in):
    log_in(make_learner(cohort=course))

    assert "Une page simple." in client.get("/courses/web/p01/01-html?version=simple").text
    english = client.get("/courses/web/p01/01-html?version=en").text
    assert '<article lang="en" dir="ltr">' in english and "A page." in english
    assert "Une page." in client.get("/courses/web/p01/01-html?version=xx").text


def test_a_page_also_has_an_address_of_its_own(course, client, log_in):
    log_in(make_learner(cohort=course))
    page_id = db.session.scalar(select(Page.id).where(Page.key == "p01/01-html"))

    assert "<h1 data-read>Le HTML</h1>" in client.get(f"/pages/{page_id}").text


def test_a_learner_of_another_programme_sees_nothing(course, client, log_in):
    log_in(make_learner())

    assert client.get("/courses/web/p01/01-html").status_code == 404
    assert client.get("/courses/web/p01").status_code == 404
    assert client.get("/courses/web/absent").status_code == 404


def test_pages_for_trainers_are_not_there_for_learners(course, client, log_in):
    log_in(make_learner(cohort=course))
    assert client.get("/courses/web/p01/equipe").status_code == 404
    assert client.get("/courses/web/p01/solution-reponse").status_code == 404
    assert "/p01/equipe" not in client.get("/courses/web/p01").text


def test_trainers_read_the_pages_made_for_them(course, client, log_in):
    log_in(make_trainer(cohort=course))
    assert "Secret de formation." in client.get("/courses/web/p01/equipe").text
    assert "/courses/web/p01/equipe" in client.get("/courses/web/p01").text


def test_a_brief_is_read_in_the_order_of_every_project(course, client, log_in):
    log_in(make_learner(cohort=course))

    text = client.get("/courses/web/p01").text

    places = [text.index(words) for words in ("Le comptoir ouvre", "Les étapes", "Ce que vous envoyez", "Les critères")]
    assert places == sorted(places)
    assert "Faire une page" in text and "/starters/" in text


def test_a_page_outside_projects_is_read_too(course, client, log_in):
    log_in(make_learner(cohort=course))

    assert client.get("/courses/web/web/a-lire").status_code == 200


def test_a_learner_downloads_what_to_start_from(course, client, log_in):
    log_in(make_learner(cohort=course))
    project_id = db.session.scalar(select(Project.id).where(Project.key == "p01"))

    answer = client.get(f"/starters/{project_id}.zip")

    assert answer.status_code == 200 and answer.data[:2] == b"PK"
    assert "p01.zip" in answer.headers["Content-Disposition"]


def test_an_image_is_served_for_a_year(course, client, log_in):
    log_in(make_learner(cohort=course))
    text = client.get("/courses/web/p01/02-css").text
    address = text.split('<img src="')[1].split('"')[0]

    answer = client.get(address)

    assert 'width="320" height="200"' in text
    assert answer.mimetype == "image/webp" and len(answer.data) < 40_000
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/media/" + "0" * 64 + ".png").status_code == 404


def test_a_lesson_costs_few_queries(course, client, log_in, queries):
    log_in(make_learner(cohort=course))
    client.get("/courses/web/p01/01-html")

    with queries() as seen:
        client.get("/courses/web/p01/01-html")
    assert len([one for one in seen if one.startswith("SELECT")]) <= 6


def test_authors_see_where_courses_come_from(course, client, log_in):
    log_in(make_author())

    assert "Développeur web" in client.get("/courses").text
    assert client.get("/courses/web").status_code == 302
    assert "Le menu" in client.get("/sources/web/revisions/1").text
    assert "Tout est à jour" in client.get("/sources/web").text


def test_the_problems_of_the_last_sync_are_shown(course, client, log_in, tmp_path):
    Repository.commit(_opened(tmp_path), {"web/p01/projet.md": project().replace("work: alone", "work: solo")})
    sync.synchronise(db.session.scalar(select(Source)), NOW)
    log_in(make_network_manager())

    text = client.get("/sources/web").text

    assert "Un problème empêche la mise à jour" in text
    assert "web/p01/projet.md, ligne 6" in text
    assert "6 │ work: solo" in text
    assert "Rien n&#39;a changé pour elles" in text or "Rien n'a changé pour elles" in text


def _opened(tmp_path):
    found = Repository.__new__(Repository)
    found.folder = tmp_path / "cours"
    return found


def test_a_sync_is_asked_for_and_done_elsewhere(course, client, log_in):
    log_in(make_author())

    client.post("/sources/web/sync")
    answer = client.post("/sources/web/sync", follow_redirects=True)

    assert "La mise à jour est demandée" in answer.text
    assert "elle commence dans un instant" in answer.text
    assert [job.task for job in db.session.scalars(select(Job))] == ["popschool.courses.tasks:sync_source"]


def test_an_author_adds_a_source_by_ssh_and_gets_its_key(course, client, log_in, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *asked, **more: [(2, 1, 6, "", ("8.8.8.8", 22))])
    log_in(make_author())

    for _ in range(2):  # a double click adds it once
        answer = client.post(
            "/sources/new",
            data={"title": "Java", "name": "java", "url": "git@example.org:cours/java.git"},
            follow_redirects=True,
        )

    assert db.session.query(Source).filter_by(name="java").count() == 1
    assert "ssh-ed25519 " in answer.text
    assert "PRIVATE" not in answer.text


def test_a_course_changes_its_address_and_its_token(course, client, log_in, monkeypatch):
    monkeypatch.setattr("socket.getaddrinfo", lambda *asked, **more: [(2, 1, 6, "", ("8.8.8.8", 443))])
    source = db.session.query(Source).one()
    source.is_local, source.url, source.token_encrypted = False, "https://example.org/a.git", vault.seal("secret-1")
    db.session.commit()
    log_in(make_author())

    def change(**typed):
        given = {"title": "Le web", "url": "https://example.org/a.git", "branch": "main"} | typed
        assert client.post("/sources/web/edit", data=given).location == "/sources/web"
        db.session.refresh(source)
        return vault.open_secret(source.token_encrypted)

    assert change() == "secret-1"
    assert change(token="secret-2") == "secret-2"
    assert change(url="https://example.com/b.git") == ""  # another address never receives it
    assert (source.title, source.url, source.branch) == ("Le web", "https://example.com/b.git", "main")
    assert db.session.query(Job).count() == 1
    assert "secret" not in client.get("/sources/web/edit").text
    assert change(url="git@example.com:cours/b.git") == "" and source.deploy_key_public.startswith("ssh-ed25519 ")


def test_a_course_is_not_read_from_the_disk_because_a_page_says_so(course, client, log_in):
    url = db.session.query(Source.url).scalar()
    log_in(make_author())

    for asked in ("/etc", "file:///etc", "http://127.0.0.1/a.git"):
        answer = client.post("/sources/web/edit", data={"title": "Le web", "url": asked})
        assert answer.status_code == 200 and asked in answer.text

    assert db.session.query(Source.url).scalar() == url


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"url": "http://127.0.0.1/a.git"}, "machine privée"),
        ({"url": "/etc"}, "https://"),
        ({"url": "file:///etc"}, "https://"),
        ({"name": "web"}, "déjà"),
        ({"name": "Mon cours"}, "minuscules"),
        ({"url": ""}, "Il manque"),
    ],
)
def test_a_source_that_cannot_be_is_refused_with_what_was_typed(course, client, log_in, typed, words, monkeypatch):
    monkeypatch.setattr(
        "socket.getaddrinfo",
        lambda host, *asked, **more: [(2, 1, 6, "", (host if host[0].isdigit() else "8.8.8.8", 443))],
    )
    log_in(make_author())
    given = {"title": "Cours de Java", "name": "java", "url": "https://example.org/java.git"} | typed

    answer = client.post("/sources/new", data=given)

    assert answer.status_code == 200 and words in answer.text
    assert "Cours de Java" in answer.text
    assert db.session.query(Source).count() == 1


@pytest.mark.parametrize("address", ["/courses", "/sources/new", "/sources/web", "/sources/web/revisions/1"])
def test_learners_have_no_business_behind_the_courses(course, client, log_in, address):
    log_in(make_learner(cohort=course))

    assert client.get(address).status_code in (403, 404)


def test_a_school_manager_reads_but_does_not_manage(course, client, log_in):
    log_in(make_manager())

    assert client.get("/courses").status_code == 200
    assert client.get("/sources/new").status_code == 403
    assert client.post("/sources/web/sync").status_code == 403


def test_nobody_reads_without_signing_in(course, client):
    assert client.get("/courses/web/p01").status_code in (302, 401)


def test_each_revision_stays_readable(course, client, log_in):
    log_in(make_author())
    assert db.session.query(Revision).count() == 2

    assert client.get("/courses/web/p01?revision=1").status_code == 200
    assert client.get("/courses/web/p01?revision=99").status_code == 200


def test_on_a_page_in_english_what_is_in_french_says_so(course, client, log_in):
    log_in(make_learner(cohort=course, language="en"))

    page = client.get("/courses/web/p01/01-html").text

    assert '<html lang="en"' in page
    assert '<h1 data-read lang="fr" dir="ltr">' in page and '<article lang="fr" dir="ltr">' in page
    assert "<article>" in client.get("/courses/web/p01/01-html?version=en").text
