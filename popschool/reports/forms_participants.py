"""Forms of operations, and of the questions that a participant answers, one a page."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from popschool.reports.labels_participants import ANSWERS, NAMES, TITLES
from popschool.reports.rules_participants import QUESTIONS, Kind, Question
from popschool.web.forms import DayField, Form


class Boxes(SelectMultipleField):
    """Several boxes of a list, ticked or not."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class OperationForm(Form):
    """An operation, and the agreements whose people it counts."""

    name = StringField(_l("Le nom de l'opération"), [InputRequired(), Length(max=160)])
    number = StringField(_l("Son numéro dans Ma Démarche FSE+"), [Optional(), Length(max=60)])
    referent = StringField(_l("Qui la suit"), [Optional(), Length(max=120)])
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [InputRequired()])
    fundings = Boxes(_l("Les conventions dont elle compte les personnes"), [Optional()], coerce=int)


class TermsForm(Form):
    """What an operation asks from a day on."""

    since = DayField(_l("À partir du"), [InputRequired()])
    exit_days = IntegerField(
        _l("Jours pour dire ce que fait une personne qui part"), [InputRequired(), NumberRange(min=1, max=180)]
    )
    asks = Boxes(
        _l("Les questions"),
        [InputRequired(_l("Gardez au moins une question."))],
        choices=[SelectChoice(one.key, NAMES[one.key]) for one in QUESTIONS],
    )


class ButtonForm(Form):
    """Its button alone."""


def _form(question: Question) -> type[Form]:
    needed = InputRequired(
        _l("Choisissez une réponse.") if question.kind is Kind.CHOICE else _l("Écrivez une réponse.")
    )
    label = TITLES[question.key]
    said = {
        Kind.CHOICE: lambda: RadioField(
            label, [needed], choices=[SelectChoice(one, ANSWERS[question.key][one]) for one in question.answers]
        ),
        Kind.DAY: lambda: DayField(label, [needed]),
        Kind.POSTCODE: lambda: StringField(label, [needed, Length(max=10)]),
        Kind.TEXT: lambda: StringField(label, [needed, Length(max=80)]),
    }[question.kind]()
    return type(f"{question.key.title()}Form", (Form,), {"said": said})


ASKED: dict[str, type[Form]] = {one.key: _form(one) for one in QUESTIONS}
