"""The rules of lending: values in, values out. No Flask, no base, no clock."""

import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

OBJETS_MAX = 3
JOURS, JOURS_GROS = 7, 3
DIMANCHE, LUNDI = 6, 0

DEJA_DEHORS = "Cet objet est déjà dehors."
CARTE_FINIE = "Cette carte n'est plus valable. Proposez de la renouveler."
TROP = f"Cette carte a déjà {OBJETS_MAX} objets dehors."
RETARD = "Un objet est en retard sur cette carte. Il doit revenir d'abord."


@dataclass(frozen=True)
class Dehors:
    """One object that is out on a card, and when it is due back."""

    objet_id: int
    retour_prevu: date


def retour_prevu(sorti_le: date, gros: bool) -> date:
    """Return when an object is due; the house is closed on Sunday and Monday."""
    jour = sorti_le + timedelta(days=JOURS_GROS if gros else JOURS)
    if jour.weekday() == DIMANCHE:
        return jour + timedelta(days=2)
    return jour + timedelta(days=1) if jour.weekday() == LUNDI else jour


def refus(est_dehors: bool, carte_finit_le: date, dehors: list[Dehors], jour: date) -> list[str]:
    """Return every reason not to lend, as sentences; none when the object may go out."""
    raisons = []
    if est_dehors:
        raisons.append(DEJA_DEHORS)
    if carte_finit_le < jour:
        raisons.append(CARTE_FINIE)
    if len(dehors) >= OBJETS_MAX:
        raisons.append(TROP)
    if any(un.retour_prevu < jour for un in dehors):
        raisons.append(RETARD)
    return raisons


def cle(texte: str) -> str:
    """Return a text as it is searched: no accents, no capitals, no doubled spaces."""
    sans = "".join(signe for signe in unicodedata.normalize("NFD", texte) if not unicodedata.combining(signe))
    return " ".join(sans.casefold().split())


def cellule_sure(texte: str) -> str:
    """Return a text that a spreadsheet will not run as a formula."""
    return f"'{texte}" if texte.startswith(("=", "+", "-", "@", "\t", "\r")) else texte
