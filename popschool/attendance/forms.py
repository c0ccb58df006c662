"""Is what came in well formed? The forms of signing and of marking."""

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import HiddenInput

from popschool.attendance.rules import Absence, Mark
from popschool.attendance.services_codes import Motive
from popschool.web.forms import DayField, Form


class ButtonForm(Form):
    """Only its button."""


class SignForm(Form):
    """The act is the button; `key` makes a second click the same act, `ticket` says that a room code was shown.

    A phone that had no network says when the button was pressed, `at`, and when it sends that, `keep`: milliseconds of
    its own clock.
    """

    key = HiddenField(validators=[Optional(), Length(max=64)])
    ticket = HiddenField(validators=[Optional(), Length(max=400)])
    at = IntegerField(widget=HiddenInput(), validators=[Optional()])
    keep = IntegerField(widget=HiddenInput(), validators=[Optional()])


class CodeForm(Form):
    code = StringField(
        _l("Le code de la salle"),
        [InputRequired(), Regexp(r"^\s*\d(\s*\d){5}\s*$", message=_l("Écrivez les 6 chiffres. Exemple : 482 913"))],
    )


class PinForm(Form):
    pin = StringField(_l("Votre code secret"), [Optional(), Length(max=12)])


class NewPinForm(Form):
    pin = StringField(
        _l("Votre nouveau code secret"),
        [InputRequired(), Regexp(r"^\d{4,8}$", message=_l("Écrivez de 4 à 8 chiffres. Exemple : 40 71"))],
    )


class HelpForm(Form):
    confirmed = BooleanField(
        _l("La personne est là. Elle a compris la phrase et elle est d'accord."), [InputRequired()]
    )


class MarkForm(Form):
    mark = RadioField(
        _l("Comment s'est passée la demi-journée"),
        [InputRequired()],
        choices=[
            SelectChoice(Mark.PRESENT.value, _l("Présence du début à la fin")),
            SelectChoice(Mark.PARTIAL.value, _l("Retard, ou départ avant la fin")),
            SelectChoice(Mark.ABSENT.value, _l("Absence")),
            SelectChoice(Mark.DISPENSED.value, _l("Dispense : cette séance n'est pas dans son parcours")),
        ],
    )
    late_minutes = IntegerField(_l("Minutes de retard"), [Optional(), NumberRange(0, 600)])
    early_minutes = IntegerField(_l("Minutes parties avant la fin"), [Optional(), NumberRange(0, 600)])
    absence = RadioField(
        _l("Le temps manqué est"),
        [Optional()],
        default=Absence.UNJUSTIFIED.value,
        choices=[
            SelectChoice(Absence.UNJUSTIFIED.value, _l("injustifié")),
            SelectChoice(Absence.JUSTIFIED.value, _l("justifié")),
        ],
    )
    code = SelectField(
        _l("Motif, si le temps est justifié. Il n'est jamais imprimé."),
        [Optional()],
        choices=[],
    )
    reason = TextAreaField(_l("Raison de la correction"), [Optional(), Length(max=300)])

    def offer(self, motives: Iterable[Motive], said: str = "") -> None:
        """Offer the motives that justify, and the one that was said."""
        offered = [one for one in motives if (one.is_used and one.is_justified) or one.code == said]
        codes = [SelectChoice(one.code, one.words) for one in offered]
        self.code.choices = [SelectChoice("", _l("Pas de motif")), *codes]


class AbsenceForm(Form):
    starts_on = DayField(_l("Premier jour d'absence"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour d'absence"), [InputRequired()])
    code = SelectField(_l("Pourquoi"), [InputRequired()], choices=[])
    note = TextAreaField(_l("Un mot pour l'équipe"), [Optional(), Length(max=1000)])
    paper = FileField(_l("Le papier qui prouve"), [Optional()])

    def offer(self, motives: Iterable[Motive]) -> None:
        """Offer the motives that the school uses, whether they justify or not: the person says why, it decides.

        None is chosen beforehand: a press alone would say of somebody that they are ill.
        """
        used = [SelectChoice(one.code, one.words) for one in motives if one.is_used]
        self.code.choices = [SelectChoice("", _l("Choisissez dans la liste")), *used]


class DecisionForm(Form):
    decision = RadioField(
        _l("Cette absence est-elle justifiée ?"),
        [InputRequired()],
        choices=[SelectChoice("accepted", _l("Oui, justifiée")), SelectChoice("refused", _l("Non"))],
    )
    answer = TextAreaField(_l("Un mot pour la personne"), [Optional(), Length(max=500)])


class DisputeForm(Form):
    text = TextAreaField(_l("Ce qui n'est pas juste"), [InputRequired(), Length(max=1000)])


class AnswerForm(Form):
    answer = TextAreaField(_l("Votre réponse"), [InputRequired(), Length(max=1000)])


class AmendForm(Form):
    reason = TextAreaField(_l("Pourquoi cette feuille est corrigée"), [InputRequired(), Length(max=300)])


class VerifyForm(Form):
    number = StringField(_l("Numéro de la feuille"), [Length(max=60)])
    file = FileField(_l("Ou le fichier PDF"))


class HeadingForm(Form):
    session_number = StringField(_l("Numéro de session"), [Optional(), Length(max=60)])
    funders = TextAreaField(_l("Financeurs, un par ligne"), [Optional(), Length(max=1000)])
    logo = FileField(_l("Logo des financeurs"), [Optional()])
    remove_logo = BooleanField(_l("Retirer le logo gardé"))
    is_funded_by_union = BooleanField(_l("Cofinancé par l'Union européenne : imprimer son emblème"))


class TutorForm(Form):
    name = StringField(_l("Votre nom"), [InputRequired(), Length(max=120)])


class WalkInForm(Form):
    name = StringField(_l("Nom, prénom ou numéro"), [Optional(), Length(max=120)])


class NewWalkInForm(Form):
    first_name = StringField(_l("Prénom"), [InputRequired(), Length(max=80)])
    last_name = StringField(_l("Nom"), [InputRequired(), Length(max=80)])


class LateForm(Form):
    reason = TextAreaField(_l("Pourquoi je n'ai pas signé à temps"), [InputRequired(), Length(max=300)])


class PaperForm(Form):
    scan = FileField(_l("La photo ou le scan de la feuille signée"))
    attested = BooleanField(
        _l("J'atteste que les personnes cochées ont signé la feuille de papier devant moi."), [InputRequired()]
    )
    reason = TextAreaField(_l("Pourquoi cette feuille arrive après le délai"), [Optional(), Length(max=300)])


class ReplaceForm(Form):
    trainer = SelectField(_l("Qui mène la séance"), [InputRequired()], coerce=int)
    reason = StringField(_l("Raison"), [InputRequired(), Length(max=300)])


class ActivityForm(Form):
    assignment = SelectField(_l("Le travail de cette séance"), [InputRequired()], coerce=int)
