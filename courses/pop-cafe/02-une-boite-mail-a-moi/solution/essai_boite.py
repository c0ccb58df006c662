"""La boîte d'exercice : lire, répondre, joindre, et être prévenu quand on oublie le fichier."""

import pytest


@pytest.fixture
def boite(page, depart):
    page.goto((depart / "boite.html").as_uri())
    return page


def repondre(boite, fichier=None):
    boite.get_by_role("button", name="Votre première lettre").click()
    boite.get_by_role("button", name="Répondre").click()
    boite.get_by_label("Votre message").fill("Bonjour, à bientôt.")
    if fichier:
        boite.get_by_label("Joindre un fichier").set_input_files(fichier)
    boite.get_by_role("button", name="Envoyer").click()


def test_un_message_sans_fichier_part_et_la_page_previent(boite):
    repondre(boite)

    assert "sans fichier" in boite.get_by_role("status").inner_text()
    assert boite.locator("#liste-envoyes li").count() == 1


def test_le_nom_du_fichier_est_ecrit_a_cote_du_message(boite, depart):
    repondre(boite)
    repondre(boite, depart / "carte.html")

    assert boite.locator("#liste-envoyes li").count() == 2
    assert "avec carte.html" in boite.locator("#liste-envoyes li").last.inner_text()


def test_un_message_vide_ne_part_pas(boite):
    boite.get_by_role("button", name="Votre première lettre").click()
    boite.get_by_role("button", name="Répondre").click()
    boite.get_by_role("button", name="Envoyer").click()

    assert "Rien" in boite.locator("#liste-envoyes").inner_text()
