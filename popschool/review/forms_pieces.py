"""Is what came in well formed? A piece that everybody reads first, with the team's marks."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from popschool.projects.words import mark_word
from popschool.review.rules import LONGEST_PIECE
from popschool.web.forms import Form

LONGEST_WHY = 300


class PieceForm(Form):
    """The parent of the form of one deliverable, which `piece_form` makes from its criteria."""

    count: int

    title = StringField(_l("Le nom de l'exemple"), [InputRequired(), Length(max=120)])
    text = TextAreaField(_l("Le texte ou le code à relire"), [InputRequired(), Length(max=LONGEST_PIECE)])

    def marks(self, criteria: Sequence[Mapping]) -> dict[str, int]:
        return {one["id"]: int(self[f"mark_{number}"].data) for number, one in enumerate(criteria)}

    def whys(self, criteria: Sequence[Mapping]) -> dict[str, str]:
        found = {one["id"]: (self[f"why_{number}"].data or "").strip() for number, one in enumerate(criteria)}
        return {name: why for name, why in found.items() if why}


def piece_form(criteria: Sequence[Mapping]) -> PieceForm:
    """Return the form of a piece: one mark and one reason for each criterion."""
    fields: dict = {"count": len(criteria)}
    for number, one in enumerate(criteria):
        words = one["words"]
        fields[f"mark_{number}"] = RadioField(
            one["text"],
            [InputRequired()],
            choices=[SelectChoice(str(mark), mark_word(words[mark])) for mark in reversed(range(len(words)))],
        )
        fields[f"why_{number}"] = TextAreaField(
            _("Pourquoi ? Question %(number)s", number=number + 1), [Optional(), Length(max=LONGEST_WHY)]
        )
    return type("OwnPieceForm", (PieceForm,), fields)()
