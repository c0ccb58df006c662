"""One Markdown file read for what it says of itself and of others: front matter, headings, links, images, mistakes.

Facts are a pure function of the file's path and content, and fit in JSON, so that a sync reads each file only once.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from popschool.courses import format as course_format
from popschool.courses import rules
from popschool.courses.diagrams import without_twin
from popschool.courses.front import split_front, title_in
from popschool.courses.limits import TooSlow, within
from popschool.courses.lines import Line, readable
from popschool.courses.prose import is_weak, reading_advice
from popschool.courses.quiz_format import read_quiz
from popschool.courses.rules import READING
from popschool.courses.workers import Text
from popschool.markdown_pass import SCHEMES, slug

HEADING = re.compile(r"^ {0,3}(?:>\s?)*(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")
LINK = re.compile(
    r"(!?)\[((?:[^\[\]\\]|\\.|!?\[[^\]]{0,300}\](?:\([^)]{0,500}\))?){0,500})\]"
    r"\(\s*(<[^>]*>|(?:[^\s()]|\([^\s()]*\))+)(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
INNER_IMAGE = re.compile(r"!\[([^\]]{0,300})\]\(\s*(<[^>]*>|[^\s)]+)")
REFERENCE = re.compile(r"^ {0,3}\[(?!\^)([^\]]+)\]:\s*(<[^>]*>|\S+)")
TAG = re.compile(r"<(a|img)\b[^>]*?\b(href|src)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)[^>]*>", re.IGNORECASE)
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
INNER_HEADING = re.compile(r"^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+)?#{1,6}\s+(.*?)(?:\s+#+)?\s*$")
HTML_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1>", re.IGNORECASE)
ABBREVIATION = re.compile(r"^ {0,3}\*\[([^\]]{1,80})\]:\s*(\S.{0,300}?)\s*$")
BY_NAME = re.compile(r"(?<![\]\\!])(!?)\[([^\[\]]{0,300})\]\[[^\[\]]{1,300}\]")
MOST_BRACKETS = 200
LONGEST_SECONDS = 10
TWIN = (
    "Ajoutez juste dessous un bloc <details> qui dit la même chose en mots. "
    "Si ce n'est qu'une image, commencez sa description par « Dessin »."
)

Fact = dict


def read_job(file: Text) -> tuple[str, Fact]:
    """Return a file's path and its facts."""
    return file.path, read_facts(file.path, file.data)


def read_facts(path: str, data: bytes) -> Fact:
    """Return the facts of a Markdown file or a programme.yml, read within its time."""
    try:
        with within(LONGEST_SECONDS):
            return read_document(path, data) if path.endswith(".md") else read_programme(data)
    except (TooSlow, RecursionError):
        facts = _no_facts()
        _add(facts, 1, 1, rules.ERROR, "Ce fichier ne peut pas être lu.", "Simplifiez-le.")
        return facts | {"unreadable": True}


def _no_facts() -> Fact:
    lists: Fact = {name: [] for name in ("anchors", "links", "images", "problems", "fields", "abbreviations")}
    return lists | {"front": None, "where": {}, "title": "", "reading": READING}


def read_document(path: str, data: bytes) -> Fact:
    """Return the facts of one Markdown file."""
    facts = _no_facts()
    text = _decoded(data, facts)
    if text is None:
        return facts | {"unreadable": True}
    front, body, first_line = split_front(text)
    is_brief = path.rpartition("/")[2] == rules.BRIEF_FILE
    _read_front(facts, front, is_brief)
    lines = list(readable(body, first_line))
    _scan(path, lines, facts)
    is_translated = rules.variant_of(path)[1] not in ("", rules.SIMPLE, "fr")
    for advice in () if is_translated else reading_advice(lines, first_line):
        _add(facts, advice.line, advice.column, rules.ADVICE, advice.message, advice.mend)
    for line, column, address in without_twin(lines):
        words = f"Le schéma « {address[:100]} » n'a pas de version en mots."
        _add(facts, line, column, rules.ADVICE, words, TWIN)
    if rules.is_quiz(path):
        facts["quiz"] = _read_quiz(body, first_line, facts["front"])
    if facts["front"] and facts["front"].get("title"):
        facts["title"] = facts["front"]["title"]
    return facts


