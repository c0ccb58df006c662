"""What the school does not allow of lists and their columns, in words."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from popschool.completion.rules_papers import HeldBack
from popschool.reports import rules_lists as rules
from popschool.reports.services_lists import anomaly_of
from popschool.web import wording


def _unknown(key: str, version: int) -> str:
    if version:
        return _(
            "La version %(version)s nomme une colonne qui n'existe pas : « %(key)s ». Corrigez les colonnes.",
            version=version,
            key=key,
        )
    return _("Cette colonne n'existe pas : « %(key)s ». Choisissez-la dans la liste des colonnes.", key=key)


def _unbalanced(who: str, column: str) -> str:
    return _("La ligne « %(who)s » n'est pas la somme de ses parties, colonne « %(column)s ».", who=who, column=column)


def wrong(kept: dict) -> str:
    """Return what is wrong with a list that waits, in a sentence."""
    facts = kept["facts"]
    if kept["what"] == "unknown_column":
        return _unknown(facts["column"], facts["version"])
    if kept["what"] == "does_not_add_up":
        return _unbalanced(facts["who"], facts["column"])
    return wording.sentence(HeldBack(anomaly_of(kept)))


def told_once(found: Sequence[dict]) -> list[dict]:
    """Return what is to be known; what is true of several people in the same words says once how many they are.

    What differs from one person to another names each of them.
    """
    alike: dict[str, list[dict]] = {}
    for one in found:
        alike.setdefault(one["what"], []).append(one)
    told = []
    for same in alike.values():
        if len(same) > 1 and len({wrong(one) for one in same}) == 1:
            people = ngettext("%(num)d personne", "%(num)d personnes", len(same))
            told.append(same[0] | {"who": people, "enrolment": None})
        else:
            told += same
    return told


wording.say(rules.UnknownColumn, lambda fact: _unknown(fact.key, fact.version))
wording.say(rules.DoesNotAddUp, lambda fact: _unbalanced(fact.who, fact.column))
wording.say(rules.ColumnTwice, lambda fact: _("La colonne « %(key)s » est là deux fois. Gardez-en une.", key=fact.key))
wording.say(
    rules.LayoutChanged,
    lambda fact: _(
        "Quelqu'un vient de changer ces colonnes : lisez la version %(version)s. Pour garder la vôtre, validez encore.",
        version=fact.version,
    ),
)
wording.say(rules.NoColumn, lambda fact: _("Gardez au moins une colonne."))
wording.say(
    rules.HeadRefused,
    lambda fact: _(
        "Donnez à la colonne « %(key)s » un titre qu'aucune autre n'a, de %(most)s lettres au plus.",
        key=fact.key,
        most=fact.most,
    ),
)
wording.say(
    rules.KindRefused,
    lambda fact: _("La colonne « %(key)s » ne s'écrit pas ainsi : « %(kind)s ».", key=fact.key, kind=fact.kind),
)
wording.say(
    rules.PeriodInverted,
    lambda fact: _(
        "Écrivez les jours dans l'ordre, finis avant le jour choisi. Ce qui revient compte des mois entiers."
    ),
)
wording.say(rules.DayPast, lambda fact: _("Choisissez aujourd'hui, ou un jour à venir."))
wording.say(rules.AlreadyDecided, lambda fact: _("Cette liste a déjà été acceptée ou refusée."))
wording.say(
    rules.FactsChanged, lambda fact: _("Les faits ont changé depuis votre lecture. Relisez la liste, puis acceptez-la.")
)
