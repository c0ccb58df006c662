"""The words of what auth refuses: what happened, then what to do. And the names of roles."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.auth import rules_granting
from popschool.auth import rules_providers as providers
from popschool.auth import rules_signing as signing
from popschool.auth.rules import Role
from popschool.web import languages
from popschool.web.wording import say

ROLES = {
    Role.LEARNER: _l("Apprenant ou apprenante"),
    Role.TRAINER: _l("Formateur ou formatrice"),
    Role.AUTHOR: _l("Auteur ou autrice de cours"),
    Role.SCHOOL_MANAGER: _l("Responsable d'école"),
    Role.NETWORK_MANAGER: _l("Responsable du réseau"),
    Role.FUNDER: _l("Financeur"),
    Role.AUDITOR: _l("Contrôle"),
    Role.DISABILITY_CONTACT: _l("Référent ou référente handicap"),
}


def _dead_invitation(fact: signing.InvitationDead) -> str:
    if fact.why == "used":
        return _("Cette invitation a déjà servi. Connectez-vous, ou demandez-en une autre à votre équipe.")
    if fact.why == "revoked":
        return _("Cette invitation est remplacée par une autre, plus récente. Prenez la dernière.")
    return _("Cette invitation est trop vieille. Demandez-en une autre à votre équipe.")


say(
    signing.HandleUnreadable,
    lambda fact: _("Nous ne reconnaissons pas « %(written)s ». Écrivez une adresse mail ou un téléphone.",
                   written=fact.written),
)  # fmt: skip
say(
    signing.SignInRefused,
    lambda fact: _("Cela ne va pas ensemble. Vérifiez ce que vous avez écrit, ou demandez un code."),
)
say(
    signing.CodeRefused,
    lambda fact: _("Ce code ne marche pas. Vérifiez les 6 chiffres ou demandez un nouveau code."),
)
say(
    signing.AppCodeRefused,
    lambda fact: _("Ce code ne marche pas. Vérifiez les 6 chiffres, ou attendez le code suivant de votre application."),
)
say(
    signing.PasskeyRefused,
    lambda fact: _("La clé d'accès n'a pas marché. Réessayez, ou choisissez une autre façon. Il faut un appareil "
                   "qui se déverrouille avec un doigt, un visage ou un code."),
)  # fmt: skip
say(
    providers.ProviderRefused,
    lambda fact: _("Quelque chose a changé en route. Recommencez depuis le début."),
)
say(
    providers.ProviderStopped,
    lambda fact: _("Vous n'avez pas terminé sur le site de votre école. Recommencez, ou entrez autrement."),
)
say(
    providers.ProviderAway,
    lambda fact: _("Le site des comptes de votre école ne répond pas bien. Réessayez plus tard, ou entrez autrement."),
)
say(
    providers.MailUnproved,
    lambda fact: _("Votre école ne confirme pas votre adresse mail. Demandez-lui de la vérifier, ou entrez autrement."),
)
say(
    providers.DomainRefused,
    lambda fact: _("Cette adresse mail n'est pas une adresse de l'école. Prenez votre compte de l'école, ou entrez "
                   "autrement."),
)  # fmt: skip
say(
    providers.StrangerHere,
    lambda fact: _("Ce compte n'ouvre rien ici. Demandez à votre équipe quelle adresse mail elle a notée pour vous."),
)
say(
    providers.LinkedElsewhere,
    lambda fact: _("Vous êtes déjà entré ou entrée avec un autre compte de l'école. Demandez à votre équipe de délier "
                   "l'ancien."),
)  # fmt: skip
say(
    providers.DomainsUnreadable,
    lambda fact: _("Écrivez la fin des adresses mail, sans espace dedans. Exemple : ecole.example, campus.example"),
)
say(
    providers.ProviderSecretMissing,
    lambda fact: _("Écrivez le secret que ce service vous a donné. Nous n'envoyons jamais le secret d'un autre."),
)
say(
    signing.TooManyPasskeys,
    lambda fact: _("Vous avez déjà %(most)d clés d'accès. Retirez-en une d'abord.", most=fact.most),
)
say(
    signing.TooManyAttempts,
    lambda fact: _("Il y a eu trop d'essais. Réessayez à %(hour)s.", hour=languages.hour(fact.again_at)),
)
say(
    signing.PasswordTooShort,
    lambda fact: _("Ce mot de passe est trop court. Écrivez au moins %(shortest)d caractères. Exemple : trois mots qui "
                   "n'ont rien à voir.", shortest=fact.shortest),
)  # fmt: skip
say(
    signing.PasswordTooLong,
    lambda fact: _("Ce mot de passe est trop long. Le maximum est de %(longest)d caractères.", longest=fact.longest),
)
say(
    signing.PasswordCommon,
    lambda fact: _("Beaucoup de gens choisissent ce mot de passe, ou il ressemble à votre nom. Choisissez-en un autre. "
                   "Exemple : trois mots qui n'ont rien à voir."),
)  # fmt: skip
say(signing.WrongPassword, lambda fact: _("Ce n'est pas votre mot de passe. Écrivez-le de nouveau."))
say(signing.InvitationDead, _dead_invitation)
say(
    signing.NobodyReachable,
    lambda fact: _("Nous ne savons pas où écrire à %(name)s. Ajoutez un mail, un téléphone ou un numéro.",
                   name=fact.name),
)  # fmt: skip
say(
    signing.AccountClosed,
    lambda fact: _("Le compte %(whose)s est fermé. Rouvrez-le d'abord.", whose=languages.of_person(fact.name)),
)
say(
    rules_granting.RoleNotYours,
    lambda fact: _("Vous ne pouvez pas donner ni retirer le rôle « %(role)s » ici. Demandez à l'équipe du réseau.",
                   role=ROLES[fact.role]),
)  # fmt: skip
say(
    rules_granting.RoleMisplaced,
    lambda fact: _("Choisissez l'école où cette personne a ce rôle.") if fact.needs_school
    else _("Ce rôle vaut pour tout le réseau. Ne choisissez pas d'école."),
)  # fmt: skip
say(
    rules_granting.LearnersAreEnrolled,
    lambda fact: _("Un apprenant ou une apprenante entre par une promo. Inscrivez cette personne dans sa promo."),
)
say(
    rules_granting.LastManager,
    lambda fact: _("C'est la dernière personne responsable du réseau. Donnez d'abord ce rôle à quelqu'un d'autre."),
)
say(
    rules_granting.OutOfReach,
    lambda fact: _("Cette personne a un rôle que vous ne donnez pas, ou elle apprend dans une autre école. Demandez à "
                   "l'équipe du réseau."),
)  # fmt: skip
