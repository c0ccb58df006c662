"""Everybody has a way in: with or without a mail, a phone, a password. Looking at a link uses nothing up."""

import re

import pytest

from popschool.auth.models import Account, Invitation
from popschool.db import db
from tests import factories
from tests.journeys import lap, scenes
from tests.journeys.installation import code_in, link_in

HANDLE = "Adresse mail, téléphone ou numéro"
PHONE = {"phone": True, "scripts": False}
NEW_PASSWORD = "quatre vélos au bord du canal"


@pytest.fixture
def scene(town):
    return scenes.a_school_at_work(town)


def is_out(hands) -> None:
    hands.open("/today")
    hands.is_at("Me connecter")


def test_a_learner_comes_in_with_a_mail_and_a_password(town, arrive, scene):
    learner = arrive(town, **PHONE)
    learner.open("/")
    learner.follow("Entrer avec un mot de passe")
    learner.write(HANDLE, scene.learner.mail)
    learner.write("Mot de passe", "ce n'est pas celui-là")
    learner.press("Me connecter")
    learner.sees("Cela ne va pas ensemble.")
    assert learner.value(HANDLE) == scene.learner.mail

    learner.write("Mot de passe", lap.PASSWORD)
    learner.press("Me connecter")

    learner.is_at("Aujourd'hui")
    learner.follow(scene.learner.name)
    learner.follow("Me déconnecter")
    learner.press("Me déconnecter")
    learner.sees("Vous êtes déconnecté ou déconnectée.")
    is_out(learner)


def test_a_code_comes_by_mail(town, arrive, scene):
    learner = arrive(town, **PHONE)
    learner.open(f"/assignments/{scene.assignment}")
    learner.write(HANDLE, scene.learner.mail.upper())
    learner.press("Recevoir mon code")
    learner.write("Code à 6 chiffres", "000000")
    learner.press("Me connecter")
    learner.sees("Ce code ne marche pas. Vérifiez les 6 chiffres ou demandez un nouveau code.")

    learner.write("Code à 6 chiffres", code_in(town.mail_to(scene.learner.mail, "Votre code")))
    learner.press_twice("Me connecter")

    learner.is_at("Le menu du jour")


def test_a_code_comes_by_sms(town, arrive, scene):
    learner = arrive(town, **PHONE)
    learner.open("/sign-in")
    learner.write(HANDLE, "0" + scene.learner.phone[3:])
    learner.press("Recevoir mon code")

    learner.write("Code à 6 chiffres", code_in(town.sms_to(scene.learner.phone)))
    learner.press("Me connecter")

    learner.is_at("Aujourd'hui")


def test_a_number_and_a_printed_card_are_enough(town, arrive, scene):
    with town.records():
        cohort = db.session.get(scenes.Cohort, scene.cohort)
        number = f"N{scene.cohort}12"
        guest = factories.make_learner(cohort, mail=None, learner_number=number)
        db.session.delete(db.session.get(Account, guest.id))
        guest_id = guest.id
    trainer, learner = arrive(town), arrive(town, **PHONE)
    scenes.sign_in(trainer, scene.trainer)
    trainer.open(f"/people/{guest_id}")
    trainer.follow("Imprimer une carte")
    trainer.press("Préparer la carte")
    trainer.sees("Imprimez cette page maintenant.", number)
    code = re.search(r"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b", trainer.main.inner_text())[0]

    learner.open("/sign-in")
    learner.write(HANDLE, number)
    learner.press("Recevoir mon code")
    learner.sees(f"Le numéro {number} ne reçoit pas de message.")
    learner.follow("J'ai une carte")
    assert learner.value("Votre numéro") == number
    learner.write("Le code de votre carte", code.lower().replace("-", " "))
    learner.press("Continuer")
    learner.open("/card/password")
    with town.records():
        assert db.session.query(Invitation).filter_by(person_id=guest_id, used_at=None).count() == 1
    learner.write("Nouveau mot de passe", NEW_PASSWORD)
    learner.press_twice("Ouvrir mon compte")

    learner.is_at("Aujourd'hui")
    learner.forget()
    learner.open("/card")
    learner.write("Votre numéro", number)
    learner.write("Le code de votre carte", code)
    learner.press("Continuer")
    learner.sees("Cette invitation a déjà servi.")
    learner.open("/sign-in/password")
    learner.write(HANDLE, number)
    learner.write("Mot de passe", NEW_PASSWORD)
    learner.press("Me connecter")
    learner.is_at("Aujourd'hui")