def _read_quiz(body: str, first_line: int, front: dict | None) -> list[list]:
    """Return what is wrong in a page read as a quiz: whoever knows the repository says whether it is one."""
    quiz = read_quiz(body, first_line)
    problems = [list(problem) for problem in quiz.problems]
    if not (front and front.get("title")) and not re.search(r"^ {0,3}#\s+\S", quiz.intro, re.MULTILINE):
        mend = "Ajoutez « title: … » dans l'en-tête, ou un titre qui commence par un seul « # »."
        problems.append([1, 1, rules.ERROR, "Ce questionnaire n'a pas de titre.", mend])
    return problems


def read_programme(data: bytes) -> Fact:
    """Return the facts of one programme.yml."""
    facts: Fact = {"front": None, "where": {}, "problems": [], "fields": [], "reading": READING}
    text = _decoded(data, facts)
    if text is None:
        return facts | {"unreadable": True}
    parsed = course_format.parse(text, course_format.ProgrammeFile)
    facts["front"], facts["rest"], facts["where"] = parsed.data, parsed.rest, _kept(parsed.where)
    for mistake in parsed.mistakes:
        _add(facts, mistake.line, mistake.column, rules.ERROR, mistake.message, mistake.mend)
    return facts


def _decoded(data: bytes, facts: Fact) -> str | None:
    if b"\0" in data:
        _add(facts, 1, 1, rules.ERROR, "Ce fichier n'est pas du texte.", "Enregistrez-le en texte, en UTF-8.")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - before.rfind(b"\n")
        words = "Cette ligne contient un signe qui n'est pas en UTF-8."
        _add(facts, line, column, rules.ERROR, words, "Enregistrez le fichier en UTF-8 dans votre éditeur.")
        return None


def _read_front(facts: Fact, front: str | None, is_brief: bool) -> None:
    if front is None:
        if is_brief:
            words = "Ce projet n'a pas d'en-tête entre deux lignes « --- »."
            mend = "Commencez par « --- », puis id, title, et la suite."
            facts["fields"].append([1, 1, rules.ERROR, words, mend])
        return
    facts["title_in_front"] = title_in(front)
    if len(front) > course_format.BIGGEST_FRONT:
        mend = "Gardez les textes longs dans la page."
        facts["fields"].append([1, 1, rules.ERROR, "L'en-tête est trop long.", mend])
        return
    parsed = course_format.parse(front, course_format.BriefFile if is_brief else course_format.PageFile, first_line=2)
    facts["front"], facts["rest"], facts["where"] = parsed.data, parsed.rest, _kept(parsed.where)
    for mistake in parsed.mistakes:
        facts["fields"].append([mistake.line, mistake.column, rules.ERROR, mistake.message, mistake.mend])


def _kept(where: dict) -> dict:
    """Keep the places that other files may be compared with."""
    wanted = re.compile(
        r"^(id|starter|criteria|competences|order\.\d+|competences\.\d+|blocks\.\d+\.competences\.\d+)$"
    )
    return {name: list(found) for name, found in where.items() if wanted.match(name)}


def _add(facts: Fact, line: int, column: int, level: str, message: str, mend: str = "") -> None:
    facts["problems"].append([line, column, level, message, mend])


def _scan(path: str, lines: list[Line], facts: Fact) -> None:
    outline = _Outline(facts)
    before = ""
    for line in lines:
        if line.is_bare_fence:
            mend = "Ajoutez le langage après les trois accents graves. Exemple : html"
            _add(facts, line.number, 1, rules.ADVICE, "Bloc de code sans langage.", mend)
        outline.read(line.text, before, line.number)
        if before.count("[") > before.count("]") and line.text.strip():
            _scan_line(path, f"{before}\n{line.text}", line.number - 1, facts, crossing=len(before))
        _scan_line(path, line.text, line.number, facts)
        short = ABBREVIATION.match(line.text)
        if short:
            facts["abbreviations"].append([short[1], short[2], line.number])
        before = line.text


