"""Lists that funders are sent: their columns, how a layout arranges them, their rhythm, and that they add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from popschool.completion.rules_hours import decimal_hours
from popschool.completion.rules_papers import PaperKind, month_end
from popschool.errors import RuleBroken
from popschool.reports import rules_columns
from popschool.rules_tables import Column, Kind

LONGEST_HEAD = 80


class Listed(StrEnum):
    """The lists whose columns the network arranges. The value is kept."""

    HOURS = "hours"
    INVOICE = "invoice"
    BOARD = "board"
    PARTICIPANTS = "participants"
    CPF = "cpf"
    KAIROS = "kairos"
    GEN = "gen"


# Those that are issued to a funder, as a document of which kind.
ISSUED = {Listed.HOURS: PaperKind.HOURS, Listed.INVOICE: PaperKind.INVOICE}
_WHO = (
    Column("last_name", "Nom"),
    Column("first_name", "Prénom"),
    Column("number", "Numéro"),
    Column("cohort", "Promo"),
    Column("agreement", "Convention"),
    Column("file_number", "Dossier"),
    Column("first", "Du", Kind.DAY),
    Column("last", "Au", Kind.DAY),
)
COLUMNS: dict[Listed, tuple[Column, ...]] = {
    Listed.HOURS: (
        *_WHO,
        Column("due", "Heures prévues", Kind.HUNDREDTHS),
        Column("attended", "Heures sur place", Kind.HUNDREDTHS),
        Column("distance", "Heures à distance", Kind.HUNDREDTHS),
        Column("justified", "Absences justifiées", Kind.HUNDREDTHS),
        Column("unjustified", "Absences injustifiées", Kind.HUNDREDTHS),
        Column("company", "Heures en entreprise", Kind.HUNDREDTHS),
        Column("rate", "Taux d'assiduité", Kind.TENTHS),
        Column("exit", "Sortie"),
    ),
    Listed.INVOICE: (
        *_WHO,
        Column("hours", "Heures à facturer", Kind.HUNDREDTHS),
        Column("price", "Prix de l'heure (€)", Kind.HUNDREDTHS),
        Column("amount", "Montant (€)", Kind.HUNDREDTHS),
        Column("agreed", "Heures convenues", Kind.HUNDREDTHS),
    ),
    Listed.BOARD: (
        Column("name", "Nom"),
        Column("entered", "Entrées", Kind.WHOLE),
        Column("due", "Heures prévues", Kind.HUNDREDTHS),
        Column("followed", "Heures suivies", Kind.HUNDREDTHS),
        Column("justified", "Absences justifiées", Kind.HUNDREDTHS),
        Column("unjustified", "Absences injustifiées", Kind.HUNDREDTHS),
        Column("missing", "Heures non saisies", Kind.HUNDREDTHS),
        Column("presence", "Présence (%)", Kind.TENTHS),
        Column("validated", "Rendus validés", Kind.WHOLE),
        Column("works_asked", "Rendus demandés", Kind.WHOLE),
        Column("reached", "Compétences au niveau", Kind.WHOLE),
        Column("competences_asked", "Compétences demandées", Kind.WHOLE),
        Column("dropped", "Abandons", Kind.WHOLE),
        Column("waiting", "À régler", Kind.WHOLE),
    ),
    Listed.PARTICIPANTS: rules_columns.PARTICIPANTS,
    Listed.CPF: rules_columns.CPF,
    Listed.KAIROS: rules_columns.KAIROS,
    Listed.GEN: rules_columns.GEN,
}
SUMMED = {
    Listed.HOURS: ("due", "attended", "distance", "justified", "unjustified", "company"),
    Listed.INVOICE: ("hours", "amount"),
}
# Which columns make another, line by line and in the total.
ADDS_UP = {Listed.HOURS: ("due", ("attended", "distance", "justified", "unjustified"))}


@dataclass(frozen=True)
class Layout:
    """The columns of a list in order, as the network said them last. Version 0 is the house's own.

    `said_id` is the row in which the network said them.
    """

    listed: Listed
    version: int
    columns: tuple[Column, ...]
    said_id: int | None = None


@dataclass
class LayoutChanged(RuleBroken):
    """Somebody else said other columns since these were read."""

    version: int


@dataclass
class UnknownColumn(RuleBroken):
    """A layout names a column that this list does not have."""

    key: str
    version: int = 0


@dataclass
class ColumnTwice(RuleBroken):
    """A layout names a column twice."""

    key: str


@dataclass
class NoColumn(RuleBroken):
    """A layout keeps at least one column."""


@dataclass
class HeadRefused(RuleBroken):
    """Each column has a heading of its own, and not too long."""

    key: str
    most: int = LONGEST_HEAD


@dataclass
class KindRefused(RuleBroken):
    """This column cannot be written in this way: a name is no number."""

    key: str
    kind: str


# How the cells of a column may be written, besides the way that the house says.
ALSO = {
    Kind.HUNDREDTHS: (Kind.HUNDREDTHS, Kind.TENTHS, Kind.WHOLE),
    Kind.TENTHS: (Kind.TENTHS, Kind.HUNDREDTHS, Kind.WHOLE),
    Kind.WHOLE: (Kind.WHOLE,),
    Kind.DAY: (Kind.DAY,),
    Kind.MOMENT: (Kind.MOMENT, Kind.DAY),
    Kind.TEXT: (Kind.TEXT,),
}


def house_layout(listed: Listed) -> Layout:
    return Layout(listed, 0, COLUMNS[listed])


def laid_out(listed: Listed, asked: Sequence[Sequence[str]], version: int = 0) -> Layout:
    """Return a layout from (key, heading, way to write) in order, checked against what the list has.

    Raises UnknownColumn, ColumnTwice, NoColumn, HeadRefused or KindRefused, each with the column.
    """
    known = {one.key: one for one in COLUMNS[listed]}
    found: list[Column] = []
    heads: set[str] = set()
    for key, head, kind in asked:
        if key not in known:
            raise UnknownColumn(key, version)
        if any(one.key == key for one in found):
            raise ColumnTwice(key)
        named = head.strip()
        if not named or len(named) > LONGEST_HEAD or named.casefold() in heads:
            raise HeadRefused(key)
        if kind not in ALSO[known[key].kind]:
            raise KindRefused(key, kind)
        heads.add(named.casefold())
        found.append(Column(key, named, Kind(kind)))
    if not found:
        raise NoColumn
    return Layout(listed, version, tuple(found))


def packed(columns: Iterable[Column]) -> list[list[str]]:
    """Return columns as they are kept."""
    return [[one.key, one.head, str(one.kind)] for one in columns]


def arranged(layout: Layout, rows: Iterable[dict[str, Any]]) -> list[list[Any]]:
    """Return the cells of each row in the order of a layout. A cell that is not known is None."""
    return [[row.get(one.key) for one in layout.columns] for row in rows]


def total_of(listed: Listed, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the total of a list: nothing of what is not added up. An unknown cell makes its total unknown."""
    total: dict[str, Any] = {}
    for key in SUMMED.get(listed, ()):
        cells = [row.get(key) for row in rows]
        total[key] = None if any(cell is None for cell in cells) else sum(cells, Decimal(0))
    return total


