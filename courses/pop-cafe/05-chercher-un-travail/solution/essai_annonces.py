"""Les annonces d'exercice : les mots trient, les accents ne comptent pas, deux annonces sont fausses."""

import pytest


@pytest.fixture
def annonces(page, depart):
    page.goto((depart / "annonces.html").as_uri())
    return page


def chercher(annonces, mots):
    annonces.get_by_label("Vos mots").fill(mots)
    annonces.get_by_role("button", name="Chercher").click()
    return annonces.locator("#liste h2").all_inner_texts()


def test_chaque_mot_retire_des_annonces(annonces):
    assert len(chercher(annonces, "matin")) > len(chercher(annonces, "matin, jardin")) > 0
    assert chercher(annonces, "jardin Valombre matin") == ["Jardin de la mairie"]


def test_les_accents_ne_comptent_pas(annonces):
    assert chercher(annonces, "ecole") == ["Aide en cuisine"]


def test_rien_trouve_dit_quoi_faire(annonces):
    assert chercher(annonces, "cosmonaute") == []
    assert "Enlevez un mot" in annonces.locator("#compte").inner_text()


def test_on_garde_une_annonce(annonces):
    annonces.get_by_role("button", name="Garder « Caisse au marché »").click()

    assert annonces.locator("#gardees li").all_inner_texts() == ["Caisse au marché"]


def test_deux_annonces_sont_fausses(annonces):
    assert chercher(annonces, "envoyez") == ["Emballage à la maison", "Livraison, gagnez vite"]
