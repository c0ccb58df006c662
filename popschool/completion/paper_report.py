"""The copy of a bilan pédagogique et financier: frame by frame, as a table of cells and as a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from popschool.completion import paper_parts as parts
from popschool.completion.paper_parts import Block, Composed
from popschool.completion.rules_figures import CHARGES, Identity, Money
from popschool.completion.rules_report import (
    FORM,
    LINES_C,
    OTHER_LINES,
    OTHERS,
    TOTALS,
    Count,
    Sheet,
    exercise,
    label_of,
)

Cell = int | float | str
Row = tuple[str, str, str, Cell, Cell, Cell]
COPY = (
    "Ces chiffres sont à reporter sur le portail Mon Activité Formation, avant le 30 avril. Ce papier en garde la "
    "copie ; il ne remplace pas la déclaration."
)
NUMBERS_OF = ["Ligne", "Libellé", "Nombre", "Heures"]


@dataclass(frozen=True)
class Filled:
    """All that a report says: what the rows say, what was typed, who files it, for which year."""

    sheet: Sheet
    money: Money
    identity: Identity
    year: int

    @property
    def period(self) -> tuple[date, date]:
        """The financial year that closes in `year`."""
        return exercise(self.year, self.identity.first_month)

    @property
    def outside(self) -> Count | None:
        return self._typed("E_people", "E_minutes")

    @property
    def given(self) -> Count | None:
        return self._typed("F2_people", "F2_minutes")

    def _typed(self, people: str, minutes: str) -> Count | None:
        found = self.money.of(people), self.money.of(minutes)
        return None if found == (None, None) else Count(found[0] or 0, found[1] or 0)


def lines_c(filled: Filled) -> list[tuple[str, str, int | None]]:
    """Return frame C: each line with its euros, None when nobody typed them; line 2 and the total are added up."""
    totals = OTHER_LINES["C"]
    found: list[tuple[str, str, int | None]] = [("1", LINES_C["1"], filled.money.of("C1"))]
    found += [(line, LINES_C[line], filled.money.of(f"C{line}")) for line in LINES_C if line.startswith("2")]
    has_figures = bool(filled.money.typed)
    found.append(("2", totals["2"], filled.money.alternating if has_figures else None))
    others = [line for line in LINES_C if line != "1" and not line.startswith("2")]
    found += [(line, LINES_C[line], filled.money.of(f"C{line}")) for line in others]
    return [*found, ("", totals["total"], filled.money.total if has_figures else None)]


def lines_d(filled: Filled) -> list[tuple[str, int | None]]:
    return [(label, filled.money.of(line)) for line, label in CHARGES.items()]


class Line(NamedTuple):
    """One line of people and hours: as the form numbers it, and `key`, by which its rows are opened."""

    line: str
    label: str
    count: Count | None
    key: str


def frames(filled: Filled) -> list[tuple[str, list[Line]]]:
    """Return the frames of people and hours: E to G, each with its lines; None is not typed."""
    sheet = filled.sheet
    counts: dict[str, list[tuple[str, Count | None]]] = {
        "E": [("own", sheet.trainers), ("outside", filled.outside)],
        "F-1": list(sheet.people.items()),
        "F-2": [("(2)", filled.given)],
        "F-3": list(sheet.goals.items()),
        "F-4": [(code or OTHERS, count) for code, count in sheet.specialities],
        "G": [("(5)", sheet.entrusted)],
    }  # fmt: skip
    for frame, total in TOTALS.items():
        counts[frame].append((total, sheet.totals[total.strip("()")]))
    return [
        (frame, [Line(_number(frame, key), label_of(frame, key) or key, count, key) for key, count in lines])
        for frame, lines in counts.items()
    ]


def _number(frame: str, key: str) -> str:
    """Return how the form numbers a line: some have a name alone."""
    return "" if frame == "E" or key == OTHERS else key


def rows(filled: Filled) -> list[Row]:
    """Return the report as a table: frame, line, label, people, hours, euros. Empty is not known."""
    first, last = filled.period
    made: list[Row] = [("A", "", label, value, "", "") for label, value in filled.identity.frame_a]
    made.append(("B", "", "Exercice", f"du {parts.day(first)} au {parts.day(last)}", "", ""))
    made.append(("B", "", "Actions en tout ou partie à distance", "oui" if filled.sheet.is_distant else "non", "", ""))
    made += [("C", line, label, "", "", _known(euros)) for line, label, euros in lines_c(filled)]
    made.append(("C", "", "Part du chiffre d'affaires global (%)", _share(filled), "", ""))
    made += [("D", "", label, "", "", _known(euros)) for label, euros in lines_d(filled)]
    for frame, lines in frames(filled):
        made += [(frame, one.line, one.label, *_cells(one.count), "") for one in lines]
    made += [("H", "", label, value, "", "") for label, value in filled.identity.frame_h]
    return made


def _share(filled: Filled) -> str:
    return str(filled.identity.said.get("turnover_share", ""))


def _known(value: int | None) -> Cell:
    return "" if value is None else value


def _cells(count: Count | None) -> tuple[Cell, Cell]:
    return ("", "") if count is None else (count.people, round(count.minutes / 60, 2))


TITLES = {
    "E": "Cadre E : personnes qui dispensent des heures de formation",
    "F-1": "Cadre F-1 : type de stagiaires",
    "F-2": "Cadre F-2 : action confiée à un autre organisme",
    "F-3": "Cadre F-3 : objectif général des formations",
    "F-4": "Cadre F-4 : spécialités de formation",
    "G": "Cadre G : formations confiées à votre organisme",
}


def report(filled: Filled, school: str) -> Composed:
    """The paper: what was filed, frame by frame, with the form's own words."""
    first, last = filled.period
    blocks: list[Block] = [
        parts.p(f"Cerfa n° {FORM}. Exercice {parts.between(first, last)}. {school}.", "strong"),
        parts.p(COPY, "small"),
        parts.h("Cadre A : identification de l'organisme"),
        parts.facts(filled.identity.frame_a),
        parts.h("Cadre B : informations générales"),
        parts.facts(
            [
                ("Exercice", parts.between(first, last)),
                ("Actions de formation en tout ou partie à distance", "oui" if filled.sheet.is_distant else "non"),
            ]
        ),
        _money("Cadre C : produits hors taxes", ["Ligne", "Produits", "Euros"],
               [(line, label, _euros(value)) for line, label, value in lines_c(filled)], (1, 8), total=True),
        *([parts.p(f"Part du chiffre d'affaires global : {_share(filled)} %.")] if _share(filled) else []),
        _money("Cadre D : charges hors taxes", ["Charges", "Euros"],
               [(label, _euros(value)) for label, value in lines_d(filled)], (1,)),
        *(_people(frame, lines) for frame, lines in frames(filled)),
        parts.h("Cadre H : personne ayant la qualité de dirigeant"),
        parts.facts(filled.identity.frame_h),
    ]  # fmt: skip
    total = filled.sheet.total
    return Composed(
        heading="BILAN PÉDAGOGIQUE ET FINANCIER",
        blocks=blocks,
        check=[
            ["École", school],
            ["Exercice", parts.between(first, last)],
            ["Stagiaires", str(total.people)],
            ["Heures suivies", parts.hours(total.minutes)],
        ],
        figures={"people": total.people, "minutes": total.minutes, "euros": filled.money.total},
    )


def _money(caption: str, heads: Sequence[str], rows: list, widths: Sequence[int], total: bool = False) -> Block:
    return parts.table(caption, heads, rows, 1, total=total, widths=widths)


def _people(frame: str, lines: list[Line]) -> Block:
    rows = [
        (line, label, *(("", "") if count is None else (str(count.people), parts.hours(count.minutes))))
        for line, label, count, _key in lines
    ]
    return parts.table(TITLES[frame], NUMBERS_OF, rows, 2, total=lines[-1].label == "Total", widths=(1, 8))


def _euros(value: int | None) -> str:
    return parts.number(value, 0) if value is not None else ""