@dataclass
class DoesNotAddUp(RuleBroken):
    """A line of a list, or its total, is not the sum of its parts: nothing is issued."""

    who: str
    column: str


def check_sums(listed: Listed, rows: Sequence[dict[str, Any]], total: dict[str, Any]) -> None:
    """Raises DoesNotAddUp for the first line, or the total, that is not the sum of its parts."""
    if total != total_of(listed, rows):
        raise DoesNotAddUp("Total", next(key for key in total if total[key] != total_of(listed, rows)[key]))
    if listed not in ADDS_UP:
        return
    whole, parts = ADDS_UP[listed]
    for row in (*rows, total):
        if row[whole] != sum((row[part] for part in parts), Decimal(0)):
            raise DoesNotAddUp(str(row.get("last_name") or "Total"), whole)


def billed(minutes: int, unit: int, cents: int | None) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """Return the hours that are billed, their price and the amount. Nobody pays for a part that was not followed.

    >>> billed(430, 15, 1250)
    (Decimal('7.00'), Decimal('12.50'), Decimal('87.50'))
    """
    hours = decimal_hours(minutes // unit * unit)
    if cents is None:
        return hours, None, None
    price = Decimal(cents).scaleb(-2)
    return hours, price, (hours * price).quantize(Decimal("0.01"), ROUND_HALF_UP)


class Rhythm(StrEnum):
    """How often a list is prepared."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


MONTHS = {Rhythm.ONCE: 1, Rhythm.MONTHLY: 1, Rhythm.QUARTERLY: 3}


@dataclass
class PeriodInverted(RuleBroken):
    """A list is of days in order, that are over when it is prepared."""


@dataclass
class AlreadyDecided(RuleBroken):
    """This list was approved or refused already."""


@dataclass
class FactsChanged(RuleBroken):
    """The facts changed since this list was read: it is to be read again."""


@dataclass
class DayPast(RuleBroken):
    """A list is prepared on a day to come, or today."""


@dataclass(frozen=True)
class Turn:
    """One time that a list is prepared: on which day, of which days."""

    on: date
    first: date
    last: date


def following(turn: Turn, rhythm: Rhythm) -> Turn | None:
    """Return the next time, on the same day of a later month, of the whole months since; None for a list made once.

    >>> following(Turn(date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)), Rhythm.MONTHLY)
    Turn(on=datetime.date(2027, 2, 28), first=datetime.date(2027, 1, 1), last=datetime.date(2027, 1, 31))
    """
    if rhythm is Rhythm.ONCE:
        return None
    count = MONTHS[rhythm]
    first = turn.last + timedelta(days=1)
    return Turn(months_later(turn.on, count), first, months_later(first, count) - timedelta(days=1))


def months_later(day: date, count: int) -> date:
    """Return the same day so many months later; the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(year, month + 1, 1)
    return min(first.replace(day=min(day.day, month_end(first).day)), month_end(first))


def first_turn(on: date, first: date, last: date, rhythm: Rhythm, today: date) -> Turn:
    """Return the first time. What comes back is of whole months. Raises DayPast or PeriodInverted."""
    if on < today:
        raise DayPast
    if not first <= last < on:
        raise PeriodInverted
    if rhythm is not Rhythm.ONCE and (
        first.day != 1 or last != months_later(first, MONTHS[rhythm]) - timedelta(days=1)
    ):
        raise PeriodInverted
    return Turn(on, first, last)
