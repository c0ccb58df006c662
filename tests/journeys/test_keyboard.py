"""The six main journeys by keyboard alone, with and without scripts: what is written is what a pointer writes.

All three sit down in one installation, each with people and work of their own, so their rows can be compared.
"""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

import pytest
from PIL import Image
from playwright.sync_api import Browser, Error
from sqlalchemy import select

from popschool.db import db, transaction
from popschool.review import services_estimates
from popschool.review.models import Reviewer, Round
from popschool.review.services_world import read_world
from tests import factories
from tests.attendance.weeks import make_week
from tests.conftest import NOW
from tests.courses.repositories import project, web_course
from tests.journeys import lap, scenes
from tests.journeys.hands import Hands, Keyboard
from tests.journeys.installation import Installation, wait_for
from tests.journeys.rows import everything
from tests.journeys.scenes import Known, known, reload_until
from tests.review.rounds import circle, open_round, review_all

POINTER, KEYS, KEYS_ALONE = {}, {"keyboard": True}, {"keyboard": True, "scripts": False}
EACH = (POINTER, KEYS, KEYS_ALONE)
ANSWER = "C'est clair. Continuez."
LESSON = "# Le HTML\n\nUne page est faite de balises.\n"
APART = "Sur une branche à part, à relire avant de publier"
ONLINE = "Directement dans le cours : en ligne dès que c'est lu sans erreur"
LAST_WEEK = date(2027, 3, 1)


@dataclass
class Village:
    """An installation, and who sits down in it: three of each."""

    where: Installation
    learners: list[Known] = field(default_factory=list)
    reviewers: list[Known] = field(default_factory=list)
    trainers: list[Known] = field(default_factory=list)
    weeks: list[tuple[Known, int, int]] = field(default_factory=list)


