"""The blueprint, its words, and what several pages share."""

from flask import Blueprint
from flask_babel import gettext as _

from popschool import git, outbound
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.projects import rules, rules_archives, rules_files, rules_links, rules_teams
from popschool.projects import services_reading as reading
from popschool.projects.models import Submission
from popschool.projects.words import mark_word
from popschool.web import languages, wording

bp = Blueprint("projects", __name__)
STEPS = 3

bp.add_app_template_filter(rules_links.safe_link)
bp.add_app_template_filter(mark_word)
bp.add_app_template_global(rules_links.commit_link)


def require_seen(submission: Submission) -> None:
    """Go on only when the person here may read this work: their own, of their cohort, or of somebody they train now."""
    place = submission.place
    if not guards.allowed(Action.SEE_SUBMISSION, place):
        place = reading.place_of(submission)
    guards.require(Action.SEE_SUBMISSION, place)


def asked_words() -> dict[str, str]:
    """Return the words for text, link, files and repository."""
    return {
        rules.TEXT: _("un texte"),
        rules.LINK: _("un lien"),
        rules.FILES: _("des fichiers"),
        rules.REPOSITORY: _("un dépôt de code"),
    }


def listed(names, either: bool = False) -> str:
    """Write "un texte, un lien et des fichiers", or with "ou" when one is enough."""
    every = asked_words()
    words = [every[name] for name in names]
    joint = _(" ou ") if either else _(" et ")
    return joint.join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


wording.say(
    rules.NothingToSend,
    lambda fact: _("Ajoutez %(what)s. Votre travail n'est pas encore envoyé.", what=listed(fact.missing, fact.either)),
)


def _too_heavy(fact: rules_files.FileTooHeavy) -> str:
    size, most = languages.weight(fact.size), languages.weight(fact.most)
    if not fact.name:
        return _(
            "Vos fichiers ensemble sont trop lourds : %(size)s. Le maximum est %(most)s. "
            "Retirez-en un, ou collez un lien.",
            size=size,
            most=most,
        )
    return _(
        "Ce fichier est trop lourd : %(name)s, %(size)s. Le maximum est %(most)s. "
        "Envoyez une photo plus petite ou collez un lien.",
        name=fact.name,
        size=size,
        most=most,
    )


def _file_refused(fact: rules_files.FileRefused) -> str:
    return {
        "executable": _("%(name)s est un programme. Envoyez plutôt son code, ou une photo de l'écran.", name=fact.name),
        "macro": _(
            "%(name)s contient un programme caché, une macro. Enregistrez-le sans macro ou en PDF, puis recommencez.",
            name=fact.name,
        ),
        "content": _(
            "%(name)s ne contient pas ce que son nom annonce. Enregistrez-le de nouveau, puis recommencez.",
            name=fact.name,
        ),
        "damaged": _("%(name)s ne s'ouvre pas. Refaites ce fichier, puis recommencez.", name=fact.name),
        "locked": _(
            "%(name)s est fermé par un mot de passe. Refaites-le sans mot de passe, puis recommencez.", name=fact.name
        ),
        "outside": _(
            "%(name)s contient un fichier qui sortirait de son dossier. Refaites-le avec votre dossier seul.",
            name=fact.name,
        ),
        "crowded": _(
            "%(name)s contient trop de fichiers : le maximum est %(most)d. Retirez les dossiers qui s'installent tout "
            "seuls, comme node_modules, puis recommencez.",
            name=fact.name,
            most=rules_archives.MOST_ENTRIES,
        ),
        "swollen": _(
            "%(name)s devient trop lourd une fois ouvert : le maximum est %(most)s. Retirez-en des fichiers, ou "
            "collez un lien.",
            name=fact.name,
            most=languages.weight(rules_archives.LARGEST_UNPACKED),
        ),
        "harmful": _(
            "%(name)s contient un virus connu. Ne l'ouvrez plus. Demandez de l'aide à votre équipe.", name=fact.name
        ),
        "empty": _("%(name)s est vide. Choisissez un autre fichier.", name=fact.name),
    }[fact.reason]


