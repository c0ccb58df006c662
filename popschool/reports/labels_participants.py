"""The words of operations of the European Social Fund: questions, answers, what is missing, columns of its file."""

from flask_babel import lazy_gettext as _l

from popschool.reports.rules_participants import CONTACT, REFUSED, Moment, Who

TITLES = {
    "birth": _l("Votre date de naissance ?"),
    "sex": _l("Vous êtes…"),
    "postcode": _l("Votre code postal ?"),
    "town": _l("Votre ville ?"),
    "rural": _l("Vous habitez à la campagne ?"),
    "situation": _l("Avant la formation, que faisiez-vous ?"),
    "without_job": _l("Depuis quand n'aviez-vous plus de travail ?"),
    "diploma": _l("Votre plus haut diplôme ?"),
    "resources": _l("Quelle aide recevez-vous ?"),
    "single_parent": _l("Élevez-vous seule ou seul un enfant ?"),
    "disability": _l("Avez-vous un handicap reconnu ?"),
    "nationality": _l("Venez-vous d'un pays hors de l'Union européenne ?"),
    "origin": _l("Vous ou vos parents êtes nés à l'étranger ?"),
    "housing": _l("Êtes-vous sans logement stable ?"),
    "situation_out": _l("Maintenant, que faites-vous ?"),
    "contract": _l("Quel est votre contrat ?"),
    "qualification": _l("Avez-vous eu le diplôme ou le titre ?"),
    "situation_later": _l("Aujourd'hui, que faites-vous ?"),
    "improved": _l("Votre travail est-il meilleur qu'avant ?"),
}
HINTS = {
    "birth": _l("Exemple : 27/03/1998"),
    "postcode": _l("Cinq chiffres. Exemple : 59100"),
    "resources": _l("Choisissez la principale."),
    "nationality": _l("Par votre nationalité."),
    "disability": _l("Une carte, une RQTH, une allocation."),
    "housing": _l("À la rue, en foyer, chez des proches."),
}
NAMES = {
    "birth": _l("date de naissance"),
    "sex": _l("femme ou homme"),
    "postcode": _l("code postal"),
    "town": _l("ville"),
    "rural": _l("campagne"),
    "situation": _l("situation à l'entrée"),
    "without_job": _l("durée sans travail"),
    "diploma": _l("diplôme"),
    "resources": _l("aide reçue"),
    "single_parent": _l("parent seul"),
    "disability": _l("handicap"),
    "nationality": _l("nationalité hors de l'Union"),
    "origin": _l("origine étrangère"),
    "housing": _l("logement"),
    "situation_out": _l("situation à la sortie"),
    "contract": _l("contrat"),
    "qualification": _l("diplôme obtenu"),
    "situation_later": _l("situation à six mois"),
    "improved": _l("travail meilleur"),
    CONTACT: _l("téléphone ou mail"),
}
_YES_NO = {"yes": _l("Oui"), "no": _l("Non"), REFUSED: _l("Je ne souhaite pas répondre")}
_SITUATIONS = {
    "looking": _l("Je cherche un travail"),
    "inactive": _l("Je ne cherche pas de travail"),
    "working": _l("Je travaille"),
    "training": _l("Je suis en formation ou à l'école"),
}
_OWN = {key: _YES_NO for key in TITLES}
ANSWERS = _OWN | {
    "sex": {"woman": _l("Une femme"), "man": _l("Un homme")},
    "situation": {
        "looking": _l("Je cherchais un travail"),
        "inactive": _l("Je ne cherchais pas de travail"),
        "working": _l("Je travaillais"),
        "training": _l("J'étais en formation ou à l'école"),
    },
    "without_job": {
        "under_6": _l("Moins de 6 mois"),
        "6_to_12": _l("De 6 à 12 mois"),
        "12_to_24": _l("De 1 à 2 ans"),
        "over_24": _l("Plus de 2 ans"),
    },
    "diploma": {
        "0_2": _l("Aucun, ou le brevet du collège"),
        "3_4": _l("CAP, BEP ou bac"),
        "5_8": _l("Un diplôme après le bac"),
    },
    "resources": {
        "rsa": _l("Le RSA"),
        "are": _l("Le chômage (ARE)"),
        "aah": _l("L'AAH"),
        "ass": _l("L'ASS"),
        "none": _l("Aucune"),
        "other": _l("Une autre aide"),
    },
    "situation_out": _SITUATIONS,
    "situation_later": _SITUATIONS,
    "contract": {
        "permanent": _l("CDI"),
        "long": _l("CDD de 6 mois ou plus"),
        "short": _l("CDD de moins de 6 mois, ou intérim"),
        "work_study": _l("Apprentissage ou alternance"),
        "own_business": _l("Mon entreprise"),
    },
    "qualification": _YES_NO | {"partly": _l("Une partie")},
}
MOMENTS = {Moment.ENTRY: _l("l'entrée"), Moment.EXIT: _l("la sortie"), Moment.SIX_MONTHS: _l("six mois après")}
WHO = {Who.PERSON: _l("la personne"), Who.SCHOOL: _l("l'école")}
COUNTS = {
    "participants": _l("Participants"),
    "answered": _l("Ont répondu à l'entrée"),
    "looking": _l("Cherchaient un travail"),
    "long": _l("dont depuis plus d'un an"),
    "inactive": _l("Ne cherchaient pas de travail"),
    "working": _l("Travaillaient"),
    "under_18": _l("Moins de 18 ans"),
    "18_to_29": _l("De 18 à 29 ans"),
    "over_54": _l("55 ans et plus"),
    "0_2": _l("Diplôme : aucun ou brevet (CITE 0 à 2)"),
    "3_4": _l("Diplôme : CAP à bac (CITE 3 et 4)"),
    "5_8": _l("Diplôme : après le bac (CITE 5 à 8)"),
    "rural": _l("Habitent à la campagne"),
    "out_looking": _l("À la sortie : cherchent un travail"),
    "out_training": _l("À la sortie : en formation"),
    "out_qualified": _l("À la sortie : diplôme obtenu"),
    "out_working": _l("À la sortie : travaillent"),
    "later_working": _l("À six mois : travaillent"),
    "later_improved": _l("À six mois : travail meilleur"),
}


