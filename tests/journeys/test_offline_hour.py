"""An hour of a learner's work with the network cut: read, written, reviewed, signed, and sent once it is back."""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from popschool.attendance import ledger
from popschool.attendance.models import Entry
from popschool.courses import services_sources, sync
from popschool.courses.models import Programme, Project
from popschool.db import db
from popschool.projects.models import Draft
from popschool.review.models import Review
from tests import factories
from tests.conftest import NOW
from tests.courses.repositories import PROGRAMME, Repository, project
from tests.journeys import scenes
from tests.journeys.hands import Hands
from tests.journeys.installation import Installation
from tests.journeys.scenes import Known, known, wait_until_kept, wait_until_sent, write_with_no_network
from tests.review.rounds import Circle, open_round

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])
FIRST, SECOND, WHOLE = (
    "Mon tableau dit les horaires.",
    "Il dit aussi les jours fermés.",
    "Je l'ai lu sur mon téléphone.",
)
GOOD, IDEA = "Le titre dit où je suis.", "Essayez une phrase plus courte."
HOUR = timedelta(hours=1)
_numbers = itertools.count(1)
LESSONS = {
    "01-tableau": ("Le tableau", "Un tableau a des lignes."),
    "02-titres": ("Les titres", "Un titre dit où l'on est."),
    "03-photos": ("Les photos", "Une photo montre le comptoir."),
}


@dataclass(frozen=True)
class Day:
    """What is ahead of a learner: a project to send, somebody's work to review, a morning to sign."""

    learner: Known
    trainer: Known
    assignment: int
    deliverable: int
    half_day: int
    review_round: int


@pytest.fixture
def day(town: Installation, tmp_path: Path) -> Day:
    source = put_a_course_with_pictures_online(town, tmp_path)
    with town.records():
        programme = db.session.scalars(select(Programme).where(Programme.source_id == source)).one()
        keys = {one.key: one for one in db.session.scalars(select(Project).where(Project.source_id == source))}
        cohort = factories.make_cohort(programme=programme)
        people = [factories.make_learner(cohort) for _ in range(3)]
        trainer = factories.make_trainer(cohort)
        now = factories.make_assignment(cohort, keys["comptoir"])
        now.deliverables[0].asks = ["text"]
        before = factories.make_assignment(cohort, keys["menu"], due_at=NOW - HOUR, closes_at=NOW + 9 * 24 * HOUR)
        for person in people:
            factories.make_submission(before.deliverables[0], [person], text="Voici ma page.\nElle est complète.")
        opened = open_round(Circle(cohort, before, trainer, people), starts_at=NOW - HOUR)
        half_day = factories.make_half_day(cohort, trainer)
        return Day(
            known(people[0]), known(trainer), now.id, now.deliverables[0].id, half_day.id, opened.id
        )  # fmt: skip


def put_a_course_with_pictures_online(where: Installation, folder: Path) -> int:
    """Return the source of a course of two projects; the first has three pages, each with its picture."""
    course = Repository(folder / "cours")
    files: dict[str, str | bytes | None] = {
        "web/programme.yml": PROGRAMME,
        "web/comptoir/projet.md": project("comptoir", "Le comptoir"),
        "web/menu/projet.md": project("menu", "Le menu"),
    }
    for place, (name, (title, words)) in enumerate(LESSONS.items()):
        picture = folder / f"{name}.png"
        Image.new("RGB", (60, 40), (90, 24, 100 + place)).save(picture)
        files[f"web/comptoir/{name}.png"] = picture.read_bytes()
        files[f"web/comptoir/{name}.md"] = f"# {title}\n\n{words}\n\n![Un dessin]({name}.png)\n"
    course.commit(files)
    with where.app.app_context():
        source = services_sources.add_source(f"heure-{next(_numbers)}", "", course.url, NOW, is_local=True)
        outcome = sync.synchronise(source, NOW)
        assert (outcome.pages, outcome.problems) == (5, []), outcome.problems
        return source.id


@pytest.fixture
def learner(town: Installation, arrive, day: Day) -> Hands:
    """A learner who has looked at the day and then opened a work to review, before the network goes."""
    found = arrive(town, phone=True)
    found.page.context.clock.install(time=NOW)
    scenes.sign_in(found, day.learner)
    wait_until_kept(found.page, "/phone/mark")
    found.open("/reviews")
    found.press("Lire le travail suivant")
    wait_until_kept(found.page, f"/reviews/{work_under_review(town, day).key}/criteria/1")
    return found


def test_an_hour_of_work_with_no_network_arrives_once_with_its_times(town, learner, day):
    review = work_under_review(town, day).key
    with town.cut_off(learner.page):
        sign(learner)
        read_the_project(learner, day)
        minutes_go_by(learner, 20)
        write_in_several_goes(learner, day)
        minutes_go_by(learner, 20)
        review_a_peer(learner, review)
        minutes_go_by(learner, 20)
        learner.open("/phone")
        learner.sees("Je signe ma présence", "Qu'est-ce que vous envoyez ?", "Les horaires sont dans un tableau.")
        assert arrived(town, day) == ([], None, {})
        end_the_session(town, day.learner)

    learner.sees("Connectez-vous de nouveau. Votre texte est gardé.")
    assert arrived(town, day) == ([], None, {})
    scenes.sign_in(learner, day.learner)
    wait_until_sent(learner.page)

    # everything is there, once, and the signature has the hour at which it was given
    [(signed, received)], text, answers = arrived(town, day)
    assert (text, answers) == (f"{FIRST}\n{SECOND}\n{WHOLE}", {"good": GOOD, "idea": IDEA})
    assert HOUR <= received - signed < HOUR + timedelta(minutes=10)
    with town.records():
        assert ledger.verify() is None
    learner.open("/phone")
    learner.sees("Rien n'attend sur ce téléphone.")
    learner.open(f"/half-days/{day.half_day}/sign")
    learner.is_at("Ma présence est signée")
    assert len(arrived(town, day)[0]) == 1


