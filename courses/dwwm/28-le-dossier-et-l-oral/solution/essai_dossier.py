"""L'exemple de preuves est complet, chaque trou se voit, et le modèle de diapositives est ouvert à tout le monde."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from preuves import COLONNES, relire

from tests.curriculum.running import html_faults

ICI = Path(__file__).parent


@pytest.fixture
def dossier(tmp_path):
    (tmp_path / "preuves.csv").write_text((ICI / "preuves.csv").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "preuves").mkdir()
    for preuve in (ICI / "preuves").iterdir():
        (tmp_path / "preuves" / preuve.name).write_bytes(preuve.read_bytes())
    return tmp_path


def changer(dossier, numero, **cases):
    chemin = dossier / "preuves.csv"
    with chemin.open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier))
    lignes[numero - 1] |= cases
    with chemin.open("w", encoding="utf-8", newline="") as fichier:
        sortie = csv.DictWriter(fichier, lignes[0].keys())
        sortie.writeheader()
        sortie.writerows(lignes)


def test_l_exemple_est_complet():
    assert relire(ICI) == []


@pytest.mark.parametrize("colonne", COLONNES)
def test_une_case_vide_se_voit(dossier, colonne):
    changer(dossier, 4, **{colonne: " "})
    assert relire(dossier) == [f"Compétence 4 : il manque {COLONNES[colonne]}."]


def test_nous_avons_fait_n_est_pas_une_reponse(dossier):
    changer(dossier, 7, ce_que_mes_mains_ont_fait="Nous avons fait la route")
    assert relire(dossier) == ["Compétence 7 : qui a fait quoi ? Écrivez « je »."]


def test_une_preuve_qui_ne_s_ouvre_pas_se_voit(dossier):
    (dossier / "preuves/schema.txt").unlink()
    assert relire(dossier) == ["Compétence 5 : « preuves/schema.txt » ne s'ouvre pas."]


def test_une_competence_oubliee_se_voit(dossier):
    changer(dossier, 8, competence="7")
    assert relire(dossier) == ["Compétence 8 : aucune ligne."]


def test_le_modele_vide_demande_tout(depart):
    fait = subprocess.run([sys.executable, "preuves.py"], cwd=depart, capture_output=True, text=True, check=False)
    assert fait.returncode == 1
    assert fait.stdout.count("il manque") == 8 * len(COLONNES)


def test_les_diapositives_sont_valides_et_lisibles_par_tout_le_monde(depart, page, axe):
    diapos = depart / "diapos.html"
    assert html_faults(diapos.read_text(encoding="utf-8")) == []
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(diapos.as_uri())
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert page.locator("section").count() == 7
