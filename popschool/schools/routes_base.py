"""The blueprint, its words, and what several pages share."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint
from flask_babel import gettext as _
from flask_babel import ngettext

from popschool.auth import guards
from popschool.auth.rules import Role
from popschool.schools import people, roster, rules
from popschool.schools.cohorts import Reach
from popschool.web import languages, wording
from popschool.web.forms import Form

bp = Blueprint("schools", __name__)
FIELDS = {"mail": "mail", "phone": "phone", "learner_number": "number"}

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
wording.say(
    rules.PlacesOutside,
    lambda fact: ngettext(
        "%(num)d personne a une place en dehors de ces dates. Changez d'abord ses dates.",
        "%(num)d personnes ont une place en dehors de ces dates. Changez d'abord leurs dates.",
        fact.people,
    ),
)
wording.say(
    rules.MovedOn,
    lambda fact: _(
        "Cette personne a changé de promo : elle est maintenant dans %(cohort)s. Notez sa sortie là-bas, ou annulez le "
        "changement.",
        cohort=fact.cohort,
    ),
)
wording.say(
    rules.SchoolClosed,
    lambda fact: _("L'école ferme le %(day)s. Choisissez un dernier jour avant.", day=languages.day(fact.closed_on)),
)
wording.say(
    rules.NumberUnreadable,
    lambda fact: _("Écrivez un numéro de lettres et de chiffres, qui n'est pas un téléphone. Exemple : VAL2027007"),
)
wording.say(
    roster.RosterRefused,
    lambda fact: ngettext(
        "%(num)d problème dans la liste : rien n'est ajouté.",
        "%(num)d problèmes dans la liste : rien n'est ajouté.",
        len(fact.problems),
    ),
)
wording.say(rules.PhoneUnreadable, lambda fact: _("Écrivez un numéro de téléphone. Exemple : 06 39 98 00 07"))
wording.say(
    people.HandleTaken,
    lambda fact: _(
        "« %(value)s » est déjà à quelqu'un d'autre. Vérifiez le nom, ou cherchez cette personne.", value=fact.value
    ),
)
wording.say(people.Unreachable, lambda fact: _("Donnez un mail, un téléphone ou un numéro : au moins l'un des trois."))


def reach() -> tuple[frozenset[int] | None, frozenset[int]]:
    """Return the schools and cohorts that the person here works with; None is the whole network."""
    actor = guards.actor()
    if Role.NETWORK_MANAGER in actor.roles.get(None, frozenset()):
        return None, frozenset()
    return actor.schools_as(Role.SCHOOL_MANAGER), actor.trains_in


def reach_of_cohorts(at: int | None = None) -> Reach:
    """Return which cohorts are the person's here; `at` keeps those of one school."""
    return Reach(*reach(), at=at)


@contextmanager
def identity_refusals(form: Form) -> Iterator[None]:
    """Show a refusal on the form; a handle that is somebody else's, beside its field."""
    with form.refusals():
        try:
            yield
        except people.HandleTaken as fact:
            form.refuse(wording.sentence(fact), FIELDS[fact.field])
