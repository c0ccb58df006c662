"""One Markdown file read for what it says of itself and of others: front matter, headings, links, images, mistakes.

Facts are a pure function of the file's path and content, and fit in JSON, so that a sync reads each file only once.
"""

import html
import re
from collections.abc import Iterator

from popschool.courses import format as course_format
from popschool.courses import rules
from popschool.courses.front import split_front
from popschool.courses.limits import TooSlow, within
from popschool.markdown_pass import slug

FENCE = re.compile(r"^\s*(?:>\s?)*(`{3,}|~{3,})\s*(\S*)")
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
MOST_BRACKETS = 200
LONGEST_SENTENCE, HARDEST, FEWEST_WORDS = 30, 50, 60
MOST_ADVICE = 3
LONGEST_SECONDS = 10

Fact = dict


def read_facts(path: str, data: bytes) -> Fact:
    """Return the facts of a Markdown file or a programme.yml, read within its time."""
    try:
        with within(LONGEST_SECONDS):
            return read_document(path, data) if path.endswith(".md") else read_programme(data)
    except (TooSlow, RecursionError):
        facts: Fact = {
            "front": None,
            "where": {},
            "title": "",
            "anchors": [],
            "links": [],
            "images": [],
            "problems": [],
        }
        _add(facts, 1, 1, rules.ERROR, "Ce fichier ne peut pas être lu.", "Simplifiez-le.")
        return facts | {"unreadable": True}


def _no_facts() -> Fact:
    return {"front": None, "where": {}, "title": "", "anchors": [], "links": [], "images": [], "problems": []}


def read_document(path: str, data: bytes) -> Fact:
    """Return the facts of one Markdown file."""
    facts = _no_facts()
    text = _decoded(data, facts)
    if text is None:
        return facts | {"unreadable": True}
    front, body, first_line = split_front(text)
    is_brief = path.rpartition("/")[2] == rules.BRIEF_FILE
    _read_front(facts, front, is_brief)
    _scan(path, body, first_line, facts)
    _advise(body, first_line, facts)
    if facts["front"] and facts["front"].get("title"):
        facts["title"] = facts["front"]["title"]
    return facts


def read_programme(data: bytes) -> Fact:
    """Return the facts of one programme.yml."""
    facts: Fact = {"front": None, "where": {}, "problems": []}
    text = _decoded(data, facts)
    if text is None:
        return facts | {"unreadable": True}
    parsed = course_format.parse(text, course_format.ProgrammeFile)
    facts["front"], facts["where"] = parsed.data, _kept(parsed.where)
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
            _add(facts, 1, 1, rules.ERROR, words, "Commencez par « --- », puis id, title, et la suite.")
        return
    if len(front) > course_format.BIGGEST_FRONT:
        _add(facts, 1, 1, rules.ERROR, "L'en-tête est trop long.", "Gardez les textes longs dans la page.")
        return
    parsed = course_format.parse(front, course_format.BriefFile if is_brief else course_format.PageFile, first_line=2)
    facts["front"], facts["where"] = parsed.data, _kept(parsed.where)
    for mistake in parsed.mistakes:
        _add(facts, mistake.line, mistake.column, rules.ERROR, mistake.message, mistake.mend)


def _kept(where: dict) -> dict:
    """Keep the places that other files may be compared with."""
    wanted = re.compile(r"^(id|starter|order\.\d+|competences\.\d+|blocks\.\d+\.competences\.\d+)$")
    return {name: list(found) for name, found in where.items() if wanted.match(name)}


def _add(facts: Fact, line: int, column: int, level: str, message: str, mend: str = "") -> None:
    facts["problems"].append([line, column, level, message, mend])


def _scan(path: str, body: str, first_line: int, facts: Fact) -> None:
    fence, taken, before = "", set(), ""
    for number, line in enumerate(body.split("\n"), first_line):
        found = FENCE.match(line)
        if found and not fence:
            fence = found[1]
            if not found[2] and line.strip(" >") == found[1]:
                words, mend = "Bloc de code sans langage.", "Ajoutez le langage après les trois accents graves."
                _add(facts, number, 1, rules.ADVICE, words, mend)
        elif fence:
            if found and found[1][0] == fence[0] and len(found[1]) >= len(fence) and not found[2]:
                fence = ""
        else:
            _scan_heading(line, before, facts, taken)
            _scan_line(path, line, number, facts)
        before = "" if fence else line


