"""Porte l'ancien magasin dans le nouveau. Se relance sans danger. Compte tout, ne perd rien en silence.

python3 migrer.py reserve.db fiches.json postgresql://localhost/reserve
"""

import json
import re
import sqlite3
import sys
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import psycopg
from fiches_tinydb import FicheRefusee


class Illisible(Exception):
    """On ne devine pas : la ligne est refusée, avec sa raison."""


def lire_jour(texte):
    if texte in (None, ""):
        return None
    for forme in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(texte, forme).date()
        except ValueError:
            continue
    raise Illisible(f"date illisible : {texte}")


def lire_valeur(brut):
    """En centimes. Un nombre est déjà en centimes ; un texte à virgule est en euros."""
    if brut is None or isinstance(brut, int):
        return brut
    trouve = re.fullmatch(r"(\d+),(\d{2})", str(brut).strip())
    if not trouve:
        raise Illisible(f"valeur illisible : {brut}")
    return int(trouve[1]) * 100 + int(trouve[2])


def lire_objet(ligne):
    nom = " ".join((ligne["nom"] or "").split())
    if not nom:
        raise Illisible("objet sans nom")
    return [ligne["id"], ligne["reference"], nom, ligne["rayon"].lower(), lire_valeur(ligne["valeur"])]


def lire_pret(ligne):
    sorti_le = lire_jour(ligne["sorti_le"])
    if sorti_le is None:
        raise Illisible("prêt sans date de sortie")
    return [ligne["id"], ligne["objet_id"], sorti_le, lire_jour(ligne["rendu_le"])]


ECRIRE = {
    "objet": """INSERT INTO objet (id, reference, nom, rayon, valeur) VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, nom = excluded.nom,
        rayon = excluded.rayon, valeur = excluded.valeur""",
    "pret": """INSERT INTO pret (id, objet_id, sorti_le, rendu_le) VALUES (%s, %s, %s, %s)
        ON CONFLICT (id) DO UPDATE SET objet_id = excluded.objet_id, sorti_le = excluded.sorti_le,
        rendu_le = excluded.rendu_le""",
}
LIRE = {"objet": lire_objet, "pret": lire_pret}


def porter(ancienne, nouvelle):
    """Rend les refus : (table, numéro, raison). Tout passe dans une transaction : tout, ou rien."""
    refus, comptes = [], {}
    ancienne.row_factory = sqlite3.Row
    with nouvelle.transaction():
        for table, lire in LIRE.items():
            lus = ecrits = 0
            for ligne in ancienne.execute(f"SELECT * FROM {table} ORDER BY id"):
                lus += 1
                try:
                    # Une petite transaction dans la grande : une ligne refusée n'annule pas les autres.
                    with nouvelle.transaction():
                        nouvelle.execute(ECRIRE[table], lire(ligne))
                    ecrits += 1
                except Illisible as erreur:
                    refus.append((table, ligne["id"], str(erreur)))
                except psycopg.IntegrityError as erreur:
                    refus.append((table, ligne["id"], erreur.diag.constraint_name))
            suite = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            nouvelle.execute(suite)
            comptes[table] = (lus, ecrits)
    for table, (lus, ecrits) in comptes.items():
        refuses = sum(1 for autre, _, _ in refus if autre == table)
        if lus != ecrits + refuses:
            raise AssertionError(f"{table} : {lus} lignes lues, {ecrits} écrites, {refuses} refusées")
    return comptes, refus


def porter_fiches(chemin, fiches):
    lues = json.loads(Path(chemin).read_text(encoding="utf-8"))["_default"]
    ecrites, refus = 0, []
    for numero, fiche in lues.items():
        try:
            if fiches.trouver(fiche.get("reference")) is None:
                fiches.ajouter(fiche)
            ecrites += 1
        except FicheRefusee as erreur:
            refus.append(("fiche", int(numero), str(erreur)))
    return {"fiche": (len(lues), ecrites)}, refus


def raconter(comptes, refus):
    for table, (lus, ecrits) in comptes.items():
        print(f"{table} : {lus} lus, {ecrits} écrits, {lus - ecrits} refusés")
    for table, numero, raison in refus:
        print(f"  {table} {numero} : {raison}")


if __name__ == "__main__":
    with closing(sqlite3.connect(sys.argv[1])) as source, psycopg.connect(sys.argv[3], autocommit=True) as cible:
        raconter(*porter(source, cible))
    print("Fini le", date.today().isoformat())
