"""Is what came in well formed? The form of a new cohort."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from popschool.web.forms import DayField, Form

CODE = r"^[A-Za-z0-9-]{2,20}$"


class OpenCohortForm(Form):
    name = StringField(_l("Nom"), [Optional(), Length(max=120)])
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [InputRequired()])
    programme = RadioField(_l("Formation"), [InputRequired()], coerce=int)
    code = StringField(
        _l("Code"),
        [
            InputRequired(),
            Regexp(CODE, message=_l("Écrivez des lettres, des chiffres et des tirets. Exemple : VAL-2027-1")),
        ],
    )
