"""A quiz written as plain Markdown: questions under second-level headings; what follows each one says its kind.

Pure, and read twice: at checking for its mistakes, at rendering for its pieces. Pieces are Markdown still.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256

from popschool.courses.rules import ADVICE, ERROR, KEY, QUIZ_MOST_ANSWERS, QUIZ_MOST_QUESTIONS, slug

ONE, SEVERAL, ORDER, TEXT, LINE = "one", "several", "order", "text", "line"
HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
UNDERLINE = re.compile(r"^ {0,3}(?:=+|-{2,})[ \t]*$")
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#.-]*)")
BOX = re.compile(r"^ {0,3}[-*+] +\[([ xX])\] +(\S.*)$")
NUMBER = re.compile(r"^ {0,3}\d{1,3}[.)] +(\S.*)$")
INDENTED = re.compile(r"^(?: {2,}|\t)")
COMMENT = re.compile(r"^\s*<!--(.*?)-->\s*$")
SETTING = re.compile(r"^\s*([\w-]+)\s*:\s*(.*?)\s*$")
BLANK_ANSWER = re.compile(r"^(.*?)[ \u00a0]*_{3,}\s*$")
LINE_NUMBER = re.compile(r"^(?:ligne|line)[ \u00a0]+(\d{1,3})$", re.IGNORECASE)
MORE = re.compile(r"\n\s*(\n|[-*+|#]|\d+[.)] |```|~~~)")
SETTINGS = {"id": None, "choix": ("plusieurs",), "ordre": ("fixe",)}
BOXES = "Écrivez-les en liste : « - [x] juste » et « - [ ] pas juste »."


@dataclass(frozen=True)
class Answer:
    """One line of a question's list: what it says, whether it is right, why. `key` names it, whatever its place."""

    key: str
    text: str
    is_right: bool
    why: str
    line: int


@dataclass(frozen=True)
class Question:
    """One question. `label` stands before the blank of a short answer; `code` is that in which a line is looked for.

    `answers` stand in the order in which they were written.
    """

    key: str
    kind: str
    title: str
    prompt: str
    answers: tuple[Answer, ...]
    about: str = ""
    label: str = ""
    code: str = ""
    language: str = ""
    is_fixed: bool = False
    line: int = 1


@dataclass(frozen=True)
class Quiz:
    """What stands before the questions, the questions, and (line, column, level, message, mend) of each mistake."""

    intro: str
    questions: tuple[Question, ...]
    problems: tuple[tuple, ...] = ()


@dataclass
class _Part:
    """The lines of one question, by their number in the file, before they are understood."""

    title: str
    line: int
    lines: list[tuple[int, str]] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)


def read_quiz(body: str, first_line: int = 1) -> Quiz:
    """Return the quiz that a page's Markdown makes; a question that cannot be understood is left out, and said."""
    problems: list[tuple] = []
    intro, parts = _cut(body, first_line, problems)
    if len(parts) > QUIZ_MOST_QUESTIONS:
        words = f"Ce questionnaire a {len(parts)} questions. Le maximum est {QUIZ_MOST_QUESTIONS}."
        problems.append((parts[QUIZ_MOST_QUESTIONS].line, 1, ERROR, words, "Faites-en plusieurs."))
    questions: list[Question] = []
    taken: dict[str, int] = {}
    for part in parts[:QUIZ_MOST_QUESTIONS]:
        question = _question(part, problems)
        if question is None:
            continue
        if question.key in taken:
            words = f"La question de la ligne {taken[question.key]} a le même identifiant : « {question.key} »."
            mend = "Sous le titre, écrivez « <!-- id: un-autre-mot --> »."
            problems.append((part.line, 1, ERROR, words, mend))
            continue
        taken[question.key] = part.line
        questions.append(question)
    if not parts:
        words = "Ce questionnaire n'a pas de question."
        problems.append((first_line, 1, ERROR, words, "Écrivez chaque question dans un titre qui commence par « ## »."))
    return Quiz("\n".join(intro), tuple(questions), tuple(problems))


def shown(question: Question) -> tuple[Answer, ...]:
    """Return the answers in the order in which everybody sees them, which tells nothing of the author's."""
    if question.is_fixed and question.kind != ORDER:
        return question.answers
    mixed = tuple(sorted(question.answers, key=lambda answer: answer.key))
    if question.kind == ORDER and mixed == question.answers:
        return (*mixed[1:], mixed[0])
    return mixed


