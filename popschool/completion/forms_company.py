"""Is what came in well formed? What a tutor says of each competence, and what a visit noted."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from popschool.completion.labels_company import HOWS, MARKS
from popschool.completion.rules_company import Mark
from popschool.web.forms import DayField, Form


class EvaluationForm(Form):
    tutor_name = StringField(_l("Votre prénom et votre nom"), [InputRequired(), Length(max=120)])
    comment = TextAreaField(_l("Ce que vous voulez ajouter"), [Optional(), Length(max=2000)])


def evaluation_form(competences: Mapping[str, str], **given: Any) -> tuple[EvaluationForm, dict[str, str]]:
    """Return the form that asks about each competence, and the name of the field of each."""
    names = {key: f"mark_{place}" for place, key in enumerate(competences, 1)}
    asked = {
        names[key]: RadioField(
            title,
            [InputRequired(_l("Choisissez une réponse."))],
            choices=[SelectChoice(one.value, text) for one, text in MARKS.items()],
        )
        for key, title in competences.items()
    }
    return type("EvaluationOfCompetences", (EvaluationForm,), asked)(**given), names


def marks_in(form: EvaluationForm, names: Mapping[str, str]) -> dict[str, Mark]:
    return {key: Mark(form[name].data) for key, name in names.items()}


class VisitForm(Form):
    on = DayField(_l("Jour de la visite"), [InputRequired()])
    how = RadioField(
        _l("Comment"), [InputRequired()], choices=[SelectChoice(one.value, text) for one, text in HOWS.items()]
    )
    met = StringField(_l("Personnes rencontrées"), [InputRequired(), Length(max=200)])
    tasks = TextAreaField(_l("Ce que la personne fait dans l'entreprise"), [InputRequired(), Length(max=2000)])
    goes_well = TextAreaField(_l("Ce qui marche bien, ce qui est difficile"), [Optional(), Length(max=2000)])
    next_steps = TextAreaField(_l("Ce que nous avons décidé pour la suite"), [Optional(), Length(max=2000)])
