"""La serrure d'exercice : une phrase résiste, un code de secours sert une fois, l'oubli a une fin."""

import pytest


@pytest.fixture
def serrure(page, depart):
    page.goto((depart / "phrase.html").as_uri())
    return page


@pytest.mark.parametrize(("cle", "dit"), [("minou1", "moins d'un"), ("lampe canard tiroir citron", "ans, environ")])
def test_quatre_mots_resistent_mieux(serrure, cle, dit):
    serrure.get_by_label("Une clé inventée").fill(cle)
    serrure.get_by_role("button", name="Compter les essais").click()

    assert dit in serrure.locator("#verdict").inner_text()


def test_on_entre_sans_telephone_une_seule_fois_par_code(serrure):
    serrure.get_by_role("button", name="Activer").click()
    code = serrure.locator("#codes").inner_text().split(" · ")[1]
    dits = []
    for _ in range(2):
        serrure.get_by_label("Le code du téléphone").fill(code)
        serrure.get_by_role("button", name="Entrer").click()
        dits.append(serrure.locator("#entree").inner_text())

    assert "La porte s'ouvre" in dits[0] and "ne va pas" in dits[1]


def test_l_oubli_a_une_fin(serrure):
    serrure.get_by_role("button", name="Mot de passe oublié").click()
    serrure.get_by_label("Le numéro du mail").fill(" 4172 ")
    serrure.get_by_label("Votre nouvelle phrase").fill("lampe canard tiroir citron")
    serrure.get_by_role("button", name="Changer").click()

    assert "C'est changé" in serrure.locator("#change").inner_text()