class _Outline:
    """Gathers the headings of a page: its title, the places that links may name, and the levels that are skipped."""

    def __init__(self, facts: Fact):
        self.facts, self.taken, self.level = facts, set(), 1

    def read(self, line: str, before: str, number: int) -> None:
        for level, title, at in self._headings(line, before, number):
            if title:
                self.facts["title"] = self.facts["title"] or title
                self.facts["anchors"].append(slug(title, self.taken))
                if level:
                    self._follow(level, at)

    def _headings(self, line: str, before: str, number: int) -> Iterator[tuple[int, str, int]]:
        """Yield level, title and line. One inside an item or a note has no level of its own to follow."""
        found = HEADING.match(line)
        if found:
            yield len(found[1]), _words(found[2] or ""), number
        elif UNDERLINE.match(line) and before.strip() and not before.lstrip().startswith(("-", "*", "|", ">", "#")):
            yield 1 if "=" in line else 2, _words(before), number - 1
        elif found := INNER_HEADING.match(line):
            yield 0, _words(found[1]), number
        elif "<h" in line.lower():
            for inner in HTML_HEADING.finditer(line):
                yield int(inner[1]), _words(inner[2]), number

    def _follow(self, level: int, number: int) -> None:
        if level > self.level + 1:
            words = f"Ce titre saute un niveau : il passe du niveau {self.level} au niveau {level}."
            _add(self.facts, number, 1, rules.ADVICE, words, f"Commencez-le par « {'#' * (self.level + 1)} ».")
        self.level = level


def _words(written: str) -> str:
    """Return a heading as it is read, without its Markdown."""
    plain = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", written)
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain)
    plain = re.sub(r"(\*\*|__|~~|==)(.+?)\1", r"\2", plain)
    plain = re.sub(r"(?<!\w)[*_](.+?)[*_](?!\w)|\*(.+?)\*", lambda found: found[1] or found[2], plain)
    plain = re.sub(r"<[^>]+>", "", plain.replace("`", ""))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain))).strip()


def _scan_line(path: str, line: str, number: int, facts: Fact, crossing: int | None = None) -> None:
    """Note the links and images of a line; with `crossing`, those that begin before this place and end after it."""
    if "](" not in line and "]:" not in line and "][" not in line and "<" not in line:
        return
    if line.count("[") > MOST_BRACKETS:
        return
    shown = CODE.sub(lambda found: " " * len(found[0]), line)
    for found in _addresses(shown):
        if crossing is not None and not found.start <= crossing < found.end:
            continue
        where = (number, found.start + 1)
        href = html.unescape(found.written.strip("<>\"'"))
        target = rules.resolve(path, href) if href else None
        if found.is_image:
            if href:
                facts["images"].append([href, target.path if target else None, *where, target is None])
            if found.words is not None and not found.words.strip():
                words = f"L'image « {href[:100]} » n'a pas de texte de remplacement."
                mend = "Décrivez l'image entre les crochets, en une phrase."
                _add(facts, *where, rules.ERROR, words, mend)
            continue
        if target is not None:
            facts["links"].append([href, target.path, target.anchor, *where])
        elif rules.scheme_of(href) not in ("", *SCHEMES):
            words = f"Le lien « {href[:100]} » est retiré de la page."
            _add(facts, *where, rules.ADVICE, words, "Un lien commence par https:, mailto: ou tel:.")
        if found.words and is_weak(_words(found.words)):
            words = f"Le texte du lien « {_words(found.words)[:60]} » ne dit pas où il mène."
            _add(facts, *where, rules.ADVICE, words, "Écrivez ce qu'on y trouve. Exemple : la leçon sur les listes")


class _Address(NamedTuple):
    """A link or an image as it is written, with its words, unless they stand elsewhere, and its place in the line."""

    is_image: bool
    words: str | None
    written: str
    start: int
    end: int


def _addresses(line: str) -> Iterator[_Address]:
    for found in LINK.finditer(line):
        yield _Address(bool(found[1]), found[2], found[3], found.start(), found.end())
        if not found[1]:
            for inner in INNER_IMAGE.finditer(found[2]):
                start = found.start(2) + inner.start()
                yield _Address(True, inner[1], inner[2], start, found.start(2) + inner.end())
    for found in BY_NAME.finditer(line):
        yield _Address(bool(found[1]), found[2], "", found.start(), found.end())
    reference = REFERENCE.match(line)
    if reference:
        is_image = reference[2].strip("<>").lower().endswith(rules.IMAGES)
        yield _Address(is_image, None, reference[2], 0, reference.end())
    for found in TAG.finditer(line):
        is_image = found[1].lower() == "img"
        alt = re.search(r"\balt\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", found[0], re.IGNORECASE) if is_image else None
        words = alt[1].strip("\"'") if alt else "" if is_image else line[found.end() :].partition("</")[0]
        yield _Address(is_image, words, found[3], found.start(), found.end())
