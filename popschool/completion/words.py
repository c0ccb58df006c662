"""The words of completion: what is wrong before a document is made, and what the school does not allow."""

from flask_babel import gettext as _
from flask_babel import ngettext

from popschool.completion import (
    rules,
    rules_afterwards,
    rules_badges,
    rules_company,
    rules_exams,
    rules_funding,
    rules_papers,
    rules_settings,
    services_codes,
)
from popschool.completion.labels import CHOICES, PAPERS, SETTINGS
from popschool.completion.rules import Line, Part
from popschool.completion.rules_papers import Anomaly, PaperKind, What
from popschool.web import languages, wording


def paper(kind: str) -> str:
    """Return the name of a document: the one that its paper prints, or what it means in another language."""
    return (
        rules_papers.NAMES[PaperKind(kind)] if languages.code() == languages.DEFAULT else str(PAPERS[PaperKind(kind)])
    )


def shown_value(value: str) -> str:
    """Return a value of a setting as people read it."""
    return str(CHOICES.get(value, value))


def _days(days: list) -> str:
    shown = ", ".join(languages.day(one) for one in days[:6])
    return shown + (" …" if len(days) > 6 else "")


def _half_days(facts: dict) -> str:
    return _(
        "%(minutes)s ne sont pas saisies : %(days)s.",
        minutes=languages.duration(facts["minutes"]),
        days=_days(facts["days"]),
    )


def _over(facts: dict) -> str:
    return _(
        "%(minutes)s réalisées, mais la convention en paie %(agreed)s.",
        minutes=languages.duration(facts["minutes"]),
        agreed=languages.duration(facts["agreed"]),
    )


ANOMALIES = {
    What.HALF_DAYS_MISSING: _half_days,
    What.HOURS_DISAGREE: lambda facts: _("Les heures ne s'additionnent pas : il faut les recompter."),
    What.SUMMARY_DIFFERS: lambda facts: _("Le résumé des heures n'est pas ce que dit le registre."),
    What.HOURS_OVER_AGREED: _over,
    What.PERIOD_OPEN: lambda facts: _(
        "Le parcours n'est pas fini, et ce n'est pas un mois entier : du %(first)s au %(last)s.",
        first=languages.day(facts["first"]),
        last=languages.day(facts["last"]),
    ),
    What.NOTHING_FOLLOWED: lambda facts: _("Aucune heure n'a été suivie sur cette période."),
    What.SIGNATORY_MISSING: lambda facts: _("On ne sait pas qui signe les papiers de l'école."),
    What.NETWORK_PAPERS_MISSING: lambda facts: _(
        "Il manque le nom légal de l'organisme, ou son numéro de déclaration d'activité."
    ),
    What.TITLE_MISSING: lambda facts: _("La formation n'a pas de nom."),
    What.TITLES_DIFFER: lambda facts: _(
        "Les feuilles scellées disent « %(others)s », le certificat dirait « %(title)s ».",
        others=", ".join(facts["others"]),
        title=facts["title"],
    ),
    What.RULE_CHANGED: lambda facts: _(
        "Une règle change le %(day)s, au milieu de la période : %(rule)s. Faites un papier pour chaque partie.",
        day=languages.day(facts["day"]),
        rule=SETTINGS[facts["key"]],
    ),
    What.FUNDING_MISSING: lambda facts: _("Personne ne paie cette place, d'après nos fiches."),
    What.NOT_CONFIRMED: lambda facts: ngettext(
        "%(num)d règle est à confirmer avec le financeur.",
        "%(num)d règles sont à confirmer avec le financeur.",
        facts["count"],
    ),
    What.WEEKS_NOT_SEALED: lambda facts: ngettext(
        "%(num)d semaine n'est pas fermée : %(days)s.",
        "%(num)d semaines ne sont pas fermées : %(days)s.",
        len(facts["days"]),
        days=_days(facts["days"]),
    ),
    What.COMPANY_NOT_SIGNED: lambda facts: ngettext(
        "%(num)d semaine en entreprise n'est pas signée par le tuteur.",
        "%(num)d semaines en entreprise ne sont pas signées par le tuteur.",
        facts["count"],
    ),
    What.OBJECTIVES_MISSING: lambda facts: _("Les objectifs de la formation ne sont pas écrits."),
    What.COMPANY_MISSING: lambda facts: _("Aucune période en entreprise n'est prévue sur ces dates."),
    What.TUTOR_MISSING: lambda facts: _("L'entreprise ou son tuteur n'a pas de nom."),
    What.EVALUATION_MISSING: lambda facts: _("L'entreprise n'a pas encore donné son avis."),
    What.VISIT_MISSING: lambda facts: _("Aucune visite n'est écrite."),
    What.ALREADY_ISSUED: lambda facts: _("Ce papier existe déjà : %(number)s.", number=facts["number"]),
    What.MOTIVES_REFUSED: lambda facts: _(
        "%(funder)s n'accepte pas un motif : %(hours)s que l'école a justifiées comptent ici comme injustifiées.",
        funder=facts["funder"],
        hours=languages.duration(facts["minutes"]),
    ),
    What.EMPLOYER_MISSING: lambda facts: _("On ne sait pas quelle entreprise paie."),
    What.NAME_MISSING: lambda facts: _("Il manque le nom ou le prénom."),
    What.MONTHLY_ASKED: lambda facts: _("Le financeur demande un certificat pour chaque mois."),
    What.NOBODY_PAID: lambda facts: _("Ce financeur ne paie personne sur ces dates : il n'y a rien à lui envoyer."),
    What.PRICE_MISSING: lambda facts: _("Le prix d'une heure n'est pas dit pour cette convention."),
    What.BILLED_FLAT: lambda facts: _("La convention paie au forfait : les heures sont dites, sans montant."),
    What.NOT_SEALED_LEFT_OUT: lambda facts: _(
        "%(hours)s de semaines qui ne sont pas fermées restent dehors : %(days)s.",
        hours=languages.duration(facts["minutes"]),
        days=_days(facts["days"]),
    ),
    What.CORRECTED_SINCE: lambda facts: _(
        "La feuille %(number)s ne dit plus ce que dit le registre. Fermez une feuille rectificative.",
        number=facts["number"],
    ),
    What.NOT_CLASSIFIED: lambda facts: ngettext(
        "%(num)d ligne n'est pas classée.", "%(num)d lignes ne sont pas classées.", facts["count"]
    ),
}


