"""Is what came in well formed? What is typed of a yearly report: euros, people, hours, and who files it.

The labels are the form's own: they are French whoever reads them.
"""

import re

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional, Regexp

from popschool.completion.forms import HoursField
from popschool.completion.rules_figures import MINUTES, OF_A_SCHOOL, OF_THE_NETWORK
from popschool.web.forms import Form

MOST = 10**10


class WholeField(StringField):
    """A whole number as people write it: "12 500" or "12 500 €"; nothing for nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = re.sub(r"[\s\u00a0\u202f€]", "", valuelist[0] if valuelist else "")
        text = re.sub(r"[.,]0{1,2}$", "", text)
        self.data = None
        if not text:
            return
        if not text.isascii() or not text.isdecimal() or int(text) > MOST:
            raise ValueError(_l("Écrivez un nombre entier, sans les centimes. Exemple : 12 500"))
        self.data = int(text)

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return "" if self.data is None else f"{self.data:,}".replace(",", " ")


def _field(key: str, label: str) -> WholeField | HoursField:
    if key in MINUTES:
        return HoursField(label, [Optional()])
    line = f"{key[1:]} " if key.startswith("C") else ""
    return WholeField(f"{line}{label}", [Optional()])


FiguresForm = type("FiguresForm", (Form,), {key: _field(key, label) for key, label in OF_A_SCHOOL.items()})


MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


class IdentityForm(Form):
    legal_form = StringField(OF_THE_NETWORK["legal_form"], [Optional(), Length(max=80)])
    activity_code = StringField(
        OF_THE_NETWORK["activity_code"],
        [Optional(), Regexp(r"^\d{2}\.?\d{2}[A-Z]$", message=_l("Écrivez le code NAF ainsi : 85.59A"))],
    )
    is_public = SelectField(
        OF_THE_NETWORK["is_public"],
        [Optional()],
        choices=[SelectChoice("", "–"), SelectChoice("yes", _l("oui")), SelectChoice("no", _l("non"))],
    )
    first_month = SelectField(
        OF_THE_NETWORK["first_month"],
        [Optional()],
        choices=[SelectChoice(str(number), word) for number, word in enumerate(MONTHS, 1)],
    )
    turnover_share = StringField(
        OF_THE_NETWORK["turnover_share"],
        [Optional(), Regexp(r"^(100|\d{1,2})([.,]\d{1,2})?$", message=_l("Écrivez une part entre 0 et 100."))],
    )
    director = StringField(OF_THE_NETWORK["director"], [Optional(), Length(max=160)])
    quality = StringField(OF_THE_NETWORK["quality"], [Optional(), Length(max=120)])