def _scan_heading(line: str, before: str, facts: Fact, taken: set[str]) -> None:
    found = HEADING.match(line)
    if found:
        title = _words(found[2] or "")
    elif UNDERLINE.match(line) and before.strip() and not before.lstrip().startswith(("-", "*", "|", ">", "#")):
        title = _words(before)
    else:
        return
    if title:
        facts["title"] = facts["title"] or title
        facts["anchors"].append(slug(title, taken))


def _words(written: str) -> str:
    """Return a heading as it is read, without its Markdown."""
    plain = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", written)
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", plain)
    plain = re.sub(r"(\*\*|__|~~|==)(.+?)\1", r"\2", plain)
    plain = re.sub(r"(?<!\w)[*_](.+?)[*_](?!\w)|\*(.+?)\*", lambda found: found[1] or found[2], plain)
    plain = re.sub(r"<[^>]+>", "", plain.replace("`", ""))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain))).strip()


def _scan_line(path: str, line: str, number: int, facts: Fact) -> None:
    if "](" not in line and "]:" not in line and "<" not in line:
        return
    if line.count("[") > MOST_BRACKETS:
        return
    shown = CODE.sub(lambda found: " " * len(found[0]), line)
    for kind, alt, written, column in _addresses(shown):
        href = html.unescape(written.strip("<>\"'"))
        target = rules.resolve(path, href)
        if kind == "image":
            facts["images"].append([href, target.path if target else None, number, column, target is None])
            if not alt.strip():
                words = f"L'image « {href[:100]} » n'a pas de texte de remplacement."
                mend = "Décrivez l'image entre les crochets, en une phrase."
                _add(facts, number, column, rules.ERROR, words, mend)
        elif target is not None:
            facts["links"].append([href, target.path, target.anchor, number, column])


def _addresses(line: str) -> Iterator[tuple[str, str, str, int]]:
    for found in LINK.finditer(line):
        yield "image" if found[1] else "link", found[2], found[3], found.start() + 1
        if not found[1]:
            for inner in INNER_IMAGE.finditer(found[2]):
                yield "image", inner[1], inner[2], found.start(2) + inner.start() + 1
    reference = REFERENCE.match(line)
    if reference:
        yield "link", "", reference[2], 1
    for found in TAG.finditer(line):
        is_image = found[1].lower() == "img"
        alt = re.search(r"\balt\s*=\s*[\"']?([^\"'>]*)", found[0]) if is_image else None
        yield "image" if is_image else "link", alt[1] if alt else "", found[3], found.start() + 1


def _advise(body: str, first_line: int, facts: Fact) -> None:
    """Say which sentences are long, and how easy the page is to read. Never more than advice."""
    prose, given = [], 0
    for number, line in _prose(body, first_line):
        prose.append(line)
        for sentence in re.split(r"[.!?:;]+(?:\s|$)", line):
            count = len(sentence.split())
            if count > LONGEST_SENTENCE and given < MOST_ADVICE:
                given += 1
                words = f"Phrase difficile à lire : {count} mots."
                _add(facts, number, 1, rules.ADVICE, words, "Coupez-la en deux.")
    text = "\n".join(prose)
    ease = rules.reading_ease(text) if len(text.split()) >= FEWEST_WORDS else None
    if ease is not None and ease < HARDEST:
        words = f"Cette page est difficile à lire. Lisibilité mesurée : {ease:.0f}. Visée : 70."
        _add(facts, first_line, 1, rules.ADVICE, words, "Écrivez des phrases courtes et des mots de tous les jours.")


def _prose(body: str, first_line: int) -> Iterator[tuple[int, str]]:
    fence = False
    for number, line in enumerate(body.split("\n"), first_line):
        if FENCE.match(line):
            fence = not fence
        elif not fence and line.strip() and not line.lstrip().startswith(("|", "<", "#", "[", "$", "!", "*[", "    ")):
            yield number, re.sub(r"[*_`~]|\]\([^)]*\)|^\s*(?:[-*+>]|\d+\.)\s+", "", line)
