"""The blueprint, its words, and what several pages share."""

from flask import Blueprint
from flask_babel import gettext as _

from popschool.auth import guards
from popschool.auth.rules import Role
from popschool.schools import people, rules
from popschool.schools.models import Person
from popschool.schools.rules import Place
from popschool.web import languages, wording

bp = Blueprint("schools", __name__)

wording.say(rules.DatesInverted, lambda fact: _("La fin est avant le début. Vérifiez les deux dates."))
wording.say(
    rules.OutsideCohort,
    lambda fact: _(
        "Ces dates ne sont pas dans celles de la promo : du %(first)s au %(last)s.",
        first=languages.day(fact.starts_on),
        last=languages.day(fact.ends_on),
    ),
)
wording.say(
    rules.AlreadyEnrolled,
    lambda fact: _("Cette personne a déjà une place dans %(cohort)s à ces dates.", cohort=fact.cohort),
)
wording.say(
    rules.NotEnrolled, lambda fact: _("Cette personne n'a pas de place dans %(cohort)s ce jour-là.", cohort=fact.cohort)
)
wording.say(
    rules.CohortArchived,
    lambda fact: _("La promo %(cohort)s est archivée. Ouvrez-la de nouveau pour la changer.", cohort=fact.cohort),
)
wording.say(rules.CodeTaken, lambda fact: _("Le code %(code)s est déjà pris. Choisissez-en un autre.", code=fact.code))
wording.say(rules.AlreadyLeft, lambda fact: _("Cette personne est déjà sortie de la promo."))
wording.say(rules.PhoneUnreadable, lambda fact: _("Écrivez un numéro de téléphone. Exemple : 06 39 98 00 07"))
wording.say(
    people.HandleTaken,
    lambda fact: _("« %(value)s » est déjà à quelqu'un d'autre. Cherchez cette personne.", value=fact.value),
)
wording.say(people.Unreachable, lambda fact: _("Donnez un mail, un téléphone ou un numéro : au moins l'un des trois."))


def place_of(person: Person) -> Place:
    """Return where a person stands: the schools and cohorts through which they are known."""
    schools, cohorts = people.places_of(person)
    return Place(frozenset(schools), frozenset(cohorts), frozenset({person.id}))


def reach() -> tuple[frozenset[int] | None, frozenset[int]]:
    """Return the schools and cohorts that the person here works with; None is the whole network."""
    actor = guards.actor()
    if Role.NETWORK_MANAGER in actor.roles.get(None, frozenset()):
        return None, frozenset()
    return actor.schools_as(Role.SCHOOL_MANAGER), actor.trains_in
