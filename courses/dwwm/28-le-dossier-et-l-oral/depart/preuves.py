"""Relit preuves.csv : huit compétences, et derrière chacune une preuve qui s'ouvre.

python3 preuves.py [dossier]
Les fichiers sont cherchés dans le dossier. Une adresse https est acceptée : ouvrez-la vous-même, hors de votre session.
"""

import csv
import sys
from pathlib import Path

COLONNES = {
    "projet": "le projet",
    "ce_que_mes_mains_ont_fait": "ce que vos mains ont fait",
    "preuve": "la preuve",
    "choix_ecarte": "un choix écarté",
}


def relire(dossier):
    dossier = Path(dossier)
    with (dossier / "preuves.csv").open(encoding="utf-8", newline="") as fichier:
        lignes = list(csv.DictReader(fichier))
    trouves = []
    for numero in range(1, 9):
        siennes = [ligne for ligne in lignes if ligne["competence"].strip() == str(numero)]
        if not siennes:
            trouves.append(f"Compétence {numero} : aucune ligne.")
        for ligne in siennes:
            vides = [nom for colonne, nom in COLONNES.items() if not (ligne[colonne] or "").strip()]
            trouves += [f"Compétence {numero} : il manque {nom}." for nom in vides]
            mains = f" {ligne['ce_que_mes_mains_ont_fait'].lower()} "
            if " nous " in mains or " on " in mains:
                trouves.append(f"Compétence {numero} : qui a fait quoi ? Écrivez « je ».")
            preuve = ligne["preuve"].strip()
            if preuve and not preuve.startswith("https://") and not (dossier / preuve).is_file():
                trouves.append(f"Compétence {numero} : « {preuve} » ne s'ouvre pas.")
    return trouves


if __name__ == "__main__":
    reste = relire(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(reste) or "Huit compétences, huit preuves qui s'ouvrent.")
    sys.exit(1 if reste else 0)
