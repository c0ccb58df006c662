"""Porte les objets, un par un. Il manque trois mots, à la place des ____.

Les mots : append  execute  execute
python3 porter.py reserve.db postgresql://localhost/reserve
"""

import sqlite3
import sys

import psycopg

ECRIRE = "INSERT INTO objet (id, reference, nom, rayon, valeur) VALUES (%s, %s, %s, %s, %s)"


def porter(ancienne, nouvelle):
    lues, ecrites, refus = 0, 0, []
    for ligne in ancienne.____("SELECT * FROM objet ORDER BY id"):
        lues += 1
        try:
            with nouvelle.transaction():
                nouvelle.____(ECRIRE, ligne)
            ecrites += 1
        except psycopg.Error as erreur:
            # La base dit non : on garde le numéro, et la raison.
            refus.____((ligne[0], erreur.diag.message_primary))
    assert lues == ecrites + len(refus), "une ligne a disparu"
    return lues, ecrites, refus


if __name__ == "__main__":
    with sqlite3.connect(sys.argv[1]) as ancienne, psycopg.connect(sys.argv[2], autocommit=True) as nouvelle:
        lues, ecrites, refus = porter(ancienne, nouvelle)
    print(lues, "lues,", ecrites, "écrites")
    for numero, raison in refus:
        print("  refusée :", numero, raison)
