"""Is what came in well formed? The forms of opening a round, of reviewing, and of answering a review."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from popschool.review.rules import FEWEST, LONGEST_WORDS, MOST, Said
from popschool.web.forms import Boxes, Form, MomentField

WRITTEN, ORAL = "written", "oral"
NAMED, HIDDEN = "named", "hidden"
TOGETHER, AT_ONCE = "together", "at_once"
LONGEST_REASON = 300


class RoundForm(Form):
    """A new round. What it begins with is right for most."""

    deliverable = SelectField(_l("Ce qui est relu"), coerce=int)
    wanted = RadioField(
        _l("Relectures par travail"),
        [InputRequired()],
        coerce=int,
        choices=[SelectChoice(count, str(count)) for count in range(FEWEST, MOST + 1)],
    )
    way = RadioField(
        _l("Comment se lire"),
        [InputRequired()],
        choices=[
            SelectChoice(WRITTEN, _l("Chacun lit sur son écran : le plan est fait pour tous")),
            SelectChoice(ORAL, _l("À l'oral : chacun propose des moments, et réserve ceux des autres")),
        ],
        default=WRITTEN,
    )
    starts_at = MomentField(_l("Les relectures commencent"), [InputRequired()])
    ends_at = MomentField(_l("Elles finissent"), [InputRequired()])
    names = RadioField(
        _l("Les noms"),
        [InputRequired()],
        choices=[
            SelectChoice(HIDDEN, _l("Cachés des deux côtés")),
            SelectChoice(NAMED, _l("Visibles : le groupe a l'habitude")),
        ],
    )
    release = RadioField(
        _l("Ce que l'auteur ou l'autrice reçoit"),
        [InputRequired()],
        choices=[
            SelectChoice(TOGETHER, _l("Tout ensemble, quand vous le décidez")),
            SelectChoice(AT_ONCE, _l("Chaque relecture tout de suite, sans aucun chiffre")),
        ],
    )
    pieces = Boxes(_l("Exemples à relire d'abord"), coerce=int, validate_choice=False)
    pass_mark = IntegerField(_l("Seuil de réussite, sur 100"), [Optional(), NumberRange(1, 99)])


class OneOf:
    """One of the choices when there is one: nothing chosen yet is a draft."""

    def __call__(self, form: Form, field: RadioField) -> None:
        if field.data not in (None, "None") and field.data not in [str(value) for value, *_ in field.iter_choices()]:
            raise ValidationError(_("Choisissez une réponse dans la liste."))


class CriterionForm(Form):
    """One criterion of a review; `criterion_form` gives it the words and the places of one work."""

    criterion_text: str

    seen = HiddenField()
    mark = RadioField(_l("Votre réponse"), [OneOf()], choices=[], validate_choice=False)
    good = TextAreaField(_l("Ce qui marche"), [Length(max=LONGEST_WORDS)])
    good_place = SelectField(_l("L'endroit qui marche"))
    good_line = IntegerField(_l("La ligne qui marche"), [Optional(), NumberRange(min=1)])
    idea = TextAreaField(_l("Une idée pour continuer"), [Length(max=LONGEST_WORDS)])
    idea_place = SelectField(_l("L'endroit de mon idée"))
    idea_line = IntegerField(_l("La ligne de mon idée"), [Optional(), NumberRange(min=1)])

    def check_whole(self) -> bool:
        """Say beside its field what is still missing; a draft may lack anything."""
        if self.mark.data is None or self.mark.data == "None":
            self.refuse(_("Choisissez une réponse pour « %(about)s ».", about=self.criterion_text.rstrip(" .")), "mark")
        if not (self.good.data or "").strip():
            self.refuse(_("Dites une chose qui marche. Exemple : le titre est clair."), "good")
        if not (self.idea.data or "").strip():
            self.refuse(_("Donnez une idée. Exemple : essayez un titre plus court."), "idea")
        return not any(field.errors for field in self)

    def said(self) -> Said:
        """Return what is filled in so far, complete or not."""
        mark = self.mark.data
        return Said(
            mark=int(mark) if mark not in (None, "None", "") and str(mark).isdecimal() else None,
            good=(self.good.data or "").strip()[:LONGEST_WORDS],
            good_place=_chosen(self.good_place),
            good_line=self.good_line.data,
            idea=(self.idea.data or "").strip()[:LONGEST_WORDS],
            idea_place=_chosen(self.idea_place),
            idea_line=self.idea_line.data,
        )

    def show(self, said: Said) -> None:
        """Show what is kept instead of what was typed."""
        self.mark.data = str(said.mark) if said.mark is not None else None
        for name in ("good", "good_place", "good_line", "idea", "idea_place", "idea_line"):
            self[name].data = getattr(said, name)


def _chosen(field: SelectField) -> str:
    return field.data if field.data in [value for value, *_rest in field.iter_choices()] else ""


def criterion_form(criterion: Mapping, words: Sequence[str], places: Sequence[tuple[str, str]], said: Said):
    """Return the form of one criterion, with what is written so far."""
    form = CriterionForm(
        data={
            "seen": said.stamp,
            "mark": str(said.mark) if said.mark is not None else None,
            "good": said.good,
            "good_place": said.good_place,
            "good_line": said.good_line,
            "idea": said.idea,
            "idea_place": said.idea_place,
            "idea_line": said.idea_line,
        }
    )
    form.criterion_text = criterion["text"]
    form.mark.choices = [SelectChoice(str(mark), words[mark]) for mark in reversed(range(len(words)))]
    choices = [SelectChoice("", _("Tout le travail")), *(SelectChoice(name, label) for name, label in places)]
    form.good_place.choices = form.idea_place.choices = choices
    return form


class ReactionForm(Form):
    helps = RadioField(
        _l("Cette relecture vous aide ?"),
        [InputRequired()],
        choices=[
            SelectChoice("helpful", _l("Oui")),
            SelectChoice("partly", _l("En partie")),
            SelectChoice("not", _l("Non")),
        ],
    )
    reason = TextAreaField(_l("Pourquoi ?"), [Optional(), Length(max=LONGEST_WORDS)])
    change = TextAreaField(_l("Ce que je vais changer"), [Optional(), Length(max=LONGEST_WORDS)])
    thanks = BooleanField(_l("Dire merci"))


class WordsForm(Form):
    """One sentence that says why."""

    words = TextAreaField(_l("En une phrase"), [InputRequired(), Length(max=LONGEST_REASON)])


class FlagForm(Form):
    """What a trainer answers to a report."""

    upheld = RadioField(
        _l("Cette relecture"),
        [InputRequired()],
        choices=[
            SelectChoice("yes", _l("Est mise de côté : elle ne compte plus")),
            SelectChoice("no", _l("Est gardée : l'auteur ou l'autrice peut la lire")),
        ],
    )
    words = TextAreaField(_l("Votre réponse"), [InputRequired(), Length(max=LONGEST_REASON)])


class ExtendForm(Form):
    ends_at = MomentField(_l("Nouvelle fin des relectures"), [InputRequired()])


class GuestForm(Form):
    """Another cohort to ask; its choices are the cohorts that do the same project."""

    deliverable = RadioField(_l("La promo à inviter"), [InputRequired()], coerce=int)


class JoinForm(Form):
    agrees = RadioField(
        _l("Votre réponse"),
        [InputRequired()],
        choices=[
            SelectChoice("yes", _l("Oui : ma promo se joint à cette relecture")),
            SelectChoice("no", _l("Non, pas cette fois")),
        ],
    )


class ApartForm(Form):
    """Somebody to be kept apart from; its choices are the people of one's cohort."""

    person = SelectField(_l("La personne"), [InputRequired()], coerce=int)


class ConfirmForm(Form):
    """A confirmation: only its button."""
