"""Trois fonctions données. À vous : au_dessus, puis la vérification."""

from tinydb import Query, TinyDB
from tinydb.storages import MemoryStorage


def ouvrir(chemin=None):
    return TinyDB(chemin, encoding="utf-8") if chemin else TinyDB(storage=MemoryStorage)


def ajouter(base, fiche):
    base.insert(fiche)


def lire(base, cle):
    return base.get(Query().cle == cle)


def regler(base, cle, nom, valeur):
    reglages = lire(base, cle)["reglages"]
    reglages[nom]["valeur"] = valeur
    base.update({"reglages": reglages}, Query().cle == cle)
