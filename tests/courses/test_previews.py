"""Courses looked at before they are live: on the author's machine as each role, on the server by a link that ends."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool import clock
from popschool.courses import previewing, services_previews, sync
from popschool.courses.models import Revision
from popschool.courses.models_authoring import Preview
from popschool.courses.preview import make_preview
from popschool.db import db
from tests.conftest import NOW
from tests.courses.repositories import Repository, git, project, web_course
from tests.factories import make_author, make_learner, make_source, make_trainer, save

TEAM = {"web/p01/equipe.md": "# Pour l'équipe\n\nSecret de formation.\n"}


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "cours")
    made.commit(web_course(**TEAM))
    return made


@pytest.fixture
def source(app, repository):
    made = make_source(name="web", title="Cours web", url=repository.url, is_local=True, branch="main")
    save()
    assert sync.synchronise(made, NOW).outcome == "published"
    git(repository.folder, "checkout", "--quiet", "-b", "essai")
    repository.commit(
        {"web/p01/01-html.md": "# Le HTML\n\nUn essai. [Le menu](../p02/projet.md#contexte)\n"}, "Essayer"
    )
    git(repository.folder, "checkout", "--quiet", "main")
    return made


@pytest.fixture
def ask(source, log_in, client):
    """Ask for a preview as its author, have it made, sign out, and return its link."""

    def asked(ref="essai"):
        log_in(make_author())
        assert client.post("/sources/web/previews", data={"ref": ref}).status_code == 302
        made = db.session.scalar(select(Preview).order_by(Preview.id.desc()))
        previewing.make(made.id, NOW)
        with client.session_transaction() as session:
            session.clear()
        return f"/previews/{services_previews.token_of(made)}/"

    return asked


def test_a_branch_is_read_by_a_colleague_without_an_account_and_nothing_is_published(client, ask, source):
    link = ask()

    home, page, brief = (client.get(link + rest) for rest in ("", "p01/01-html", "p01"))

    assert home.status_code == page.status_code == brief.status_code == 200
    assert "« essai »" in home.text.replace("\u00a0", " ").replace("\u202f", " ") and "Essayer" in home.text
    assert "Un essai." in page.text and f'href="{link}p02#p-contexte"' in page.text
    assert "Le comptoir ouvre." in brief.text and "Les horaires sont dans un tableau." in brief.text
    assert db.session.scalar(select(func.count()).select_from(Revision)) == 1


def test_each_role_sees_its_pages(client, ask):
    link = ask()

    assert f"{link}p01/equipe" not in client.get(link).text
    assert client.get(f"{link}p01/equipe").status_code == 404
    assert f"{link}p01/equipe?as=team" in client.get(f"{link}?as=team").text
    assert "Secret de formation." in client.get(f"{link}p01/equipe?as=team").text
    assert "?as=team" in client.get(f"{link}p01/01-html?as=team").text


def test_a_commit_is_previewed_by_its_number(client, ask, repository):
    link = ask(git(repository.folder, "rev-parse", "essai"))

    assert "Un essai." in client.get(f"{link}p01/01-html").text


def test_a_link_ends_by_itself_and_when_its_author_closes_it(client, ask, source, log_in):
    first, second = ask(), ask()
    made = db.session.scalar(select(Preview).order_by(Preview.id))

    log_in(make_author())
    client.post(f"/sources/web/previews/{made.id}/revoke")
    assert client.get(first).status_code == client.get(f"{first}p01").status_code == 404
    assert client.get(second).status_code == 200
    clock.freeze(NOW + timedelta(days=8))
    assert client.get(second).status_code == 404


def test_a_link_that_was_never_given_opens_nothing(client, ask):
    ask()

    assert client.get("/previews/deviner/").status_code == 404


def test_a_preview_with_problems_says_them(client, ask, repository):
    git(repository.folder, "checkout", "--quiet", "essai")
    repository.commit({"web/p02/projet.md": "rien"})
    git(repository.folder, "checkout", "--quiet", "main")

    page = client.get(ask()).text

    assert "web/p02/projet.md, ligne 1" in page


def test_a_branch_that_is_not_there_is_said(client, ask, log_in):
    link = ask("absente")

    assert "branche" in client.get(link).text
    assert db.session.scalar(select(Preview.outcome)) == "failed"


@pytest.mark.parametrize("ref", ["-x", "a..b", "--upload-pack=x", ""])
def test_what_is_no_branch_is_refused(client, source, log_in, ref):
    log_in(make_author())

    assert client.post("/sources/web/previews", data={"ref": ref}).status_code == 200
    assert db.session.scalar(select(Preview)) is None


def test_a_preview_stays_out_of_caches_and_search_engines(client, ask):
    answer = client.get(ask())

    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("make", [make_trainer, make_learner])
def test_previews_are_asked_by_authors(client, source, log_in, make):
    log_in(make())

    assert client.get("/sources/web/previews").status_code == 403
    assert client.post("/sources/web/previews", data={"ref": "essai"}).status_code == 403


def test_the_list_of_previews_hands_the_link_on(client, ask, source, log_in):
    link = ask()
    log_in(make_author())

    page = client.get("/sources/web/previews").text

    assert link in page and "Fermer ce lien" in page


# on the author's machine


def test_a_folder_is_looked_at_as_each_role(repository):
    client = make_preview(repository.folder).test_client()

    assert "/courses/cours/p01/equipe" not in client.get("/").text
    assert client.get("/courses/cours/p01/equipe").status_code == 404
    assert client.get("/as/trainer?to=/courses/cours/p01/equipe").location == "/courses/cours/p01/equipe"
    assert "Secret de formation." in client.get("/courses/cours/p01/equipe").text
    client.get("/as/learner")
    assert client.get("/courses/cours/p01/equipe").status_code == 404
    assert client.get("/as/trainer?to=//example.org").location == "/"
    assert client.get("/as/trainer?to=/%5Cexample.org").location == "/"


def test_what_the_front_matter_says_is_set_as_french_is(repository):
    said = project().replace("Un mot entre < et >.", "'En anglais : tag.'").replace("Collez le lien.", "Prêt ?")
    repository.commit({"web/p01/projet.md": said.replace("Les horaires sont", "« Mardi » est")})

    page = make_preview(repository.folder).test_client().get("/courses/cours/p01").text

    assert "En anglais\u00a0: tag." in page and "Prêt\u202f?" in page and "«\u00a0Mardi\u00a0» est" in page


def test_a_phone_stands_beside_the_problems_of_its_file(repository):
    repository.commit({"web/p01/01-html.md": "# Le HTML\n\n#### Trop loin\n", "web/p01/02.md": "# B\n\n#### C\n"})
    client = make_preview(repository.folder).test_client()

    page = client.get("/widths?of=/courses/cours/p01/01-html").text

    assert 'width="360"' in page and "#### Trop loin" in page
    assert "web/p01/01-html.md" in page and "web/p01/02.md" not in page


def test_a_mistake_in_one_page_stops_no_page_from_being_looked_at(repository):
    repository.commit(
        {"web/p01/01-html.md": "# Le HTML\n\nUn [mort](absent.md).\n", "web/p02/projet.md": "---\nid: P 2\n---\n# B\n"}
    )
    client = make_preview(repository.folder).test_client()

    page, home = client.get("/courses/cours/p01/01-html").text, client.get("/").text

    assert "Un mort." in page and "Le comptoir ouvre." in client.get("/courses/cours/p01").text
    assert "absent.md" in home and 'href="/courses/cours/_web-p02"' in home
    assert client.get("/courses/cours/_web-p02").status_code == 200
