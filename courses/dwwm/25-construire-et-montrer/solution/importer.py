"""Lit les tableurs de l'association. Ce qui n'est pas au registre reste dehors, comme la colonne des téléphones.

python3 importer.py creneaux.csv pieces.csv postgresql://localhost/atelier
"""

import csv
import io
import re
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg

PARIS = ZoneInfo("Europe/Paris")


class Illisible(Exception):
    """On ne devine pas : la ligne est rendue à l'association, avec sa raison."""


def lignes(chemin):
    """Rend (numéro de ligne, cases). Un tableur enregistre en UTF-8 ou à l'ancienne : on essaie les deux."""
    octets = Path(chemin).read_bytes()
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        texte = octets.decode("cp1252")
    for numero, cases in enumerate(csv.DictReader(io.StringIO(texte, newline=""), delimiter=";"), 2):
        if any((case or "").strip() for case in cases.values()):
            yield numero, {nom: (case or "").strip() for nom, case in cases.items() if nom}


def lire_debut(jour, heure):
    trouve = re.fullmatch(r"(\d{1,2})\s*[h:]\s*(\d{2})?", heure)
    try:
        date = datetime.strptime(jour, "%d/%m/%Y")
    except ValueError:
        raise Illisible(f"jour illisible : {jour}") from None
    if not trouve:
        raise Illisible(f"heure illisible : {heure}")
    return date.replace(hour=int(trouve[1]), minute=int(trouve[2] or 0), tzinfo=PARIS)


def lire_entier(texte, nom):
    if not (texte.isascii() and texte.isdigit()):
        raise Illisible(f"{nom} illisible : {texte}")
    return int(texte)


def poser_creneau(base, cases):
    debut = lire_debut(cases["Jour"], cases["Heure"])
    places, carte = lire_entier(cases["Places"], "nombre de places"), lire_entier(cases["Carte"], "carte")
    creneau = base.execute(
        "INSERT INTO creneau (debut) VALUES (%s) ON CONFLICT (debut) DO UPDATE SET debut = excluded.debut RETURNING id",
        [debut],
    ).fetchone()[0]
    base.execute(
        "INSERT INTO place (creneau_id, numero) SELECT %s, generate_series(1, %s) ON CONFLICT DO NOTHING",
        [creneau, places],
    )
    deja = base.execute("SELECT 1 FROM place WHERE creneau_id = %s AND carte = %s", [creneau, carte]).fetchone()
    if not deja and not donner(base, creneau, carte):
        raise Illisible(f"plus de places que prévu pour la carte {carte}")


def donner(base, creneau, carte):
    """Remplit la première case vide. Deux demandes ensemble prennent deux cases, ou l'une n'a rien."""
    return base.execute(
        "UPDATE place SET carte = %(carte)s WHERE (creneau_id, numero) = (SELECT creneau_id, numero FROM place"
        " WHERE creneau_id = %(creneau)s AND carte IS NULL ORDER BY numero LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING numero",
        {"creneau": creneau, "carte": carte},
    ).fetchone()


def poser_piece(base, cases):
    quantite = lire_entier(cases["Quantité"], "quantité")
    try:
        compte_le = datetime.strptime(cases["Compté le"], "%d/%m/%Y").date()
    except ValueError:
        raise Illisible("pas de date de comptage") from None
    base.execute(
        "INSERT INTO piece (nom, taille, quantite, compte_le) VALUES (%s, %s, %s, %s) ON CONFLICT (nom, taille)"
        " DO UPDATE SET quantite = excluded.quantite, compte_le = excluded.compte_le"
        " WHERE piece.compte_le <= excluded.compte_le",  # le comptage le plus récent gagne
        [cases["Pièce"], cases["Taille"], quantite, compte_le],
    )


def importer(base, chemin, poser):
    """Rend (lues, posées, refus). Le fichier entier tient dans une transaction."""
    lues = posees = 0
    refus = []
    with base.transaction():
        for numero, cases in lignes(chemin):
            lues += 1
            try:
                with base.transaction():
                    poser(base, cases)
                posees += 1
            except Illisible as erreur:
                refus.append((numero, str(erreur)))
    return lues, posees, refus


if __name__ == "__main__":
    with psycopg.connect(sys.argv[3], autocommit=True) as cible:
        for fichier, geste in ((sys.argv[1], poser_creneau), (sys.argv[2], poser_piece)):
            total, faites, rendues = importer(cible, fichier, geste)
            print(f"{fichier} : {total} lues, {faites} posées, {len(rendues)} à revoir avec l'association")
            for ligne, raison in rendues:
                print(f"  ligne {ligne} : {raison}")
