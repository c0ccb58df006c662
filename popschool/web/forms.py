"""Forms: CSRF, plain words for what is badly written, and refusals of the school shown where they were met.

`Form` is the parent of every form. A refused form marks the page, so that its title starts with "Erreur".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import g, request
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict
from wtforms import DateField, DateTimeLocalField, Field, FileField
from wtforms.csrf.core import CSRFTokenField
from wtforms.fields.choices import RadioField, SelectMultipleField
from wtforms.widgets import CheckboxInput, Select, html_params

from popschool import clock
from popschool.errors import RuleBroken
from popschool.web import wording

RESERVED_IDS = frozenset({"message", "contenu", "aide", "err"})
DAY_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y"]
YEARS = range(1900, 2200)
MOMENT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M", "%d %m %Y %H:%M", "%d/%m/%Y %Hh%M"]

PLAIN_WORDS = {
    "This field is required.": _l("Il manque une réponse. Remplissez cette partie."),
    "Not a valid choice.": _l("Choisissez une réponse dans la liste."),
    "Not a valid choice": _l("Choisissez une réponse dans la liste."),
    "Invalid Choice: could not coerce.": _l("Choisissez une réponse dans la liste."),
    "Invalid choice(s): one or more data inputs could not be coerced.": _l("Choisissez des réponses dans la liste."),
    "Invalid email address.": _l("Écrivez l'adresse mail en entier. Exemple : prenom@example.org"),
    "Invalid URL.": _l("Écrivez le lien en entier. Exemple : https://example.org/menu"),
    "Not a valid date value.": _l("Écrivez la date comme ceci : 27 03 2027."),
    "Not a valid datetime value.": _l("Écrivez la date et l'heure comme ceci : 27/03/2027 17:30."),
    "Not a valid time value.": _l("Écrivez l'heure comme ceci : 17:30."),
    "Not a valid integer value.": _l("Écrivez un nombre entier. Exemple : 12"),
    "Not a valid decimal value.": _l("Écrivez un nombre. Exemple : 3,5"),
    "Not a valid float value.": _l("Écrivez un nombre. Exemple : 3,5"),
    "Invalid input.": _l("Cette réponse n'est pas écrite comme attendu. Regardez l'exemple."),
    "Invalid UUID.": _l("Ce code ne marche pas. Vérifiez-le."),
    "File does not have an approved extension.": _l(
        "Ce type de fichier n'est pas accepté. Choisissez un autre fichier."
    ),
    "Number must be at least %(min)s.": _l("Écrivez un nombre plus grand : %(min)s au moins."),
    "Number must be at most %(max)s.": _l("Écrivez un nombre plus petit : %(max)s au plus."),
    "Number must be between %(min)s and %(max)s.": _l("Écrivez un nombre entre %(min)s et %(max)s."),
    "Field must be equal to %(other_name)s.": _l("Les deux réponses ne sont pas pareilles. Écrivez la même deux fois."),
    "Field must be between %(min)d and %(max)d characters long.": _l("Écrivez entre %(min)d et %(max)d caractères."),
}


class LongList(Select):
    """A list of hundreds of answers, such as the schools of a country: their lines are written once."""

    def __call__(self, field: Field, **given: Any) -> Markup:
        given = {"id": field.id, "required": field.flags.required or False} | given
        lines = _lines(tuple((one.value, one.label) for one in field.choices))
        value = f'value="{field.data}">'
        chosen = lines.replace(f"<option {value}", f"<option selected {value}", 1)
        return Markup(f"<select {html_params(name=field.name, **given)}>{chosen}</select>")


@lru_cache(maxsize=8)
def _lines(answers: tuple[tuple[int, str], ...]) -> str:
    return "".join(f'<option value="{value}">{escape(label)}</option>' for value, label in answers)


class Plain(str):
    """A sentence that fits any field."""


class PlainWords:
    """What WTForms says, in our words. It asks in English, and fills the %(…)s of the answer itself."""

    def gettext(self, string: str) -> str:
        return Plain(PLAIN_WORDS[string]) if string in PLAIN_WORDS else string

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        if "longer" in singular:
            return ngettext("C'est trop long. Écrivez %(num)d caractère au plus.",
                            "C'est trop long. Écrivez %(num)d caractères au plus.", n)  # fmt: skip
        if "exactly" in singular:
            return ngettext("Écrivez %(num)d caractère.", "Écrivez %(num)d caractères.", n)
        return ngettext("C'est trop court. Écrivez au moins %(num)d caractère.",
                        "C'est trop court. Écrivez au moins %(num)d caractères.", n)  # fmt: skip


class Form(FlaskForm):
    """The parent of every form."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: FlaskForm) -> PlainWords:
            return PlainWords()

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Read forms only, never JSON: a field is text or a file, whatever was sent."""
            if request and request.is_json:
                return None
            return cleaned(form, super().wrap_formdata(form, formdata))

        def bind_field(self, form: FlaskForm, unbound_field: Any, options: dict) -> Field:
            if options["name"] in RESERVED_IDS:
                options["id"] = f"champ-{options['name']}"
            return super().bind_field(form, unbound_field, options)

    def validate(self, extra_validators: dict | None = None) -> bool:
        """Say whether everything is well written; if not, the page is marked as refused."""
        accepted = super().validate(extra_validators)
        if not accepted:
            mark_refused()
        return accepted

    @contextmanager
    def refusals(self, field: str | None = None) -> Iterator[None]:
        """Show on this form, beside `field` or above all, what the school does not allow."""
        try:
            yield
        except RuleBroken as fact:
            self.refuse(wording.sentence(fact), field)

    def refuse(self, sentence: str, field: str | None = None) -> None:
        """Add a reason to this form, beside `field` or above all."""
        if field is None:
            self.form_errors.append(sentence)
        else:
            self[field].errors = [*self[field].errors, sentence]
        mark_refused()


def cleaned(form: FlaskForm, formdata: Any) -> Any:
    """Return what was sent as fields can take it: blanks alone are nothing at all, and files go to fields of files.

    Zero bytes go too: nobody types one, and a database refuses it.
    """
    pairs = list(formdata.items(multi=True)) if isinstance(formdata, MultiDict) else []
    kept = [(name, _text(value)) for name, value in pairs if _has_its_place(form, name, value)]
    return formdata if kept == pairs else MultiDict(kept)


def _has_its_place(form: FlaskForm, name: str, value: Any) -> bool:
    field = form._fields.get(name)
    return isinstance(value, str) or field is None or isinstance(field, FileField)


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    value = value.replace("\0", "")
    return "" if value.isspace() else value


def mark_refused() -> None:
    """Let the title of this page start with "Erreur"."""
    g.refused = True


class DayField(DateField):
    """A calendar day, in any usual way of writing it."""

    def __init__(self, label: Any = None, validators: Any = None, **given: Any):
        super().__init__(label, validators, format=DAY_FORMATS, **given)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        _check_year(self)


class MomentField(DateTimeLocalField):
    """A day and an hour where the school is; `data` is the same moment in UTC."""

    def __init__(self, label: Any = None, validators: Any = None, **given: Any):
        super().__init__(label, validators, format=MOMENT_FORMATS, **given)

    def process_data(self, value: datetime | None) -> None:
        self.data = value

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        _check_year(self)
        if self.data is not None and self.data.tzinfo is None:
            self.data = self.data.replace(tzinfo=clock.here()).astimezone(UTC)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return self.data.astimezone(clock.here()).strftime(MOMENT_FORMATS[0]) if self.data else ""


def _check_year(field: Field) -> None:
    """Refuse a year that nobody means, as 0202 or 20270: a day before or after it may not exist."""
    if field.data is not None and field.data.year not in YEARS:
        field.data = None
        raise ValueError(field.gettext("Not a valid date value."))


def summary(*forms: FlaskForm) -> list[tuple[str, str]]:
    """Return each thing to correct as (id to go to, or nothing; sentence), in the order of the forms that a page sends.

    A sentence that fits any field is said with the name of its own: two of them would read the same.
    """
    found = [("", str(sentence)) for form in forms for sentence in form.form_errors]
    for field in (field for form in forms for field in form):
        found += _field_errors(field)
    return list(dict.fromkeys(found))


def _field_errors(field: Field) -> list[tuple[str, str]]:
    if not field.errors:
        return []
    if hasattr(field, "entries") or hasattr(field, "form"):
        inner = field.entries if hasattr(field, "entries") else list(field.form)
        nested = [error for one in inner for error in _field_errors(one)]
        own = field.errors if isinstance(field.errors, list | tuple) and not nested else []
        return nested + [(field.id, str(sentence)) for sentence in own if isinstance(sentence, str)]
    target = f"{field.id}-0" if is_group(field) else field.id
    if isinstance(field, CSRFTokenField):
        target = ""
    return [(target, _named(field, sentence)) for sentence in field.errors]


def _named(field: Field, sentence: Any) -> str:
    """Return a sentence after the name of its field, when it names none and the field has one."""
    name = str(field.label.text)
    is_given = name != field.gettext(field.short_name.replace("_", " ").title())
    return f"{name}{gettext(' : ')}{sentence}" if is_given and isinstance(sentence, Plain) else str(sentence)


class Boxes(SelectMultipleField):
    """A list of boxes: any number of them."""

    option_widget = CheckboxInput()


def is_group(field: Field) -> bool:
    """Say whether a field is a list of radios or of boxes."""
    return isinstance(field, RadioField) or (
        isinstance(field, SelectMultipleField) and isinstance(field.option_widget, CheckboxInput)
    )