def anomaly(one: Anomaly) -> str:
    """Return what is wrong with a document, in a sentence."""
    return ANOMALIES[one.what](one.facts)


def _outside(fact: rules_funding.OutsideTheFunding) -> str:
    if fact.ends_on is None or fact.ends_on < fact.starts_on:
        return _("La place et la convention n'ont aucun jour en commun.")
    return _(
        "Ces dates ne vont pas. Choisissez des jours du %(first)s au %(last)s.",
        first=languages.day(fact.starts_on),
        last=languages.day(fact.ends_on),
    )


wording.say(rules_papers.HeldBack, lambda fact: anomaly(fact.anomaly))
wording.say(rules_funding.OutsideTheFunding, _outside)
wording.say(
    rules_funding.FundedTwice,
    lambda fact: _("Cette convention paie déjà cette place à ces dates. Changez les dates."),
)
wording.say(
    rules_funding.EmployerMissing,
    lambda fact: _("Cette convention est celle d'une entreprise. Écrivez le nom de l'entreprise."),
)
wording.say(
    rules_funding.HoursTooMany,
    lambda fact: _(
        "La convention paie %(agreed)s, et les places en demandent %(promised)s. Changez l'un des deux.",
        agreed=languages.duration(fact.agreed_minutes),
        promised=languages.duration(fact.promised_minutes),
    ),
)
wording.say(
    rules_settings.ValueRefused,
    lambda fact: (
        _("Écrivez un nombre entre %(least)s et %(most)s.", least=fact.least, most=fact.most)
        if fact.most
        else _("Choisissez une réponse dans la liste.")
    ),
)
wording.say(rules.ShareRefused, lambda fact: _("Écrivez des parts entre 0 et 100, et un niveau entre 1 et 3."))
wording.say(
    rules_papers.NotReady,
    lambda fact: ngettext(
        "Il reste %(num)d chose à corriger avant de faire ce papier.",
        "Il reste %(num)d choses à corriger avant de faire ce papier.",
        fact.anomalies,
    ),
)
wording.say(
    rules_papers.AlreadyIssued,
    lambda fact: _("Ce papier existe déjà : %(number)s. Remplacez-le, avec un motif.", number=fact.number),
)
wording.say(rules_papers.AlreadyRevoked, lambda fact: _("Ce papier n'est plus valable : il a été remplacé ou annulé."))
wording.say(rules_papers.ChangeReasonMissing, lambda fact: _("Écrivez le motif. Il sera lu par ceux qui vérifient."))
wording.say(
    rules_papers.NoAddress,
    lambda fact: _("Cette personne n'a pas d'adresse mail. Téléchargez le papier pour le donner."),
)


