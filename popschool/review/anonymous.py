"""A piece of work without its author: names masked in what is text, and out of what files say of themselves.

What reads pictures and PDF is heavy: it is loaded with the first such file, not with every page.
"""

import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.etree import ElementTree

from popschool.projects.rules_files import PICTURES, PLAIN, ending_of
from popschool.schools.models import Person

MASK = "[nom caché]"
SHORTEST_NAME = 3
ZIPPED = frozenset({".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp", ".zip"})
# Where an office document says who wrote it, and the names of what it says.
SAYS_WHO = re.compile(r"(?:^|/)(?:docProps/(?:core|app|custom)\.xml|meta\.xml)$")
WHO = frozenset({"creator", "lastModifiedBy", "initial-creator", "printed-by", "Company", "Manager", "user-defined"})
LARGEST_UNZIPPED = 60_000_000


class NotCleaned(Exception):
    """This file says who made it in a way that cannot be taken out: it is not given."""


@dataclass(frozen=True)
class Hidden:
    """Whose names are masked: some people, and their teams as those are called."""

    people: Sequence[Person] = ()
    teams: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.people)

    def __add__(self, other: "Hidden") -> "Hidden":
        return Hidden([*self.people, *other.people], [*self.teams, *other.teams])


def names_of(people: Sequence[Person]) -> list[str]:
    """Return what names these people in a text."""
    found = set()
    for person in people:
        found |= {person.name, f"{person.last_name} {person.first_name}", person.mail, person.phone}
        found |= {person.learner_number, (person.mail or "").split("@")[0]}
    return [name for name in found if name and len(name) >= SHORTEST_NAME]


def own_words(hidden: Hidden) -> set[str]:
    """Return first and last names, and teams of one word: common words too, so masked only as names are written."""
    words = {name for person in hidden.people for name in (person.first_name, person.last_name)}
    words |= {name for name in hidden.teams if len(_parts(name)) == 1}
    return {shape for word in words if len(word) >= SHORTEST_NAME for shape in (word, word.upper())}


def masked(text: str, hidden: Hidden) -> str:
    """Return a text in which nothing names these people, nor their teams.

    A first or last name is masked when it is written as one, with its capitals: a "rose" in a style sheet stays.
    """
    whole = {re.escape(name) for name in names_of(hidden.people)}
    whole |= {
        shape for name in hidden.teams if len(_parts(name)) > 1 for shape in (_joined(name), _joined(_bare(name)))
    }
    if whole:
        text = re.sub(_any_of(whole), MASK, text, flags=re.IGNORECASE)
    words = own_words(hidden)
    if words:
        text = re.sub(_any_of(map(re.escape, words)), MASK, text)
    return text


def _parts(name: str) -> list[str]:
    return re.findall(r"[^\W_]+", name)


def _joined(name: str) -> str:
    """Return the pattern of a team's name: "Équipe 3" is also "équipe-3", and "Equipe_3" in the name of a file."""
    return r"[\W_]?".join(map(re.escape, _parts(name)))


def _bare(name: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", name) if not unicodedata.combining(one))


def _any_of(patterns: Iterable[str]) -> str:
    """Return a pattern of these, the longest first, each alone: an underscore is no part of a name."""
    ordered = sorted(patterns, key=lambda one: (-len(one), one))
    return rf"(?<![^\W_])(?:{'|'.join(ordered)})(?![^\W_])"


def cleaned(content: bytes, name: str, media_type: str, hidden: Hidden) -> bytes:
    """Return a file that says nothing of who made it. Raises NotCleaned when that cannot be promised."""
    if media_type in PICTURES:
        return _picture(content)
    if media_type == "application/pdf":
        return _pdf(content)
    if ending_of(name) in ZIPPED:
        return _zipped(content, hidden)
    if media_type == PLAIN:
        return masked(content.decode("utf-8", "replace"), hidden).encode()
    raise NotCleaned


def _picture(content: bytes) -> bytes:
    """Draw a picture again from its points alone: no place, no camera, no comment."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as picture:
            kind, frames = picture.format, getattr(picture, "n_frames", 1)
            if frames > 1:
                raise NotCleaned
            bare = Image.new(picture.mode, picture.size)
            if picture.mode == "P":
                bare.putpalette(picture.getpalette())
            bare.paste(picture)
            made = BytesIO()
            bare.save(made, kind)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as unread:
        raise NotCleaned from unread
    return made.getvalue()


def _pdf(content: bytes) -> bytes:
    """Write a document again without its information and its metadata, in every object of it."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    try:
        writer = copy_into_new_writer(PdfFileReader(BytesIO(content), strict=False))
        writer.set_info(None)
        for one in list(writer.objects.values()):
            _forget_who(one.get_object())
        made = BytesIO()
        writer.write(made)
    except (PdfError, ValueError, KeyError, TypeError, RecursionError, AttributeError) as unread:
        raise NotCleaned from unread
    return made.getvalue()


def _forget_who(one: object) -> None:
    """Take out of a document's object what says who wrote it; a note keeps its text without its author."""
    from pyhanko.pdf_utils.generic import DictionaryObject, StreamObject

    if isinstance(one, StreamObject | DictionaryObject):
        for said in ("/Metadata", "/PieceInfo", "/Author", "/Creator", "/LastModifiedBy"):
            one.pop(said, None)
        if one.get("/Type") == "/Annot" and "/FT" not in one:
            one.pop("/T", None)


def _zipped(content: bytes, hidden: Hidden) -> bytes:
    """Write an archive again: no comment, no date, no name of a person in its names, nor where it says who wrote it."""
    made = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as goal:
            entries = [one for one in source.infolist() if not one.is_dir()]
            if sum(one.file_size for one in entries) > LARGEST_UNZIPPED:
                raise NotCleaned
            for entry in entries:
                inside = source.read(entry)
                goal.writestr(zipfile.ZipInfo(masked(entry.filename, hidden)), _entry(entry.filename, inside, hidden))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ElementTree.ParseError) as unread:
        raise NotCleaned from unread
    return made.getvalue()


def _entry(name: str, inside: bytes, hidden: Hidden) -> bytes:
    if SAYS_WHO.search(name):
        return _without_who(inside)
    ending = ending_of(name)
    if ending in (".png", ".jpg", ".jpeg", ".gif", ".webp"):
        return _picture(inside)
    if ending == ".pdf":
        return _pdf(inside)
    try:
        text = inside.decode("utf-8")
    except UnicodeDecodeError:
        return inside
    return masked(text, hidden).encode()


def _without_who(inside: bytes) -> bytes:
    tree = ElementTree.fromstring(inside)
    for one in tree.iter():
        if one.tag.rpartition("}")[2] in WHO:
            one.text = ""
    return ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
