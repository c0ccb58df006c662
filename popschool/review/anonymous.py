"""A piece of work without its author: names masked in what is text, and out of what files say of themselves.

What reads pictures and PDF is heavy: it is loaded with the first such file, not with every page.
"""

import re
import zipfile
from collections.abc import Sequence
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


def names_of(people: Sequence[Person]) -> list[str]:
    """Return what names these people in a text, the longest first."""
    found = set()
    for person in people:
        found |= {person.name, f"{person.last_name} {person.first_name}", person.mail, person.phone}
        found |= {person.learner_number, (person.mail or "").split("@")[0]}
    return sorted((name for name in found if name and len(name) >= SHORTEST_NAME), key=lambda one: (-len(one), one))


def own_words(people: Sequence[Person]) -> list[str]:
    """Return first and last names, which may also be common words: they are masked as a name is written."""
    words = {word for person in people for word in (person.first_name, person.last_name) if len(word) >= SHORTEST_NAME}
    return sorted(words, key=lambda one: (-len(one), one))


def masked(text: str, people: Sequence[Person]) -> str:
    """Return a text in which nothing names these people.

    A first or last name is masked when it is written as one, with its capitals: a "rose" in a style sheet stays.
    """
    whole, words = names_of(people), own_words(people)
    if whole:
        text = re.sub("|".join(map(_alone, whole)), MASK, text, flags=re.IGNORECASE)
    if words:
        shapes = sorted({shape for word in words for shape in (word, word.upper())}, key=lambda one: (-len(one), one))
        text = re.sub("|".join(map(_alone, shapes)), MASK, text)
    return text


def _alone(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def cleaned(content: bytes, name: str, media_type: str, people: Sequence[Person]) -> bytes:
    """Return a file that says nothing of who made it. Raises NotCleaned when that cannot be promised."""
    if media_type in PICTURES:
        return _picture(content)
    if media_type == "application/pdf":
        return _pdf(content)
    if ending_of(name) in ZIPPED:
        return _zipped(content, people)
    if media_type == PLAIN:
        return masked(content.decode("utf-8", "replace"), people).encode()
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


def _zipped(content: bytes, people: Sequence[Person]) -> bytes:
    """Write an archive again: no comment, no date, no name of a person in its names, nor where it says who wrote it."""
    made = BytesIO()
    try:
        with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as goal:
            entries = [one for one in source.infolist() if not one.is_dir()]
            if sum(one.file_size for one in entries) > LARGEST_UNZIPPED:
                raise NotCleaned
            for entry in entries:
                inside = source.read(entry)
                goal.writestr(zipfile.ZipInfo(masked(entry.filename, people)), _entry(entry.filename, inside, people))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, ElementTree.ParseError) as unread:
        raise NotCleaned from unread
    return made.getvalue()


def _entry(name: str, inside: bytes, people: Sequence[Person]) -> bytes:
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
    return masked(text, people).encode()


def _without_who(inside: bytes) -> bytes:
    tree = ElementTree.fromstring(inside)
    for one in tree.iter():
        if one.tag.rpartition("}")[2] in WHO:
            one.text = ""
    return ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True)
