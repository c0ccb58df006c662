"""The codes of absence and the words for them. Personal: on screen for the team, never printed."""

from flask_babel import lazy_gettext as _l

CODES = {
    "AJ-MAL": _l("Arrêt maladie"),
    "AJ-ENF": _l("Enfant malade, garde"),
    "AJ-CVN": _l("Convocation : administration, France Travail, justice"),
    "AJ-ENT": _l("Entretien d'embauche, examen, concours"),
    "AJ-FAM": _l("Événement familial"),
    "AJ-TRA": _l("Transport : grève, intempérie"),
    "AJ-HAN": _l("Rendez-vous de santé ou d'aménagement"),
}
