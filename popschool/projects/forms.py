"""Is what came in well formed? The forms of assignments and of handing in."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from popschool.web.forms import Form, MomentField


class HandInForm(Form):
    """What is sent. Everything may be empty here: a draft is kept as it is, the check page says what lacks.

    `basis` is the version that the page was filled in from, when there was no draft yet.
    """

    basis = HiddenField()
    text = TextAreaField(_l("Votre texte"))
    link = StringField(_l("Le lien de votre page"), [Length(max=2000)])
    repository = StringField(_l("L'adresse de votre dépôt de code"), [Length(max=2000)])
    files = MultipleFileField(_l("Vos fichiers"))
    note = TextAreaField(_l("Un mot pour l'équipe"), [Optional()])


class AssignmentForm(Form):
    opens_at = MomentField(_l("Ouvert à partir du"), [InputRequired()])
    due_at = MomentField(_l("À envoyer avant le"), [InputRequired()])
    closes_at = MomentField(_l("Fermé après le"), [InputRequired()])


class NewAssignmentForm(AssignmentForm):
    project = SelectField(_l("Projet"), coerce=int)
    work = RadioField(
        _l("Comment travailler"),
        [InputRequired()],
        choices=[
            SelectChoice("alone", _l("Seul ou seule")),
            SelectChoice("pair", _l("En binôme")),
            SelectChoice("team", _l("En équipe")),
        ],
    )
    team_size = IntegerField(_l("Personnes par équipe"), [Optional(), NumberRange(2, 8)])
    teams_by = RadioField(
        _l("Qui forme les équipes"),
        [InputRequired()],
        default="trainer",
        choices=[
            SelectChoice("trainer", _l("L'équipe de formation")),
            SelectChoice("learners", _l("Les apprenants et les apprenantes")),
        ],
    )


class ExtensionForm(Form):
    person = SelectField(_l("Pour qui"), coerce=int)
    due_at = MomentField(_l("Nouvelle date limite"), [InputRequired()])
    reason = StringField(_l("Raison"), [Optional(), Length(max=300)])


class TeamForm(Form):
    person = SelectField(_l("Personne"), coerce=int)
    team = SelectField(_l("Équipe"), coerce=int)


class ConfirmForm(Form):
    """A confirmation: only its button."""


class SendForm(Form):
    """The button that sends. `key` names what was checked: a second click sends nothing more."""

    key = HiddenField()
