"""Which language a page is in: the account's, then the cookie's, then the browser's; French when nothing says."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, force_locale, get_locale, ngettext
from flask_babel import gettext as _

from popschool import clock, typography
from popschool.web import catalogues, comfort, filters

NAMES = {
    "fr": "Français", "en": "English", "ar": "العربية", "uk": "Українська", "fa": "دری", "tr": "Türkçe",
    "pt": "Português",
}  # fmt: skip
DEFAULT, WHOLE = "fr", ("fr", "en")
TAGS = {"fa": "fa-AF"}  # Dari; voices and screen readers know it by this name, few by prs
FROM_THE_RIGHT = frozenset({"ar", "fa"})
LOCALES = {language: Locale(language) for language in NAMES}


def init_app(app: Flask) -> None:
    """Wire the catalogues and the filters that depend on a language."""
    catalogues.compile_all(only_stale=True)
    babel = Babel(
        app,
        default_locale=DEFAULT,
        default_translation_directories=str(catalogues.FOLDER),
        default_timezone=str(clock.PARIS),
        locale_selector=lambda: LOCALES[choose()],
    )
    babel.domain_instance = Typeset()
    app.jinja_env.policies["ext.i18n.trimmed"] = True  # as the texts are extracted
    app.jinja_env.filters.update(
        moment=moment, day=day, hour=hour, month=month, weight=weight, number=number, since=since, duration=duration,
        of_person=of_person, of_place=of_place, first_capital=filters.first_capital, together=filters.together,
        typeset=set_french,
    )  # fmt: skip


class Typeset(Domain):
    """The catalogues, whose French has its spaces held."""

    def get_translations(self) -> Translations:
        language = code()
        if language not in self.cache:
            kind = French if language == DEFAULT else Grouped
            found = kind.load(str(catalogues.FOLDER), [language])
            self.cache[language] = found if isinstance(found, kind) else kind()
        return self.cache[language]


class Grouped(Translations):
    """Texts whose large counts are written as numbers are: "167 157 points"."""

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        text = super().ungettext(singular, plural, num)
        return text if num < 1000 else text.replace("%(num)d", number(num))


class French(Grouped):
    """Texts in French, set as they are shown."""

    def ugettext(self, message: str) -> str:
        return set_french(super().ugettext(message))

    def ungettext(self, singular: str, plural: str, num: int) -> str:
        return set_french(super().ungettext(singular, plural, num))

    def upgettext(self, context: str, message: str) -> str:
        return set_french(super().upgettext(context, message))


set_french = lru_cache(maxsize=4096)(typography.french)


def choose() -> str:
    """Return the language of this request. A page to read that a language lacks is in French, the whole of it."""
    if not has_request_context():
        return DEFAULT
    language = wished()
    lacks = language not in WHOLE and request.endpoint not in catalogues.JOURNEYS
    return DEFAULT if lacks and request.method == "GET" else language


def wished() -> str:
    """Return the language that the person chose, or their browser's."""
    asked = request.args.get("language") if request.endpoint == "web.comfort_page" else None
    chosen = asked if asked in NAMES else comfort.read(request).language
    return chosen or request.accept_languages.best_match(WHOLE, default=DEFAULT)


@contextmanager
def of_whoever_asks() -> Iterator[None]:
    """Answer in the language that was wished, though the page asked for lacks it: the words of errors are in all."""
    with force_locale(LOCALES[wished()]):
        g.answers_an_error = True
        try:
            yield
        finally:
            g.pop("answers_an_error", None)


def excuse() -> str:
    """Say in the language that was wished that this page is still in French."""
    with force_locale(LOCALES[wished()]):
        return f"{made_by_machine()} {_('Cette page est encore en français.')}"


def made_by_machine() -> str:
    """Say that a machine translated, for a language that nobody read yet; nothing in the others."""
    return "" if code() in WHOLE else _("Traduction automatique, à relire par une personne dont c'est la langue.")


def code() -> str:
    """Return the language of the page being made: one of NAMES."""
    try:
        here = g._get_current_object()  # once: this is asked a hundred times a page
    except RuntimeError:
        return DEFAULT
    kept = getattr(here.get("_flask_babel"), "babel_locale", None)
    language = (kept or get_locale()).language
    return language if language in NAMES else DEFAULT


def written() -> str:
    """Return the language that people wrote this page's texts in, and not a machine: where a word binds."""
    return code() if code() in WHOLE else DEFAULT


def is_translated(endpoint: str | None) -> bool:
    """Say whether a page is in the language of this moment: the journeys and errors are in all, the rest in two."""
    return code() in WHOLE or endpoint in catalogues.JOURNEYS or "answers_an_error" in g


def of_person(name: str) -> str:
    """Return "d'Amina"; in English the name alone, since its sentences say "Amina's"."""
    return typography.of_person(name) if code() == DEFAULT else name


def of_place(name: str) -> str:
    """Return "du Havre"; in English the name alone."""
    return typography.of_place(name) if code() == DEFAULT else name


def moment(value: datetime) -> str:
    return filters.moment(value, code(), clock.here(), clock.today())


def day(value: date | datetime) -> str:
    return filters.day(value, code(), clock.here(), clock.today())


def hour(value: datetime) -> str:
    return filters.hour(value, code(), clock.here())


def month(value: date) -> str:
    return filters.month(value, code())


def weight(size: int) -> str:
    return filters.weight(size, code())


def number(value: Any, digits: int = 1) -> str:
    if type(value) is int and 0 <= value < 1000:
        return str(value)  # as in every language here, and most numbers of a page
    return filters.number(value, code(), digits)


def duration(minutes: int | None) -> str:
    return filters.duration(minutes, code())


def since(value: date | datetime, now: datetime) -> str:
    """Return "depuis 7 jours"."""
    unit, count = filters.elapsed(value, now, clock.here())
    if unit == "days":
        return ngettext("depuis %(num)d jour", "depuis %(num)d jours", count) if count else _("depuis aujourd'hui")
    if unit == "hours":
        return ngettext("depuis %(num)d heure", "depuis %(num)d heures", count)
    return ngettext("depuis %(num)d minute", "depuis %(num)d minutes", count) if count else _("depuis un instant")