def said(key: str, value: str) -> str:
    """Return an answer as people read it; a day and a town are as they were written."""
    return str(ANSWERS[key].get(value, value))


# The words of the file that is sent on: they are the fund's, in French.
SENT = {
    "sex": {"woman": "femme", "man": "homme"},
    "situation": {
        "looking": "demandeur d'emploi", "inactive": "inactif", "working": "en emploi", "training": "en formation",
    },
    "without_job": {
        "under_6": "moins de 6 mois", "6_to_12": "6–12 mois", "12_to_24": "12–24 mois", "over_24": "plus de 24 mois",
    },
    "diploma": {"0_2": "CITE 0–2", "3_4": "CITE 3–4", "5_8": "CITE 5–8"},
    "resources": {"rsa": "RSA", "are": "ARE", "aah": "AAH", "ass": "ASS", "none": "aucune", "other": "autre"},
    "contract": {
        "permanent": "CDI", "long": "CDD de 6 mois ou plus", "short": "CDD de moins de 6 mois ou intérim",
        "work_study": "apprentissage ou professionnalisation", "own_business": "création d'activité",
    },
}  # fmt: skip
SENT["situation_out"] = SENT["situation_later"] = SENT["situation"]
_SENT = {"yes": "oui", "no": "non", "partly": "en partie", REFUSED: "ne souhaite pas répondre"}
REASONS = {
    "completed": "formation terminée", "employment": "emploi", "other_training": "autre formation",
    "moved_cohort": "autre promo", "dropped_out": "abandon", "other": "autre",
}  # fmt: skip


def sent(key: str, value: str | None) -> str:
    """Return an answer in the words of the fund; nothing when it is not known."""
    return "" if value is None else SENT.get(key, _SENT).get(value, value)
