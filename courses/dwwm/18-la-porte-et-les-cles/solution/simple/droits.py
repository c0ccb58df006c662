"""La table des droits, version simple : deux lignes sont trop ouvertes."""

from enum import Enum


class Action(Enum):
    VOIR_OBJETS = "voir les objets"
    SE_CONNECTER = "se connecter"
    SE_DECONNECTER = "se déconnecter"
    VOIR_UNE_CARTE = "voir les prêts d'une carte"
    NOTER_UN_PRET = "noter une sortie ou un retour"
    VOIR_LES_RETARDS = "voir les retards"
    GERER_LES_COMPTES = "changer le rôle d'un compte"


ANONYME, ADHERENT, BENEVOLE, BUREAU = "anonyme", "adherent", "benevole", "bureau"
ROLES = (ANONYME, ADHERENT, BENEVOLE, BUREAU)
TOUS = frozenset(ROLES)
AVEC_COMPTE = TOUS - {ANONYME}
ACCUEIL = frozenset({BENEVOLE, BUREAU})

DROITS = {
    Action.VOIR_OBJETS: TOUS,
    Action.SE_CONNECTER: TOUS,
    Action.SE_DECONNECTER: AVEC_COMPTE,
    Action.VOIR_UNE_CARTE: AVEC_COMPTE,
    Action.NOTER_UN_PRET: ACCUEIL,
    Action.VOIR_LES_RETARDS: TOUS,  # à vous
    Action.GERER_LES_COMPTES: frozenset({BUREAU}),
}


def peut(role: str, action: Action) -> bool:
    """Ce qui n'est pas dans la table est refusé."""
    return role in DROITS.get(action, frozenset())


def peut_voir_carte(role: str, sa_carte: int | None, carte: int) -> bool:
    """À vous : une adhérente voit sa carte. L'accueil les voit toutes."""
    return True
