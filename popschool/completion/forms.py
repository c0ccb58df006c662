"""Is what came in well formed? The forms of funders, agreements and documents."""

import re

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice, SelectMultipleField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from popschool.completion.labels import FUNDERS, FUNDINGS, NATURES, OUTCOMES
from popschool.completion.rules_exams import Outcome
from popschool.completion.rules_funding import LINES, FunderKind, FundingKind
from popschool.web.forms import DayField, Form

SIRET = Regexp(r"^\s*(\d\s*){14}$", message=_l("Écrivez les 14 chiffres du SIRET."))

PERCENT = NumberRange(0, 100)


class HoursField(StringField):
    """Hours as people write them: "24,5" or "24 h 30"; `data` is minutes, nothing for nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = re.sub(r"[\s\u00a0\u202f]", "", valuelist[0] if valuelist else "").lower().replace(",", ".")
        self.data = None
        if not text:
            return
        found = re.fullmatch(r"(\d{1,6})(?:h(\d{1,2})?)?", text)
        if found:
            self.data = 60 * int(found[1]) + int(found[2] or 0)
        elif re.fullmatch(r"\d{1,6}\.\d{1,2}", text):
            self.data = round(60 * float(text))
        else:
            raise ValueError(_l("Écrivez un nombre d'heures. Exemple : 24,5"))

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        if self.data is None:
            return ""
        hours, rest = divmod(self.data, 60)
        return f"{hours} h {rest:02}" if rest else str(hours)


class ButtonForm(Form):
    """Only its button."""


class FunderForm(Form):
    kind = SelectField(
        _l("Ce que c'est"), [InputRequired()], choices=[SelectChoice(one.value, FUNDERS[one]) for one in FunderKind]
    )
    name = StringField(_l("Son nom, comme sur ses papiers"), [InputRequired(), Length(max=160)])
    siret = StringField("SIRET", [Optional(), SIRET])
    mail = StringField(_l("Adresse mail"), [Optional(), Length(max=254)])


class FundingForm(Form):
    funder_id = SelectField(_l("Qui paie"), [InputRequired()], coerce=int)
    kind = RadioField(
        _l("Ce que cette convention paie"),
        [InputRequired()],
        choices=[SelectChoice(one.value, FUNDINGS[one]) for one in FundingKind],
    )
    scheme = StringField(_l("Dispositif"), [Optional(), Length(max=160)])
    agreement = StringField(_l("Numéro de convention ou de dossier"), [Optional(), Length(max=60)])
    lot = StringField(_l("Numéro de lot"), [Optional(), Length(max=60)])
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [InputRequired()])
    hours_agreed = HoursField(_l("Heures payées en tout"), [Optional(), NumberRange(0, 60_000_000)])
    report_line = SelectField(
        _l("Ligne du bilan annuel, cadre C"),
        [InputRequired()],
        choices=[SelectChoice(one, one) for one in LINES],
    )
    is_funded_by_union = BooleanField(_l("L'Union européenne paie une part"))


class ShareForm(Form):
    funding_id = SelectField(_l("Convention"), [InputRequired()], coerce=int)
    starts_on = DayField(_l("Premier jour"), [InputRequired()])
    ends_on = DayField(_l("Dernier jour"), [Optional()])
    hours_agreed = HoursField(_l("Heures convenues pour cette personne"), [Optional(), NumberRange(0, 600_000)])
    file_number = StringField(_l("Numéro de dossier de la personne"), [Optional(), Length(max=60)])
    employer = StringField(_l("Son entreprise, si elle est salariée"), [Optional(), Length(max=160)])
    voucher = StringField(_l("Numéro du chèque numérique"), [Optional(), Length(max=60)])


class CohortFundingForm(Form):
    cohort_id = SelectField(_l("Promo"), [InputRequired()], coerce=int)
    hours_agreed = HoursField(_l("Heures convenues pour chaque personne"), [Optional(), NumberRange(0, 600_000)])


class EndShareForm(Form):
    ends_on = DayField(_l("Dernier jour payé"), [InputRequired()])
    reason = StringField(_l("Motif"), [InputRequired(), Length(max=300)])


class SettingForm(Form):
    value = RadioField(_l("Ce que dit la convention"), [InputRequired()])
    since = DayField(_l("Depuis le"), [InputRequired()])
    is_confirmed = BooleanField(_l("Le financeur l'a confirmé"))


class NumberSettingForm(Form):
    value = StringField(_l("Ce que dit la convention"), [InputRequired(), Length(max=10)])
    since = DayField(_l("Depuis le"), [InputRequired()])
    is_confirmed = BooleanField(_l("Le financeur l'a confirmé"))


class FunderCodeForm(Form):
    is_accepted = RadioField(
        _l("Ce financeur accepte-t-il ce motif ?"),
        [InputRequired()],
        choices=[SelectChoice("yes", _l("Oui, l'absence est justifiée")), SelectChoice("no", _l("Non, injustifiée"))],
    )
    funder_code = StringField(_l("Son code pour ce motif"), [Optional(), Length(max=20)])
    words = StringField(_l("Ses mots pour ce motif"), [Optional(), Length(max=80)])
    since = DayField(_l("Depuis le"), [InputRequired()])


class SignatoryForm(Form):
    first_name = StringField(_l("Prénom"), [InputRequired(), Length(max=80)])
    last_name = StringField(_l("Nom"), [InputRequired(), Length(max=80)])
    quality = StringField(_l("Sa fonction"), [InputRequired(), Length(max=120)])
    city = StringField(_l("La ville où les papiers sont signés"), [InputRequired(), Length(max=80)])
    since = DayField(_l("Depuis le"), [InputRequired()])


class ActionForm(Form):
    nature = RadioField(
        _l("Nature de l'action"), [InputRequired()], choices=[SelectChoice(key, text) for key, text in NATURES.items()]
    )
    objectives = TextAreaField(_l("Objectifs, un par ligne"), [Optional(), Length(max=4000)])
    speciality = StringField(
        _l("Spécialité de formation (code NSF)"),
        [Optional(), Regexp(r"^\d{3}$", message=_l("Écrivez les 3 chiffres. Exemple : 326"))],
    )


class PeriodForm(Form):
    """The period of some documents, read from the address."""

    class Meta(Form.Meta):
        csrf = False

    first = DayField(_l("Du"), [Optional()])
    last = DayField(_l("Au"), [Optional()])


class IssueForm(Form):
    """Its button, and what the preview said, so that nobody issues what they did not see."""

    seen = HiddenField(validators=[Optional(), Length(max=64)])


class ReplaceForm(Form):
    seen = HiddenField(validators=[Optional(), Length(max=64)])
    reason = StringField(_l("Motif"), [Optional(), Length(max=300)])


class RevokeForm(Form):
    reason = StringField(_l("Motif"), [Optional(), Length(max=300)])


class CheckForm(Form):
    code = StringField(_l("Code du papier"), [Optional(), Length(max=60)])
    file = FileField(_l("Ou le fichier du papier"), [Optional()])


class AskedForm(Form):
    hours_percent = IntegerField(_l("Part des heures prévues à suivre, en %"), [InputRequired(), PERCENT])
    level = RadioField(
        _l("Le niveau que chaque compétence doit atteindre"),
        [InputRequired()],
        coerce=int,
        choices=[
            SelectChoice(1, _l("Je refais")), SelectChoice(2, _l("J'adapte")), SelectChoice(3, _l("Je transpose")),
        ],
    )  # fmt: skip
    competences_percent = IntegerField(_l("Part des compétences à ce niveau, en %"), [InputRequired(), PERCENT])
    deliverables_percent = IntegerField(_l("Part des rendus à valider, en %"), [InputRequired(), PERCENT])
    company_percent = IntegerField(_l("Part des heures en entreprise, en %"), [InputRequired(), PERCENT])


class ExamForm(Form):
    title = StringField(_l("Ce que c'est"), [InputRequired(), Length(max=200)])
    on = DayField(_l("Le jour"), [InputRequired()])
    place_text = StringField(_l("Le lieu"), [Optional(), Length(max=200)])


class ResultForm(Form):
    outcome = RadioField(
        _l("Ce que le jury a décidé"),
        [InputRequired()],
        choices=[SelectChoice(one.value, OUTCOMES[one]) for one in Outcome],
    )
    blocks = SelectMultipleField(
        _l("Les blocs obtenus"), [Optional()], coerce=int, widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )  # fmt: skip
    reason = StringField(_l("Motif, si vous corrigez"), [Optional(), Length(max=300)])


class BadgeForm(Form):
    key = HiddenField(validators=[InputRequired(), Length(max=120)])
