"""What a course repository may hold, how its files name each other, and in which order a brief is read."""

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from posixpath import join, normpath
from urllib.parse import unquote

from popschool.errors import RuleBroken

ERROR, ADVICE = "error", "advice"
PROGRAMME_FILE, BRIEF_FILE, TEAM_FILE = "programme.yml", "projet.md", "equipe.md"
SOLUTION, STARTER = "solution", "depart"
BRIEF, LESSON, TEAM, QUIZ = "brief", "lesson", "team", "quiz"
QUIZ_FILE = re.compile(r"^quiz(-[^/.]+)?(\.(simple|[a-z]{2}))?\.md$")
QUIZ_MOST_QUESTIONS, QUIZ_MOST_ANSWERS = 50, 20
SIMPLE = "simple"
KEY = re.compile(r"^[a-z0-9][a-z0-9-]{0,63}$")
VARIANT = re.compile(r"^(?P<base>.+)\.(?P<variant>simple|[a-z]{2})\.md$")
ORDINARY = re.compile(r"^(?:[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}/){0,20}[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$")
IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
READING = "4"  # to change with what is learnt from a file: those already read are then read again
MOST_FILES = 20_000
LONGEST_PATH = 500
BIGGEST = {
    "page": 300_000, "programme": 200_000, "image": 10_000_000, "file": 10_000_000, "starter": 10_000_000,
    "video": 30_000_000, "captions": 300_000,
}  # fmt: skip
WORD_BREAK, SENTENCE_BREAK = re.compile(r"[\s'’·-]+"), re.compile(r"[.!?:;\n]+")
LETTER = re.compile(r"[^\W\d_]")
VOWELS, MUTE_END = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+"), re.compile(r"[^aeiouyàâäéèêëîïôöùûüœæ]es?$")
SLOTS = {
    "contexte": ("contexte", "le-contexte"),
    "etapes": ("les-étapes", "étapes", "les-etapes", "etapes"),
    "travail": ("travailler-seul", "travailler-en-binôme", "travailler-en-équipe", "travailler-seule"),
    "evaluation": ("comment-on-évalue", "évaluation", "comment-on-evalue"),
    "aide": ("aide", "ça-bloque", "ça-bloque-", "besoin-daide"),
}


@dataclass
class SourceNameTaken(RuleBroken):
    """Another source has this name."""

    name: str


@dataclass
class SourceNameUnreadable(RuleBroken):
    """A source's name stands in addresses: small letters, figures and hyphens."""

    name: str


@dataclass
class SourceUnknown(RuleBroken):
    """No source has this name."""

    name: str


@dataclass
class SyncUnderWay(RuleBroken):
    """This source is being read already."""

    name: str


@dataclass
class PreviewNameUnreadable(RuleBroken):
    """What is previewed is a branch, by its name, or a commit, by its whole number."""

    name: str


@dataclass
class PageChanged(RuleBroken):
    """Somebody changed this file in the repository since the draft began."""

    path: str


@dataclass
class PageNotWritable(RuleBroken):
    """Only pages and programme.yml are written here, under names that a repository may hold, within their weight."""

    path: str


@dataclass(frozen=True)
class Target:
    """Where a relative address leads in the repository: a path, an anchor in it; `path` is None outside the tree."""

    path: str | None
    anchor: str = ""


def folder_of(path: str) -> str:
    """Return the folder of a file; "" is the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return a file's name, without its folders."""
    return path.rpartition("/")[2]


def resolve(base: str, href: str) -> Target | None:
    """Return where `href`, written in the file `base`, leads; None when it is not a relative address."""
    if re.match(r"^([a-z][a-z0-9+.-]*:|//|\\)", href, re.IGNORECASE):
        return None
    written, _, anchor = href.partition("#")
    written = unquote(written.partition("?")[0])
    if not written:
        return Target(base, unquote(anchor).lower())
    if "\\" in written or "\0" in written:
        return Target(None)
    start = "" if written.startswith("/") else folder_of(base)
    path = normpath(join(start, written.lstrip("/")))
    if path == ".." or path.startswith("../"):
        return Target(None)
    return Target("" if path == "." else path, unquote(anchor).lower())


def scheme_of(href: str) -> str:
    """Return the scheme that a link is written with: "https", "mailto"; empty for a relative one."""
    found = re.match(r"([a-z][a-z0-9+.-]*):", href, re.IGNORECASE)
    return found[1].lower() if found else ""


