"""The words of what is declared by hand: rates, KAIROS, the form of the Grande École du Numérique."""

from flask_babel import lazy_gettext as _l

from popschool.reports.rules_declared import Done, Step, Wrong

STATES = {Done.RUNNING: _l("en formation"), Done.WHOLE: _l("entière"), Done.PARTLY: _l("partielle")}
WRONG = {
    Wrong.UNSAID: _l("des demi-journées ne sont pas saisies"),
    Wrong.NO_DURATION: _l("la durée totale n'est pas connue : écrivez les heures convenues"),
    Wrong.OVER: _l("plus d'heures faites que convenues"),
    Wrong.NO_REASON: _l("le motif de sortie manque"),
    Wrong.NO_NUMBER: _l("l'identifiant France Travail manque : écrivez-le dans le numéro de dossier"),
    Wrong.NO_SESSION: _l("le numéro de session manque"),
    Wrong.LATE: _l("l'entrée n'est pas dans KAIROS depuis plus de 3 jours"),
}
STEPS = {
    Step.ENROLLED: _l("AIS, inscription"),
    Step.ENTERED: _l("AES, entrée"),
    Step.PRESENCE: _l("Présence du mois"),
    Step.LEFT: _l("Sortie avant la fin"),
    Step.ENDED: _l("Fin et bilan"),
}
GEN = {
    "people": _l("Personnes entrées"),
    "women": _l("Femmes"),
    "priority_areas": _l("Habitent un quartier prioritaire (QPV)"),
    "low_level": _l("Niveau bac ou moins"),
    "looking": _l("Cherchaient un travail"),
    "under_26": _l("Moins de 26 ans"),
    "retraining": _l("En reconversion"),
    "dropped": _l("Abandons"),
    "titles": _l("Titres obtenus"),
    "three_months": _l("Sorties positives à 3 mois"),
    "six_months": _l("Sorties positives à 6 mois"),
}
GEN_SOURCES = {
    "people": _l("les places de l'école"),
    "women": _l("les réponses à l'Union européenne"),
    "priority_areas": _l("à écrire à la main"),
    "low_level": _l("les réponses à l'Union européenne"),
    "looking": _l("les réponses à l'Union européenne"),
    "under_26": _l("les réponses à l'Union européenne"),
    "retraining": _l("à écrire à la main"),
    "dropped": _l("les sorties notées"),
    "titles": _l("les résultats des examens"),
    "three_months": _l("les questionnaires d'après la formation"),
    "six_months": _l("les questionnaires d'après la formation"),
}
REASONS = {
    "completed": _l("formation terminée"),
    "employment": _l("un emploi"),
    "other_training": _l("une autre formation"),
    "moved_cohort": _l("une autre promo"),
    "dropped_out": _l("abandon"),
    "other": _l("autre"),
}
