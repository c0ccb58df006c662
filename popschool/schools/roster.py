"""A roster in CSV, read and checked: every problem named with its line, nothing done. Pure."""

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import date

from popschool.errors import Problem
from popschool.schools.rules import PhoneUnreadable, normalise_mail, normalise_number, normalise_phone, search_key

LARGEST = 1_000_000
MOST_LINES = 2000
COLUMNS = {
    "first_name": ("prenom", "first name", "firstname", "prenoms"),
    "last_name": ("nom", "last name", "lastname", "nom de famille"),
    "mail": ("mail", "email", "e mail", "courriel", "adresse mail"),
    "phone": ("telephone", "tel", "phone", "portable", "mobile"),
    "number": ("numero", "n", "number", "matricule", "numero d apprenant"),
    "starts_on": ("debut", "date de debut", "entree", "start"),
    "ends_on": ("fin", "date de fin", "sortie prevue", "end"),
}
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
TEMPLATE = "prenom;nom;mail;telephone;numero;debut;fin\r\n"


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


@dataclass
class Roster:
    """What a file says, and everything that is wrong with it."""

    lines: list[RosterLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or as old spreadsheets write it."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def read_roster(text: str, name: str = "liste.csv") -> Roster:
    """Read a roster: `;`, `,` or tabs; columns in any order, by their names."""
    roster = Roster()

    def problem(line: int, message: str, mend: str) -> None:
        roster.problems.append(Problem(name, line, 0, "error", message, mend))

    if len(text) > LARGEST:
        problem(0, "Ce fichier est trop lourd.", "Gardez moins de 1 Mo.")
        return roster
    text = text.lstrip("\ufeff").replace("\0", "")
    first = text.split("\n", 1)[0]
    delimiter = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        head = next(reader, None)
        if not head or not any(head):
            problem(1, "Ce fichier est vide.", "Ajoutez une ligne de titres, puis une ligne par personne.")
            return roster
        places = _columns(head)
        missing = [french for one, french in (("first_name", "prenom"), ("last_name", "nom")) if one not in places]
        if missing:
            problem(
                1,
                f"Il manque la colonne {' et la colonne '.join(missing)}.",
                "Écrivez les titres comme dans le modèle.",
            )
            return roster
        for row in reader:
            if len(roster.lines) >= MOST_LINES:
                problem(reader.line_num, f"Il y a plus de {MOST_LINES} lignes.", "Coupez le fichier en plusieurs.")
                break
            if any(cell.strip() for cell in row):
                _line(roster, places, row, reader.line_num, problem)
    except csv.Error as error:
        problem(reader.line_num, f"Cette ligne ne se lit pas : {error}.", "Vérifiez les guillemets.")
    if not roster.lines and not roster.problems:
        problem(1, "Il n'y a personne dans ce fichier.", "Ajoutez une ligne par personne.")
    _twice(roster, problem)
    return roster


def _columns(head: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, cell in enumerate(head):
        key = re.sub(r"[^a-z]+", " ", search_key(cell)).strip()
        for column, names in COLUMNS.items():
            if key in names and column not in places:
                places[column] = place
    return places


def _line(roster: Roster, places: dict[str, int], row: list[str], line: int, problem) -> None:
    def cell(column: str) -> str:
        place = places.get(column)
        return row[place].strip() if place is not None and place < len(row) else ""

    before = len(roster.problems)
    first_name, last_name = cell("first_name"), cell("last_name")
    if not first_name or not last_name:
        problem(line, "Il manque le prénom ou le nom.", "Remplissez les deux.")
    if len(first_name) > 80 or len(last_name) > 80:
        problem(line, "Ce nom est trop long.", "Écrivez 80 caractères au plus.")
    mail = normalise_mail(cell("mail")) or None
    if mail and not MAIL.fullmatch(mail):
        problem(line, f"« {cell('mail')} » n'est pas une adresse mail.", "Exemple : apprenante07@example.org")
    phone = None
    if cell("phone"):
        try:
            phone = normalise_phone(cell("phone"))
        except PhoneUnreadable:
            problem(line, f"« {cell('phone')} » n'est pas un numéro de téléphone.", "Exemple : 06 39 98 00 07")
    number = normalise_number(cell("number")) or None
    days = {}
    for column in ("starts_on", "ends_on"):
        days[column] = None
        if cell(column):
            days[column] = read_day(cell(column))
            if days[column] is None:
                problem(line, f"« {cell(column)} » n'est pas une date.", "Exemple : 08/03/2027")
    if days["starts_on"] and days["ends_on"] and days["ends_on"] < days["starts_on"]:
        problem(line, "La fin est avant le début.", "Vérifiez les deux dates.")
    if not (mail or phone or number):
        problem(line, "Cette personne n'a ni mail, ni téléphone, ni numéro.", "Donnez au moins l'un des trois.")
    if len(roster.problems) == before:
        roster.lines.append(RosterLine(line, first_name, last_name, mail, phone, number, **days))


def read_day(text: str) -> date | None:
    """Return a date written 08/03/2027, 8-3-2027 or 2027-03-08; None when it is none."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    parts = (found[1], found[2], found[3]) if found else None
    if parts is None:
        found = re.fullmatch(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", text)
        parts = (found[3], found[2], found[1]) if found else None
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _twice(roster: Roster, problem) -> None:
    for label, get in (
        ("mail", lambda one: one.mail),
        ("téléphone", lambda one: one.phone),
        ("numéro", lambda one: one.number),
    ):
        seen: dict[str, int] = {}
        for one in roster.lines:
            value = get(one)
            if value is not None and value in seen:
                problem(one.line, f"Ce {label} est déjà à la ligne {seen[value]}.", "Une personne, une ligne.")
            elif value is not None:
                seen[value] = one.line
