"""A repository that knows nothing of Popschool: its order, its languages, and what in it is no course.

Pure. What is known here of other tools is the shape of their repositories on a forge, and nothing of their syntax.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha1
from posixpath import join

from popschool.courses.rules import folder_of, is_hidden, name_of, slug

HOMES = ("readme.md", "index.md", "_index.md")
CONTENTS = "summary.md"
# Made or needed by the tool that builds a site: no page of the course.
BUILT = frozenset(
    {"_site", "_includes", "_layouts", "_data", "_sass", "node_modules", "vendor", "themes", "archetypes"}
)
# Written for those who write the course: kept, after everything else.
HOUSEKEEPING = re.compile(
    r"^(contributing|contributors|code[-_]of[-_]conduct|licen[sc]e|security|support|changelog|authors|todo|translations?"
    r"|pull_request_template|issue_template)\b",
    re.IGNORECASE,
)
LANGUAGES = frozenset(
    [
        *(
            "ar",
            "az",
            "bg",
            "bn",
            "cn",
            "cs",
            "da",
            "de",
            "el",
            "en",
            "es",
            "et",
            "fa",
            "fi",
            "fr",
            "gr",
            "he",
            "hi",
            "hr",
        ),
        *(
            "hu",
            "id",
            "it",
            "ja",
            "kn",
            "ko",
            "lt",
            "ml",
            "mr",
            "ms",
            "my",
            "ne",
            "nl",
            "no",
            "pa",
            "pl",
            "pt",
            "ro",
            "ru",
        ),
        *("sk", "sl", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh"),
    ]
)
CODE = re.compile(r"^[a-z]{2}(?:[-_][A-Za-z]{2,4})?$")
IN_NAME = re.compile(r"^(?P<base>.+?)[._-](?P<code>[a-z]{2}(?:[-_][A-Za-z]{2,4})?)\.md$")
FIRST_LANGUAGES = ("fr", "en")
ROOTS = ("static", "public", "docs", "content", "src", "source", "assets")


def natural(path: str) -> tuple:
    """Return what sorts names as people count: 2 before 10, numbers before letters, capitals among small letters."""
    parts = [part for part in re.split(r"(\d+)", path) if part]
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts)


def is_built(path: str) -> bool:
    """Say whether a file belongs to a tool rather than to the course."""
    return is_hidden(path) or not BUILT.isdisjoint(path.split("/")[:-1])


def page_name(inside: str, taken: Iterable[str]) -> str:
    """Return a page's own part of its key. Names that come to the same letters are told apart by their own hash."""
    name = slug(inside[:-3].replace("/", "-"))
    if name and name not in taken:
        return name
    return f"{name[:50] or 'page'}-{sha1(inside.encode()).hexdigest()[:8]}"


# languages


