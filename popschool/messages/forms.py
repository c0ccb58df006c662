"""How somebody wants to be told."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from popschool.messages.rules import Choices, Topic, Way
from popschool.web.forms import Form

WAYS = {Way.MAIL: _l("Par mail"), Way.SMS: _l("Par SMS"), Way.PAGE: _l("Sur la page seulement")}
DAILY, ANYTIME = "daily", "anytime"


class ChoicesForm(Form):
    """A way for each topic, among those that reach this person, and the hours."""

    work = RadioField(_l("Mon travail : projets, dates, reçus, retours"))
    review = RadioField(_l("Les relectures"))
    presence = RadioField(_l("Ma présence et mes absences"))
    papers = RadioField(_l("Mes papiers et les questionnaires"))
    help = RadioField(_l("L'aide et mon compte"))
    often = RadioField(
        _l("Combien de messages ?"),
        choices=[
            SelectChoice("", _l("Chaque message, tout de suite")),
            SelectChoice(DAILY, _l("Un seul message par jour, à 8 h")),
        ],
        default="",
    )
    quiet = RadioField(
        _l("La nuit et le week-end"),
        choices=[
            SelectChoice("", _l("Ne rien m'envoyer : attendre le matin")),
            SelectChoice(ANYTIME, _l("Envoyer à toute heure")),
        ],
        default="",
    )

    def offer(self, has_mail: bool, has_phone: bool, choices: Choices) -> None:
        """Offer the ways that reach somebody, the one that holds now being picked."""
        open_ways = [way for way in Way if {Way.MAIL: has_mail, Way.SMS: has_phone, Way.PAGE: True}[way]]
        for topic in Topic:
            self[topic].choices = [SelectChoice(str(way), WAYS[way]) for way in open_ways]
            if not self.is_submitted():
                wished = choices.ways.get(topic)
                self[topic].data = str(wished if wished in open_ways else open_ways[0])
        if not self.is_submitted():
            self.often.data = DAILY if choices.is_daily else ""
            self.quiet.data = ANYTIME if choices.is_anytime else ""

    def chosen(self) -> Choices:
        """Return what was chosen."""
        ways = {topic: Way(self[topic].data) for topic in Topic}
        return Choices(ways, self.often.data == DAILY, self.quiet.data == ANYTIME)
