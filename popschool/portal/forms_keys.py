"""Is what came in to make a key well formed?"""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice, SelectMultipleField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from popschool.web.forms import Form


class PressForm(Form):
    """A button alone."""


class KeyForm(Form):
    """A key: what it is for, what it opens, for how many days."""

    name = StringField(
        _l("À quoi sert cette clé ?"),
        [InputRequired(), Length(max=80)],
        description=_l("Exemple : tableau de bord de la Région"),
    )
    scopes = SelectMultipleField(
        _l("Ce qu'elle ouvre"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    days = RadioField(
        _l("Pour combien de temps ?"),
        choices=[
            SelectChoice("30", _l("Un mois")),
            SelectChoice("90", _l("Trois mois")),
            SelectChoice("365", _l("Un an")),
        ],
        default="90",
    )