def unsafe_path(path: str) -> str:
    """Say why a path of a repository must not be used; empty when it may."""
    if len(path) <= LONGEST_PATH and ORDINARY.match(path):
        return ""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return "Le nom de ce fichier n'est pas en UTF-8."
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or "\\" in path:
        return "Ce chemin sort du dépôt ou vise l'intérieur de git."
    if any(unicodedata.category(sign) in ("Cc", "Cf") for sign in path):
        return "Le nom de ce fichier contient un signe invisible."
    if len(path) > LONGEST_PATH or any(len(part.encode()) > 255 for part in parts):
        return "Le chemin de ce fichier est trop long."
    return ""


def collisions(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of paths that some machines cannot tell apart: capitals, or accents written two ways."""
    seen: dict[str, str] = {}
    found = []
    for path in paths:
        folded = path if path.isascii() and path.islower() else unicodedata.normalize("NFC", path).casefold()
        if folded in seen:
            found.append((seen[folded], path))
        else:
            seen[folded] = path
    return found


def slug(text: str) -> str:
    """Return small letters, figures and hyphens that stand for a text; may be empty."""
    if KEY.match(text):
        return text.rstrip("-")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:64].strip("-")


def variant_of(path: str) -> tuple[str, str]:
    """Return the page's own path and the variant that a file is: simple, a language, or none."""
    if "." not in name_of(path)[:-3]:
        return path, ""
    found = VARIANT.match(path)
    return (f"{found['base']}.md", found["variant"]) if found else (path, "")


def captions_of(video: str, variant: str, paths: Container[str]) -> str | None:
    """Return the captions beside a video: those of the page's language ("noeud.en.vtt"), else "noeud.vtt"."""
    base = video.rpartition(".")[0]
    return next((path for path in (f"{base}.{variant}.vtt", f"{base}.vtt") if path in paths), None)


def is_quiz(path: str) -> bool:
    """Say whether a file's name is a quiz's: quiz.md, quiz-html.md, and their variants."""
    return QUIZ_FILE.match(name_of(path)) is not None


def owner(path: str, folders: Mapping[str, object]) -> str | None:
    """Return the nearest of these folders that holds a path; "" is the root."""
    folder = folder_of(path)
    while True:
        if folder in folders:
            return folder
        if not folder:
            return None
        folder = folder_of(folder)


def arrange(keys: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return keys in the order wanted, then the rest in their own."""
    known = set(keys)
    first = [key for key in dict.fromkeys(wanted) if key in known]
    return first + [key for key in keys if key not in set(first)]


def is_hidden(path: str) -> bool:
    """Say whether a file lies in a folder that tools keep for themselves."""
    return path.startswith(".") or "/." in path


def address(source: str, project: str, page: str = "") -> str:
    """Return the address of a project, or of a page of it, whatever the revision."""
    return f"/courses/{source}/{project}" + (f"/{page}" if page else "")


def brief_order(sections: Iterable[Mapping]) -> dict[str, list[Mapping]]:
    """Sort a brief's sections under contexte, etapes, travail, evaluation, aide and suite.

    A section with a title of its own stays behind the one that it follows.
    """
    placed: dict[str, list[Mapping]] = {slot: [] for slot in (*SLOTS, "suite")}
    current = "contexte"
    for section in sections:
        anchor = section["id"].removeprefix("p-")
        found = next((slot for slot, names in SLOTS.items() if _is_named(anchor, names)), None)
        if found is None and current == "aide":
            found = "suite"
        current = found or current
        placed[current].append(section)
    return placed


def _is_named(anchor: str, names: tuple[str, ...]) -> bool:
    return anchor in names or (anchor.startswith("travailler-") and names[0].startswith("travailler-"))


def reading_ease(text: str) -> float | None:
    """Return how easy French is to read, by Kandel and Moles: 100 is easy, 0 hard. None for too few words."""
    counts = [count for count in map(_syllables, WORD_BREAK.split(text.lower())) if count]
    sentences = sum(1 for part in SENTENCE_BREAK.split(text) if LETTER.search(part))
    if not counts or not sentences:
        return None
    return 207 - 1.015 * len(counts) / sentences - 73.6 * sum(counts) / len(counts)


@lru_cache(maxsize=20_000)
def _syllables(word: str) -> int:
    """Count the groups of vowels of a word in small letters, without a final mute e; 0 when it is no word."""
    if not LETTER.search(word):
        return 0
    bare = re.sub(r"[^\w]", "", word)
    groups = len(VOWELS.findall(bare))
    if groups > 1 and MUTE_END.search(bare):
        groups -= 1
    return max(groups, 1)
