"""Forms of the registers: one for each kind of line, made from what its register asks."""

from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional

from popschool.registers import labels, rules, rules_outside
from popschool.registers.rules import CHOICES, FIELDS, Draft, Register
from popschool.web.forms import DayField, Form, LongList

SHORT = frozenset({"name", "mail"})
OPTIONAL = frozenset({"name", "mail", "expected"})


class RecordForm(Form):
    """A line of a register."""

    on = DayField(_l("Le jour"), [InputRequired()])

    def draft(self, register: Register, origin_id: int | None = None) -> Draft:
        """Return what was written."""
        return Draft(
            self.on.data,
            {name: self[name].data or "" for name in FIELDS[register]},
            self.due_on.data if "due_on" in self else None,
            self.owner.data or None if "owner" in self else None,
            origin_id,
        )


class AnswerForm(Form):
    """The answer of a complaint."""

    text = TextAreaField(_l("Votre réponse"), [InputRequired(), Length(max=rules.LONGEST_TEXT)])


class ResultForm(Form):
    """What an improvement gave."""

    text = TextAreaField(_l("Ce que cela donne"), [InputRequired(), Length(max=rules.LONGEST_TEXT)])


ENDS: dict[Register, type[Form]] = {Register.COMPLAINTS: AnswerForm, Register.IMPROVEMENTS: ResultForm}


class HouseForm(Form):
    """A version of the house rules."""

    text = TextAreaField(_l("Le texte du règlement"), [InputRequired(), Length(max=60_000)])


class ButtonForm(Form):
    """Its button alone."""


class SurveyForm(Form):
    """Who is asked, and between which days."""

    cohort = SelectField(_l("La promo"), [InputRequired()], coerce=int)
    title = StringField(_l("Le nom de l'enquête"), [InputRequired(), Length(max=120)])
    opens_on = DayField(_l("Premier jour"), [InputRequired()])
    closes_on = DayField(_l("Dernier jour"), [InputRequired()])


class OutsideSurveyForm(Form):
    """Which addresses are asked, and between which days."""

    title = StringField(_l("Le nom de l'enquête"), [InputRequired(), Length(max=120)])
    opens_on = DayField(_l("Premier jour"), [InputRequired()])
    closes_on = DayField(_l("Dernier jour"), [InputRequired()])
    contacts = TextAreaField(_l("À qui écrire"), [InputRequired(), Length(max=80_000)])


@cache
def _form(register: Register, is_correction: bool, from_portal: bool) -> type[RecordForm]:
    fields: dict[str, Any] = {}
    if from_portal:
        fields["on"] = None
    for name in FIELDS[register]:
        fields[name] = _field(register, name)
    if register is Register.IMPROVEMENTS:
        fields["owner"] = SelectField(_l("Qui s'en occupe"), [InputRequired()], coerce=int)
        fields["due_on"] = DayField(_l("Pour quel jour"), [InputRequired()])
    elif register is Register.INTERVIEWS:
        fields["due_on"] = DayField(_l("Se revoir le"), [Optional()])
    if is_correction:
        fields["reason"] = StringField(_l("Pourquoi corriger"), [InputRequired(), Length(max=300)])
    return type("RecordForm", (RecordForm,), fields)


def _field(register: Register, name: str) -> Any:
    label = labels.field(register, name)
    asked = Optional() if name in OPTIONAL else InputRequired()
    if name in CHOICES:
        return RadioField(
            label, [asked], choices=[SelectChoice(one, labels.choice(name, one)) for one in CHOICES[name]]
        )
    if name in SHORT:
        return StringField(label, [asked, Length(max=254), *([Email()] if name == "mail" else [])])
    return TextAreaField(label, [asked, Length(max=rules.LONGEST_TEXT)])


def record_form(
    register: Register, *, staff: list[tuple[int, str]] = (), draft: Draft | None = None, today: date | None = None,
    is_correction: bool = False,
) -> RecordForm:  # fmt: skip
    """Return the form of a register's line, filled with what a version of it says."""
    data: dict[str, Any] = {"on": today}
    if draft is not None:
        data = {**draft.facts, "on": draft.on, "due_on": draft.due_on, "owner": draft.owner_id}
    form = _form(register, is_correction, False)(data=data)
    if "owner" in form:
        form.owner.choices = [SelectChoice(key, name) for key, name in staff]
    return form


def complaint_form() -> RecordForm:
    """Return the form by which anybody complains."""
    return _form(Register.COMPLAINTS, False, True)()


class PaperForm(Form):
    """The paper of a register: `seen` is what was read before it is made, `reason` why it replaces another."""

    seen = HiddenField()
    reason = StringField(_l("Motif"), [Optional(), Length(max=300)])


class ComplaintPlaceForm(Form):
    """Which school a complaint is about."""

    school = SelectField(
        _l("Quelle école"), [InputRequired()], coerce=lambda value: int(value) if value else None, widget=LongList()
    )


@cache
def survey_answers() -> type[Form]:
    """Return the form of a survey: a question a line, four words, and what people want to add."""
    return _answers({name: labels.QUESTIONS[name] for name in rules.QUESTIONS})


@cache
def outside_answers(audience: rules_outside.Audience) -> type[Form]:
    """Return the form that companies, or funders, answer."""
    return _answers({name: labels.OUTSIDE_QUESTIONS[name] for name in rules_outside.QUESTIONS[audience]})


def _answers(questions: dict[str, Any]) -> type[Form]:
    fields: dict[str, Any] = {
        name: RadioField(
            said, [InputRequired()], coerce=int,
            choices=[SelectChoice(rating, labels.RATINGS[rating]) for rating in rules.RATINGS],
        )
        for name, said in questions.items()
    }  # fmt: skip
    fields["comment"] = TextAreaField(_l("Ce que vous voulez ajouter"), [Optional(), Length(max=rules.LONGEST_TEXT)])
    return type("AnswersForm", (Form,), fields)
