"""The blueprint, its words, and what several pages share."""

from flask import Blueprint, abort
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.projects.models import Assignment, Deliverable, Submission
from popschool.review import rules, rules_states, services_guests, words
from popschool.review.models import Flag, Review, Round, Work
from popschool.review.services_reading import work_at
from popschool.review.services_world import review_at, round_at
from popschool.schools.models import Cohort
from popschool.schools.rules import Place
from popschool.web import wording

bp = Blueprint("review", __name__)
bp.add_app_template_filter(words.place_words)

wording.say(
    rules.RoundExists, lambda fact: _("Une relecture de ce livrable est déjà en cours. Attendez qu'elle soit rendue.")
)
wording.say(
    rules.NothingToJudge,
    lambda fact: _("Ce projet n'a pas de critère de réussite. Ajoutez-en dans le cours, puis recommencez."),
)
wording.say(
    rules.WindowTooShort,
    lambda fact: _("Laissez au moins deux heures pour relire : choisissez une fin plus tard."),
)


def _not_enough(fact: rules.NotEnoughPeople) -> str:
    return _(
        "La relecture ne peut pas commencer : %(people)s personnes ont envoyé, c'est trop peu pour %(wanted)s "
        "relectures par travail. Attendez d'autres envois.",
        people=fact.people,
        wanted=fact.wanted,
    )


wording.say(rules.NotEnoughPeople, _not_enough)
wording.say(
    rules.InvitationClosed,
    lambda fact: _("Une autre promo se joint avant le début, quand les noms sont cachés. Ce n'est plus possible ici."),
)
wording.say(
    rules.TooManyPieces,
    lambda fact: _("Choisissez un ou deux exemples de la liste. À l'oral, il n'y en a pas."),
)
wording.say(
    rules.PieceFirst,
    lambda fact: _("Lisez d'abord l'exemple de l'équipe. Les travaux viennent après."),
)
wording.say(
    rules.TooManyApart,
    lambda fact: _("Vous avez déjà nommé %(most)s personnes. Parlez à votre équipe pour les autres.", most=fact.most),
)
wording.say(
    rules.NothingToReview,
    lambda fact: _("Aucun travail n'attend votre relecture pour le moment. Merci, vous pouvez revenir plus tard."),
)
wording.say(
    rules.ReviewIncomplete,
    lambda fact: _(
        "Il manque une réponse : %(criteria)s. Choisissez « Changer », puis remplissez tout.",
        criteria=", ".join(f"« {one} »" for one in fact.criteria),
    ),
)
wording.say(
    rules.NoPlaceNamed,
    lambda fact: _("Montrez au moins un endroit du travail. Choisissez « Changer », puis indiquez un endroit."),
)
wording.say(
    rules.AlreadySent, lambda fact: _("Cette relecture est finie. Elle ne change plus. Vous pouvez la relire ici.")
)


def _place_unknown(fact: rules.PlaceUnknown) -> str:
    if not fact.lines:
        return _("Cet endroit n'a pas de lignes. Laissez le numéro vide, ou choisissez un autre endroit.")
    return _("Cette ligne n'existe pas. Écrivez un numéro de 1 à %(lines)s.", lines=fact.lines)


wording.say(rules.PlaceUnknown, _place_unknown)
wording.say(rules.ReactFirst, lambda fact: _("Répondez d'abord à chaque relecture. Le résultat apparaît ensuite."))
wording.say(rules.ReviewOpened, lambda fact: _("Cette relecture est déjà ouverte par quelqu'un. Elle lui reste."))
wording.say(
    rules_states.RoundNotThere,
    lambda fact: _(
        "La relecture est %(state)s : cela n'est plus possible. Ouvrez de nouveau sa page.",
        state=words.ROUND_WORDS[fact.state],
    ),
)
wording.say(
    rules_states.ReviewNotThere,
    lambda fact: _(
        "Cette relecture est %(state)s : cela n'est plus possible. Revenez à vos relectures.",
        state=words.REVIEW_WORDS[fact.state],
    ),
)


def own_review(key: str) -> Review:
    """Return a review of the person here, and of nobody else: neither author nor trainer comes in by this door."""
    found = review_at(key) or abort(404)
    guards.require(Action.REVIEW_WORK, Place.of(school=found.round.school_id, people=[found.reviewer.person_id]))
    return found


def own_work(key: str) -> Work:
    """Return a work that the person here has made."""
    found = work_at(key) or abort(404)
    guards.require(Action.READ_REVIEWS, Place.of(school=found.round.school_id, people=found.authors))
    return found


def the_round(round_id: int, action: Action) -> Round:
    """Return a round that the person here may look at or run."""
    found = round_at(round_id) or abort(404)
    place = found.place
    if action is Action.SEE_ROUND and not guards.allowed(action, place):
        place = services_guests.place_of(found)
    guards.require(action, place)
    return found


def cohorts_elsewhere(found: Round, is_shared: bool) -> dict[int, str]:
    """Return the codes of the cohorts of a round whose people the one here does not see. One query when shared."""
    if not is_shared:
        return {}
    here = found.assignment.cohort
    cohorts = [here, *(guest.cohort for guest in services_guests.guests_of(found.id) if guest.agreed)]
    return {one.id: one.code for one in cohorts if code_elsewhere(one)}


def code_elsewhere(cohort: Cohort) -> str:
    """Return the code of a cohort of a round whose people the one here does not see; nothing for one's own."""
    return "" if guards.allowed(Action.SEE_ROUND, cohort.place) else cohort.code


def cohort_of_work(work: Work) -> Cohort:
    return work.submission.deliverable.assignment.cohort


def the_flag(flag_id: int) -> Flag:
    to_cohort = joinedload(Submission.deliverable).joinedload(Deliverable.assignment).joinedload(Assignment.cohort)
    found = db.get_or_404(
        Flag,
        flag_id,
        options=[
            joinedload(Flag.round),
            joinedload(Flag.review).joinedload(Review.answers),
            joinedload(Flag.work).joinedload(Work.submission).options(to_cohort),
        ],
    )
    guards.require(Action.RUN_ROUND, found.round.place)
    return found


def me():
    return current_user._get_current_object()
