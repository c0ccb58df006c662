"""The form of an answer: a group of radios for each criterion and each competence, a comment, a decision."""

from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from popschool.grading import rules
from popschool.grading.services import Answer, Criterion, person_key
from popschool.grading.services_work import CompetenceAsked, Work
from popschool.projects.rules_criteria import MARKS
from popschool.projects.words import mark_word
from popschool.web.forms import Form

LONGEST_COMMENT = 5000
SAME = "same"
NOT_THIS_TIME = "0"

LEVEL_WORDS = {0: _l("Pas cette fois"), 1: _l("1. Imiter"), 2: _l("2. Adapter"), 3: _l("3. Transposer")}
PLAIN_LEVELS = {0: _l("Pas encore commencé"), 1: _l("Je refais"), 2: _l("J'adapte"), 3: _l("Je transpose")}
DECISION_WORDS = {rules.Decision.VALIDATED: _l("Validé"), rules.Decision.TO_COMPLETE: _l("À reprendre")}


class Chosen:
    """One of the choices, or a sentence that names what is missing."""

    field_flags = {"required": True}

    def __init__(self, about: str):
        self.about = about

    def __call__(self, form: Form, field: RadioField) -> None:
        if not is_chosen(field):
            field.errors = []
            raise ValidationError(_("Choisissez une réponse pour « %(about)s ».", about=self.about.rstrip(" .")))


class ChosenToValidate(Chosen):
    """A level must be said when the work is validated; work to complete may leave it out."""

    field_flags = {}

    def __call__(self, form: Form, field: RadioField) -> None:
        if field.data is None and form.decision.data == rules.Decision.TO_COMPLETE:
            return
        super().__call__(form, field)


class AnswerForm(Form):
    """The parent of each page's own form, which `answer_form` makes from the criteria and competences of the work."""

    criteria: Sequence[Criterion]
    competences: Sequence[CompetenceAsked]
    people: Sequence[int]

    def mark_fields(self) -> Iterable[tuple[Criterion, RadioField]]:
        return [(criterion, self[f"mark-{criterion.id}"]) for criterion in self.criteria]

    def level_fields(self) -> Iterable[tuple[CompetenceAsked, RadioField, list[tuple[int, RadioField]]]]:
        """Return for each competence its field, and those of each person when there are several."""
        own = {person: f"-{person}" for person in self.people} if len(self.people) > 1 else {}
        return [
            (
                asked,
                self[f"level-{asked.id}"],
                [(person, self[f"level-{asked.id}{end}"]) for person, end in own.items()],
            )
            for asked in self.competences
        ]

    def answer(self) -> Answer:
        """Return what is filled in so far, complete or not."""
        levels: dict[str, int] = {}
        for asked, for_all, each in self.level_fields():
            if is_chosen(for_all):
                levels[asked.key] = int(for_all.data)
            for person, field in each:
                if is_chosen(field) and field.data != SAME:
                    levels[person_key(asked.key, person)] = int(field.data)
        marks = {criterion.id: int(field.data) for criterion, field in self.mark_fields() if is_chosen(field)}
        decision = self.decision.data if self.decision.data in list(rules.Decision) else ""
        return Answer(decision, (self.comment.data or "").strip()[:LONGEST_COMMENT], marks, levels)

    @property
    def seen_number(self) -> int:
        return int(self.seen.data) if (self.seen.data or "").isdecimal() else 0


def answer_form(work: Work, is_posted: bool) -> AnswerForm:
    """Make the form of one work, filled with what was posted, or from the draft or the answer that holds."""
    people = [person.id for person in work.owners]
    fields: dict = {"criteria": work.criteria, "competences": work.competences, "people": people}
    for position, criterion in enumerate(work.criteria, 1):
        fields[f"mark-{criterion.id}"] = _radios(
            f"{position}. {criterion.text}",
            [(str(mark), _said(criterion.words[mark])) for mark in reversed(MARKS)],
            Chosen(criterion.text),
        )
    for asked in work.competences:
        words = [(str(level), word) for level, word in LEVEL_WORDS.items()]
        fields[f"level-{asked.id}"] = _radios(asked.title, words, ChosenToValidate(asked.title))
        if len(people) > 1:
            for person in work.owners:
                fields[f"level-{asked.id}-{person.id}"] = _radios(
                    person.name, [(SAME, _("Comme l'équipe")), *words], Chosen(f"{asked.title}, {person.name}")
                )
    fields["comment"] = TextAreaField(
        _("Mon commentaire"),
        [
            InputRequired(_("Écrivez un commentaire : ce qui est réussi, puis une chose à essayer.")),
            Length(max=LONGEST_COMMENT),
        ],
    )
    fields["decision"] = _radios(
        _("Décision"), [(str(decision), word) for decision, word in DECISION_WORDS.items()], Chosen(_("Décision"))
    )
    fields["seen"] = HiddenField()
    return type("AnswerForm", (AnswerForm,), fields)(data=_same_for_all(work) if is_posted else _values(work))


def is_chosen(field: RadioField) -> bool:
    """Say whether one of a field's own answers was given."""
    return any(field.data == choice.value for choice in field.choices)


def _radios(label: str, choices: list[tuple[str, str]], chosen: Chosen) -> RadioField:
    return RadioField(
        label,
        choices=[SelectChoice(value, words) for value, words in choices],
        validators=[chosen],
        validate_choice=False,
    )


def _said(word: str) -> str:
    """A mark's word, with a capital: it stands alone on its button."""
    said = mark_word(word)
    return said[:1].upper() + said[1:]


def _same_for_all(work: Work) -> dict[str, str]:
    return {f"level-{asked.id}-{person.id}": SAME for asked in work.competences for person in work.owners}


def _values(work: Work) -> dict[str, str | None]:
    started = work.started
    values = {"comment": started.comment, "decision": started.decision or None, "seen": str(work.seen)}
    values |= {f"mark-{criterion}": str(mark) for criterion, mark in started.marks.items()}
    for asked in work.competences:
        if asked.key in started.levels:
            values[f"level-{asked.id}"] = str(started.levels[asked.key])
        for person in work.owners:
            level = started.levels.get(person_key(asked.key, person.id))
            values[f"level-{asked.id}-{person.id}"] = SAME if level is None else str(level)
    return values


class LevelForm(Form):
    """Another level for one competence of one person, and why."""

    level = RadioField(
        _l("Niveau"),
        choices=[
            SelectChoice(str(level), LEVEL_WORDS[level] if level else _l("Retirer la validation"))
            for level in (3, 2, 1, 0)
        ],
        validators=[Chosen(_l("Niveau"))],
        validate_choice=False,
    )
    reason = StringField(
        _l("Pourquoi ?"),
        validators=[InputRequired(_l("Dites pourquoi en une phrase. La personne la lira.")), Length(max=300)],
    )
