"""The words of a round on a page: where it stands, why something moved, why a work should be looked at next."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.review.rules_allocation import Feasibility, Reason
from popschool.review.rules_routing import MustSee, Why
from popschool.review.services_fairness import By
from popschool.review.services_parts import CODE, FILE, LINK, NOTE, REPOSITORY, TEXT

ROUND_WORDS = {
    "draft": _l("en préparation"),
    "open": _l("annoncée"),
    "planned": _l("prête"),
    "reviewing": _l("en cours"),
    "topping_up": _l("en cours, dernières relectures"),
    "moderating": _l("à conclure"),
    "released": _l("rendue"),
    "responding": _l("rendue"),
    "closed": _l("finie"),
}
REVIEW_WORDS = {
    "planned": _l("pas encore ouverte"),
    "revealed": _l("ouverte"),
    "in_progress": _l("commencée"),
    "submitted": _l("envoyée"),
    "released": _l("rendue"),
    "reacted": _l("lue"),
    "returned": _l("reprise"),
    "expired": _l("pas finie à temps"),
    "set_aside": _l("mise de côté"),
}
CAUSES = {
    "planned": _l("plan de départ"),
    "late": _l("travail arrivé en retard"),
    "conflict": _l("les deux personnes ne doivent pas se relire"),
    "team": _l("les deux personnes sont dans la même équipe"),
    "absent": _l("la personne ne répond pas"),
    "left": _l("la personne a quitté la promo"),
    "withdrawn": _l("le travail n'est plus à relire"),
    "enough": _l("le travail a déjà ses relectures"),
    "needed": _l("il manquait une relecture à ce travail"),
    "exchanged": _l("échange, pour servir d'abord le travail le moins relu"),
    "trainer": _l("décision de l'équipe"),
    "after the end": _l("envoyée après la fin"),
}
EVENTS = {
    "open": _l("La relecture est annoncée"),
    "plan": _l("Le plan est fait"),
    "start": _l("Les relectures commencent"),
    "top_up": _l("Ce qui manque est partagé"),
    "moderate": _l("Les relectures finissent"),
    "extend": _l("Les relectures reprennent"),
    "extended": _l("Plus de temps est donné"),
    "release": _l("Les relectures sont rendues"),
    "respond": _l("Chacun peut répondre"),
    "close": _l("La relecture est fermée"),
    "booked": _l("réserve un rendez-vous"),
    "called_off": _l("Un rendez-vous est annulé"),
    "met": _l("a écouté ce travail"),
    "given": _l("reçoit un travail à lire"),
    "taken": _l("n'a plus ce travail à lire"),
    "guests": _l("Une autre promo se joint à la relecture"),
    "joined": _l("entre dans la relecture"),
    "withdrawn": _l("Le travail est retiré"),
    "followed": _l("Une nouvelle version est lue"),
    "reveal": _l("ouvre le travail"),
    "begin": _l("commence à écrire"),
    "submit": _l("envoie sa relecture"),
    "give_back": _l("rend le travail sans le lire"),
    "set_aside": _l("Sa relecture est mise de côté"),
    "left": _l("quitte la promo"),
    "absent": _l("ne répond pas"),
    "apart": _l("Deux personnes ne doivent pas se relire"),
    "back": _l("est de retour"),
    "offered": _l("propose d'en lire un de plus"),
    "reminded": _l("reçoit un rappel"),
}
MUST_SEE = {
    MustSee.APPEAL: _l("l'auteur ou l'autrice demande votre avis"),
    MustSee.REPORT: _l("une relecture est signalée"),
    MustSee.NO_REVIEW: _l("aucune relecture : aucun chiffre"),
    MustSee.ONE_REVIEW: _l("une seule relecture"),
    MustSee.FAR: _l("le chiffre dépend trop du niveau du groupe"),
}
WHY = {
    Why.RISK: _l("proche du seuil : la lecture peut être fausse"),
    Why.FAR: _l("le chiffre dépend beaucoup du niveau du groupe"),
    Why.GAIN: _l("votre note rendrait les autres plus sûres"),
    Why.BY_CHANCE: _l("choisi au hasard, pour vérifier l'ensemble"),
}
PLACES = {
    TEXT: _l("Le texte"),
    NOTE: _l("Le mot"),
    LINK: _l("La page en ligne"),
    REPOSITORY: _l("Le dépôt de code"),
}


WAYS = {
    By.COHORT: _l("Par promo"),
    By.TIMING: _l("À l'heure ou en retard"),
    By.TEAM: _l("Seul ou en équipe"),
}
GROUPS = {
    "on_time": _l("À l'heure"),
    "late": _l("En retard"),
    "alone": _l("Seul ou seule"),
    "team": _l("En équipe"),
}


def group_words(name: str) -> str:
    """Return what a group is called; a cohort by its code."""
    return str(GROUPS.get(name, name))


def why_next(one) -> str:
    """Say in one line why a work should be looked at."""
    return str(MUST_SEE[one.must_see] if one.must_see is not None else WHY[one.why])


def place_label(name: str, is_picture: bool = False, path: str = "") -> str:
    """Return what a part of a work is called, without its author's name for it."""
    if name.startswith(FILE):
        rank = name.removeprefix(FILE)
        return _("L'image %(rank)s", rank=rank) if is_picture else _("Le fichier %(rank)s", rank=rank)
    if name.startswith(CODE):
        label = _("Le code, fichier %(rank)s", rank=name.removeprefix(CODE))
        return f"{label} ({path})" if path else label
    return str(PLACES.get(name, ""))


def place_words(place: str, line: int | None) -> str:
    """Return where a word points: "Le texte, ligne 12". Nothing for the whole work."""
    name = place_label(place)
    return _("%(place)s, ligne %(line)s", place=name, line=line) if name and line else name


def feasibility_words(answer: Feasibility, wanted: int) -> str:
    """Say whether a round is possible, and why not."""
    return {
        Reason.FINE: _("C'est possible : chaque travail aura %(wanted)s relectures.", wanted=wanted),
        Reason.RECIPROCAL: _(
            "C'est possible, mais quelques personnes se reliront l'une l'autre. "
            "Il faudrait %(needed)s personnes pour l'éviter.",
            needed=answer.needed + answer.largest_team,
        ),
        Reason.NOBODY: _("Ce n'est pas possible : il n'y a personne pour relire."),
        Reason.TOO_FEW: _(
            "Ce n'est pas possible : il faut au moins %(needed)s personnes. Demandez moins de relectures par travail.",
            needed=wanted + answer.largest_team,
        ),
        Reason.TEAM_TOO_LARGE: _(
            "Ce n'est pas possible : une équipe est trop grande. On ne relit pas le travail de sa propre équipe."
        ),
        Reason.CONFLICTS: _("Ce n'est pas possible : trop de personnes ne doivent pas se relire."),
    }[answer.reason]
