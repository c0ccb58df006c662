"""What is wrong in an operation, and what it does not allow, in words."""

from flask_babel import gettext as _
from flask_babel import ngettext

from popschool.reports import rules_declared, rules_evidence
from popschool.reports import rules_participants as rules
from popschool.reports.labels_participants import NAMES
from popschool.reports.rules_participants import Anomaly, What
from popschool.web import languages, wording


def names(keys: tuple[str, ...] | list[str]) -> str:
    return ", ".join(str(NAMES[key]) for key in keys)


def _changed(facts: dict) -> str:
    people = ngettext(
        "%(num)d personne entrée avant n'a pas à y répondre.",
        "%(num)d personnes entrées avant n'ont pas à y répondre.",
        facts["people"],
    )
    if not facts["keys"]:
        return _("Depuis le %(day)s, l'opération demande moins de choses.", day=languages.day(facts["since"]))
    said = _(
        "Depuis le %(day)s, l'opération demande aussi : %(names)s.",
        day=languages.day(facts["since"]),
        names=names(facts["keys"]),
    )
    return f"{said} {people}"


ANOMALIES = {
    What.NO_PEOPLE: lambda facts: _(
        "Personne n'est dans cette opération : ses conventions ne paient encore aucune place."
    ),
    What.ONE_DAY: lambda facts: _("Une opération d'un jour n'a pas de participants."),
    What.NO_FUNDING: lambda facts: _("Aucune convention n'est choisie : l'opération ne compte personne."),
    What.NOT_OF_THE_UNION: lambda facts: _(
        "La convention %(name)s n'est pas notée comme cofinancée par l'Union.", name=facts["name"]
    ),
    What.OUTSIDE: lambda facts: _(
        "La convention %(name)s va du %(first)s au %(last)s : elle sort des dates de l'opération.",
        name=facts["name"],
        first=languages.day(facts["first"]),
        last=languages.day(facts["last"]),
    ),
    What.TOO_MANY_INCOMPLETE: lambda facts: _(
        "%(percent)s %% des dossiers ne sont pas complets. Au-delà de 35 %%, l'aide peut baisser.",
        percent=facts["percent"],
    ),
    What.TERMS_CHANGED: _changed,
    What.ENTRY_SAID_AFTER_EXIT: lambda facts: _(
        "%(name)s a répondu aux questions d'entrée le %(day)s, après sa sortie.",
        name=facts["name"],
        day=languages.day(facts["on"]),
    ),
    What.EXIT_SAID_LATE: lambda facts: _(
        "%(name)s a répondu %(days)s jours après sa sortie. Le délai est de %(most)s jours.",
        name=facts["name"],
        days=facts["days"],
        most=facts["most"],
    ),
}


def anomaly(one: Anomaly) -> str:
    return ANOMALIES[one.what](one.facts)


WRONG = {
    "birth": lambda: _("Écrivez le jour, le mois et l'année de votre naissance."),
    "postcode": lambda: _("Écrivez les cinq chiffres du code postal."),
}

wording.say(
    rules.AnswerWrong, lambda fact: WRONG[fact.key]() if fact.key in WRONG else _("Choisissez une réponse de la liste.")
)
wording.say(rules.AnswersMissing, lambda fact: _("Il manque une réponse : %(names)s.", names=names(fact.keys)))
wording.say(
    rules.OperationTooShort, lambda fact: _("Une opération d'un jour n'a pas de participants. Changez ses dates.")
)
wording.say(
    rules.FundingElsewhere,
    lambda fact: _(
        "Une de ces conventions est déjà dans l'opération %(name)s : les personnes compteraient deux fois.",
        name=fact.operation,
    ),
)
wording.say(
    rules.NobodyToExport,
    lambda fact: _(
        "Le fichier n'est pas fait : l'opération %(name)s n'a personne. Choisissez d'abord ses conventions.",
        name=fact.operation,
    ),
)

wording.say(
    rules_declared.StepUnknown,
    lambda fact: _("Cette étape n'est pas à saisir pour cette personne. Revenez à la liste."),
)
wording.say(
    rules_evidence.PieceRefused, lambda fact: _("Envoyez un PDF ou une image : une pièce doit s'ouvrir partout.")
)
wording.say(rules_evidence.PieceOfTomorrow, lambda fact: _("Une pièce est d'aujourd'hui ou d'avant. Changez sa date."))
