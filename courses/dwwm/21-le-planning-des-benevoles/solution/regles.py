"""Ce que l'association a dit, en fonctions : ni base, ni page, ni horloge."""

from datetime import timedelta
from itertools import pairwise

DELAI = timedelta(hours=24)


class Refus(Exception):
    """Une raison que l'on peut lire à l'écran."""


def peut_s_inscrire(places, prises, debut, maintenant, deja_inscrit, autres):
    """Lève un Refus, ou ne dit rien. `autres` : les (début, fin) déjà pris par la personne, plus celui demandé."""
    if deja_inscrit:
        raise Refus("Vous êtes déjà sur ce créneau.")
    if debut <= maintenant:
        raise Refus("Ce créneau a déjà commencé.")
    if prises >= places:
        raise Refus("Ce créneau est complet. Choisissez-en un autre.")
    if se_croisent(autres):
        raise Refus("Vous avez déjà un créneau à cette heure-là.")


def peut_se_retirer(debut, maintenant):
    if debut - maintenant < DELAI:
        raise Refus("C'est dans moins de 24 heures. Prévenez l'équipe de vive voix.")


def se_croisent(creneaux):
    """Dit si deux créneaux de la liste se chevauchent. Fin et début à la même heure : pas de chevauchement."""
    ranges = sorted(creneaux)
    return any(fin > suivant for (_, fin), (suivant, _) in pairwise(ranges))
