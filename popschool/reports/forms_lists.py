"""Forms of the lists that funders are sent: asked for now or on a day, decided, and laid out."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from popschool.reports.labels_lists import KINDS, LISTS, RHYTHMS
from popschool.reports.rules_lists import ALSO, COLUMNS, ISSUED, LONGEST_HEAD, Layout, Listed, Rhythm
from popschool.web.forms import DayField, Form

NOW = "now"


class ListForm(Form):
    """Which list, for whom, of which days; now, or on a day and then again."""

    listed = RadioField(
        _l("Quelle liste"),
        [InputRequired()],
        choices=[SelectChoice(one.value, LISTS[one].asked) for one in ISSUED],
        default=next(iter(ISSUED)).value,
    )
    agreement = SelectField(_l("Pour quelle convention"), [InputRequired()], coerce=int)
    first = DayField(_l("Du"), [InputRequired()])
    last = DayField(_l("Au"), [InputRequired()])
    rhythm = RadioField(
        _l("Quand la préparer"),
        [InputRequired()],
        choices=[SelectChoice(NOW, _l("Tout de suite")), *(SelectChoice(one.value, RHYTHMS[one]) for one in Rhythm)],
        default=NOW,
    )
    on = DayField(_l("Quel jour, si ce n'est pas tout de suite"), [Optional()])


class ApproveForm(Form):
    seen = HiddenField()
    reason = StringField(_l("Pourquoi elle change"), [Optional(), Length(max=300)])


class RefuseForm(Form):
    reason = StringField(_l("Pourquoi vous la refusez"), [InputRequired(), Length(max=300)])


def _fields(listed: Listed) -> dict[str, Any]:
    """Return the three fields of each column: its place, its heading, how it is written."""
    fields: dict[str, Any] = {"seen": HiddenField()}
    for one in COLUMNS[listed]:
        ways = [SelectChoice(kind.value, KINDS[kind]) for kind in ALSO[one.kind]]
        fields[f"place_{one.key}"] = IntegerField(_l("Place"), [Optional(), NumberRange(1, 99)])
        fields[f"head_{one.key}"] = StringField(_l("Titre"), [Optional(), Length(max=LONGEST_HEAD)])
        fields[f"kind_{one.key}"] = SelectField(_l("Écriture"), choices=ways, default=one.kind.value)
    return fields


COLUMNS_FORMS = {one: type("ColumnsForm", (Form,), _fields(one)) for one in Listed}


def columns_said(form: Form, listed: Listed) -> list[tuple[str, str, str]]:
    """Return the columns that have a place, in order: the house's heading where none is written."""
    placed = [(form[f"place_{one.key}"].data, rank, one) for rank, one in enumerate(COLUMNS[listed])]
    return [
        (one.key, form[f"head_{one.key}"].data or one.head, form[f"kind_{one.key}"].data)
        for _place, _rank, one in sorted(found for found in placed if found[0] is not None)
    ]


def columns_shown(layout: Layout) -> dict[str, Any]:
    """Return what the form of a layout shows: every column, with a place for those that are kept."""
    shown: dict[str, Any] = {f"head_{one.key}": one.head for one in COLUMNS[layout.listed]}
    for place, one in enumerate(layout.columns, 1):
        shown |= {f"place_{one.key}": place, f"head_{one.key}": one.head, f"kind_{one.key}": one.kind.value}
    return shown


class RestoreForm(Form):
    version = HiddenField(validators=[InputRequired()])
