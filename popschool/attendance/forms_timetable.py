"""Is what came in well formed? The forms of timetables, rooms, closures and periods in a company."""

from datetime import time

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from popschool.attendance.rules import Half
from popschool.attendance.rules_calendar import PatternLine
from popschool.schools.rules import is_siret
from popschool.web.forms import DayField, Form

HOUR_FORMATS = ["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H h", "%H"]


class HourField(TimeField):
    """An hour of the day, in any usual way of writing it."""

    def __init__(self, label=None, validators=None, **given):
        super().__init__(label, validators, format=HOUR_FORMATS, **given)


class HalfDayForm(Form):
    on = DayField(_l("Jour"), [InputRequired()])
    half = RadioField(
        _l("Demi-journée"),
        [InputRequired()],
        choices=[SelectChoice(Half.MORNING.value, _l("Matin")), SelectChoice(Half.AFTERNOON.value, _l("Après-midi"))],
    )
    starts = HourField(_l("Début"), [InputRequired()], default=time(9))
    ends = HourField(_l("Fin"), [InputRequired()], default=time(12, 30))
    pause_minutes = IntegerField(_l("Pause, en minutes"), [Optional(), NumberRange(0, 240)], default=0)
    room = SelectField(_l("Salle"), [Optional()], coerce=int)
    place_text = StringField(_l("Ou un autre lieu"), [Optional(), Length(max=200)])
    link = StringField(_l("Lien, si c'est à distance"), [Optional(), Length(max=500)])
    module = StringField(_l("Module ou sujet"), [Optional(), Length(max=200)])
    trainer = SelectField(_l("Qui mène la séance"), [Optional()], coerce=int)
    second = SelectField(_l("Avec"), [Optional()], coerce=int)

    def validate_link(self, field: StringField) -> None:
        if field.data and not field.data.startswith("https://"):
            raise ValidationError(_("Écrivez le lien en entier. Exemple : https://example.org/salle"))


class ChangeForm(HalfDayForm):
    reason = StringField(_l("Raison du changement"), [InputRequired(), Length(max=300)])


class ReasonForm(Form):
    reason = StringField(_l("Raison"), [InputRequired(), Length(max=300)])


class PeriodForm(Form):
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [InputRequired()])


class WeekLineForm(PlainForm):
    is_planned = BooleanField(_l("Séance"))
    starts = HourField(_l("Début"), [Optional()])
    ends = HourField(_l("Fin"), [Optional()])
    pause_minutes = IntegerField(_l("Pause"), [Optional(), NumberRange(0, 240)])


class WeekForm(Form):
    """Fourteen lines: the mornings and afternoons of a week, Monday first."""

    lines = FieldList(FormField(WeekLineForm), min_entries=14, max_entries=14)

    def pattern(self) -> list[PatternLine]:
        """Return the half-days that are ticked."""
        found = []
        for place, entry in enumerate(self.lines):
            line = entry.form
            if line.is_planned.data and line.starts.data and line.ends.data:
                half = Half.MORNING if place % 2 == 0 else Half.AFTERNOON
                found.append(
                    PatternLine(place // 2, half, line.starts.data, line.ends.data, line.pause_minutes.data or 0)
                )
        return found

    def validate_lines(self, field: FieldList) -> None:
        for entry in field:
            line = entry.form
            if line.is_planned.data and not (line.starts.data and line.ends.data):
                raise ValidationError(_("Écrivez le début et la fin de chaque séance cochée. Exemple : 9:00"))


def week_data(lines: list[PatternLine]) -> list[dict]:
    """Return a week as the form shows it."""
    held = {(line.weekday, line.half): line for line in lines}
    data = []
    for place in range(14):
        half = Half.MORNING if place % 2 == 0 else Half.AFTERNOON
        line = held.get((place // 2, half))
        usual = (time(9), time(12, 30)) if half is Half.MORNING else (time(13, 30), time(17))
        data.append(
            {
                "is_planned": line is not None,
                "starts": line.starts if line else usual[0],
                "ends": line.ends if line else usual[1],
                "pause_minutes": line.pause_minutes if line else 0,
            }
        )
    return data


class RoomForm(Form):
    name = StringField(_l("Nom de la salle"), [InputRequired(), Length(max=80)])
    capacity = IntegerField(_l("Nombre de places"), [InputRequired(), NumberRange(1, 500)])


class ClosureForm(PeriodForm):
    label = StringField(_l("Pourquoi"), [InputRequired(), Length(max=120)])


class CompanyPeriodForm(PeriodForm):
    person = SelectField(_l("Pour qui"), [InputRequired()], coerce=int)
    company = StringField(_l("Entreprise"), [Optional(), Length(max=160)])
    siret = StringField(_l("SIRET de l'entreprise"), [Optional(), Length(max=20)])
    tutor_name = StringField(_l("Tuteur ou tutrice"), [Optional(), Length(max=120)])
    tutor_mail = StringField(_l("Adresse mail du tuteur ou de la tutrice"), [Optional(), Email(), Length(max=254)])
    minutes_a_day = IntegerField(_l("Minutes prévues par jour"), [InputRequired(), NumberRange(30, 600)], default=420)

    def validate_siret(self, field: StringField) -> None:
        field.data = "".join((field.data or "").split())
        if field.data and not is_siret(field.data):
            raise ValidationError(_("Ce numéro n'est pas un SIRET. Vérifiez ses 14 chiffres."))


class SettingsForm(Form):
    opens_before_minutes = IntegerField(
        _l("Minutes avant le début, pour ouvrir une séance"), [InputRequired(), NumberRange(0, 120)]
    )
    delay_hours = IntegerField(_l("Heures après la fin, pour signer"), [InputRequired(), NumberRange(1, 168)])
    needs_code = BooleanField(_l("Demander le code de la salle pour signer"))
    keeps_address = BooleanField(_l("Garder l'adresse réseau entière des signatures"))
    alert_half_days = IntegerField(
        _l("Demi-journées d'absence injustifiée avant une alerte"), [InputRequired(), NumberRange(1, 60)]
    )


class NoteForm(Form):
    note = TextAreaField(_l("Précision"), [Optional(), Length(max=1000)])


class MotiveForm(Form):
    code = StringField(
        _l("Code"),
        [
            InputRequired(),
            Regexp(
                r"^\s*[A-Za-z0-9]{2,4}(-[A-Za-z0-9]{1,5})?\s*$",
                message=_l("Écrivez des lettres ou des chiffres. Exemple : AJ-PER"),
            ),
        ],
    )
    words = StringField(_l("Le motif en quelques mots"), [InputRequired(), Length(max=80)])
    is_justified = RadioField(
        _l("Ce motif justifie-t-il une absence ?"),
        [InputRequired()],
        choices=[SelectChoice("yes", _l("Oui, justifiée")), SelectChoice("no", _l("Non"))],
    )
