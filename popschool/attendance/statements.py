"""The sentence that a learner signs, word for word: pages show it, and a terminal of the school shows the same."""

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.attendance.models import HalfDay
from popschool.attendance.rules import Half
from popschool.schools.models import Person
from popschool.web import languages

NUMBER = 1
THIS_HALF = {Half.MORNING: _l("ce matin"), Half.AFTERNOON: _l("cet après-midi")}


def statement(half_day: HalfDay, person: Person) -> str:
    """Return the sentence that a learner signs, in the language of the page, when people wrote it in that."""
    if languages.code() not in languages.WHOLE:
        with force_locale(languages.DEFAULT):
            return statement(half_day, person)
    return _(
        "Je suis %(name)s. Je participe à la séance de %(half)s, %(day)s. Elle va de %(starts)s à %(ends)s%(where)s.",
        name=person.name,
        half=THIS_HALF[Half(half_day.half)],
        day=languages.day(half_day.on),
        starts=languages.hour(half_day.starts),
        ends=languages.hour(half_day.ends),
        where=where(half_day),
    )


def where(half_day: HalfDay) -> str:
    """Return ", salle 2", ", à distance", or nothing."""
    if half_day.where:
        return ", " + half_day.where
    return ", " + _("à distance") if half_day.link else ""


def statement_version() -> str:
    return f"{NUMBER}-{languages.written()}"
