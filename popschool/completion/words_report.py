"""The words of the yearly report: each control that does not hold, and what to do about it."""

from flask_babel import gettext as _

from popschool.completion.rules_figures import Control, Wrong

SHOWN = 6


def control(one: Control) -> str:
    """Return what is wrong, then what to do."""
    return SENTENCES[one.what](", ".join(one.lines[:SHOWN]) + (" …" if len(one.lines) > SHOWN else ""))


def definition(frame: str, line: str) -> str:
    """Return what a line of the report counts, and where it comes from."""
    if (frame, line) == ("E", "outside"):
        return _("Écrit une fois l'an")
    return {
        "C": _("Hors taxes ; chaque convention est sur la ligne que dit sa fiche"),
        "D": _("Hors taxes"),
        "E": _("Durée des séances contresignées, une fois pour chaque membre de l'équipe"),
        "F-1": _("Heures suivies = présence sur place + à distance, du registre"),
        "F-2": _("Écrit une fois l'an"),
        "F-3": _("D'après la certification de chaque formation"),
        "F-4": _("D'après le code NSF de chaque promo"),
        "G": _("Comptées à part du cadre F"),
    }[frame]


SENTENCES = {
    Wrong.YEAR_OPEN: lambda lines: _("L'année n'est pas finie. Les chiffres vont encore changer."),
    Wrong.FIGURES_MISSING: lambda lines: _("Aucun montant n'est écrit. Demandez-les à la comptabilité."),
    Wrong.IDENTITY_MISSING: lambda lines: _(
        "Il manque, pour le réseau : %(lines)s. L'équipe du réseau l'écrit dans son bilan.", lines=lines
    ),
    Wrong.NO_LINE: lambda lines: _(
        "Cadre F-1, sans ligne : %(lines)s. On ne sait pas qui paie, ou à quel titre. Dites-le dans la convention.",
        lines=lines,
    ),
    Wrong.NO_SPECIALITY: lambda lines: _(
        "Cadre F-4, sans spécialité : %(lines)s. Écrivez le code dans ce que vise la formation.", lines=lines
    ),
    Wrong.TOTALS_DIFFER: lambda lines: _("Les totaux (1), (3) et (4) ne sont pas égaux."),
    Wrong.HOURS_DISAGREE: lambda lines: _(
        "Les heures ne s'additionnent pas : il faut les recompter. Cela touche : %(names)s.", names=lines
    ),
    Wrong.NO_CHARGES: lambda lines: _("Il y a des produits, et aucune charge. Écrivez le total du cadre D."),
    Wrong.CHARGES_SHORT: lambda lines: _("Cadre D : les salaires et les achats dépassent le total. Vérifiez-les."),
    Wrong.TOO_MANY_GIVEN: lambda lines: _("Cadre F-2 : il y a plus de personnes ou d'heures que dans le cadre F-1."),
    Wrong.PAYER_WITHOUT_EUROS: lambda lines: _(
        "Cadre C : une convention est sur la ligne %(lines)s, sans montant.", lines=lines
    ),
    Wrong.EUROS_WITHOUT_PAYER: lambda lines: _(
        "Cadre C : un montant est sur la ligne %(lines)s, sans convention cette année.", lines=lines
    ),
    Wrong.ENTRUSTED_WITHOUT_EUROS: lambda lines: _("Le cadre G et la ligne 10 du cadre C ne disent pas la même chose."),
}
