"""Un badge tient dans 70 millimètres, ses lignes sont fermées, son mot est assez grand pour être lu à deux mètres."""

import re
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"
PRETES = ("rond", "ecusson", "etiquette")


def lire(fichier):
    return ElementTree.parse(fichier).getroot()


def ouverts(dessin):
    """Donne le nom des lignes qui ne reviennent pas à leur départ."""
    return [ligne.get("id") for ligne in dessin.iter(f"{SVG}path") if not ligne.get("d").strip().endswith("Z")]


def test_le_badge_a_la_bonne_taille_et_se_coupe(solution):
    dessin = lire(solution / "badge.svg")

    assert re.fullmatch(r"\d+mm", dessin.get("width")) and int(dessin.get("width")[:-2]) <= 70
    assert ouverts(dessin) == []


def test_le_mot_se_lit_a_deux_metres(solution):
    mots = lire(solution / "badge.svg").findall(f"{SVG}text")

    assert mots and all(float(mot.get("font-size")) >= 10 for mot in mots)


@pytest.mark.parametrize("nom", PRETES)
def test_les_formes_de_depart_se_coupent(depart, nom):
    dessin = lire(depart / f"{nom}.svg")

    assert ouverts(dessin) == []
    assert int(dessin.get("width").removesuffix("mm")) <= 70


def test_la_forme_a_reparer_a_bien_sa_faute(depart):
    assert ouverts(lire(depart / "ouvert.svg")) == ["bord"]
