"""Deux personnes demandent la dernière place. Lisez, prédisez, puis lancez.

python3 derniere_place.py postgresql://localhost/essai
"""

import sys
import threading

import psycopg

PREPARER = """
DROP TABLE IF EXISTS essai_inscription;
CREATE TABLE essai_inscription (code text NOT NULL);
"""


def lancer(adresse):
    """Rend le nombre d'inscrits, pour une seule place."""
    with psycopg.connect(adresse) as connexion:
        connexion.execute(PREPARER)
    ensemble = threading.Barrier(2)

    def demander(code):
        with psycopg.connect(adresse) as connexion:
            prises = connexion.execute("SELECT count(*) FROM essai_inscription").fetchone()[0]
            ensemble.wait()  # les deux ont compté, aucune n'a encore écrit
            if prises < 1:
                connexion.execute("INSERT INTO essai_inscription VALUES (%s)", [code])

    fils = [threading.Thread(target=demander, args=[code]) for code in ("romarin", "thym")]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    with psycopg.connect(adresse) as connexion:
        inscrits = connexion.execute("SELECT count(*) FROM essai_inscription").fetchone()[0]
        connexion.execute("DROP TABLE essai_inscription")
    return inscrits


if __name__ == "__main__":
    print("Inscrits pour une place :", lancer(sys.argv[1]))
