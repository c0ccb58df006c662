"""L'affiche dit l'essentiel, en gros, avec assez de contraste, et se lit en gris."""

import pytest


@pytest.fixture
def affiche(page, solution):
    page.set_viewport_size({"width": 1123, "height": 1587})  # une page A3, à 96 points par pouce
    page.goto((solution / "affiche.html").as_uri())
    return page


@pytest.mark.parametrize("mot", ["fête", "12 juin", "14 h", "8 rue du Canal", "Entrée libre", "sans marche", "fete@example.org"])
def test_l_affiche_dit_quoi_quand_ou_combien_et_comment(affiche, mot):
    assert mot in affiche.inner_text("body")


def test_la_date_et_le_lieu_se_lisent_a_trois_metres(affiche):
    """Un centimètre de haut par trois mètres, au moins : 1,5 cm pour être tranquille."""
    for ligne in affiche.locator(".quand").all():
        pixels = float(ligne.evaluate("un => getComputedStyle(un).fontSize").removesuffix("px"))
        assert pixels / 96 * 2.54 >= 1.5


def test_le_contraste_suffit(affiche, axe):
    assert axe(affiche) == []


def test_l_image_est_citee(affiche):
    assert "atelier dessin" in affiche.inner_text("body")
