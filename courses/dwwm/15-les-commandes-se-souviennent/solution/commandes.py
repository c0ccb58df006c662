"""Everything that speaks to the base. SQL is here, and nowhere else."""

import sqlite3
from pathlib import Path

SCHEMA = Path(__file__).parent / "schema.sql"


def ouvrir(chemin):
    """Open the base. Rows are read by the names of their columns."""
    base = sqlite3.connect(chemin)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    return base


def preparer(base):
    """Make the tables of an empty base."""
    base.executescript(SCHEMA.read_text(encoding="utf-8"))


def produits(base):
    return base.execute("SELECT id, nom, centimes FROM produit ORDER BY nom").fetchall()


def enregistrer(base, nom, retrait_le, heure, quantites):
    """Keep an order and its lines together, or nothing. `quantites` is {product id: quantity}. Return its number."""
    with base:
        commande = base.execute(
            "INSERT INTO commande (nom, retrait_le, heure) VALUES (?, ?, ?)", (nom, retrait_le, heure)
        )
        for produit_id, quantite in quantites.items():
            base.execute(
                """INSERT INTO ligne (commande_id, produit_id, quantite, centimes)
                VALUES (?, ?, ?, (SELECT centimes FROM produit WHERE id = ?))""",
                (commande.lastrowid, produit_id, quantite, produit_id),
            )
    return commande.lastrowid


def lignes(base, numero):
    """Return the lines of one order; none when it does not exist."""
    return base.execute(
        """SELECT produit.nom, ligne.quantite, ligne.centimes, ligne.quantite * ligne.centimes AS total
        FROM ligne
        JOIN produit ON produit.id = ligne.produit_id
        WHERE ligne.commande_id = ?
        ORDER BY produit.nom""",
        (numero,),
    ).fetchall()


def commandes_du(base, jour):
    return base.execute(
        "SELECT id, nom, heure FROM commande WHERE retrait_le = ? ORDER BY id", (jour,)
    ).fetchall()


def a_preparer(base, jour):
    """Return how many of each product to bake for one day."""
    return base.execute(
        """SELECT produit.nom, sum(ligne.quantite) AS quantite
        FROM commande
        JOIN ligne ON ligne.commande_id = commande.id
        JOIN produit ON produit.id = ligne.produit_id
        WHERE commande.retrait_le = ?
        GROUP BY produit.id
        ORDER BY produit.nom""",
        (jour,),
    ).fetchall()


def chercher(base, nom):
    """Return the orders for exactly this name. Whatever is typed stays a value."""
    return base.execute("SELECT id, retrait_le FROM commande WHERE nom = ? ORDER BY id", (nom,)).fetchall()


def effacer_avant(base, jour):
    """Erase the orders to be collected before a day: names have no reason left. Return how many."""
    with base:
        return base.execute("DELETE FROM commande WHERE retrait_le < ?", (jour,)).rowcount


def page_apres(base, dernier_id, taille=20):
    """Return the orders that follow one, by key: the hundredth page costs no more than the first."""
    return base.execute(
        "SELECT id, retrait_le FROM commande WHERE id > ? ORDER BY id LIMIT ?", (dernier_id, taille)
    ).fetchall()