def _cut(body: str, first_line: int, problems: list[tuple]) -> tuple[list[str], list[_Part]]:
    """Cut a page at its second-level headings, code left alone."""
    intro: list[str] = []
    parts: list[_Part] = []
    fence, before = "", ""
    for number, line in enumerate(body.split("\n"), first_line):
        fence, is_code = _fenced(line, fence)
        heading = None if is_code else HEADING.match(line)
        if heading and heading[1] == "##":
            parts.append(_Part(heading[2] or "", number))
        elif not parts:
            intro.append(line)
        else:
            is_title = heading or (not is_code and UNDERLINE.match(line) and before.strip())
            if is_title:
                words = "Un questionnaire n'a pas d'autres titres que ses questions."
                problems.append((number, 1, ERROR, words, "Retirez ce titre, ou écrivez-le en gras."))
            comment = None if is_code else COMMENT.match(line)
            is_setting = comment is not None and _set(parts[-1], comment[1], number, problems)
            parts[-1].lines.append((number, "" if is_title or is_setting else line))
        before = "" if is_code else line
    return intro, parts


def _fenced(line: str, fence: str) -> tuple[str, bool]:
    """Return the fence that is open after this line, and whether the line is code or a fence itself."""
    found = FENCE.match(line)
    if not fence:
        return (found[1], True) if found else ("", False)
    closes = found and found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2]
    return ("" if closes else fence), True


def _set(part: _Part, comment: str, number: int, problems: list[tuple]) -> bool:
    """Read "id: titre" from a comment; say whether it was a setting. Any other comment is the author's own."""
    is_setting = False
    for piece in comment.split(";"):
        found = SETTING.match(piece)
        name = found[1].lower() if found else ""
        if name not in SETTINGS:
            near = difflib.get_close_matches(name, SETTINGS, 1, 0.75) if name else []
            if near:
                problems.append((number, 1, ERROR, f"« {name} » n'est pas un réglage.", f"Écrivez « {near[0]}: »."))
            continue
        is_setting = True
        value, allowed = found[2], SETTINGS[name]
        if allowed and value not in allowed:
            words = f"« {value} » ne va pas avec « {name} »."
            problems.append((number, 1, ERROR, words, f"Écrivez « {name}: {allowed[0]} »."))
        elif name == "id" and not KEY.match(value):
            words = f"L'identifiant « {value} » ne peut pas servir."
            mend = "Écrivez des lettres minuscules sans accent, des chiffres et des tirets."
            problems.append((number, 1, ERROR, words, mend))
        else:
            part.settings[name] = value
    return is_setting


def _question(part: _Part, problems: list[tuple]) -> Question | None:
    """Understand one question; None when it holds nothing to answer."""
    start = len(problems)
    prompt, items, after = _split(part, problems)
    is_boxes = bool(items) and items[0][1] is not None
    if not part.title.strip():
        problems.append((part.line, 1, ERROR, "Cette question n'a pas de titre.", "Écrivez-la après « ## »."))
    if not items:
        problems.append((part.line, 1, ERROR, "Cette question n'a pas de réponses.", BOXES))
        return None
    if len(items) > QUIZ_MOST_ANSWERS:
        words = f"Cette question a {len(items)} réponses. Le maximum est {QUIZ_MOST_ANSWERS}."
        problems.append((part.line, 1, ERROR, words, "Gardez les plus utiles."))
        return None
    question = Question(
        key=part.settings.get("id") or slug(part.title) or f"question-{part.line}",
        kind=ORDER,
        title=part.title.strip(),
        prompt="\n".join(text for _number, text in prompt).strip("\n"),
        answers=tuple(_answer(item, not is_boxes) for item in items),
        about=_about(after, problems),
        is_fixed="ordre" in part.settings,
        line=part.line,
    )
    if is_boxes:
        question = _kind(question, part)
    problems.extend(_mistakes(question))
    return question if not any(one[2] == ERROR for one in problems[start:]) else None


Item = tuple[int, bool | None, list[str]]


def _split(part: _Part, problems: list[tuple]) -> tuple[list[tuple[int, str]], list[Item], list[tuple[int, str]]]:
    """Cut a question in three: what stands before its answers, the answers with their lines, what stands after."""
    has_boxes, fence = False, ""
    for _number, line in part.lines:
        fence, is_code = _fenced(line, fence)
        has_boxes = has_boxes or (not is_code and BOX.match(line) is not None)
    wanted, fence = (BOX if has_boxes else NUMBER), ""
    before: list[tuple[int, str]] = []
    items: list[Item] = []
    after: list[tuple[int, str]] = []
    was_blank = False
    for number, line in part.lines:
        fence, is_code = _fenced(line, fence)
        found = None if is_code else wanted.match(line)
        if found and after:
            problems.append(
                (number, 1, ERROR, "Cette réponse est loin des autres.", "Mettez-les dans une seule liste.")
            )
        elif found:
            items.append((number, found[1] != " " if has_boxes else None, [found[2] if has_boxes else found[1]]))
        elif not items:
            before.append((number, line))
        elif not after and (not line.strip() or INDENTED.match(line) or not (was_blank or line.startswith(">"))):
            items[-1][2].append(line)
        else:
            after.append((number, line))
        was_blank = not line.strip()
    return before, items, after


