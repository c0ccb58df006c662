"""Du code dangereux, pour le voir céder. À lancer sur ce poste seulement, jamais sur le site des autres."""

import sqlite3


def base_d_essai():
    base = sqlite3.connect(":memory:")
    base.executescript("""
        CREATE TABLE commande (id INTEGER PRIMARY KEY, nom TEXT, code TEXT);
        INSERT INTO commande VALUES (1, 'Table rouge', '4812'), (2, 'Table verte', '7730'), (3, 'L''atelier', '1965');
    """)
    return base


def chercher(base, nom):
    """Cherche une commande par le nom du sac. Le nom est collé dans la requête : c'est la faute."""
    return base.execute(f"SELECT id, code FROM commande WHERE nom = '{nom}'").fetchall()
