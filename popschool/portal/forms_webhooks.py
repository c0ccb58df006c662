"""Is what came in to tell a program well formed?"""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields.choices import SelectChoice, SelectMultipleField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from popschool.portal.rules_webhooks import Event
from popschool.web.forms import Form

EVENTS = {
    Event.SUBMISSION: _l("Un rendu est envoyé"),
    Event.FEEDBACK: _l("Un retour est donné"),
    Event.AWARD: _l("Un niveau est donné"),
    Event.HALF_DAY: _l("Une demi-journée est fermée"),
    Event.WEEK: _l("Une semaine est scellée"),
    Event.DOCUMENT: _l("Un document est fait"),
    Event.REVOKED: _l("Un document est annulé"),
    Event.BEGUN: _l("Une personne commence"),
    Event.ENDED: _l("Une personne termine ou part"),
}


class HookForm(Form):
    """Where to send, and what."""

    url = StringField(
        _l("L'adresse du programme"),
        [InputRequired(), Length(max=2000)],
        description=_l("Elle commence par https. Exemple : https://example.org/popschool"),
    )
    events = SelectMultipleField(
        _l("Ce qu'il faut lui dire"),
        choices=[SelectChoice(str(event), words) for event, words in EVENTS.items()],
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
