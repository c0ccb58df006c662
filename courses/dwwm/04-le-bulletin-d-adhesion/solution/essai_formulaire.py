"""Le bulletin se remplit au clavier, n'envoie rien de vide, et n'écrit rien dans l'adresse."""

import re

import pytest


def champs(page):
    return page.locator("input")


@pytest.mark.parametrize("nom", ["index.html", "erreurs.html"])
def test_chaque_champ_a_son_etiquette_visible(page, solution, nom):
    page.goto((solution / nom).as_uri())
    for champ in champs(page).all():
        etiquette = page.locator(f"label[for={champ.get_attribute('id')}]")
        assert etiquette.count() == 1 and etiquette.is_visible()
        assert champ.get_attribute("placeholder") is None


def test_tout_se_remplit_au_clavier_dans_l_ordre_de_la_page(page, solution):
    page.goto((solution / "index.html").as_uri())
    taper = page.keyboard
    taper.press("Tab")
    taper.type("Platane")
    taper.press("Tab")
    taper.type("platane@example.org")
    taper.press("Tab")
    taper.press("Tab")
    taper.press("ArrowDown")
    taper.press("Tab")
    taper.press("Space")
    taper.press("Tab")
    taper.type("01 02 03 04 05")
    taper.press("Enter")
    page.wait_for_url("**/merci.html")

    assert "?" not in page.url


def test_un_envoi_vide_ne_part_pas(page, solution):
    page.goto((solution / "index.html").as_uri())
    page.get_by_role("button", name="Envoyer mon adhésion").click()

    assert page.url.endswith("index.html")
    assert page.evaluate("document.activeElement.id") == "nom"


def test_seules_les_informations_qui_ont_une_raison_sont_demandees(page, solution):
    page.goto((solution / "index.html").as_uri())
    demandees = set(champs(page).evaluate_all("tous => tous.map(un => un.name)"))
    lignes = [ligne for ligne in (solution / "donnees.md").read_text().splitlines() if ligne.startswith("| ")]

    assert demandees == {"nom", "mail", "tel", "groupe", "majeur", "urgence"}
    assert len(lignes) - 2 == len(demandees)
    assert all(case.strip() for ligne in lignes for case in ligne.strip("|").split("|"))


def test_la_notice_dit_qui_pourquoi_et_jusqu_a_quand(page, solution):
    page.goto((solution / "index.html").as_uri())
    texte = page.inner_text("body")

    assert all(mots in texte for mots in ("Les Foulées du Canal", "pour organiser", "31 août", "@example.org"))


def test_chaque_erreur_du_resume_mene_a_son_champ(page, solution):
    page.goto((solution / "erreurs.html").as_uri())
    for lien in page.get_by_role("alert").get_by_role("link").all():
        champ = page.locator(lien.get_attribute("href"))
        assert champ.get_attribute("aria-invalid") == "true" and champ.input_value()
        erreur = page.locator(f"#{champ.get_attribute('aria-describedby').split()[-1]}").inner_text()
        etiquette = page.locator(f"label[for={champ.get_attribute('id')}]").inner_text()
        assert "Exemple" in erreur and re.search(etiquette, erreur, re.IGNORECASE)
        assert etiquette in lien.inner_text()


def test_la_base_simple_garde_le_motif(page, depart, axe):
    page.goto((depart / "simple.html").as_uri())

    assert axe(page) == []
