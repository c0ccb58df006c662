"""Is what came in well formed? The forms of schools, cohorts and people."""

from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, Regexp

from popschool.schools.rules import (
    ExitReason,
    NumberUnreadable,
    PhoneUnreadable,
    is_activity_number,
    is_siret,
    normalise_phone,
    read_number,
)
from popschool.web import wording
from popschool.web.forms import DayField, Form

REGIONS = (
    "Auvergne-Rhône-Alpes",
    "Bourgogne-Franche-Comté",
    "Bretagne",
    "Centre-Val de Loire",
    "Corse",
    "Grand Est",
    "Guadeloupe",
    "Guyane",
    "Hauts-de-France",
    "Île-de-France",
    "La Réunion",
    "Martinique",
    "Mayotte",
    "Normandie",
    "Nouvelle-Aquitaine",
    "Occitanie",
    "Pays de la Loire",
    "Provence-Alpes-Côte d'Azur",
)
REASONS = {
    ExitReason.COMPLETED: _l("fin de la formation"),
    ExitReason.EMPLOYMENT: _l("a trouvé un emploi"),
    ExitReason.OTHER_TRAINING: _l("entre dans une autre formation"),
    ExitReason.MOVED_COHORT: _l("change de promo"),
    ExitReason.DROPPED_OUT: _l("a arrêté"),
    ExitReason.NEVER_CAME: _l("n'est jamais venu ou venue"),
    ExitReason.OTHER: _l("raison personnelle, ou autre raison"),
}


def readable_phone(form: Form, field: StringField) -> None:
    """Accept a phone number as it is read aloud, when it is one."""
    try:
        normalise_phone(field.data)
    except PhoneUnreadable as fact:
        raise ValidationError(wording.sentence(fact)) from fact


def readable_number(form: Form, field: StringField) -> None:
    """Accept a learner's number that somebody can sign in with."""
    try:
        read_number(field.data)
    except NumberUnreadable as fact:
        raise ValidationError(wording.sentence(fact)) from fact


class PapersForm(Form):
    """What identifies a training body: how to reach it, and its official numbers."""

    name = StringField(_l("Nom"), [InputRequired(), Length(max=120)])
    address = StringField(_l("Adresse"), [Optional(), Length(max=300)])
    phone = StringField(_l("Téléphone"), [Optional(), Length(max=20), readable_phone])
    mail = StringField(_l("Adresse mail"), [Optional(), Email(), Length(max=254)])
    siret = StringField(_l("SIRET, le numéro de l'établissement"), [Optional(), Length(max=20)])
    activity_number = StringField(_l("Numéro de déclaration d'activité"), [Optional(), Length(max=20)])

    def validate_siret(self, field: StringField) -> None:
        field.data = "".join((field.data or "").split())
        if field.data and not is_siret(field.data):
            raise ValidationError(_l("Ce numéro n'est pas un SIRET. Vérifiez ses 14 chiffres."))

    def validate_activity_number(self, field: StringField) -> None:
        field.data = "".join((field.data or "").split()).upper()
        if field.data and not is_activity_number(field.data):
            raise ValidationError(_l("Ce numéro ne va pas. Il a 11 chiffres. Exemple : 32 59 01234 59"))


class NetworkForm(PapersForm):
    legal_name = StringField(_l("Raison sociale"), [Optional(), Length(max=200)])


class SchoolForm(PapersForm):
    code = StringField(
        _l("Code"),
        [InputRequired(), Regexp(r"^[A-Za-z]{2,8}\Z", message=_l("Écrivez de 2 à 8 lettres. Exemple : VAL"))],
    )
    region = SelectField(_l("Région"), choices=[SelectChoice(one, one) for one in REGIONS])
    time_zone = StringField(_l("Fuseau horaire"), [InputRequired()], default="Europe/Paris")
    opened_on = DayField(_l("Ouverte le"), [InputRequired()])
    closed_on = DayField(_l("Fermée le"), [Optional()])

    def validate_time_zone(self, field: StringField) -> None:
        if field.data not in available_timezones():
            raise ValidationError(_l("Écrivez un fuseau connu. Exemple : Europe/Paris"))


class PersonForm(Form):
    first_name = StringField(_l("Prénom"), [InputRequired(), Length(max=80)])
    last_name = StringField(_l("Nom"), [InputRequired(), Length(max=80)])
    mail = StringField(_l("Adresse mail"), [Optional(), Email(), Length(max=254)])
    phone = StringField(_l("Téléphone"), [Optional(), Length(max=30), readable_phone])
    number = StringField(_l("Numéro"), [Optional(), Length(max=30), readable_number])


class EnrolForm(PersonForm):
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour prévu"), [InputRequired()])


class PlaceForm(Form):
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour prévu"), [InputRequired()])


class LeaveForm(Form):
    left_on = DayField(_l("Dernier jour"), [InputRequired()])
    reason = RadioField(
        _l("Raison"),
        [InputRequired()],
        choices=[SelectChoice(str(one), words) for one, words in REASONS.items() if one is not ExitReason.MOVED_COHORT],
    )
    note = TextAreaField(_l("Précision"), [Optional(), Length(max=500)])


class MoveForm(Form):
    cohort = SelectField(_l("Nouvelle promo"), coerce=int)
    on = DayField(_l("À partir du"), [InputRequired()])


class EndForm(Form):
    on = DayField(_l("Dernier jour"), [InputRequired()])


class CohortForm(Form):
    name = StringField(_l("Nom"), [Optional(), Length(max=120)])
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [InputRequired()])


class AccommodationForm(Form):
    deadline_days = IntegerField(
        _l("Jours en plus pour rendre un travail"), [Optional(), NumberRange(0, 60)], default=0
    )
    extra_time_percent = IntegerField(
        _l("Minutes en plus pour 100 minutes"), [Optional(), NumberRange(0, 200)], default=0
    )
    fewer_reviews = IntegerField(_l("Relectures en moins à chaque tour"), [Optional(), NumberRange(0, 5)], default=0)
    format = StringField(_l("Format des documents"), [Optional(), Length(max=200)])
    breaks = StringField(_l("Pauses"), [Optional(), Length(max=200)])
    quiet_place = BooleanField(_l("Un endroit calme"))
    sign_language = BooleanField(_l("Un ou une interprète en langue des signes"))
    starts_on = DayField(_l("À partir du"), [InputRequired()])
    ends_on = DayField(_l("Jusqu'au"), [Optional()])


class NoteForm(Form):
    words = TextAreaField(_l("Votre note"), [InputRequired(), Length(max=5000)])


class RosterForm(Form):
    file = FileField(_l("Votre fichier"))
    text = TextAreaField(_l("Ou collez la liste"), [Optional(), Length(max=1_000_000)])


class ConfirmForm(Form):
    """A confirmation: only its button."""
