"""Les totaux sont justes, et personne n'est nommé."""

import csv
import subprocess
import sys


def test_le_total_est_le_nombre_de_personnes(solution):
    dit = subprocess.run([sys.executable, "compter.py"], capture_output=True, text=True, check=True).stdout.splitlines()
    nombres = [int(ligne.split()[-1]) for ligne in dit]

    assert dit[0].startswith("soir") and nombres[0] == 9
    assert sum(nombres[:-1]) == nombres[-1] == 20


def test_le_tableau_ne_nomme_personne(solution):
    lignes = list(csv.DictReader((solution / "enquete.csv").open()))

    assert set(lignes[0]) == {"personne", "quand", "vient"}
    assert [int(ligne["personne"]) for ligne in lignes] == list(range(1, 21))
