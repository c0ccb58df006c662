"""Is what came in well formed? The form that offers a moment."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from popschool.review.rules_oral import LENGTHS
from popschool.web.forms import Form, MomentField


class SlotForm(Form):
    """A moment at which somebody speaks of their work."""

    starts_at = MomentField(_l("Quand ?"), [InputRequired()])
    minutes = RadioField(
        _l("Durée"),
        [InputRequired()],
        coerce=int,
        choices=[SelectChoice(count, _l("%(count)s min", count=count)) for count in LENGTHS],
    )
    spot = StringField(_l("Où ?"), [InputRequired(), Length(max=120)])
