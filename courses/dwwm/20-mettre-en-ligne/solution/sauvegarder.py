"""Copie la base sans arrêter le site, vérifie la copie, garde les quatorze dernières.

python3 sauvegarder.py /srv/reserve/donnees/reserve.db /srv/reserve/sauvegardes
"""

import sqlite3
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

A_GARDER = 14


def compter(chemin):
    """Le nombre de lignes de chaque table : c'est ce que l'on compare après une restauration."""
    with closing(sqlite3.connect(f"file:{chemin}?mode=ro", uri=True)) as base:
        tables = base.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        return {nom: base.execute(f'SELECT count(*) FROM "{nom}"').fetchone()[0] for (nom,) in tables}


def sauvegarder(base, dossier, maintenant):
    dossier = Path(dossier)
    dossier.mkdir(parents=True, exist_ok=True)
    copie = dossier / f"reserve-{maintenant:%Y%m%d-%H%M%S}.db"
    with closing(sqlite3.connect(base)) as source, closing(sqlite3.connect(copie)) as cible:
        source.backup(cible)
        etat = cible.execute("PRAGMA integrity_check").fetchone()[0]
    if etat != "ok":
        copie.unlink()
        raise SystemExit(f"La copie est abîmée : {etat}")
    for ancienne in sorted(dossier.glob("reserve-*.db"))[:-A_GARDER]:
        ancienne.unlink()
    return copie


if __name__ == "__main__":
    faite = sauvegarder(sys.argv[1], sys.argv[2], datetime.now())
    print(faite.name, compter(faite))
