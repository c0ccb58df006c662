"""What is typed of a yearly report, line by line, and the controls that the form makes before it is filed.

Source: Cerfa 10443*17. Euros are whole and before tax; hours are kept in minutes. Nothing typed is not known: it is
never counted as 0 without a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from popschool.completion.rules_report import LINES_C, Sheet

EUROS = {f"C{line}": label for line, label in LINES_C.items()}
CHARGES = {
    "D": "Total des charges liées à l'activité de formation",
    "D_salaries": "dont salaires des formateurs",
    "D_fees": "dont achats de prestation et honoraires de formation",
}
OUTSIDE = {
    "E_people": "Personnes extérieures (sous-traitance), nombre",
    "E_minutes": "Personnes extérieures (sous-traitance), heures",
}
GIVEN = {
    "F2_people": "Stagiaires dont l'action est confiée à un autre organisme, nombre",
    "F2_minutes": "Stagiaires dont l'action est confiée à un autre organisme, heures",
}
OF_A_SCHOOL = {**EUROS, **CHARGES, **OUTSIDE, **GIVEN}
OF_THE_NETWORK = {
    "legal_form": "Forme juridique",
    "activity_code": "Code NAF",
    "is_public": "Adresse publique",
    "first_month": "Premier mois de l'exercice",
    "turnover_share": "Part du chiffre d'affaires global, en %",
    "director": "Nom et prénom du dirigeant ou de la dirigeante",
    "quality": "Qualité du dirigeant ou de la dirigeante",
}
TYPED_COUNTS = {("E", "outside"): tuple(OUTSIDE), ("F-2", "(2)"): tuple(GIVEN)}


def is_typed(frame: str, line: str) -> bool:
    """Say whether a line is written by the school, and not counted from rows."""
    return frame in ("C", "D") or (frame, line) in TYPED_COUNTS


def keys_of(frame: str, line: str) -> tuple[str, ...]:
    """Return the names of what is typed for a line; those of the lines that it adds up, for a total of frame C."""
    if frame == "C":
        return tuple(key for key in EUROS if line in (key[1:], "total") or (line == "2" and key[1:2] == "2"))
    return (line,) if frame == "D" and line in CHARGES else TYPED_COUNTS.get((frame, line), ())


MINUTES = frozenset({"E_minutes", "F2_minutes"})


class Wrong(StrEnum):
    """What the form would refuse, or what somebody should look at."""

    YEAR_OPEN = "year_open"
    FIGURES_MISSING = "figures_missing"
    IDENTITY_MISSING = "identity_missing"
    NO_LINE = "no_line"
    NO_SPECIALITY = "no_speciality"
    TOTALS_DIFFER = "totals_differ"
    HOURS_DISAGREE = "hours_disagree"
    NO_CHARGES = "no_charges"
    CHARGES_SHORT = "charges_short"
    TOO_MANY_GIVEN = "too_many_given"
    PAYER_WITHOUT_EUROS = "payer_without_euros"
    EUROS_WITHOUT_PAYER = "euros_without_payer"
    ENTRUSTED_WITHOUT_EUROS = "entrusted_without_euros"


TOLD = frozenset({Wrong.PAYER_WITHOUT_EUROS, Wrong.EUROS_WITHOUT_PAYER, Wrong.ENTRUSTED_WITHOUT_EUROS})


@dataclass(frozen=True)
class Control:
    """One control that does not hold, with its facts: lines, names."""

    what: Wrong
    lines: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        return self.what not in TOLD


@dataclass(frozen=True)
class Identity:
    """Frames A and H: the body that files, and who runs it."""

    name: str = ""
    activity_number: str = ""
    siret: str = ""
    address: str = ""
    phone: str = ""
    mail: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def frame_a(self) -> list[tuple[str, str]]:
        public = {"yes": "oui", "no": "non"}.get(self.said.get("is_public", ""), "")
        return [
            ("Numéro de déclaration", self.activity_number),
            ("Forme juridique", self.said.get("legal_form", "")),
            ("SIRET", self.siret),
            ("Code NAF", self.said.get("activity_code", "")),
            ("Dénomination", self.name),
            ("Adresse", self.address),
            ("Adresse publique", public),
            ("Téléphone", self.phone),
            ("Adresse mail", self.mail),
        ]

    @property
    def first_month(self) -> int:
        """The month in which the financial year begins: January unless the network says another."""
        return int(self.said.get("first_month") or 1)

    @property
    def frame_h(self) -> list[tuple[str, str]]:
        return [(OF_THE_NETWORK[key], self.said.get(key, "")) for key in ("director", "quality")]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(label for label, value in [*self.frame_a, *self.frame_h] if not value)


@dataclass(frozen=True)
class Money:
    """Frames C and D, and what is typed of E and F-2. `typed` is empty as long as nobody has typed anything."""

    typed: Mapping[str, int] = field(default_factory=dict)

    def of(self, line: str) -> int | None:
        return self.typed.get(line)

    @property
    def alternating(self) -> int:
        """Line 2: the sum of 2a to 2h."""
        return sum(self.typed.get(line) or 0 for line in EUROS if line[1:2] == "2")

    @property
    def total(self) -> int:
        """The total of frame C, lines 1 to 11."""
        return sum(self.typed.get(line) or 0 for line in EUROS)


def together(some: Iterable[Money]) -> Money:
    """Add what several schools typed; a line that nobody typed stays unknown."""
    found: dict[str, int] = {}
    for one in some:
        for line, value in one.typed.items():
            found[line] = found.get(line, 0) + value
    return Money(found)


def controls(sheet: Sheet, money: Money, identity: Identity, is_over: bool) -> list[Control]:
    """Return what keeps a report from being filed, then what should be looked at."""
    found = [] if is_over else [Control(Wrong.YEAR_OPEN)]
    if identity.missing:
        found.append(Control(Wrong.IDENTITY_MISSING, identity.missing))
    if sheet.disagreeing:
        found.append(Control(Wrong.HOURS_DISAGREE, tuple(sheet.disagreeing)))
    for frame, what in (("F-1", Wrong.NO_LINE), ("F-4", Wrong.NO_SPECIALITY)):
        if sheet.unsorted.get(frame):
            found.append(Control(what, tuple(sheet.unsorted[frame])))
    if not sheet.agrees and not sheet.unsorted:
        found.append(Control(Wrong.TOTALS_DIFFER))
    return [*found, *_of_money(sheet, money)]


def _of_money(sheet: Sheet, money: Money) -> list[Control]:
    if not money.typed:
        return [Control(Wrong.FIGURES_MISSING)]
    found, charges = [], money.of("D") or 0
    if money.total and not charges:
        found.append(Control(Wrong.NO_CHARGES))
    if charges and charges < (money.of("D_salaries") or 0) + (money.of("D_fees") or 0):
        found.append(Control(Wrong.CHARGES_SHORT))
    if (money.of("F2_people") or 0) > sheet.total.people or (money.of("F2_minutes") or 0) > sheet.total.minutes:
        found.append(Control(Wrong.TOO_MANY_GIVEN))
    return [*found, *_unmatched(sheet, money)]


def _unmatched(sheet: Sheet, money: Money) -> list[Control]:
    """Compare the agreements of a year with the euros of their lines."""
    silent = tuple(line for line in LINES_C if sheet.payers.get(line) and not money.of(f"C{line}"))
    unknown = tuple(line for line in LINES_C if money.of(f"C{line}") and line != "11" and not sheet.payers.get(line))
    found = []
    if silent:
        found.append(Control(Wrong.PAYER_WITHOUT_EUROS, silent))
    if unknown:
        found.append(Control(Wrong.EUROS_WITHOUT_PAYER, unknown))
    if bool(sheet.entrusted.people) != bool(money.of("C10")):
        found.append(Control(Wrong.ENTRUSTED_WITHOUT_EUROS))
    return found


def blocking(found: Sequence[Control]) -> list[Control]:
    return [one for one in found if one.blocks]
