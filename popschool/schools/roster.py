"""A roster in CSV, read and checked: every problem named with its line, nothing done."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from popschool.errors import Problem, RuleBroken
from popschool.schools.rules import (
    NumberUnreadable,
    PhoneUnreadable,
    normalise_mail,
    normalise_phone,
    read_number,
    search_key,
)

LARGEST = 1_000_000
MOST_LINES = 2000
LONGEST_NAME, LONGEST_MAIL = 80, 254
COLUMNS = {
    "first_name": ("prenom", "prenoms", "prenom s", "first name", "firstname"),
    "last_name": ("nom", "nom de famille", "nom s", "last name", "lastname"),
    "mail": ("mail", "email", "e mail", "courriel", "adresse mail", "adresse email", "adresse e mail"),
    "phone": ("telephone", "tel", "phone", "portable", "mobile", "telephone portable", "numero de telephone"),
    "number": ("numero", "n", "no", "number", "matricule", "numero d apprenant", "numero apprenant"),
    "starts_on": ("debut", "date de debut", "entree", "date d entree", "premier jour", "start"),
    "ends_on": ("fin", "date de fin", "sortie prevue", "date de sortie prevue", "dernier jour", "end"),
    "cohort": ("promo", "code promo", "promotion", "cohort"),
}
MAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]+")
TEMPLATE = "prenom;nom;mail;telephone;numero;debut;fin\r\n"
CALCULATED = ("=", "+", "-", "@", "\t", "\r")
NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f]")
# How workbooks, PDF, pictures, RTF and archives begin.
OTHER_FILES = (
    b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x1f\x8b",
)  # fmt: skip


@dataclass(frozen=True)
class RosterLine:
    """One person of the file, with the line where they stand."""

    line: int
    first_name: str
    last_name: str
    mail: str | None
    phone: str | None
    number: str | None
    starts_on: date | None
    ends_on: date | None
    cohort: str | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def handles(self) -> dict[str, str]:
        """Return the ways that reach this person, by the name of their column in a person."""
        given = {"mail": self.mail, "phone": self.phone, "learner_number": self.number}
        return {name: value for name, value in given.items() if value is not None}


@dataclass
class Roster:
    """What a file says, everything that is wrong with it, and the titles of the columns that were not read."""

    lines: list[RosterLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


@dataclass
class RosterRefused(RuleBroken):
    """The roster has problems; nothing was brought in."""

    problems: list[Problem]


def decode(data: bytes, name: str = "liste.csv") -> str:
    """Return the text of a file in UTF-8, UTF-16, or as old spreadsheets write it. Raises RosterRefused."""
    if len(data) > LARGEST:
        raise RosterRefused([_too_heavy(name)])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        text = _decode_bytes(data)
    if data.startswith(OTHER_FILES) or NOT_TEXT.search(text):
        message = _("Ce fichier n'est pas un CSV.")
        mend = _("Dans votre tableur, choisissez « Enregistrer sous », puis CSV.")
        raise RosterRefused([Problem(name, 0, 0, "error", message, mend)])
    return text


def _decode_bytes(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _too_heavy(name: str) -> Problem:
    return Problem(name, 0, 0, "error", _("Ce fichier est trop lourd."), _("Gardez moins de 1 Mo."))


def read_roster(text: str, name: str = "liste.csv") -> Roster:
    """Read a roster: `;`, `,` or tabs; columns in any order, by their titles."""
    return _Reading(name).read(text)


class _Reading:
    """One roster being read; problems are gathered as it goes."""

    def __init__(self, name: str):
        self.name = name
        self.roster = Roster()
        self.places: dict[str, int] = {}

    def problem(self, line: int, message: str, mend: str) -> None:
        self.roster.problems.append(Problem(self.name, line, 0, "error", message, mend))

    def read(self, text: str) -> Roster:
        if len(text) > LARGEST:
            self.roster.problems.append(_too_heavy(self.name))
            return self.roster
        rows = self._rows(text.lstrip("\ufeff").replace("\0", ""))
        try:
            self._read_rows(rows)
        except csv.Error:
            self.problem(self.line, _("Cette ligne ne se lit pas."), _("Vérifiez les guillemets."))
        self._find_twice()
        return self.roster

    def _rows(self, text: str) -> Iterator[list[str]]:
        """Give each row that says something, with `line` its number in the file."""
        declared = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
        skipped = 1 if declared else 0
        text = text[declared.end() :] if declared else text
        first = next((line for line in text.splitlines() if line.strip(" ;,\t")), "")
        delimiter = declared[1] if declared else max(";,\t", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.line = before = 1 + skipped
        while True:
            self.line = before
            row = next(reader, None)
            if row is None:
                return
            before = reader.line_num + 1 + skipped
            if any(cell.strip() for cell in row):
                yield [cell.strip() for cell in row]

    def _read_rows(self, rows: Iterator[list[str]]) -> None:
        head = next(rows, None)
        if head is None:
            mend = _("Ajoutez une ligne de titres, puis une ligne par personne.")
            self.problem(1, _("Ce fichier est vide."), mend)
            return
        if not self._read_head(head):
            return
        count = 0
        for row in rows:
            if self._columns(row)[0] == self.places:
                continue  # two lists pasted together: the titles came twice
            count += 1
            if count > MOST_LINES:
                mend = _("Coupez le fichier en plusieurs.")
                self.problem(self.line, _("Il y a plus de %(most)s personnes.", most=MOST_LINES), mend)
                return
            self._read_line(row, len(head))
        if not count:
            self.problem(self.line, _("Il n'y a personne dans ce fichier."), _("Ajoutez une ligne par personne."))

    def _read_head(self, head: list[str]) -> bool:
        self.places, doubled = self._columns(head)
        for title in doubled:
            mend = _("Gardez-en une seule.")
            self.problem(self.line, _("La colonne « %(title)s » est là deux fois.", title=title), mend)
        for column, title in (("first_name", "prenom"), ("last_name", "nom")):
            if column not in self.places:
                mend = _("Écrivez les titres comme dans le modèle.")
                self.problem(self.line, _("Il manque la colonne « %(title)s ».", title=title), mend)
        read = set(self.places.values())
        self.roster.ignored = [title for place, title in enumerate(head) if place not in read and title]
        return not self.roster.problems

    @staticmethod
    def _columns(head: list[str]) -> tuple[dict[str, int], list[str]]:
        """Return where each known column stands, and the titles that come again."""
        places: dict[str, int] = {}
        doubled = []
        for place, cell in enumerate(head):
            key = re.sub(r"[^a-z]+", " ", search_key(cell)).strip()
            column = next((column for column, names in COLUMNS.items() if key in names), None)
            if column in places:
                doubled.append(cell)
            elif column is not None:
                places[column] = place
        return places, doubled

    def _read_line(self, row: list[str], width: int) -> None:
        before = len(self.roster.problems)
        if len(row) > width and any(row[width:]):
            mend = _("Vérifiez le séparateur et les guillemets.")
            self.problem(self.line, _("Cette ligne a plus de cases que de titres."), mend)
        cells = {column: _unwrapped(row[place]) if place < len(row) else "" for column, place in self.places.items()}
        names = {column: self._read_name(cells[column]) for column in ("first_name", "last_name")}
        if not all(names.values()):
            self.problem(self.line, _("Il manque le prénom ou le nom."), _("Remplissez les deux."))
        handles = {column: self._read_cell(cells, column) for column in ("mail", "phone", "number")}
        days = {column: self._read_cell(cells, column) for column in ("starts_on", "ends_on")}
        if days["starts_on"] and days["ends_on"] and days["ends_on"] < days["starts_on"]:
            self.problem(self.line, _("La fin est avant le début."), _("Vérifiez les deux dates."))
        if not any(cells.get(column) for column in handles):
            mend = _("Donnez au moins l'un des trois.")
            self.problem(self.line, _("Cette personne n'a ni mail, ni téléphone, ni numéro."), mend)
        if len(self.roster.problems) == before:
            cohort = cells.get("cohort", "").upper() or None
            self.roster.lines.append(RosterLine(self.line, **names, **handles, **days, cohort=cohort))

    def _read_name(self, cell: str) -> str:
        cell = " ".join(cell.split())
        if len(cell) > LONGEST_NAME:
            mend = _("Écrivez %(most)s caractères au plus.", most=LONGEST_NAME)
            self.problem(self.line, _("« %(start)s… » est trop long pour un nom.", start=cell[:20]), mend)
        elif cell.startswith(CALCULATED) or NOT_TEXT.search(cell):
            mend = _("Un tableur le prendrait pour un calcul. Commencez par une lettre.")
            self.problem(self.line, _("« %(cell)s » n'est pas un nom.", cell=cell[:20]), mend)
        return cell

    def _read_cell(self, cells: dict[str, str], column: str) -> Any:
        """Return what a cell says; None when it is empty, or when it cannot be read, which is a problem."""
        cell = cells.get(column, "")
        if not cell:
            return None
        try:
            return READERS[column](cell)
        except (ValueError, PhoneUnreadable, NumberUnreadable):
            wrong, example = {
                "mail": (_("n'est pas une adresse mail"), "apprenante07@example.org"),
                "phone": (_("n'est pas un numéro de téléphone"), "06 39 98 00 07"),
                "number": (_("n'est pas un numéro d'apprenant"), "VAL2027007"),
            }.get(column, (_("n'est pas une date"), "08/03/2027"))
            message = _("« %(cell)s » %(wrong)s.", cell=cell[:60], wrong=wrong)
            self.problem(self.line, message, _("Exemple : %(example)s", example=example))
            return None

    def _find_twice(self) -> None:
        labels = {"mail": _("Ce mail"), "phone": _("Ce téléphone"), "learner_number": _("Ce numéro")}
        seen: dict[tuple[str, str], int] = {}
        for one in self.roster.lines:
            for handle in one.handles().items():
                first = seen.setdefault(handle, one.line)
                if first != one.line:
                    message = _("%(what)s est déjà à la ligne %(line)s.", what=labels[handle[0]], line=first)
                    self.problem(one.line, message, _("Une personne, une ligne."))


def _unwrapped(cell: str) -> str:
    """Return the text of a cell that a spreadsheet wrote ="0639980007" to keep its zero."""
    found = re.fullmatch(r'="(.*)"', cell)
    return found[1].strip() if found else cell


def _read_mail(cell: str) -> str:
    mail = normalise_mail(cell)
    if not MAIL.fullmatch(mail) or len(mail) > LONGEST_MAIL:
        raise ValueError
    return mail


def _read_phone(cell: str) -> str:
    """Read a phone; a spreadsheet that took it for a sum has lost its first zero."""
    bare = re.sub(r"[\s.]", "", cell)
    return normalise_phone(f"0{bare}" if re.fullmatch(r"[1-9]\d{8}", bare, re.ASCII) else cell)


def read_day(text: str) -> date:
    """Return a date written 08/03/2027, 8-3-2027, 08/03/27 or 2027-03-08. Raises ValueError."""
    found = re.fullmatch(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]00:00(?::00)?)?", text, re.ASCII)
    found = found or re.fullmatch(r"(?P<d>\d{1,2})[/. -](?P<m>\d{1,2})[/. -](?P<y>\d{4}|\d{2})", text, re.ASCII)
    if found is None:
        raise ValueError
    year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
    if not 1900 <= year < 2200:
        raise ValueError
    return date(year, int(found["m"]), int(found["d"]))


READERS = {
    "mail": _read_mail,
    "phone": _read_phone,
    "number": read_number,
    "starts_on": read_day,
    "ends_on": read_day,
}
