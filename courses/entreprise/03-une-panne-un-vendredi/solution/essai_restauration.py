"""Les trois dossiers du jeu : un verrouillé, un à moitié perdu, un bon où il manque le vendredi."""

import shutil

import pytest
from controler import controler


@pytest.mark.parametrize(
    ("dossier", "sains", "manquants"),
    [
        ("bureau", 0, 10),
        ("sauvegarde-branchee", 2, 8),
        ("sauvegarde-tiroir", 9, 1),
    ],
)
def test_une_seule_sauvegarde_vaut_la_peine(depart, dossier, sains, manquants):
    trouves = controler(depart / "jeu" / dossier, depart / "liste.csv")

    assert (len(trouves[0]), len(trouves[2])) == (sains, manquants)


def test_la_restauration_nomme_ce_qui_est_perdu(depart, tmp_path):
    shutil.copytree(depart / "jeu" / "sauvegarde-tiroir", tmp_path / "neuf")

    assert controler(tmp_path / "neuf", depart / "liste.csv")[2] == ["facture-90.txt"]


def test_un_fichier_abime_est_vu(depart, tmp_path):
    shutil.copytree(depart / "jeu" / "sauvegarde-tiroir", tmp_path / "neuf")
    (tmp_path / "neuf" / "stock.txt").write_text("Stock")

    assert controler(tmp_path / "neuf", depart / "liste.csv")[1] == ["stock.txt"]
