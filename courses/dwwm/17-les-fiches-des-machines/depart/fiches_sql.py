"""L'accès aux machines, en tables. Les mêmes noms de fonctions serviront pour les documents."""

import sqlite3

SCHEMA = """
CREATE TABLE machine (
  cle TEXT PRIMARY KEY,
  nom TEXT NOT NULL,
  famille TEXT NOT NULL,
  usages INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE reglage (
  cle TEXT NOT NULL REFERENCES machine (cle) ON DELETE CASCADE,
  nom TEXT NOT NULL,
  valeur INTEGER NOT NULL,
  unite TEXT NOT NULL,
  PRIMARY KEY (cle, nom)
) STRICT;
"""


def ouvrir(chemin=":memory:"):
    base = sqlite3.connect(chemin)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    if not base.execute("SELECT 1 FROM sqlite_schema WHERE name = 'machine'").fetchone():
        base.executescript(SCHEMA)
    return base


def ajouter(base, fiche):
    """Garde une fiche, avec ses réglages, ou rien. Refuse une clé déjà prise."""
    with base:
        base.execute(
            "INSERT INTO machine (cle, nom, famille) VALUES (?, ?, ?)", (fiche["cle"], fiche["nom"], fiche["famille"])
        )
        base.executemany(
            "INSERT INTO reglage VALUES (?, ?, ?, ?)",
            [(fiche["cle"], nom, un["valeur"], un["unite"]) for nom, un in fiche["reglages"].items()],
        )


def lire(base, cle):
    """Rend une fiche, ou None."""
    machine = base.execute("SELECT cle, nom, famille FROM machine WHERE cle = ?", (cle,)).fetchone()
    if machine is None:
        return None
    reglages = base.execute("SELECT nom, valeur, unite FROM reglage WHERE cle = ?", (cle,))
    return dict(machine) | {"reglages": {un["nom"]: {"valeur": un["valeur"], "unite": un["unite"]} for un in reglages}}


def au_dessus(base, unite, valeur):
    """Rend les clés des machines qui ont un réglage de cette unité au-dessus de cette valeur, de A à Z."""
    trouve = base.execute(
        "SELECT DISTINCT cle FROM reglage WHERE unite = ? AND valeur > ? ORDER BY cle", (unite, valeur)
    )
    return [un["cle"] for un in trouve]


def regler(base, cle, nom, valeur):
    """Change un réglage. Rend False quand il n'existe pas."""
    with base:
        return (
            base.execute("UPDATE reglage SET valeur = ? WHERE cle = ? AND nom = ?", (valeur, cle, nom)).rowcount == 1
        )


def compter_un_usage(base, cle):
    """Ajoute un usage. L'addition se fait dans la base : deux programmes peuvent écrire."""
    with base:
        base.execute("UPDATE machine SET usages = usages + 1 WHERE cle = ?", (cle,))


def usages(base, cle):
    return base.execute("SELECT usages FROM machine WHERE cle = ?", (cle,)).fetchone()["usages"]