def left(line: Line) -> str:
    """Return what is left of one thing, said to the person whose way it is."""
    if line.part in (Part.HOURS, Part.COMPANY):
        hours = languages.duration(line.left)
        if line.part is Part.COMPANY:
            return _("Il vous reste %(hours)s en entreprise.", hours=hours)
        return _("Il vous reste %(hours)s à suivre.", hours=hours)
    if line.part is Part.COMPETENCES:
        return ngettext(
            "Il vous reste %(num)d compétence à prouver.", "Il vous reste %(num)d compétences à prouver.", line.left
        )
    return ngettext("Il vous reste %(num)d rendu à valider.", "Il vous reste %(num)d rendus à valider.", line.left)


def left_of(line: Line) -> str:
    """Return the same, said of somebody."""
    if line.part in (Part.HOURS, Part.COMPANY):
        hours = languages.duration(line.left)
        if line.part is Part.COMPANY:
            return _("Il reste %(hours)s en entreprise.", hours=hours)
        return _("Il reste %(hours)s à suivre.", hours=hours)
    if line.part is Part.COMPETENCES:
        return ngettext("Il reste %(num)d compétence à prouver.", "Il reste %(num)d compétences à prouver.", line.left)
    return ngettext("Il reste %(num)d rendu à valider.", "Il reste %(num)d rendus à valider.", line.left)


wording.say(rules_exams.BlocksMissing, lambda fact: _("Cochez les blocs obtenus."))
wording.say(rules_exams.ExamToCome, lambda fact: _("L'examen n'a pas eu lieu. Écrivez le résultat ce jour-là."))
wording.say(rules_exams.CorrectionUnexplained, lambda fact: _("Un résultat est déjà écrit. Dites pourquoi il change."))
wording.say(rules_badges.NotReached, lambda fact: _("Ce badge n'est pas encore gagné."))
wording.say(rules_badges.BadgeEnded, lambda fact: _("Ce badge est déjà annulé."))
wording.say(rules_afterwards.SituationMissing, lambda fact: _("Choisissez une réponse dans la liste."))
wording.say(
    services_codes.NoAbsence,
    lambda fact: _("Personne n'a manqué de séance ce mois-là, parmi ceux que ce financeur paie. Choisissez un autre "
                   "mois."),
)  # fmt: skip
wording.say(
    rules_afterwards.LinkEnded,
    lambda fact: _("Ce lien ne marche plus : il a pris fin le %(day)s.", day=languages.day(fact.on)),
)
wording.say(
    rules_company.PeriodToCome,
    lambda fact: _("Cette période commence le %(day)s. Revenez ce jour-là.", day=languages.day(fact.starts_on)),
)
wording.say(
    rules_company.NothingSeen,
    lambda fact: _("Rien n'est dit. Choisissez une autre réponse, ou écrivez quelques mots."),
)
wording.say(
    rules_company.VisitOutsidePeriod,
    lambda fact: _(
        "Choisissez un jour de la période, du %(first)s au %(last)s.",
        first=languages.day(fact.first),
        last=languages.day(fact.last),
    ),
)