wording.say(rules_files.FileTooHeavy, _too_heavy)
wording.say(rules_files.FileRefused, _file_refused)
wording.say(
    rules_files.TooManyFiles,
    lambda fact: _("Vous pouvez envoyer %(most)d fichiers au plus. Retirez-en, ou faites un zip.", most=fact.most),
)
wording.say(
    rules.TextTooLong,
    lambda fact: _(
        "Ce texte est trop long : %(length)d caractères. Le maximum est %(most)d. Envoyez plutôt un fichier.",
        length=fact.length,
        most=fact.most,
    ),
)
wording.say(
    rules.DeliverableClosed,
    lambda fact: _(
        "Le temps pour envoyer est fini : c'était %(when)s. Votre texte est gardé. Demandez un délai à votre équipe.",
        when=languages.moment(fact.closed_at),
    ),
)
wording.say(
    rules.NotOpenYet,
    lambda fact: _(
        "Ce projet ouvre %(when)s. Vous pourrez envoyer à partir de là.", when=languages.moment(fact.opens_at)
    ),
)
wording.say(rules_teams.NotInTeam, lambda fact: _("Ce projet se fait à plusieurs. Rejoignez d'abord une équipe."))
wording.say(
    rules_teams.TeamFull,
    lambda fact: _("Cette équipe est complète : %(size)d personnes. Choisissez-en une autre.", size=fact.size),
)
wording.say(rules_teams.TeamGone, lambda fact: _("Cette équipe n'existe plus. Choisissez-en une autre."))
wording.say(
    rules.DraftChanged,
    lambda fact: _("Votre envoi a changé depuis cette page. Relisez-le ici, puis envoyez."),
)
wording.say(
    rules.AssignmentWithdrawn,
    lambda fact: _("Ce projet a été retiré par votre équipe de formation. Votre brouillon est gardé."),
)
wording.say(rules.ExtensionTooShort, lambda fact: _("Choisissez une date à venir, après celle de la promo."))
wording.say(rules.WindowInverted, lambda fact: _("Mettez les dates dans l'ordre : ouverture, date limite, fermeture."))
wording.say(rules.AlreadySet, lambda fact: _("Ce projet est déjà donné à la promo. Changez plutôt ses dates."))
wording.say(rules.WorkWasSent, lambda fact: _("Du travail est déjà arrivé. Ce projet ne peut plus être retiré."))
wording.say(outbound.AddressUnreadable, lambda fact: _("Écrivez le lien en entier. Exemple : https://example.org/menu"))
wording.say(outbound.SchemeRefused, lambda fact: _("Un lien commence par https://. Exemple : https://example.org/menu"))
wording.say(
    outbound.CredentialsRefused, lambda fact: _("Ce lien contient un nom ou un mot de passe. Enlevez-les du lien.")
)
wording.say(
    outbound.PortRefused,
    lambda fact: _("Ce lien utilise un numéro de port réservé. Publiez la page à une adresse habituelle."),
)
wording.say(outbound.HostUnknown, lambda fact: _("Le site %(host)s ne répond pas. Vérifiez l'adresse.", host=fact.host))
wording.say(
    outbound.AddressInside,
    lambda fact: _(
        "Ce lien mène à une machine privée : personne d'autre ne peut l'ouvrir. Publiez la page, puis recommencez."
    ),
)


def _git_failed(fact: git.GitFailed) -> str:
    kept = _("Votre brouillon est gardé.")
    why = {
        "unknown_branch": _("Ce dépôt est vide. Faites un premier commit, poussez-le, puis recommencez."),
        "refused": _("Ce dépôt est privé. Rendez-le public, puis recommencez."),
        "slow": _("Ce dépôt met trop de temps à répondre. Réessayez dans quelques minutes."),
    }.get(fact.reason, _("Ce dépôt ne répond pas. Vérifiez son adresse, et qu'il est public."))
    return f"{why} {kept}"


wording.say(git.GitFailed, _git_failed)