def translations(paths: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return, for each file that is a translation, the page that it translates and its language.

    README.fr.md, README-fr.md, translations/README.fr.md, translations/fr/…, and fr/… beside en/… are all in use.
    """
    known = {path for path in paths if path.endswith(".md")}
    found = {}
    for path in known:
        place = _by_name(path, known) or _by_folder(path, known)
        if place is not None and place[0] != path:
            found[path] = place
    return {path: (_first(base, found), code) for path, (base, code) in found.items()}


def _first(base: str, found: Mapping[str, tuple[str, str]]) -> str:
    for _ in range(3):
        if base not in found:
            break
        base = found[base][0]
    return base


def _by_name(path: str, known: set[str]) -> tuple[str, str] | None:
    match = IN_NAME.match(name_of(path))
    code = _code(match["code"]) if match else ""
    if not code:
        return None
    folder = folder_of(path)
    homes = [folder, folder_of(folder)] if name_of(folder) in ("translations", "i18n", "locales") else [folder]
    for home in homes:
        base = join(home, f"{match['base']}.md")
        if base in known:
            return base, code
    return None


def _by_folder(path: str, known: set[str]) -> tuple[str, str] | None:
    parts = path.split("/")
    for rank, part in enumerate(parts[:-1]):
        code = _code(part)
        if not code:
            continue
        before, after = parts[:rank], parts[rank + 1 :]
        if before and before[-1] in ("translations", "i18n", "locales"):
            before = before[:-1]
        bases = ["/".join([*before, *after])]
        bases += ["/".join([*parts[:rank], first, *after]) for first in FIRST_LANGUAGES]
        return next(((base, code) for base in bases if base in known), None)
    return None


def _code(text: str) -> str:
    return text.lower().replace("_", "-") if CODE.match(text) and text[:2] in LANGUAGES else ""


# order


def order(paths: Sequence[str], links: Mapping[str, Sequence[str]]) -> tuple[dict[str, tuple], dict[str, tuple]]:
    """Return a rank for each page among those of its folder, and for those that the root's contents name, among all.

    A rank is that of the links in a table of contents or a README, or that of the name. `links` gives the files that a
    page links to, in order. They count when they name most of what is there.
    """
    named: dict[str, tuple] = {}
    _follow(_contents(links), paths, links, named)
    ranks, folders = dict(named), defaultdict(list)
    for path in paths:
        folders[folder_of(path)].append(path)
    for index in links:
        if folder_of(index) and name_of(index).lower() in HOMES:
            _follow(index, folders[folder_of(index)], links, ranks)
    return {path: ranks.get(path) or _by_its_name(path) for path in paths}, named


def _by_its_name(path: str) -> tuple:
    return (2 if HOUSEKEEPING.match(name_of(path)) else 1, natural(path))


def _contents(indexes: Iterable[str]) -> str:
    """Return the table of contents of a repository: the SUMMARY.md nearest to its root, or else its README."""

    def key(path: str) -> tuple:
        name = name_of(path).lower()
        return name != CONTENTS, path.count("/"), HOMES.index(name) if name in HOMES else 0

    found = [path for path in indexes if name_of(path).lower() == CONTENTS or not folder_of(path)]
    return min(found, key=key, default="")


def _follow(start: str, paths: Sequence[str], links: Mapping[str, Sequence[str]], ranks: dict[str, tuple]) -> None:
    """Rank pages by the links of `start`, when these name most of the pages, or most of the chapters."""
    here = set(paths)
    named = [path for path in dict.fromkeys(links.get(start, ())) if path in here and path not in ranks]
    chapters = {folder_of(path) for path in paths}
    linked = {folder_of(path) for path in named}
    if 2 * len(named) >= len(here) - 1 or len(linked) > 1 and 2 * len(linked) >= len(chapters):
        ranks.update({path: (0, rank) for rank, path in enumerate(named)})


def chapter_order(folders: Iterable[str], named: Mapping[str, tuple]) -> list[str]:
    """Return the folders in order: the root, those whose pages the root's contents name, then the others by name."""
    first: dict[str, tuple] = {}
    for path, rank in named.items():
        first[folder_of(path)] = min(first.get(folder_of(path), rank), rank)

    def key(folder: str) -> tuple:
        return folder != "", first.get(folder, (1,)), natural(folder)

    return sorted(folders, key=key)


def other_places(href: str, path: str, base: str) -> list[str]:
    """Return where else an address that names no file may lead: other tools leave endings and roots out."""
    found = [f"{path}.md", *(f"{path}/{home}" for home in HOMES)]
    if path.endswith((".html", ".htm")):
        found.append(f"{path.rpartition('.')[0]}.md")
    if href.startswith("/"):
        found += [f"{root}/{one}" for root in ROOTS for one in (path, f"{path}.md")]
    elif folder_of(base) and name_of(base).lower() not in HOMES:
        # A site gives a page a folder of its own, so its neighbours are one step further for it.
        steps = href.partition("#")[0].partition("?")[0].strip("/")
        if steps.startswith("../"):
            sideways = join(folder_of(base), steps.removeprefix("../"))
            found += [sideways, f"{sideways}.md"]
    return found
