"""The words of the API: what a key may not, and what a program must do."""

from flask_babel import gettext as _

from popschool.portal import rules_api, rules_webhooks, services_terminals
from popschool.web.wording import say

say(rules_api.KeyWithoutScope, lambda fact: _("Choisissez au moins une chose que cette clé ouvre."))
say(rules_api.ScopeNotYours, lambda fact: _("Vous ne pouvez pas donner ce que vous n'avez pas. Changez votre choix."))
say(rules_api.KeyTooLong, lambda fact: _("Une clé dure un an au plus. Choisissez une fin plus proche."))
say(
    rules_api.TooManyKeys,
    lambda fact: _("Vous avez déjà %(most)d clés. Arrêtez celles qui ne servent plus.", most=fact.most),
)
say(
    services_terminals.KeyUsed,
    lambda fact: _("Cette valeur de « key » a déjà servi pour autre chose. Envoyez-en une autre."),
)
say(
    services_terminals.StatementChanged,
    lambda fact: _("Cette phrase n'est pas celle d'aujourd'hui. Lisez de nouveau la liste et montrez sa phrase."),
)
say(rules_webhooks.EventsMissing, lambda fact: _("Choisissez au moins une chose à dire à ce programme."))
say(
    rules_webhooks.TooManyHooks,
    lambda fact: _("Cette école a déjà %(most)d adresses. Enlevez celles qui ne servent plus.", most=fact.most),
)
say(rules_webhooks.HookStopped, lambda fact: _("Les envois à ce programme sont arrêtés. Relancez-les d'abord."))
