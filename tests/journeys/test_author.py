"""An author without git: a page is written, looked at and put online from a browser, with somebody else in the way."""

from tests.courses.repositories import git, web_course
from tests.factories import make_author
from tests.journeys.scenes import known, put_a_course_online, reload_until, sign_in

PATH = "web/p01/01-html.md"
TEXT = "# Le HTML\n\nUne page du comptoir.\n\nUne ligne au milieu.\n\nUne ligne à la fin.\n"


def test_an_author_without_git_writes_and_publishes_around_a_conflict(fresh, tmp_path, arrive):
    colleague = put_a_course_online(fresh, tmp_path, "web", web_course(**{PATH: TEXT}))
    with fresh.records():
        author = known(make_author(first_name="Nour", last_name="Autrice"))
    nour = arrive(fresh, "Nour", phone=True, scripts=False)
    sign_in(nour, author)

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
