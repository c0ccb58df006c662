"""L'appel d'exercice : trois boutons, quatre problèmes, un rendez-vous que l'on annule."""

import re

import pytest


@pytest.fixture
def appel(page, depart):
    page.goto((depart / "appel.html").as_uri())
    return page


def test_les_trois_boutons_disent_ce_qui_change(appel):
    etat = appel.locator("#etat")
    assert etat.inner_text() == "Vous êtes dehors."

    appel.get_by_role("button", name="Entrer dans l'appel").click()
    assert etat.inner_text() == "On vous entend. On vous voit."

    appel.get_by_role("button", name="Micro", exact=True).click()
    assert "micro est coupé" in etat.inner_text()
    appel.get_by_role("button", name="Sortir de l'appel").click()
    assert etat.inner_text() == "Vous êtes dehors."


@pytest.mark.parametrize(
    ("rang", "bon"), enumerate(["Rallumer le micro", "Fermer la fenêtre", "Poser le téléphone", "Couper l'image et garder"])
)
def test_chaque_probleme_a_un_seul_bon_geste(appel, rang, bon):
    groupe = appel.locator(f"#souci-{rang}")
    reponses = []
    for bouton in groupe.get_by_role("button").all():
        bouton.click()
        reponses.append((bouton.inner_text().startswith(bon), groupe.get_by_role("status").inner_text() == "C'est réparé."))

    assert [juste for juste, _ in reponses] == [repare for _, repare in reponses]
    assert sum(juste for juste, _ in reponses) == 1


def test_on_reserve_et_on_annule(appel):
    appel.get_by_label("Le jour").select_option("Mardi")
    appel.get_by_label("L'heure").select_option("14 h")
    appel.get_by_role("button", name="Réserver").click()
    assert re.search(r"mardi à 14 h.*RV-\d{3}", appel.locator("#reserve").inner_text())

    appel.get_by_role("button", name="Annuler").click()
    assert "annulé" in appel.locator("#reserve").inner_text()
