"""The words of lists: what each is called, how often, how a cell is written."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from popschool.reports.rules_lists import Listed, Rhythm
from popschool.rules_tables import Kind


@dataclass(frozen=True)
class Words:
    """What a list is called, and what it is when somebody asks for it."""

    name: Any
    asked: Any


LISTS = {
    Listed.HOURS: Words(_l("État des heures"), _l("L'état des heures : ce que chaque personne a suivi et manqué")),
    Listed.INVOICE: Words(
        _l("Annexe d'heures à la facture"), _l("L'annexe à la facture : les heures des semaines fermées, et leur prix")
    ),
    Listed.BOARD: Words(_l("Tableau de suivi"), _l("Le tableau de suivi")),
    Listed.PARTICIPANTS: Words(_l("Participants FSE+"), _l("Le fichier des participants FSE+")),
    Listed.CPF: Words(_l("Mon Compte Formation"), _l("Les taux à déclarer au CPF")),
    Listed.KAIROS: Words(_l("KAIROS"), _l("Ce qui se saisit dans KAIROS")),
    Listed.GEN: Words(_l("Grande École du Numérique"), _l("Les chiffres de la Grande École du Numérique")),
}
RHYTHMS = {
    Rhythm.ONCE: _l("Un jour, une fois"),
    Rhythm.MONTHLY: _l("Chaque mois, à partir d'un jour"),
    Rhythm.QUARTERLY: _l("Chaque trimestre, à partir d'un jour"),
}
KINDS = {
    Kind.TEXT: _l("texte"),
    Kind.WHOLE: _l("nombre entier"),
    Kind.TENTHS: _l("une décimale"),
    Kind.HUNDREDTHS: _l("deux décimales"),
    Kind.DAY: _l("jour"),
    Kind.MOMENT: _l("jour et heure"),
}