@pytest.fixture(scope="module")
def village(install: Callable, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    with ExitStack() as until:
        made = Village(install("sqlite", until, is_shared=True))
        with made.where.records():
            _people_it(made)
        with made.where.app.app_context():
            _let_peers_review(made)
        yield made


def _people_it(made: Village) -> None:
    round_of = circle(6)
    open_round(round_of, starts_at=NOW)
    made.reviewers = [known(person) for person in round_of.learners[:3]]
    for _hands in EACH:
        cohort = factories.make_cohort()
        made.learners.append(known(factories.make_learner(cohort)))
        factories.make_half_day(cohort, factories.make_trainer(cohort))
        factories.make_assignment(cohort).deliverables[0].asks = ["text", "link"]
        reviewed = circle(3)
        open_round(reviewed, starts_at=NOW)
        made.trainers.append(known(reviewed.trainer))
        week = make_week(people=1, half_days=1, monday=LAST_WEEK)
        week.finish()
        manager = factories.make_manager(db.session.get(factories.School, week.cohort.school_id))
        made.weeks.append((known(manager), week.cohort.school_id, week.cohort.id))


def _let_peers_review(made: Village) -> None:
    """Every work that the trainers will answer has been read by its peers."""
    trainers = [trainer.id for trainer in made.trainers]
    for found in db.session.scalars(select(Round).where(Round.opened_by_id.in_(trainers))):
        for place in db.session.scalars(select(Reviewer).where(Reviewer.round_id == found.id)):
            review_all(found, db.session.get(factories.Person, place.person_id))
        with transaction():
            services_estimates.keep(read_world(found), NOW)


def sign_half_day(village: Village, hands: Hands, place: int) -> None:
    scenes.sign_in(hands, village.learners[place])
    hands.follow("Signer ma présence")
    hands.press("Je signe ma présence")
    hands.sees("Ma présence est signée")


def hand_in(village: Village, hands: Hands, place: int) -> None:
    scenes.sign_in(hands, village.learners[place])
    hands.follow("Projets")
    hands.follow_first("Le menu du jour")
    hands.follow("Envoyer mon travail")
    hands.press("Continuer")
    hands.sees("Votre travail n'est pas encore envoyé.")
    hands.write("Votre texte", "Ma page est en ligne.")
    hands.write("Le lien de votre page", "https://example.org/menu")
    hands.press("Continuer")
    hands.press("Envoyer mon travail")
    hands.is_at("Votre travail est reçu")


def review_a_peer(village: Village, hands: Hands, place: int) -> None:
    scenes.sign_in(hands, village.reviewers[place])
    hands.follow_first("travaux à relire")
    hands.press("Lire le travail suivant")
    hands.follow("Commencer ma relecture")
    lap.say_of_each_criterion(hands, 2)
    hands.press("Envoyer ma relecture")
    hands.is_at("Merci, c'est bien parti")


def answer_work(village: Village, hands: Hands, place: int) -> None:
    """From the queue to the answer, with what peers said, criteria and levels; taken back, corrected, sent."""
    scenes.sign_in(hands, village.trainers[place])
    hands.follow("Rendus")
    hands.follow_first("Relire ce rendu")
    hands.sees("Ce que disent 2 relectures de la promo", "Voici mon travail.")
    hands.choose("Oui", of="La page marche sur téléphone.")
    hands.choose("En partie", of="Les plats viennent de la liste.")
    hands.choose("1. Imiter", of="Réaliser une page")
    hands.choose("Pas cette fois", of="Rendre une page dynamique")
    hands.write("Commentaire", ANSWER)
    hands.choose("Validé", of="Décision")
    hands.press("Envoyer et ouvrir le suivant")
    hands.sees("Retour envoyé", "validé")
    hands.press("Annuler l'envoi")
    hands.sees("Votre retour est annulé. Il est de nouveau un brouillon.")
    hands.write("Commentaire", f"{ANSWER} Bravo.")
    hands.press("Envoyer et ouvrir le suivant")
    hands.sees("Retour envoyé", "validé")


def write_and_publish(village: Village, hands: Hands, place: int) -> None:
    """A simple version, a project, and a lesson whose picture lacks its words; each is looked at, and saved."""
    with village.where.records():
        author = known(factories.make_author())
    folder = f"web/p0{place + 1}"
    scenes.sign_in(hands, author)
    hands.open("/sources/web/files")
    hands.write("Son chemin dans le dépôt", f"{folder}/01-html.simple.md")
    hands.press("Commencer cette page")
    save(hands, "# Le HTML\n\nUne page a des balises.\n", "Écrire la version simple", APART)

    hands.open("/sources/web/files")
    hands.follow(f"Écrire dans {folder}/projet.md")
    text = hands.value("Le texte de la page").replace("\r", "")
    save(hands, text.replace("Le comptoir ouvre.", "Le comptoir ouvre à neuf heures."), "Dire l'heure", APART)

    hands.open(f"/courses/{folder}/01-html")
    hands.follow("Écrire dans cette page")
    hands.write("Le texte de la page", f"{LESSON}\n![](page.png)\n")
    hands.press("Voir l'aperçu")
    hands.sees("L'image « page.png » n'a pas de texte de remplacement")
    save(hands, f"{LESSON}\n![Une page et ses balises](page.png)\n", "Montrer une page", ONLINE)
    hands.open(f"/courses/{folder}/01-html")
    wait_for(lambda: hands.page.reload() and hands.main.locator("img").count() or None, "the page online")


def save(hands: Hands, text: str, message: str, how: str) -> None:
    """Write the text, look at it as on a phone, and save it."""
    hands.write("Le texte de la page", text)
    usual = hands.page.viewport_size
    hands.page.set_viewport_size({"width": 360, "height": 640})
    hands.press("Voir l'aperçu")
    hands.sees("Rien à corriger dans ce fichier.")
    hands.page.set_viewport_size(usual)
    hands.write("Ce que vous avez changé", message)
    hands.choose(how)
    hands.press("Enregistrer")
    hands.is_at("L'enregistrement de")


def run_a_cohort(village: Village, hands: Hands, place: int) -> None:
    """A cohort, its calendar, somebody in it; then what is missing, a week closed, its sheet and its proof."""
    manager, school, cohort = village.weeks[place]
    scenes.sign_in_as_manager(village.where, hands, manager)
    hands.open(f"/schools/{school}")
    hands.follow("Ouvrir une promo")
    hands.tick(hands.page.get_by_role("radio").first)
    hands.write("Code", f"NEW-{place}")
    hands.write("Dernier jour", "2027-09-10")
    hands.press("Ouvrir la promo")
    hands.follow("Ajouter une personne")
    hands.write("Prénom", "Apprenante")
    hands.write("Nom", f"0{place}")
    hands.write("Adresse mail", f"apprenante0{place}@example.org")
    hands.press("Ajouter")
    hands.follow("Le calendrier et la présence")
    hands.follow_first("Faire le calendrier")
    hands.write("Premier jour", "2027-03-15")
    hands.write("Dernier jour", "2027-03-16")
    hands.press("Voir ce qui serait ajouté")
    hands.press("Ajouter ces séances")
    hands.open("/attendance/missing")
    hands.sees("1 semaine à fermer")
    hands.open(f"/cohorts/{cohort}/sheets")
    hands.follow("Fermer cette semaine")
    hands.press("Fermer la semaine")
    hands.sees("La semaine est fermée.")
    reload_until(hands, "La feuille est scellée")
    assert hands.take("Télécharger la feuille").read_bytes().startswith(b"%PDF")
    hands.follow("La page où chacun vérifie cette feuille")


JOURNEYS = [sign_half_day, hand_in, review_a_peer, answer_work, write_and_publish, run_a_cohort]


def project_files(number: int) -> dict[str, str | bytes]:
    """Return the files of a project of one lesson, with a picture that no page shows yet."""
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), (number, 0, 0)).save(picture, "PNG")
    text = project(f"p0{number}", f"La page {number}")
    return {"projet.md": text, "01-html.md": LESSON, "page.png": picture.getvalue()}


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: one.__name__)
def test_a_journey_by_keyboard_alone_writes_what_a_pointer_writes(village, arrive, journey, tmp_path):
    if journey is write_and_publish:
        files = {f"web/p0{n}/{name}": text for n in (1, 2, 3) for name, text in project_files(n).items()}
        scenes.put_a_course_online(village.where, tmp_path, "web", web_course(**files))
    changes = []
    for place, how in enumerate(EACH):
        before = everything(village.where)
        journey(village, arrive(village.where, **how), place)
        after = everything(village.where)
        changes.append((after - before, before - after))

    assert changes[0][0].total() > 0
    for more, less in changes[1:]:
        assert (more - changes[0][0], changes[0][0] - more) == (Counter(), Counter())
        assert (less - changes[0][1], changes[0][1] - less) == (Counter(), Counter())


