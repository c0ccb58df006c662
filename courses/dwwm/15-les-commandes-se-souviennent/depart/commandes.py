"""Tout ce qui parle à la base. Le SQL est ici, et nulle part ailleurs."""

import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).parent / "schema.sql"


def ouvrir(chemin):
    """Ouvre la base. Les lignes se lisent par le nom des colonnes."""
    base = sqlite3.connect(chemin)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    return base


def preparer(base):
    """Crée les tables dans une base vide."""
    base.executescript(SCHEMA.read_text(encoding="utf-8"))


def produits(base):
    """Donne les produits, de A à Z. C'est le modèle des autres fonctions."""
    return base.execute("SELECT id, nom, centimes FROM produit ORDER BY nom").fetchall()


# À vous : enregistrer, lignes, commandes_du, a_preparer, chercher, effacer_avant.
