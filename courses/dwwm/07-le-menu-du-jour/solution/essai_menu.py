"""La page du menu, avec trois plats, sans plat, avec trente, et avec un nom qui contient le signe <."""

import pytest


def ouvrir(page, solution, plats=None):
    """Ouvre la page, avec la liste de `menu.js` ou une autre."""
    if plats is not None:
        (solution / "menu.js").write_text(f"const plats = {plats};\n")
    page.goto((solution / "index.html").as_uri())
    return page.locator("#menu li")


def test_trois_plats_donnent_trois_lignes(page, solution):
    lignes = ouvrir(page, solution)

    assert lignes.count() == 3
    assert lignes.first.inner_text().replace("\u00a0", " ").replace("\u202f", " ") == "Soupe de courge : 4,50 €"


def test_sans_plat_la_page_le_dit(page, solution):
    assert ouvrir(page, solution, "[]").count() == 0
    assert "Pas de menu" in page.get_by_role("status").inner_text()


@pytest.mark.parametrize("nombre", [1, 30])
def test_il_y_a_une_ligne_par_plat(page, solution, nombre):
    plats = [{"nom": f"Plat {rang}", "prix": 100 * rang} for rang in range(nombre)]

    assert ouvrir(page, solution, plats).count() == nombre


def test_un_nom_avec_le_signe_inferieur_s_affiche_tel_quel(page, solution):
    ligne = ouvrir(page, solution, [{"nom": "<Surprise>", "prix": 100}]).first

    assert ligne.inner_text().startswith("<Surprise> :")


def test_la_page_est_ouverte_a_tout_le_monde(page, solution, axe):
    ouvrir(page, solution)

    assert axe(page) == []
