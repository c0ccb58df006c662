"""La page du menu : trois plats, aucun, trente, un nom avec le signe <, les plats sans viande, au clavier."""

import json
from pathlib import Path

import pytest

MENU = Path("menu.js").read_text()
TROIS = [
    {"nom": "Soupe de courge", "prix": 450},
    {"nom": "Tarte aux poireaux", "prix": 700},
    {"nom": "Compote de pommes", "prix": 250},
]


def ouvrir(page, solution, plats=None):
    """Ouvre la page, avec la liste de `menu.js` ou une autre."""
    (solution / "menu.js").write_text(MENU if plats is None else f"const plats = {json.dumps(plats)};\n")
    page.goto((solution / "index.html").as_uri())
    return page.locator("#menu li")


def lu(ligne):
    return ligne.inner_text().replace("\u00a0", " ").replace("\u202f", " ")


def test_les_plats_viennent_de_la_liste_avec_leur_prix(page, solution):
    lignes = ouvrir(page, solution, TROIS)

    assert lignes.count() == 3
    assert lu(lignes.first) == "Soupe de courge : 4,50 €"


def test_sans_plat_la_page_le_dit(page, solution):
    assert ouvrir(page, solution, []).count() == 0
    assert "Pas de menu" in page.get_by_role("status").inner_text()


@pytest.mark.parametrize("nombre", [1, 30])
def test_il_y_a_une_ligne_par_plat_et_pas_de_message(page, solution, nombre):
    plats = [{"nom": f"Plat {rang}", "prix": 100 * rang} for rang in range(nombre)]

    assert ouvrir(page, solution, plats).count() == nombre
    assert page.get_by_role("status").inner_text() == ""


def test_un_nom_avec_le_signe_inferieur_s_affiche_tel_quel(page, solution):
    assert lu(ouvrir(page, solution).last) == "<Surprise> : 3,00 €"


def test_la_case_et_le_bouton_marchent_au_clavier(page, solution):
    lignes = ouvrir(page, solution)
    assert lignes.count() == 5
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert lignes.count() == 4 and "Hachis" not in page.inner_text("#menu")

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert lignes.count() == 5


def test_une_liste_sans_plat_a_montrer_le_dit_aussi(page, solution):
    ouvrir(page, solution, [{"nom": "Hachis", "prix": 850, "viande": True}])
    page.get_by_label("Seulement sans viande").check()
    page.get_by_role("button", name="Afficher").click()

    assert "ont de la viande" in page.get_by_role("status").inner_text()


def test_la_page_se_lit_sur_un_petit_telephone(page, solution, axe):
    page.set_viewport_size({"width": 320, "height": 600})
    ouvrir(page, solution)

    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert axe(page) == []


def test_l_exemple_montre_ce_que_l_on_doit_predire(page, depart):
    page.goto((depart / "exemple.html").as_uri())

    assert page.locator("#menu li").count() == 3


def test_les_lignes_en_desordre_sont_celles_de_la_solution(page, solution, depart):
    desordre, ordre = ((dossier / "ordre.js").read_text().splitlines() for dossier in (depart, solution))
    assert desordre != ordre and sorted(desordre[3:7]) == sorted(ordre[3:7])
    (depart / "page.js").write_text((solution / "ordre.js").read_text())
    page.goto((depart / "index.html").as_uri())

    assert page.locator("#menu li").first.inner_text() == "Soupe de courge : 450 centimes"