def _answer(item: Item, is_order: bool) -> Answer:
    """Part what an answer says from the quote that explains it."""
    number, is_right, lines = item
    depth = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    said, why = [lines[0]], []
    for line in (line[depth:] for line in lines[1:]):
        if line.startswith(">"):
            why.append(line[1:].removeprefix(" "))
        else:
            (why if why and line.strip() else said).append(line)
    text = "\n".join(said).strip()
    key = sha256(text.encode()).hexdigest()[:10]
    return Answer(key, text, is_order or bool(is_right), "\n".join(why).strip(), number)


def _about(after: list[tuple[int, str]], problems: list[tuple]) -> str:
    """Return the quote that explains the whole question. Anything else there belongs elsewhere."""
    kept = []
    for number, line in after:
        if line.startswith(">"):
            kept.append(line[1:].removeprefix(" "))
        elif line.strip() and not kept:
            words = "Ce texte vient après les réponses."
            problems.append(
                (number, 1, ERROR, words, "Mettez-le avant, ou commencez la ligne par « > » pour expliquer.")
            )
            break
        else:
            kept.append(line)
    return "\n".join(kept).strip()


def _kind(question: Question, part: _Part) -> Question:
    """Say what a question with boxes asks for."""
    rows = question.prompt.split("\n")
    blank = BLANK_ANSWER.match(rows[-1]) if rows else None
    if blank:
        return replace(question, kind=TEXT, prompt="\n".join(rows[:-1]).strip("\n"), label=blank[1].strip())
    if all(LINE_NUMBER.match(answer.text) for answer in question.answers):
        prompt, code, language = _take_code(rows)
        return replace(question, kind=LINE, prompt=prompt, code=code, language=language)
    count = sum(answer.is_right for answer in question.answers)
    return replace(question, kind=SEVERAL if count > 1 or "choix" in part.settings else ONE)


def _take_code(rows: list[str]) -> tuple[str, str, str]:
    """Take the last block of code out of some lines: what is left, the code, its language."""
    fence, start, last = "", 0, None
    for number, row in enumerate(rows):
        was, (fence, is_code) = fence, _fenced(row, fence)
        if is_code and not was:
            start = number
        if is_code and was and not fence:
            last = (start, number)
    if last is None:
        return "\n".join(rows), "", ""
    start, end = last
    left = "\n".join([*rows[:start], *rows[end + 1 :]]).strip("\n")
    return left, "\n".join(rows[start + 1 : end]), FENCE.match(rows[start])[2]


def _mistakes(question: Question) -> Iterator[tuple]:
    """Say why a question cannot be asked, then what it could do better."""
    keys = [answer.key for answer in question.answers]
    for number, answer in enumerate(question.answers):
        if answer.key in keys[:number]:
            yield (answer.line, 1, ERROR, "Cette réponse est écrite deux fois.", "Gardez-en une seule.")
        if MORE.search(answer.text):
            mend = "Gardez une phrase. Mettez le reste avant les réponses, ou derrière « > » pour expliquer."
            yield (answer.line, 1, ERROR, "Une réponse tient en un paragraphe.", mend)
    rights = sum(answer.is_right for answer in question.answers)
    if not rights:
        yield (question.line, 1, ERROR, "Aucune réponse n'est juste.", "Mettez un x dans la bonne case : « - [x] ».")
    if question.kind in (ONE, SEVERAL, ORDER) and len(keys) < 2:
        yield (question.line, 1, ERROR, "Cette question n'a qu'une réponse.", "Ajoutez-en une autre.")
    if question.kind == LINE:
        yield from _line_mistakes(question)
    if not question.about and not any(answer.why for answer in question.answers):
        mend = "Sous une réponse, ajoutez une ligne qui commence par « > »."
        yield (question.line, 1, ADVICE, "Aucune réponse n'est expliquée.", mend)


def _line_mistakes(question: Question) -> Iterator[tuple]:
    rows = question.code.split("\n") if question.code else []
    if not rows:
        mend = "Avant les réponses, mettez le code entre deux lignes de trois accents graves."
        yield (question.line, 1, ERROR, "Cette question vise des lignes, mais n'a pas de code.", mend)
        return
    for answer in question.answers:
        number = line_of(answer)
        if not 1 <= number <= len(rows) or not rows[number - 1].strip():
            words = f"Le code n'a rien à la ligne {number}."
            yield (answer.line, 1, ERROR, words, f"Choisissez une ligne de 1 à {len(rows)} qui n'est pas vide.")


def line_of(answer: Answer) -> int:
    """Return the line that an answer such as "Ligne 2" names."""
    return int(LINE_NUMBER.match(answer.text)[1])