PAGE = """<!doctype html><html lang="fr"><title>Essai</title><style>:focus{outline:3px solid #5c1864}
.over{position:fixed;bottom:0;left:0;right:0;height:420px;background:#eee}</style>
<main><form action="#"><p><a href="#un">Un lien</a></p><div style="height:300px"></div>
<p><label for="mot">Votre mot</label><br><input id="mot"></p></form></main>"""
TRAP = "<script>addEventListener('keydown', (one) => { if (one.key === 'Tab') one.preventDefault(); })</script>"
BROKEN = {
    "a trap": ("</main>", f"</main>{TRAP}"),
    "a focus that is covered": ("</main>", "</main><div class='over'></div>"),
    "a focus that is not drawn": ("outline:3px solid #5c1864", "outline:none"),
    "a focus drawn in the colour of the page": ("outline:3px solid #5c1864", "outline:3px solid #fff"),
    "a focus out of the window": ('<input id="mot">', '<input id="mot" style="position:fixed;top:-60px">'),
    "a field that no key reaches": ('<input id="mot">', '<input id="mot" tabindex="-1">'),
    "a missing label": ('<label for="mot">Votre mot</label>', "Votre mot"),
}


@pytest.mark.parametrize("what", [None, *BROKEN])
def test_what_stops_a_keyboard_is_seen(browser: Browser, what):
    page = browser.new_page(viewport={"width": 360, "height": 640})
    page.set_default_timeout(1000)
    hands = Keyboard(page, "")
    page.set_content(PAGE.replace(*BROKEN[what]) if what else PAGE)

    if what is None:
        hands.write("Votre mot", "bien")
    else:
        with pytest.raises((AssertionError, Error)):
            hands.write("Votre mot", "bien")
    page.close()
