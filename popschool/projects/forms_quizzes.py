"""The form of a quiz, made from its questions: one field each, named after its id."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from popschool.projects import rules_quizzes as rules
from popschool.web.forms import Boxes, Form


class QuizForm(Form):
    """What everybody sends: the name of the quiz answered, and that of the attempt. An answer may be left out."""

    quiz = HiddenField()
    attempt = HiddenField()

    questions: Sequence[Mapping] = ()

    def fields_of(self, question: Mapping) -> list[Field]:
        """Return the fields of a question: one, or one for each thing to put in order."""
        if question["kind"] == rules.ORDER:
            return [self[_name(question, answer["key"])] for answer in question["answers"]]
        return [self[_name(question)]]

    def given(self) -> dict[str, rules.Given]:
        """Return what was given to each question, as the rules read it."""
        return {question["id"]: self._given(question) for question in self.questions}

    def _given(self, question: Mapping) -> rules.Given:
        fields = self.fields_of(question)
        if question["kind"] == rules.ORDER:
            numbered = zip(
                [field.data for field in fields], [answer["key"] for answer in question["answers"]], strict=True
            )
            return [key for _rank, key in sorted(pair for pair in numbered if pair[0])]
        data = fields[0].data
        if question["kind"] == rules.TEXT:
            return [data.strip()] if data and data.strip() else []
        chosen = data if isinstance(data, list) else [data]
        known = {choice.value for choice in fields[0].choices}
        return [value for value in chosen if value in known]

    def validate(self, extra_validators: dict | None = None) -> bool:
        """Say whether everything is well written: an order uses each number once, all of them or none."""
        is_sound = super().validate(extra_validators)
        for question in self.questions:
            if question["kind"] == rules.ORDER:
                is_sound = self._is_order(question) and is_sound
        return is_sound

    def _is_order(self, question: Mapping) -> bool:
        fields = self.fields_of(question)
        numbers = [field.data for field in fields]
        if any(field.errors for field in fields):
            return False
        if not any(numbers) or sorted(number or 0 for number in numbers) == list(range(1, len(fields) + 1)):
            return True
        wrong = next(
            (field for rank, field in enumerate(fields) if not field.data or field.data in numbers[:rank]), fields[0]
        )
        self.refuse(
            _("Mettez un numéro différent à chaque ligne, de 1 à %(last)d, ou laissez tout vide.", last=len(fields)),
            wrong.name,
        )
        return False


def quiz_form(questions: Sequence[Mapping]) -> QuizForm:
    """Return the form that asks these questions."""
    fields: dict[str, Any] = {"questions": questions}
    for question in questions:
        for key, field in _fields(question):
            fields[_name(question, key)] = field
    return type("QuizForm", (QuizForm,), fields)()


def _name(question: Mapping, key: str = "") -> str:
    return f"q-{question['id']}" + (f"-{key}" if key else "")


def _fields(question: Mapping) -> list[tuple[str, Any]]:
    kind, title = question["kind"], question["title"]
    if kind == rules.ORDER:
        span = NumberRange(1, len(question["answers"]))
        return [(answer["key"], IntegerField(answer["text"], [Optional(), span])) for answer in question["answers"]]
    if kind == rules.TEXT:
        label = question["label"] or _l("Votre réponse")
        return [("", StringField(label, [Optional(), Length(max=rules.LONGEST_ANSWER)]))]
    if kind == rules.LINE:
        choices = [SelectChoice(str(number), row) for number, row in enumerate(question["code"], 1) if row.strip()]
    else:
        choices = [SelectChoice(answer["key"], answer["text"]) for answer in question["answers"]]
    make = Boxes if kind == rules.SEVERAL else RadioField
    return [("", make(title, [Optional()], choices=choices, validate_choice=False))]
