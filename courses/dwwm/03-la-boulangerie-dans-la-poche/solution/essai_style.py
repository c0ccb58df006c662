"""La feuille de style, posée sur la page de départ : petits écrans, grand texte, poids."""

import shutil

import pytest


@pytest.fixture
def boulangerie(page, solution, depart, tmp_path):
    shutil.copy(depart / "index.html", tmp_path)
    shutil.copy(solution / "style.css", tmp_path)
    page.goto((tmp_path / "index.html").as_uri())
    return page


@pytest.mark.parametrize("taille", ["100%", "200%"])
def test_la_page_ne_glisse_pas_de_cote(boulangerie, taille):
    boulangerie.set_viewport_size({"width": 320, "height": 600})
    boulangerie.evaluate("taille => { document.documentElement.style.fontSize = taille }", taille)

    assert boulangerie.evaluate("document.scrollingElement.scrollWidth") <= 320


def test_les_contrastes_suffisent(boulangerie, axe):
    assert axe(boulangerie) == []


def test_les_produits_sont_dans_une_grille(boulangerie):
    assert boulangerie.locator(".produits").evaluate("un => getComputedStyle(un).display") == "grid"


def test_la_feuille_est_legere(solution):
    assert (solution / "style.css").stat().st_size < 2_000
