"""Is what came in well formed? What somebody does now: written by them, or by the school that called."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from popschool.completion.labels_afterwards import OWN_SITUATIONS, RATINGS, SITUATIONS, SOURCES
from popschool.completion.rules_afterwards import Question
from popschool.web.forms import Form


class SituationForm(Form):
    said = RadioField(
        _l("Aujourd'hui, que faites-vous ?"),
        [InputRequired(_l("Choisissez une réponse."))],
        choices=[SelectChoice(one.value, text) for one, text in OWN_SITUATIONS.items()],
    )


class RatingForm(Form):
    said = RadioField(
        _l("La formation vous a plu ?"),
        [Optional()],
        choices=[SelectChoice(key, text) for key, text in RATINGS.items()],
    )


class CommentForm(Form):
    said = TextAreaField(_l("Un mot pour l'équipe ?"), [Optional(), Length(max=2000)])


QUESTIONS: dict[Question, type[Form]] = {
    Question.SITUATION: SituationForm,
    Question.RATING: RatingForm,
    Question.COMMENT: CommentForm,
}


class CallForm(Form):
    situation = RadioField(
        _l("Ce que fait la personne"),
        [InputRequired(_l("Choisissez une réponse."))],
        choices=[SelectChoice(one.value, text) for one, text in SITUATIONS.items()],
    )
    source = RadioField(
        _l("Comment vous le savez"),
        [InputRequired()],
        choices=[SelectChoice(one.value, text) for one, text in SOURCES.items()],
    )
    rating = RadioField(
        _l("La formation lui a plu"),
        [Optional()],
        choices=[SelectChoice(key, text) for key, text in RATINGS.items()],
    )
    comment = TextAreaField(_l("Ce que la personne ajoute"), [Optional(), Length(max=2000)])
