"""The six main journeys by keyboard alone, with and without scripts: what is written is what a pointer writes.

All three sit down in one installation, each with people and work of their own, so their rows can be compared.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error
from sqlalchemy import DateTime, Integer, LargeBinary, Table, select

from popschool.auth.guards import PROVED_AT
from popschool.auth.models import Account
from popschool.db import Base, db
from tests import factories
from tests.attendance.weeks import make_week
from tests.conftest import NOW
from tests.courses.repositories import Repository, git, web_course
from tests.journeys import scenes
from tests.journeys.hands import Hands, Keyboard
from tests.journeys.installation import Installation
from tests.journeys.scenes import Known, known
from tests.review.rounds import circle, open_round

POINTER, KEYS, KEYS_ALONE = {}, {"keyboard": True}, {"keyboard": True, "scripts": False}
EACH = (POINTER, KEYS, KEYS_ALONE)
GOOD, IDEA, ANSWER = "Le titre dit où je suis.", "Essayez une phrase plus courte.", "C'est clair. Continuez."
LESSON = "# Le HTML\n\nUne page est faite de balises.\n"
LAST_WEEK = date(2027, 3, 1)
# What the installation does on its own, sooner or later: jobs, messages on their way, copies made ready.
ASIDE = re.compile(
    "job|outgoing|notice|summary|sync_run|review_copy|sheet_paper|presence_day|rendered|search|page_draft|audit|device|attempt"
)
# What is drawn by chance, or differs with the person.
BY_CHANCE = re.compile(
    "key|token|secret|hash|salt|receipt|device|address|commit|blob|patch|session|seal|previous|number|outcome|branch"
)


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
        sent = factories.make_submission()
        made.trainers.append(known(factories.make_trainer(db.session.get(factories.Cohort, sent.cohort_id))))
        week = make_week(people=1, half_days=1, monday=LAST_WEEK)
        week.finish()
        manager = factories.make_manager(db.session.get(factories.School, week.cohort.school_id))
        made.weeks.append((known(manager), week.cohort.school_id, week.cohort.id))


def let_in(village: Village, hands: Hands, person: Known) -> None:
    """Come in as somebody who has just given a second proof."""
    app = village.where.app
    with village.where.records():
        token = db.session.get(Account, person.id).session_token
    began = int(NOW.timestamp())
    said = {"_user_id": f"{person.id}:{token}", "_fresh": True, "began": began, PROVED_AT: began}
    cookie = app.session_interface.get_signing_serializer(app).dumps(said)
    hands.page.context.add_cookies([{"name": "popschool", "value": cookie, "url": village.where.address}])


def sign_half_day(village: Village, hands: Hands, place: int) -> None:
    scenes.sign_in(hands, village.learners[place])
    hands.follow("Signer ma présence")
    hands.press("Je signe ma présence")
    hands.sees("Ma présence est signée")


def hand_in(village: Village, hands: Hands, place: int) -> None:
    let_in(village, hands, village.learners[place])
    hands.open("/today")
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
    let_in(village, hands, village.reviewers[place])
    hands.open("/reviews")
    hands.press("Lire le travail suivant")
    hands.follow("Commencer ma relecture")
    for _criterion in range(2):
        hands.choose("en partie")
        hands.write("Ce qui marche", GOOD)
        hands.select("L'endroit qui marche", "Le texte")
        hands.write("La ligne qui marche", "1")
        hands.write("Une idée pour continuer", IDEA)
        hands.press("Continuer")
    hands.press("Envoyer ma relecture")
    hands.is_at("Merci, c'est bien parti")


def answer_work(village: Village, hands: Hands, place: int) -> None:
    let_in(village, hands, village.trainers[place])
    hands.open("/queue")
    hands.follow("Relire ce rendu")
    for group in hands.page.get_by_role("group").filter(has=hands.page.get_by_label("En partie")).all():
        hands.tick(group.get_by_label("En partie"))
    hands.write("Commentaire", ANSWER)
    hands.choose("À reprendre", of="Décision")
    hands.press("Envoyer mon retour")
    hands.sees("Retour envoyé")


def write_a_page(village: Village, hands: Hands, place: int) -> None:
    with village.where.records():
        author = known(factories.make_author())
    let_in(village, hands, author)
    hands.open(f"/courses/web/p01/0{place + 1}-html")
    hands.follow("Écrire dans cette page")
    hands.write("Le texte de la page", LESSON.replace("balises", "belles balises"))
    hands.press("Voir l'aperçu")
    hands.sees("belles balises", "Rien à corriger dans ce fichier.")
    hands.write("Ce que vous avez changé", "Embellir les balises")
    hands.choose("Sur une branche à part, à relire avant de publier")
    hands.press("Enregistrer")


def run_a_cohort(village: Village, hands: Hands, place: int) -> None:
    manager, school, cohort = village.weeks[place]
    let_in(village, hands, manager)
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
    hands.open(f"/cohorts/{cohort}/sheets")
    hands.follow("Fermer cette semaine")
    hands.press("Fermer la semaine")
    hands.sees("La semaine est fermée.")


JOURNEYS = [sign_half_day, hand_in, review_a_peer, answer_work, write_a_page, run_a_cohort]


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: one.__name__)
def test_a_journey_by_keyboard_alone_writes_what_a_pointer_writes(village, arrive, journey, tmp_path):
    if journey is write_a_page:
        put_a_course_online(village.where, tmp_path)
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


def put_a_course_online(where: Installation, folder: Path) -> None:
    course = Repository(folder / "cours")
    course.commit(web_course(**{f"web/p01/0{n}-html.md": LESSON for n in (1, 2, 3)}))
    git(folder, "clone", "--quiet", "--bare", course.url, str(folder / "cours.git"))
    where.command("courses", "add", "web", str(folder / "cours.git"))
    where.command("courses", "sync", "web")


def everything(where: Installation) -> Counter:
    """Return each row of the database as what it says, without its ids, its moments and what is drawn by chance."""
    with where.records():
        return Counter(
            (table.name, *line)
            for table in Base.metadata.sorted_tables
            if not ASIDE.search(table.name)
            for line in lines_of(table)
        )


def lines_of(table: Table) -> list[tuple]:
    kept = [
        column
        for column in table.columns
        if not column.primary_key and not column.foreign_keys and not BY_CHANCE.search(column.name)
        and not isinstance(column.type, LargeBinary)
    ]  # fmt: skip
    return [tuple(map(plain, kept, row)) for row in db.session.execute(select(*kept))] if kept else []


def plain(column, value) -> tuple[str, str]:
    """Return a value that can be compared: numbers in words are the numbers of people and things."""
    if isinstance(column.type.dialect_impl(db.engine.dialect), DateTime) or hasattr(value, "hour"):
        return column.name, str(value is not None)
    if isinstance(column.type, Integer) and column.name.endswith("_id"):
        return column.name, ""
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)
    return column.name, re.sub(r"\d+", "#", re.sub(r"\b[0-9a-f]{8,}\b", "…", text.replace("\r", "").replace("\\r", "")))


PAGE = """<!doctype html><html lang="fr"><title>Essai</title><style>:focus{outline:3px solid #5c1864}
.over{position:fixed;bottom:0;left:0;right:0;height:420px;background:#eee}</style>
<main><form action="#"><p><a href="#un">Un lien</a></p><div style="height:300px"></div>
<p><label for="mot">Votre mot</label><br><input id="mot"></p></form></main>"""
TRAP = "<script>addEventListener('keydown', (one) => { if (one.key === 'Tab') one.preventDefault(); })</script>"
BROKEN = {
    "a trap": ("</main>", f"</main>{TRAP}"),
    "a focus that is covered": ("</main>", "</main><div class='over'></div>"),
    "a focus that is not drawn": ("outline:3px solid #5c1864", "outline:none"),
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
