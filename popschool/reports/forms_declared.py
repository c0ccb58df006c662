"""The form of a session's number."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from popschool.web.forms import Form


class SessionForm(Form):
    number = StringField(_l("Le numéro de session Carif-Oref"), [InputRequired(), Length(max=60)])