def test_a_signature_that_the_school_refuses_is_shown_and_kept(town, learner, day):
    with town.cut_off(learner.page):
        learner.open(f"/half-days/{day.half_day}/sign")
        learner.touch(learner.button("Je signe ma présence"))
        learner.is_at("Ce qui est sur ce téléphone")
        with town.records():
            half_day = db.session.get(factories.HalfDay, day.half_day)
            half_day.cancelled_at, half_day.cancel_reason = NOW, "La salle est fermée."

    learner.sees("Cette signature n'est pas partie.")
    learner.follow_first("Je signe ma présence")
    learner.sees("Cette séance n'a pas lieu : La salle est fermée.")
    learner.open("/phone")
    learner.sees("Cette signature n'est pas partie.")
    assert arrived(town, day)[0] == []
    learner.touch(learner.button("Enlever de ce téléphone"))
    learner.sees("Rien n'attend sur ce téléphone.")


def test_a_signature_that_arrived_another_way_meanwhile_is_there_once(town, arrive, learner, day):
    other = arrive(town, phone=True)
    other.address = town.server.address  # by a network of its own
    scenes.sign_in(other, day.learner)
    with town.cut_off(learner.page):
        learner.open(f"/half-days/{day.half_day}/sign")
        learner.touch(learner.button("Je signe ma présence"))
        learner.is_at("Ce qui est sur ce téléphone")
        other.open(f"/half-days/{day.half_day}/sign")
        other.press("Je signe ma présence")

    learner.sees("Le réseau est revenu.", "Rien n'attend sur ce téléphone.")
    assert len(arrived(town, day)[0]) == 1


def arrived(town: Installation, day: Day) -> tuple[list[tuple], str | None, dict[str, str]]:
    """Return when each signature was given and received, the text of the draft, and what the review says."""
    with town.records():
        signatures = select(Entry.at, Entry.received_at).where(Entry.half_day_id == day.half_day)
        draft = db.session.scalars(select(Draft).where(Draft.deliverable_id == day.deliverable)).one_or_none()
        [said] = list(work_under_review(town, day).draft.values()) or [{}]
        return (
            [tuple(row) for row in db.session.execute(signatures)],
            draft and draft.text.replace("\r", ""),
            {name: said[name] for name in ("good", "idea") if name in said},
        )


def work_under_review(town: Installation, day: Day) -> Review:
    with town.app.app_context():
        asked = select(Review).where(Review.round_id == day.review_round, Review.revealed_at.is_not(None))
        return db.session.scalars(asked).one()


def end_the_session(town: Installation, person: Known) -> None:
    with town.records():
        db.session.get(scenes.Account, person.id).session_token = "ended elsewhere"


def sign(hands: Hands) -> None:
    """The day opens, and its morning is signed."""
    hands.open("/")
    hands.is_at("Aujourd'hui")
    hands.follow("Signer ma présence")
    hands.touch(hands.button("Je signe ma présence"))
    hands.is_at("Ce qui est sur ce téléphone")
    hands.sees("Je signe ma présence")


def read_the_project(hands: Hands, day: Day) -> None:
    """The project and each of its pages, with its picture."""
    hands.open(f"/assignments/{day.assignment}")
    for title, words in LESSONS.values():
        hands.follow_first(title)
        hands.sees(words)
        assert picture_width(hands) == 60
        hands.back()


def write_in_several_goes(hands: Hands, day: Day) -> None:
    """A text grows, with other pages in between, and the browser closed and opened again."""
    write_with_no_network(hands, day.deliverable, FIRST)
    hands.open("/today")
    hands.open(f"/deliverables/{day.deliverable}/submit")
    assert plain(hands) == FIRST
    write_with_no_network(hands, day.deliverable, f"{FIRST}\n{SECOND}")
    context = hands.page.context
    hands.page.close()
    hands.page = context.new_page()
    hands.open(f"/deliverables/{day.deliverable}/submit")
    assert plain(hands) == f"{FIRST}\n{SECOND}"
    write_with_no_network(hands, day.deliverable, f"{FIRST}\n{SECOND}\n{WHOLE}")


def review_a_peer(hands: Hands, key: str) -> None:
    hands.open(f"/reviews/{key}")
    hands.sees("Elle est complète.")
    hands.follow("Commencer ma relecture")
    hands.choose("en partie")
    hands.write("Ce qui marche", GOOD)
    hands.write("Une idée pour continuer", IDEA)
    hands.touch(hands.button("Continuer"))
    hands.sees("Ce que vous avez écrit est gardé sur ce téléphone.")


def minutes_go_by(hands: Hands, minutes: int) -> None:
    hands.page.context.clock.fast_forward(f"{minutes}:00")


def plain(hands: Hands) -> str:
    return hands.value("Votre texte").replace("\r", "")


def picture_width(hands: Hands) -> int:
    """Return how wide the picture of this page is drawn from, once it is there."""
    return hands.main.locator("img").evaluate("(one) => one.decode().then(() => one.naturalWidth)")
