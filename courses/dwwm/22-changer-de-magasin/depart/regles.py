"""Les règles de La Réserve. Elles ne savent pas où dorment les données : elles ne changent pas cette semaine."""

from datetime import timedelta

DUREE = timedelta(days=14)


class Refus(Exception):
    """Une raison que l'on peut lire à l'écran."""


def a_rendre_le(sorti_le):
    return sorti_le + DUREE


def jours_de_retard(sorti_le, jour):
    """Zéro tant que le prêt est dans les temps."""
    return max(0, (jour - a_rendre_le(sorti_le)).days)


def peut_sortir(deja_dehors):
    if deja_dehors:
        raise Refus("Cet objet est déjà dehors.")
