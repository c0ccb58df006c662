"""An author without git: a page is written, looked at and put online from a browser, with somebody else in the way."""

import json

from tests.courses.repositories import Repository, git, web_course
from tests.factories import make_author
from tests.journeys.installation import Installation, wait_for

PATH = "web/p01/01-html.md"
TEXT = "# Le HTML\n\nUne page du comptoir.\n\nUne ligne au milieu.\n\nUne ligne à la fin.\n"


def course_of(town: Installation, tmp_path, name: str) -> Repository:
    """Put a course online from a bare repository, and return the working copy of a colleague who has git."""
    colleague = Repository(tmp_path / "collegue")
    colleague.commit(web_course(**{PATH: TEXT}))
    bare = tmp_path / "cours.git"
    git(tmp_path, "clone", "--quiet", "--bare", colleague.url, str(bare))
    git(colleague.folder, "remote", "add", "origin", str(bare))
    town.command("courses", "add", name, str(bare))
    assert json.loads(town.command("courses", "sync", name, "--json"))[0]["pages"] == 3
    return colleague


def sign_in(town: Installation, hands) -> None:
    """Come in as an author who signed in yesterday."""
    with town.records():
        author = make_author(first_name="Nour", last_name="Autrice")
        session = {"_user_id": f"{author.id}:{author_token(author.id)}", "_fresh": True}
    app = town.app
    cookie = app.session_interface.get_signing_serializer(app).dumps(session)
    hands.page.context.add_cookies([{"name": "popschool", "value": cookie, "url": town.address}])


def author_token(person_id: int) -> str:
    from popschool.auth.models import Account
    from popschool.db import db

    return db.session.get(Account, person_id).session_token


def reload_until(hands, words: str) -> None:
    """Load the page again, as its link says, until it shows these words."""

    def shown():
        hands.page.reload()
        return True if words in hands.main.inner_text() else None

    wait_for(shown, words)


def test_an_author_without_git_writes_and_publishes_around_a_conflict(fresh, tmp_path, arrive):
    colleague = course_of(fresh, tmp_path, "web")
    nour = arrive(fresh, "Nour", phone=True, scripts=False)
    sign_in(fresh, nour)

    # She finds the page, writes, and looks.
    nour.open("/courses/web/p01/01-html")
    nour.follow("Écrire dans cette page")
    nour.write("Le texte de la page", TEXT.replace("Une ligne au milieu.", "Une **belle** ligne au milieu."))
    nour.press("Voir l'aperçu")
    nour.sees("L'aperçu", "belle", "Rien à corriger dans ce fichier.")

    # A colleague pushes a change of the same line before she saves.
    colleague.commit({PATH: TEXT.replace("Une ligne au milieu.", "Une ligne au centre.")}, "Recentrer")
    git(colleague.folder, "push", "--quiet", "origin", "main")
    nour.choose("Directement dans le cours : en ligne dès que c'est lu sans erreur")
    nour.press("Enregistrer")
    reload_until(nour, "Voir les deux textes")
    nour.sees("Rien n'est écrasé")

    # Both texts are shown; she keeps what she wants of each, and it is hers that replaces the page now.
    nour.follow("Voir les deux textes")
    nour.sees("Ce que l'autre personne a changé", "centre")
    assert "Une **belle** ligne au milieu." in nour.value("Le texte de la page")
    nour.write("Le texte de la page", TEXT.replace("Une ligne au milieu.", "Une **belle** ligne au centre."))
    nour.press("C'est fait : mon texte remplace la page")
    nour.write("Ce que vous avez changé", "Embellir la ligne du centre")
    nour.choose("Directement dans le cours : en ligne dès que c'est lu sans erreur")
    nour.press("Enregistrer")
    reload_until(nour, "Le commit est dans le dépôt")

    # It is live, in her name, after the colleague's commit.
    nour.open("/courses/web/p01/01-html")
    reload_until(nour, "Une belle ligne au centre.")
    history = git(tmp_path / "cours.git", "log", "--format=%an: %s", "main").splitlines()
    assert history[:2] == ["Nour Autrice: Embellir la ligne du centre", "Autrice 01: Recentrer"]
