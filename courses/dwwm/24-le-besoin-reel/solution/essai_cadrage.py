"""L'exemple passe la relecture. Chaque trou que l'on y fait est trouvé."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from relire import ECRANS, REGISTRE, relire

ICI = Path(__file__).parent


@pytest.fixture
def dossier(tmp_path):
    for nom in ("registre.csv", "ecrans.csv"):
        (tmp_path / nom).write_text((ICI / nom).read_text(encoding="utf-8"), encoding="utf-8")
    shutil.copytree(ICI / "ecrans", tmp_path / "ecrans")
    return tmp_path


def changer(chemin, ligne, **cases):
    with chemin.open(encoding="utf-8", newline="") as fichier:
        lues = list(csv.DictReader(fichier))
    lues[ligne] |= cases
    with chemin.open("w", encoding="utf-8", newline="") as fichier:
        sortie = csv.DictWriter(fichier, lues[0].keys())
        sortie.writeheader()
        sortie.writerows(lues)


def test_l_exemple_est_complet():
    assert relire(ICI) == []


@pytest.mark.parametrize("colonne", REGISTRE)
def test_une_donnee_sans_raison_ni_fin_se_voit(dossier, colonne):
    changer(dossier / "registre.csv", 1, **{colonne: " "})
    assert relire(dossier) == [f"registre.csv, ligne 3 : il manque {REGISTRE[colonne]}"]


@pytest.mark.parametrize("colonne", ECRANS)
def test_un_ecran_sans_un_de_ses_etats_se_voit(dossier, colonne):
    changer(dossier / "ecrans.csv", 0, **{colonne: ""})
    assert relire(dossier) == [f"ecrans.csv, ligne 2 : il manque {ECRANS[colonne]}"]


def test_au_cas_ou_n_est_pas_une_raison(dossier):
    changer(dossier / "registre.csv", 0, raison="Au cas où")
    assert relire(dossier) == ["registre.csv, ligne 2 : « Au cas où » n'est pas une raison"]


def test_sans_essai_et_sans_changement_on_ne_signe_pas(dossier):
    for ligne in range(4):
        changer(dossier / "ecrans.csv", ligne, essais="0", change="")
    assert len(relire(dossier)) == 2


def test_le_depart_vide_est_refuse(depart):
    commande = [sys.executable, "relire.py"]
    fait = subprocess.run(commande, cwd=depart, capture_output=True, text=True, check=False)
    assert fait.returncode == 1
    assert "registre.csv : aucune ligne" in fait.stdout


def test_le_registre_du_quiz_a_une_seule_faute_a_la_ligne_trois(dossier):
    (dossier / "registre.csv").write_text((ICI / "a-relire.csv").read_text(encoding="utf-8"), encoding="utf-8")
    assert relire(dossier) == ["registre.csv, ligne 3 : « Au cas où » n'est pas une raison"]


def test_un_dessin_absent_se_voit(dossier):
    (dossier / "ecrans/creneau-complet.svg").unlink()
    assert relire(dossier) == ["ecrans.csv, ligne 3 : le dessin « creneau-complet.svg » n'est pas dans ecrans/"]
