"""A half-day in a real browser: each way of signing, scripts off, and with the network cut."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from popschool import clock
from popschool.attendance import ledger, reminders
from popschool.attendance.models import Entry
from popschool.db import db
from popschool.messages.models import Notice
from tests import factories
from tests.conftest import NOW
from tests.journeys import scenes
from tests.journeys.hands import Hands
from tests.journeys.installation import wait_for
from tests.journeys.relay import BUSY
from tests.journeys.scenes import Known

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@dataclass(frozen=True)
class Morning:
    """A morning under way: its trainer, and three learners."""

    half_day: int
    trainer: Known
    people: tuple[Known, ...]


@pytest.fixture
def morning(town) -> Morning:
    with town.records():
        cohort = factories.make_cohort()
        trainer = factories.make_trainer(cohort)
        people = [factories.make_learner(cohort) for _ in range(3)]
        half_day = factories.make_half_day(cohort, trainer)
        return Morning(half_day.id, scenes.known(trainer), tuple(map(scenes.known, people)))


def entries(town, morning) -> list[tuple[str, str, int]]:
    with town.records():
        asked = select(Entry.kind, Entry.method, Entry.person_id).where(Entry.half_day_id == morning.half_day)
        return [tuple(row) for row in db.session.execute(asked.order_by(Entry.id))]


def open_it(town, arrive, morning, **how):
    trainer = arrive(town, **how)
    scenes.sign_in(trainer, morning.trainer)
    trainer.open(f"/half-days/{morning.half_day}")
    trainer.press("Ouvrir la séance")
    return trainer


def test_a_learner_signs_from_home_with_scripts_off(town, arrive, morning):
    learner = arrive(town, phone=True, scripts=False)
    scenes.sign_in(learner, morning.people[0])
    learner.open("/today")
    learner.follow("Signer ma présence")
    learner.press("Je signe ma présence")

    assert "Ma présence est signée" in learner.main.inner_text()
    assert entries(town, morning) == [("signature", "button", morning.people[0].id)]


def test_the_code_of_the_room_and_its_square(town, arrive, morning):
    trainer = open_it(town, arrive, morning)
    first = arrive(town, phone=True, scripts=False)
    scenes.sign_in(first, morning.people[0])
    first.open(f"/half-days/{morning.half_day}/sign")
    first.follow("Écrire le code de la salle")
    code = shown(trainer)
    first.write("Le code de la salle", f"{code[:3]} {code[3:]}")
    first.press("Continuer")
    first.press("Je signe ma présence")
    second = arrive(town, phone=True)
    scenes.sign_in(second, morning.people[1])
    second.open(f"/q/{morning.half_day}/{shown(trainer)}")
    second.press("Je signe ma présence")

    assert [method for _kind, method, _person in entries(town, morning)] == ["code", "qr"]


def shown(trainer: Hands) -> str:
    """Have the code of now shown, the moment before it is used: it is taken for half a minute more, at least."""
    trainer.follow("Afficher le nouveau code")
    return "".join(trainer.page.locator(".room span").all_inner_texts())


def test_a_tablet_is_passed_round_and_a_trainer_helps(town, arrive, morning):
    first, second, third = morning.people
    trainer = open_it(town, arrive, morning, scripts=False)
    trainer.follow("Faire passer cette tablette")
    trainer.follow(first.name)
    trainer.press("Je signe ma présence")
    trainer.open(f"/half-days/{morning.half_day}/people/{second.id}/help")
    trainer.page.get_by_text("La personne est là.").click()
    trainer.press("Signer avec mon aide")
    trainer.press(f"Absence {third.name}")

    assert entries(town, morning) == [
        ("signature", "tablet", first.id),
        ("signature", "help", second.id),
        ("mark", "", third.id),
    ]


def test_a_secret_code_signs_on_the_tablet_and_a_sheet_of_paper_is_attested(town, arrive, morning, tmp_path):
    first, second, third = morning.people
    learner = arrive(town, phone=True, scripts=False)
    scenes.sign_in(learner, first)
    learner.open("/presence/pin")
    learner.write("Votre nouveau code secret", "4071")
    learner.press("Garder ce code")
    trainer = open_it(town, arrive, morning, scripts=False)
    trainer.open(f"/half-days/{morning.half_day}/tablet/{first.id}")
    trainer.write("Votre code secret", "1111")
    trainer.press("Je signe ma présence")
    assert "ne va pas" in trainer.main.inner_text()
    trainer.write("Votre code secret", "4071")
    trainer.press("Je signe ma présence")
    scan = tmp_path / "feuille.png"
    scan.write_bytes(PNG)
    trainer.open(f"/half-days/{morning.half_day}/paper")
    trainer.page.get_by_label(second.name).check()
    trainer.page.get_by_label(third.name).check()
    trainer.page.get_by_label("La photo ou le scan").set_input_files(scan)
    trainer.page.get_by_text("J'atteste que").click()
    trainer.press("Ajouter cette feuille")

    assert entries(town, morning) == [
        ("signature", "pin", first.id),
        ("signature", "paper", second.id),
        ("signature", "paper", third.id),
    ]


def test_a_link_that_was_sent_signs_in_three_pages(town, arrive, morning):
    open_it(town, arrive, morning)
    person = morning.people[0]
    with town.records():
        clock.freeze(NOW)
        reminders.run_day()
        clock.freeze(None)
        link = db.session.scalars(select(Notice.url).where(Notice.person_id == person.id)).one()
    learner = arrive(town, phone=True, scripts=False)
    learner.open(link)
    learner.press("Je signe ma présence")

    assert "Ma présence est signée" in learner.main.inner_text()
    assert entries(town, morning) == [("signature", "link", person.id)]


@pytest.mark.parametrize("how", ["the browser knows", "nobody knows", "a proxy answers"])
def test_an_hour_without_network_loses_nothing(town, arrive, morning, how):
    first, second, third = morning.people
    page = in_the_field(town, arrive, morning)
    with town.cut_off(page) if how == "the browser knows" else town.network.cut(BUSY if "proxy" in how else b""):
        page.context.clock.install()
        page.reload()
        act(page, first, "Je signe ma présence")
        page.context.clock.fast_forward("30:00")
        act(page, second, "Retard")
        page.close()  # the browser is closed before anything was sent
        page = page.context.new_page()
        page.goto(f"{town.address}/half-days/{morning.half_day}/field")
        page.get_by_text("Pas de réseau. Actes gardés sur cet appareil : 2.").wait_for()
        page.context.clock.fast_forward("30:00")
        act(page, third, "Absence")
        page.get_by_text("Pas de réseau. Actes gardés sur cet appareil : 3.").wait_for()
        assert entries(town, morning) == []

    page.get_by_text("Tout est envoyé").wait_for()
    assert [(kind, person) for kind, _method, person in entries(town, morning)] == [
        ("signature", first.id),
        ("mark", second.id),
        ("mark", third.id),
    ]
    with town.records():
        asked = select(Entry).where(Entry.half_day_id == morning.half_day).order_by(Entry.id)
        taken = db.session.scalars(asked).all()
        assert [one.device_sequence for one in taken] == sorted(one.device_sequence for one in taken)
        assert [(one.received_at - one.at) // timedelta(minutes=30) for one in taken] == [2, 1, 0]
        assert ledger.verify() is None
    page.reload()
    page.get_by_text("Tout est envoyé").wait_for()
    assert len(entries(town, morning)) == 3


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_network_that_carries_nothing_is_waited_for_a_few_seconds_only(town, arrive, morning):
    first, _second, _third = morning.people
    page = in_the_field(town, arrive, morning)
    with town.network.stalled():
        page.reload()
        act(page, first, "Je signe ma présence")
    page.get_by_text("Tout est envoyé").wait_for()

    assert entries(town, morning) == [("signature", "tablet", first.id)]


def in_the_field(town, arrive, morning) -> Page:
    """Let a trainer open the page of a half-day that opens without network, until the browser has it."""
    trainer = open_it(town, arrive, morning)
    trainer.open(f"/half-days/{morning.half_day}/field")
    trainer.page.get_by_text("Vous pouvez aller sur le terrain").wait_for()
    return trainer.page


def touch(page: Page, person: Known, words: str) -> None:
    row = page.locator(f"[data-person='{person.id}']")
    row.locator("summary").click()
    row.get_by_role("button", name=words).click()


def act(page: Page, person: Known, words: str) -> None:
    """Touch a button where nothing can be sent, and see that it is kept."""
    touch(page, person, words)
    page.locator(f"[data-person='{person.id}']").get_by_text("gardé sur cet appareil").wait_for()


def test_an_act_whose_answer_is_lost_is_sent_again_and_counts_once(town, arrive, morning):
    first, second, _third = morning.people
    page = in_the_field(town, arrive, morning)
    with town.network.answers_lost():
        act(page, first, "Je signe ma présence")
        wait_for(lambda: entries(town, morning) or None, "the act")
        page.get_by_text("Pas de réseau. Actes gardés sur cet appareil : 1.").wait_for()
    touch(page, second, "Absence")

    page.get_by_text("Tout est envoyé").wait_for()
    page.locator(f"[data-person='{second.id}']").get_by_text("envoyé").wait_for()
    assert [(kind, person) for kind, _method, person in entries(town, morning)] == [
        ("signature", first.id),
        ("mark", second.id),
    ]


def test_a_conflict_is_shown_to_a_person(town, arrive, morning):
    first = morning.people[0]
    page = in_the_field(town, arrive, morning)
    learner = arrive(town, phone=True)
    learner.address = town.server.address  # by a network of their own
    scenes.sign_in(learner, first)
    with town.cut_off(page):
        act(page, first, "Je signe ma présence")
        learner.open(f"/half-days/{morning.half_day}/sign")
        learner.press("Je signe ma présence")

    page.locator(f"[data-person='{first.id}']").get_by_text("C'est déjà signé").wait_for()
    assert entries(town, morning) == [("signature", "button", first.id)]
