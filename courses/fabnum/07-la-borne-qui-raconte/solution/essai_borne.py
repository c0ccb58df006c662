"""La borne : trois boutons, le dernier pressé gagne, et l'on revient au début."""

import pytest


@pytest.fixture
def borne(page, solution):
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.goto((solution / "borne.html").as_uri())
    return page


def texte(borne):
    return borne.get_by_role("status").inner_text()


def test_chaque_bouton_raconte_son_morceau(borne):
    vus = set()
    for nom in ("Le rond", "Le carré", "Le triangle"):
        borne.get_by_role("button", name=nom).click()
        vus.add(texte(borne))

    assert len(vus) == 3


def test_le_dernier_bouton_presse_gagne(borne):
    for nom in ("Le rond", "Le carré", "Le rond"):
        borne.get_by_role("button", name=nom).click()

    assert texte(borne).startswith("Avant")


def test_la_borne_revient_au_debut_et_laisse_le_temps_de_lire(borne):
    borne.get_by_role("button", name="Le rond").click()
    borne.clock.run_for(15_000)
    borne.get_by_role("button", name="Le carré").click()
    borne.clock.run_for(15_000)
    assert texte(borne).startswith("Un hiver")

    borne.clock.run_for(6_000)
    assert texte(borne) == "Pressez un bouton."


def test_la_borne_marche_au_clavier(borne):
    borne.keyboard.press("Tab")
    borne.keyboard.press("Enter")

    assert texte(borne).startswith("Avant")
