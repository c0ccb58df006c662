"""Fabrique les deux vieux magasins : reserve.db (SQLite) et fiches.json (TinyDB). Toujours les mêmes données.

python3 creer_bases.py
"""

import json
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

OUTILS = ["Perceuse", "Échelle", "Ponceuse", "Scie", "Serre-joint", "Marteau", "Niveau", "Pied à coulisse"]
RAYONS = ["bricolage", "jardin", "couture", "cuisine"]
DEPART = date(2024, 1, 8)
OBJETS, PRETS = 400, 1600


def objets():
    for numero in range(1, OBJETS + 1):
        nom = f"{OUTILS[numero % len(OUTILS)]} {numero}"
        yield [numero, f"R{numero:04}", nom, RAYONS[numero % len(RAYONS)], 500 + 25 * (numero % 80)]


def prets():
    for numero in range(1, PRETS + 1):
        sortie = DEPART + timedelta(days=numero // 4)
        yield [numero, 1 + (numero * 37) % OBJETS, sortie.isoformat(), (sortie + timedelta(days=7)).isoformat()]


def salir(lignes_objets, lignes_prets):
    """Ce que des années de saisie à la main laissent derrière elles."""
    lignes_objets[4][2] = "   Machine   à coudre "  # des espaces en trop
    lignes_objets[9][2] = ""  # plus de nom
    lignes_objets[14][4] = "12,50"  # un prix écrit à la main
    lignes_objets[19][4] = "offert"  # un mot à la place du prix
    lignes_objets[24][3] = "Jardin"  # une majuscule
    lignes_objets[29][1] = "R0001"  # une référence déjà prise
    lignes_prets[100][2] = "02/02/2024"  # une date à la française
    lignes_prets[200][3] = "bientôt"  # une date qui n'en est pas une
    lignes_prets[300][1] = 9999  # un objet qui n'existe pas
    lignes_prets[400][3] = "2020-01-01"  # rendu avant d'être sorti
    lignes_prets[500][3] = None  # encore dehors
    lignes_prets[900][1], lignes_prets[900][3] = lignes_prets[500][1], None  # dehors une seconde fois
    lignes_prets[1599][3] = ""  # encore dehors, écrit autrement


def fiches():
    for numero in range(1, 13):
        fiche = {"reference": f"R{numero:04}", "nom": f"{OUTILS[numero % len(OUTILS)]} {numero}"}
        if numero % 2:
            fiche["moteur"] = {"watts": 100 * numero, "poussiere": numero % 3 == 0}
        fiche["entretien"] = {"prochain": (DEPART + timedelta(days=30 * numero)).isoformat(), "gestes": ["nettoyer"]}
        yield fiche


def creer(dossier):
    dossier = Path(dossier)
    lignes_objets, lignes_prets = list(objets()), list(prets())
    salir(lignes_objets, lignes_prets)
    base = dossier / "reserve.db"
    base.unlink(missing_ok=True)
    with closing(sqlite3.connect(base)) as connexion, connexion:
        connexion.executescript(Path(__file__).with_name("ancien_schema.sql").read_text(encoding="utf-8"))
        connexion.executemany("INSERT INTO objet VALUES (?, ?, ?, ?, ?)", lignes_objets)
        connexion.executemany("INSERT INTO pret VALUES (?, ?, ?, ?)", lignes_prets)
    documents = {"_default": {str(numero): fiche for numero, fiche in enumerate(fiches(), 1)}}
    # Deux fiches abîmées : l'une n'a pas de référence, l'autre a une date impossible.
    del documents["_default"]["5"]["reference"]
    documents["_default"]["8"]["entretien"]["prochain"] = "2024-02-31"
    (dossier / "fiches.json").write_text(json.dumps(documents, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    creer(".")
    print("reserve.db et fiches.json sont prêts.")
