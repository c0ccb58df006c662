"""A source, as it is typed."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from popschool.web.forms import Form


class SourceForm(Form):
    title = StringField(_l("Le nom du cours"), [InputRequired(), Length(max=200)])
    name = StringField(
        _l("Son nom court"),
        [
            InputRequired(),
            Regexp(
                r"^[a-z0-9][a-z0-9-]{0,63}$", message=_l("Écrivez des lettres minuscules, des chiffres et des tirets.")
            ),
        ],
    )
    url = StringField(_l("L'adresse du dépôt"), [InputRequired(), Length(max=2000)])
    branch = StringField(_l("La branche"), [Optional(), Length(max=200)])
    folder = StringField(_l("Le dossier dans le dépôt"), [Optional(), Length(max=500)])
    token = PasswordField(_l("Le jeton d'accès"), [Optional(), Length(max=500)])


class EditSourceForm(Form):
    title = StringField(_l("Le nom du cours"), [InputRequired(), Length(max=200)])
    url = StringField(_l("L'adresse du dépôt"), [InputRequired(), Length(max=2000)])
    branch = StringField(_l("La branche"), [Optional(), Length(max=200)])
    folder = StringField(_l("Le dossier dans le dépôt"), [Optional(), Length(max=500)])
    token = PasswordField(_l("Un nouveau jeton d'accès"), [Optional(), Length(max=500)])


class IntervalForm(Form):
    minutes = SelectField(
        _l("Regarder s'il y a du nouveau"),
        coerce=int,
        choices=[
            SelectChoice(5, _l("toutes les 5 minutes")),
            SelectChoice(15, _l("tous les quarts d'heure")),
            SelectChoice(60, _l("toutes les heures")),
            SelectChoice(1440, _l("une fois par jour")),
            SelectChoice(0, _l("jamais : seulement au push ou au bouton")),
        ],
    )


class WriteForm(Form):
    text = TextAreaField(_l("Le texte de la page"), [Length(max=300_000)])
    message = StringField(_l("Ce que vous avez changé"), [Optional(), Length(max=200)])
    where = RadioField(
        _l("Où l'enregistrer"),
        choices=[
            SelectChoice("branch", _l("Sur une branche à part, à relire avant de publier")),
            SelectChoice("course", _l("Directement dans le cours : en ligne dès que c'est lu sans erreur")),
        ],
        default="branch",
    )


class PreviewForm(Form):
    ref = StringField(_l("La branche ou le commit"), [InputRequired(), Length(max=200)])
