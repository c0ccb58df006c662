"""Forms of doors and of what is asked through them."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional

from popschool.reports.rules_doors import LONGEST_TEXT, DoorKind
from popschool.web.forms import DayField, Form

LINK, ACCOUNT = "link", "account"


class DoorForm(Form):
    """Whom a door is for, what it shows, until when."""

    kind = RadioField(
        _l("Pour qui"),
        [InputRequired()],
        choices=[
            SelectChoice(DoorKind.FUNDER.value, _l("Un financeur : il voit les personnes qu'il paie")),
            SelectChoice(DoorKind.AUDITOR.value, _l("Un contrôle : il voit tout le monde, sur une période")),
        ],
        default=DoorKind.FUNDER.value,
    )
    funder = SelectField(_l("Quel financeur"), [Optional()], coerce=int)
    way = RadioField(
        _l("Comment la personne entre"),
        [InputRequired()],
        choices=[
            SelectChoice(LINK, _l("Par un lien, sans compte, trois mois au plus")),
            SelectChoice(ACCOUNT, _l("Avec son compte, qui existe déjà")),
        ],
        default=LINK,
    )
    for_whom = StringField(_l("Le nom de la personne ou du service"), [InputRequired(), Length(max=160)])
    mail = StringField(_l("Son adresse mail"), [Optional(), Email(), Length(max=254)])
    covers_from = DayField(_l("Montrer à partir du"), [Optional()])
    covers_to = DayField(_l("Montrer jusqu'au"), [Optional()])
    ends_on = DayField(_l("La porte ferme après le"), [Optional()])


class ButtonForm(Form):
    """Its button alone."""


class TextForm(Form):
    """A question, or an answer."""

    text = TextAreaField(_l("Votre question"), [InputRequired(), Length(max=LONGEST_TEXT)])


class AnswerForm(TextForm):
    text = TextAreaField(_l("Votre réponse"), [InputRequired(), Length(max=LONGEST_TEXT)])
