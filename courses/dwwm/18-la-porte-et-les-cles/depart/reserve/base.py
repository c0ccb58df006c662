"""Everything that speaks to the base. Dates go in and out as ISO texts."""

import csv
import sqlite3
from datetime import date
from pathlib import Path

from reserve.regles import Dehors, cle

SCHEMA = Path(__file__).parent / "schema.sql"
PAR_PAGE = 20


class DejaDehors(Exception):
    """Somebody else took the object between the check and the writing."""


def ouvrir(chemin):
    base = sqlite3.connect(chemin, timeout=5)
    base.row_factory = sqlite3.Row
    base.execute("PRAGMA foreign_keys = ON")
    return base


def preparer(base):
    base.executescript(SCHEMA.read_text(encoding="utf-8"))


def importer(base, fichier):
    """Add the objects of a CSV file, all or none. Return how many."""
    with Path(fichier).open(newline="", encoding="utf-8") as ouvert, base:
        lignes = [(un["etiquette"], un["nom"], cle(un["nom"]), int(un["gros"])) for un in csv.DictReader(ouvert)]
        base.executemany("INSERT INTO objet (etiquette, nom, cle, gros) VALUES (?, ?, ?, ?)", lignes)
    return len(lignes)


def chercher(base, mot="", apres=("", 0)):
    """Return a page of objects by name, each with whether it is out, and where the next page begins (or None)."""
    motif = "%" + cle(mot).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    trouve = base.execute(
        r"""SELECT objet.id, objet.etiquette, objet.nom, objet.cle, emprunt.retour_prevu
        FROM objet
        LEFT JOIN emprunt ON emprunt.objet_id = objet.id AND emprunt.rendu_le IS NULL
        WHERE objet.cle LIKE ? ESCAPE '\' AND (objet.cle, objet.id) > (?, ?)
        ORDER BY objet.cle, objet.id
        LIMIT ?""",
        (motif, *apres, PAR_PAGE + 1),
    ).fetchall()
    page = trouve[:PAR_PAGE]
    return page, (page[-1]["cle"], page[-1]["id"]) if len(trouve) > PAR_PAGE else None


def objet(base, numero):
    """Return one object with the loan that is open, if any; None when it does not exist."""
    return base.execute(
        """SELECT objet.*, emprunt.id AS emprunt_id, emprunt.retour_prevu
        FROM objet
        LEFT JOIN emprunt ON emprunt.objet_id = objet.id AND emprunt.rendu_le IS NULL
        WHERE objet.id = ?""",
        (numero,),
    ).fetchone()


def carte(base, numero):
    return base.execute("SELECT id, numero, finit_le FROM carte WHERE numero = ?", (numero,)).fetchone()


def dehors(base, carte_id):
    """Return what is out on a card."""
    lignes = base.execute(
        "SELECT objet_id, retour_prevu FROM emprunt WHERE carte_id = ? AND rendu_le IS NULL", (carte_id,)
    )
    return [Dehors(ligne["objet_id"], date.fromisoformat(ligne["retour_prevu"])) for ligne in lignes]


def sortir(base, objet_id, carte_id, sorti_le, retour_prevu):
    """Write a loan. Raises DejaDehors when another counter was faster."""
    try:
        with base:
            base.execute(
                "INSERT INTO emprunt (objet_id, carte_id, sorti_le, retour_prevu) VALUES (?, ?, ?, ?)",
                (objet_id, carte_id, sorti_le.isoformat(), retour_prevu.isoformat()),
            )
    except sqlite3.IntegrityError as erreur:
        if "emprunt.objet_id" in str(erreur):
            raise DejaDehors from None
        raise


def rendre(base, emprunt_id, jour):
    """Close a loan; closing it twice changes nothing. Return whether this call closed it."""
    with base:
        return (
            base.execute(
                "UPDATE emprunt SET rendu_le = ? WHERE id = ? AND rendu_le IS NULL", (jour.isoformat(), emprunt_id)
            ).rowcount
            == 1
        )


def retards(base, jour):
    return base.execute(
        """SELECT objet.id, objet.etiquette, objet.nom, carte.numero, emprunt.retour_prevu
        FROM emprunt
        JOIN objet ON objet.id = emprunt.objet_id
        JOIN carte ON carte.id = emprunt.carte_id
        WHERE emprunt.rendu_le IS NULL AND emprunt.retour_prevu < ?
        ORDER BY emprunt.retour_prevu, objet.id""",
        (jour.isoformat(),),
    ).fetchall()


def oublier(base, avant):
    """Erase who borrowed, for loans closed before a day: the history keeps counting objects."""
    with base:
        return base.execute(
            "UPDATE emprunt SET carte_id = NULL WHERE carte_id IS NOT NULL AND rendu_le < ?", (avant.isoformat(),)
        ).rowcount