def test_a_forgotten_password_is_replaced_and_ends_the_other_sessions(town, arrive, scene):
    elsewhere, learner = arrive(town), arrive(town, **PHONE)
    scenes.sign_in(elsewhere, scene.learner)

    learner.open("/sign-in/password")
    learner.follow("J'ai oublié mon mot de passe")
    learner.write(HANDLE, scene.learner.mail)
    learner.press("Recevoir mon code")
    learner.write("Code à 6 chiffres", code_in(town.mail_to(scene.learner.mail, "Votre code")))
    learner.press("Continuer")
    learner.write("Nouveau mot de passe", "azerty1234")
    learner.press("Garder ce mot de passe")
    learner.sees("Beaucoup de gens choisissent ce mot de passe")
    learner.write("Nouveau mot de passe", NEW_PASSWORD)
    learner.press("Garder ce mot de passe")

    learner.sees("Votre mot de passe est changé. Les autres appareils sont déconnectés.")
    assert town.mail_to(scene.learner.mail, "Votre mot de passe a changé")
    is_out(elsewhere)
    scenes.sign_in(elsewhere, scene.learner)
    elsewhere.sees("Cela ne va pas ensemble.")
    scenes.sign_in(elsewhere, scene.learner, NEW_PASSWORD)
    elsewhere.is_at("Aujourd'hui")


def test_one_button_signs_out_everywhere(town, arrive, scene):
    phone, desk = arrive(town, **PHONE), arrive(town)
    scenes.sign_in(phone, scene.learner)
    scenes.sign_in(desk, scene.learner)

    phone.open("/account")
    phone.press("Me déconnecter partout")

    phone.sees("Vous êtes déconnecté ou déconnectée de tous vos appareils.")
    is_out(phone)
    is_out(desk)


def test_staff_add_an_application_of_codes(town, arrive, scene):
    trainer = arrive(town)
    scenes.sign_in(trainer, scene.trainer)
    trainer.open("/account")
    trainer.follow("Mettre en place le second code")
    secret, recovery = scenes.set_up_second_code(town, trainer)
    trainer.sees("À la prochaine connexion, nous demandons une preuve de plus.")

    trainer.forget()
    scenes.sign_in(trainer, scene.trainer)
    trainer.is_at("Votre second code")
    trainer.open("/queue")
    trainer.is_at("Me connecter")
    scenes.sign_in(trainer, scene.trainer)
    trainer.write("Code de votre application", town.code_of(secret, steps_later=1))
    trainer.press("Me connecter")
    trainer.is_at("Rendus à relire")

    trainer.forget()
    scenes.sign_in(trainer, scene.trainer)
    trainer.write("Code de votre application", recovery)
    trainer.press_twice("Me connecter")
    trainer.is_at("Rendus à relire")


def test_looking_at_an_invitation_uses_nothing_up_and_a_dead_one_is_replaced(town, arrive, scene):
    with town.records():
        guest = factories.make_learner(db.session.get(scenes.Cohort, scene.cohort))
        db.session.delete(db.session.get(Account, guest.id))
        guest_id, mail = guest.id, guest.mail
    manager, learner, machine = arrive(town), arrive(town, **PHONE), arrive(town)
    scenes.sign_in_as_manager(town, manager, scene.manager)
    manager.open(f"/people/{guest_id}")
    manager.follow("Inviter")
    manager.press("Continuer")
    manager.sees("est partie.")
    link = lap.invited(town, mail)
    machine.open(link)
    machine.open(link)

    lap.come_in(learner, link)
    learner.is_at("Aujourd'hui")

    learner.forget()
    learner.open(link)
    learner.is_at("Cette invitation ne marche plus")
    learner.press("Recevoir un nouveau lien")
    learner.is_at("Un nouveau lien est parti")
    again = link_in(town.mail_to(mail, "Votre accès à Pop School est prêt", number=2))
    assert again != link
    learner.open(again)
    learner.press("Continuer avec un code")
    learner.is_at("Aujourd'hui")
