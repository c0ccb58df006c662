"""The names of what completion shows: documents, funders, settings and their values. A page's language chooses."""

from flask_babel import lazy_gettext as _l

from popschool.completion.rules import Exit, Part
from popschool.completion.rules_exams import Outcome
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.completion.rules_papers import PaperKind
from popschool.completion.rules_settings import Scope

PAPERS = {
    PaperKind.CERTIFICATE: _l("Certificat de réalisation"),
    PaperKind.END: _l("Attestation de fin de formation"),
    PaperKind.ATTENDANCE: _l("Attestation d'assiduité"),
    PaperKind.MONTH: _l("État de présence du mois"),
    PaperKind.WORKSHOP: _l("Attestation d'atelier"),
    PaperKind.BOOKLET: _l("Livret de compétences"),
    PaperKind.AGREEMENT: _l("Convention de période en entreprise"),
    PaperKind.COMPANY: _l("État de présence en entreprise"),
    PaperKind.EVALUATION: _l("Évaluation en entreprise"),
    PaperKind.VISIT: _l("Compte rendu de visite en entreprise"),
    PaperKind.REPORT: _l("Copie du bilan pédagogique et financier"),
    PaperKind.NETWORK: _l("Copie du bilan pédagogique et financier du réseau"),
    PaperKind.HOURS: _l("État des heures"),
    PaperKind.INVOICE: _l("Annexe d'heures à la facture"),
    PaperKind.INTERVIEWS: _l("Registre des entretiens"),
    PaperKind.POSITIONING: _l("Registre des positionnements"),
    PaperKind.HOUSE_RULES: _l("Registre du règlement intérieur"),
    PaperKind.SURVEYS: _l("Registre des enquêtes de satisfaction"),
    PaperKind.COMPLAINTS: _l("Registre des réclamations"),
    PaperKind.IMPROVEMENTS: _l("Registre des améliorations"),
    PaperKind.BOARD: _l("Tableau de suivi"),
    PaperKind.NETWORK_BOARD: _l("Tableau de suivi du réseau"),
}
FUNDERS = {
    FunderKind.STATE: _l("État"),
    FunderKind.REGION: _l("Région"),
    FunderKind.FRANCE_TRAVAIL: _l("France Travail"),
    FunderKind.EUROPE: _l("Fonds européens"),
    FunderKind.OPCO: _l("OPCO"),
    FunderKind.CPF: _l("Compte personnel de formation"),
    FunderKind.OTHER_PUBLIC: _l("Autre organisme public"),
    FunderKind.COMPANY: _l("Entreprise"),
    FunderKind.TRAINING_BODY: _l("Autre organisme de formation"),
    FunderKind.PERSON: _l("La personne elle-même"),
    FunderKind.OTHER: _l("Autre"),
}
FUNDINGS = {
    FundingKind.GROUP: _l("Un groupe entier"),
    FundingKind.PERSON: _l("Une personne à la fois"),
    FundingKind.VOUCHER: _l("Des chèques numériques, pour des ateliers"),
    FundingKind.COMPANY: _l("Une entreprise, pour ses salariés"),
}
SCOPES = {
    Scope.DEFAULT: _l("par défaut"),
    Scope.SCHOOL: _l("dit par l'école"),
    Scope.FUNDER: _l("dit pour ce financeur"),
    Scope.FUNDING: _l("dit pour cette convention"),
}
NATURES = {
    "training": _l("Action de formation"),
    "assessment": _l("Bilan de compétences"),
    "vae": _l("Action de VAE"),
    "apprenticeship": _l("Formation par apprentissage"),
}
SETTINGS = {
    "attendance_formula": _l("Comment le taux d'assiduité est calculé"),
    "rounding": _l("Comment les heures sont arrondies"),
    "company_in_certificate": _l("Les heures en entreprise comptent dans le certificat"),
    "company_in_report": _l("Les heures en entreprise comptent dans le bilan annuel"),
    "certificate_rhythm": _l("Quand le certificat est demandé"),
    "annex": _l("Le certificat a une annexe"),
    "employer_line": _l("Le certificat garde la ligne de l'employeur"),
    "union_emblem": _l("Le logo de l'Union européenne est imprimé"),
    "billing": _l("Comment la formation est payée"),
    "hour_price": _l("Le prix d'une heure suivie, en centimes d'euro"),
    "positive_exits": _l("Les sorties avant la fin qui sont positives"),
    "success_base": _l("Sur qui le taux de réussite est calculé"),
    "exit_base": _l("Sur qui le taux de sortie est calculé"),
    "retention_years": _l("La durée de conservation, en années"),
    "survey_months": _l("Les mois pendant lesquels les réponses gardent un nom, après la dernière question"),
}
CHOICES = {
    "plain": _l("heures réalisées sur heures prévues"),
    "justified_added": _l("les absences justifiées comptent comme faites"),
    "justified_removed": _l("les absences justifiées sont retirées des heures prévues"),
    "minute": _l("à la minute"),
    "quarter": _l("au quart d'heure"),
    "half_day": _l("à la demi-journée de 3 h 30"),
    "no": _l("non"),
    "yes": _l("oui"),
    "final": _l("à la fin de l'action"),
    "monthly": _l("chaque mois"),
    "hours": _l("à l'heure réalisée"),
    "flat": _l("au forfait"),
    "employment_training": _l("emploi et autre formation"),
    "employment": _l("emploi seulement"),
    "none": _l("aucune"),
    "presented": _l("ceux qui passent le titre"),
    "entered": _l("tous ceux qui sont entrés"),
    "leavers": _l("tous ceux qui sont sortis"),
    "answered": _l("ceux qui ont répondu"),
}
PARTS = {
    Part.HOURS: _l("Heures suivies"),
    Part.COMPETENCES: _l("Compétences au niveau demandé"),
    Part.DELIVERABLES: _l("Rendus validés"),
    Part.COMPANY: _l("Heures en entreprise"),
}
EXITS = {
    Exit.RUNNING: _l("en formation"),
    Exit.COMPLETED: _l("formation terminée"),
    Exit.POSITIVE: _l("partie pour un emploi ou une autre formation"),
    Exit.DROPPED: _l("abandon"),
    Exit.MOVED: _l("dans une autre promo"),
    Exit.NEVER_CAME: _l("jamais venue"),
}
OUTCOMES = {
    Outcome.TITLE: _l("titre obtenu"),
    Outcome.BLOCKS: _l("une partie des blocs"),
    Outcome.NONE: _l("pas obtenu"),
    Outcome.ABSENT: _l("pas venue"),
}
