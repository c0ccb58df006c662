"""What the school does not allow in its registers, in words."""

from flask_babel import gettext as _

from popschool.registers import rules, rules_outside
from popschool.web import languages, wording

wording.say(rules.TextMissing, lambda fact: _("Il manque une réponse. Remplissez cette partie."))
wording.say(rules.DayToCome, lambda fact: _("Ce jour n'est pas encore venu. Choisissez aujourd'hui, ou un jour passé."))
wording.say(rules.ReasonMissing, lambda fact: _("Dites pourquoi vous corrigez."))
wording.say(rules.NothingChanged, lambda fact: _("Rien n'a changé. Corrigez une réponse, ou revenez en arrière."))
wording.say(rules.AlreadyEnded, lambda fact: _("C'est déjà fait. Rechargez la page pour lire la réponse."))
wording.say(rules.OwnerMissing, lambda fact: _("Dites qui s'en occupe, et pour quel jour."))
wording.say(rules.RulesUnchanged, lambda fact: _("Ce texte est celui qui est déjà publié. Changez-le d'abord."))
wording.say(rules.NotTheLast, lambda fact: _("Ce règlement a changé. Lisez le nouveau, puis signez-le."))
wording.say(
    rules.SurveyClosed,
    lambda fact: _(
        "Cette enquête n'est pas ouverte. Son dernier jour : le %(day)s.", day=languages.day(fact.closed_on)
    ),
)
wording.say(rules.SurveyDays, lambda fact: _("Le dernier jour vient après le premier, deux mois plus tard au plus."))
wording.say(rules.NobodyAsked, lambda fact: _("Personne n'est dans cette promo le premier jour. Changez les dates."))
wording.say(rules_outside.ContactsMissing, lambda fact: _("Écrivez au moins une adresse."))
wording.say(
    rules_outside.TooManyContacts,
    lambda fact: _("Une enquête écrit à %(most)s adresses au plus. Faites-en deux.", most=fact.most),
)
wording.say(
    rules_outside.ContactUnread,
    lambda fact: _(
        "La ligne %(line)s n'est pas lisible. Écrivez l'adresse mail, une virgule, puis le nom.", line=fact.line
    ),
)
