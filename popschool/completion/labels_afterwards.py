"""The words of what happens afterwards: as people say them of themselves, as a school does, and in plain for tables."""

from flask_babel import lazy_gettext as _l

from popschool.completion.rules_afterwards import Situation, Source, When

WHENS = {
    When.EXIT: _l("À la sortie"),
    When.THREE_MONTHS: _l("3 mois après"),
    When.SIX_MONTHS: _l("6 mois après"),
}
OWN_SITUATIONS = {
    Situation.PERMANENT: _l("Je travaille, en CDI"),
    Situation.LONG_CONTRACT: _l("Je travaille, en CDD de 6 mois ou plus"),
    Situation.SHORT_CONTRACT: _l("Je travaille, en CDD court ou en intérim"),
    Situation.WORK_STUDY: _l("Je suis en alternance"),
    Situation.OWN_BUSINESS: _l("J'ai créé mon activité"),
    Situation.TRAINING: _l("Je suis une autre formation"),
    Situation.LOOKING: _l("Je cherche un emploi"),
    Situation.INACTIVE: _l("Je ne travaille pas, et je ne cherche pas"),
}
SITUATIONS = {
    Situation.PERMANENT: _l("en CDI"),
    Situation.LONG_CONTRACT: _l("en CDD de 6 mois ou plus"),
    Situation.SHORT_CONTRACT: _l("en CDD court ou en intérim"),
    Situation.WORK_STUDY: _l("en alternance"),
    Situation.OWN_BUSINESS: _l("à son compte"),
    Situation.TRAINING: _l("dans une autre formation"),
    Situation.LOOKING: _l("en recherche d'emploi"),
    Situation.INACTIVE: _l("sans emploi, sans recherche"),
    Situation.UNREACHED: _l("pas jointe, malgré les appels"),
}
SOURCES = {
    Source.PHONE: _l("la personne l'a dit au téléphone"),
    Source.PAPER: _l("j'ai vu un papier : contrat, attestation"),
    Source.WRITTEN: _l("la personne l'a écrit"),
}
RATINGS = {
    "4": _l("Oui, beaucoup"),
    "3": _l("Oui, assez"),
    "2": _l("Pas vraiment"),
    "1": _l("Pas du tout"),
}
# What a funder's table says is French whoever takes it.
PLAIN_SITUATIONS = {
    Situation.PERMANENT: "CDI",
    Situation.LONG_CONTRACT: "CDD de 6 mois et plus",
    Situation.SHORT_CONTRACT: "CDD de moins de 6 mois ou intérim",
    Situation.WORK_STUDY: "contrat d'apprentissage ou de professionnalisation",
    Situation.OWN_BUSINESS: "création d'activité",
    Situation.TRAINING: "poursuite de formation",
    Situation.LOOKING: "recherche d'emploi",
    Situation.INACTIVE: "inactivité",
    Situation.UNREACHED: "injoignable",
}
PLAIN_SOURCES = {
    Source.WRITTEN: "déclaratif, écrit", Source.PHONE: "déclaratif, téléphone", Source.PAPER: "justificatif",
}  # fmt: skip
