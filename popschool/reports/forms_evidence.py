"""The form of a piece brought for an indicator."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from popschool.web.forms import DayField, Form


class PieceForm(Form):
    title = StringField(_l("Ce que montre la pièce"), [InputRequired(), Length(max=160)])
    dated_on = DayField(_l("Elle est datée du"), [InputRequired()])
    file = FileField(_l("Le fichier"))


class ButtonForm(Form):
    """Its button alone."""
