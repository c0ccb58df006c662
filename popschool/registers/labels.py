"""The words of the registers: their names, their questions, their choices, who acts."""

from flask_babel import lazy_gettext as _l

from popschool.registers.rules import Register, State
from popschool.registers.rules_outside import Audience

NAMES = {
    Register.INTERVIEWS: _l("Entretiens"),
    Register.POSITIONING: _l("Positionnements à l'entrée"),
    Register.RULES: _l("Règlement intérieur"),
    Register.SURVEYS: _l("Enquêtes de satisfaction"),
    Register.COMPLAINTS: _l("Réclamations"),
    Register.IMPROVEMENTS: _l("Améliorations"),
}
ABOUT = {
    Register.INTERVIEWS: _l("Ce qui s'est dit avec chaque personne, et ce qui a été décidé."),
    Register.POSITIONING: _l("Le niveau de chaque personne à l'entrée, et ce que cela change dans son parcours."),
    Register.RULES: _l("Le texte, ses versions, et qui l'a signé."),
    Register.SURVEYS: _l("Ce que les promos, les entreprises et les financeurs pensent de l'école."),
    Register.COMPLAINTS: _l("Ce dont on se plaint, et la réponse de l'école, en un mois au plus."),
    Register.IMPROVEMENTS: _l("Ce que l'école change, qui s'en occupe, et ce que cela donne."),
}
NEW = {
    Register.INTERVIEWS: _l("Noter un entretien"),
    Register.POSITIONING: _l("Noter un positionnement"),
    Register.RULES: _l("Écrire le règlement"),
    Register.SURVEYS: _l("Ouvrir une enquête"),
    Register.COMPLAINTS: _l("Noter une réclamation"),
    Register.IMPROVEMENTS: _l("Ajouter une amélioration"),
}
FIRST = {
    Register.INTERVIEWS: _l("Les entretiens se notent depuis le dossier de chaque personne."),
    Register.POSITIONING: _l("Les positionnements se notent depuis le dossier de chaque personne."),
    Register.RULES: _l("Collez le texte. Chaque personne en formation pourra le signer."),
    Register.SURVEYS: _l("Choisissez à qui demander, et deux dates."),
    Register.COMPLAINTS: _l("Celles qui arrivent par le site seront ici."),
    Register.IMPROVEMENTS: _l("Notez ce que l'école change, et qui s'en occupe."),
}
WHO = {
    Register.INTERVIEWS: _l("l'équipe de la promo"),
    Register.POSITIONING: _l("l'équipe de la promo"),
    Register.RULES: _l("chaque personne"),
    Register.SURVEYS: _l("chaque personne"),
    Register.COMPLAINTS: _l("la direction de l'école"),
    Register.IMPROVEMENTS: _l("qui s'en occupe"),
}
STATES = {
    State.WAITING: _l("en attente"),
    State.LATE: _l("en retard"),
    State.ENDED: _l("terminée"),
}
STATE_KINDS = {State.WAITING: "warn", State.LATE: "bad", State.ENDED: "good"}
FIELDS = {
    "stage": _l("Quand, dans le parcours"),
    "said": _l("Ce qui s'est dit"),
    "decided": _l("Ce qui est décidé"),
    "means": _l("Comment"),
    "result": _l("Ce que l'on voit"),
    "who": _l("Qui se plaint"),
    "name": _l("Son nom"),
    "mail": _l("Son adresse mail"),
    "source": _l("D'où cela vient"),
    "what": _l("Ce que l'école change"),
    "expected": _l("Ce que l'on en attend"),
}
# A field may be named otherwise in one register.
OWN_FIELDS = {
    (Register.COMPLAINTS, "said"): _l("De quoi"),
    (Register.POSITIONING, "decided"): _l("Ce que cela change dans le parcours"),
}
CHOICES = {
    "entry": _l("à l'entrée"),
    "way": _l("en cours de route"),
    "company": _l("pour l'entreprise"),
    "end": _l("à la fin"),
    "other": _l("autre"),
    "test": _l("un test"),
    "interview": _l("un entretien"),
    "file": _l("un dossier"),
    "learner": _l("une personne en formation"),
    "company_who": _l("une entreprise"),
    "funder": _l("un financeur"),
    "complaint": _l("une réclamation"),
    "survey": _l("une enquête"),
    "audit": _l("un contrôle"),
    "team": _l("l'équipe"),
}
QUESTIONS = {
    "welcome": _l("L'accueil"),
    "content": _l("Ce que vous apprenez"),
    "pace": _l("Le rythme"),
    "team": _l("L'équipe"),
    "means": _l("Les salles et le matériel"),
    "whole": _l("La formation, en tout"),
}
OUTSIDE_QUESTIONS = {
    "contact": _l("Nos échanges avec vous"),
    "prepared": _l("Ce que la personne savait en arrivant"),
    "followed": _l("Notre suivi pendant la période"),
    "papers": _l("Les papiers à remplir et à lire"),
    "delay": _l("Nos délais de réponse"),
    "results": _l("Les résultats de nos formations"),
    "whole": _l("Notre école, en tout"),
}
AUDIENCES = {Audience.COMPANIES: _l("Entreprises"), Audience.FUNDERS: _l("Financeurs")}
ASKED = {
    Audience.COMPANIES: _l("Auprès des entreprises"),
    Audience.FUNDERS: _l("Auprès des financeurs"),
}
ASKING = {
    Audience.COMPANIES: _l("Demander leur avis aux entreprises"),
    Audience.FUNDERS: _l("Demander leur avis aux financeurs"),
}
RATINGS = {4: _l("très bien"), 3: _l("bien"), 2: _l("moyen"), 1: _l("pas bien")}


def field(register: Register, name: str):
    return OWN_FIELDS.get((register, name)) or FIELDS[name]


def choice(field_name: str, value: str):
    """Return the words of a choice; the same value may be said otherwise in another question."""
    return CHOICES.get(f"{value}_{field_name}") or CHOICES.get(value, value)
