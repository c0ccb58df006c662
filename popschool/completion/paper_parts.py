"""The words of documents, and the blocks that they are made of: the same for the PDF and for its page.

A block is a dictionary whose `t` says what it is: p, h, facts, table, boxes, list, sign, notes, break, union. Every
word is text, never markup.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from popschool.attendance.rules_papers import declaration
from popschool.completion.rules_hours import decimal_hours
from popschool.completion.services_facts import CohortFacts, PersonFacts
from popschool.typography import french
from popschool.web import filters

Block = dict[str, Any]
NATURES = {
    "training": "action de formation",
    "assessment": "bilan de compétences",
    "vae": "action de VAE",
    "apprenticeship": "action de formation par apprentissage",
}


@dataclass
class Composed:
    """What a document says. `figures` are the minutes under it; `check` is what the public page shows of it."""

    heading: str
    blocks: list[Block]
    check: list[list[str]]
    figures: dict[str, Any] = field(default_factory=dict)
    sources: list[tuple[str, int]] = field(default_factory=list)


def p(text: str, look: str = "") -> Block:
    return {"t": "p", "text": text, "look": look}


def h(text: str) -> Block:
    return {"t": "h", "text": text}


def facts(pairs: Iterable[tuple[str, str]], columns: int = 2) -> Block:
    return {"t": "facts", "pairs": [[label, value] for label, value in pairs if value], "columns": columns}


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: int,
    total: bool = False,
    widths: Sequence[int] = (),
) -> Block:
    """`numbers` is how many of the last columns are figures; `total` says that the last row adds the others up.

    `widths` are the shares of the columns of words on paper, alike when nothing is said.
    """
    return {
        "t": "table",
        "caption": caption,
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "numbers": numbers,
        "total": total,
        "widths": list(widths) or [1] * (len(heads) - numbers),
    }


def boxes(label: str, lines: Iterable[tuple[bool, str]]) -> Block:
    return {"t": "boxes", "label": label, "lines": [[is_ticked, text] for is_ticked, text in lines]}


def bullets(lines: Iterable[str]) -> Block:
    return {"t": "list", "lines": list(lines)}


def sign(label: str, lines: Sequence[str], others: Sequence[str] = ()) -> Block:
    return {"t": "sign", "label": label, "lines": list(lines), "others": list(others)}


def notes(lines: Sequence[str]) -> Block:
    return {"t": "notes", "lines": list(lines)}


BREAK: Block = {"t": "break"}
UNION: Block = {"t": "union"}


def day(value: date) -> str:
    """Return "08/03/2027", as administrations read it."""
    return f"{value:%d/%m/%Y}"


def between(first: date, last: date) -> str:
    """Return "du 08/03/2027 au 12/07/2027"; a line never ends between a word and its day."""
    held = filters.NO_BREAK
    return f"du{held}{day(first)} au{held}{day(last)}"


def long_day(value: date) -> str:
    """Return "8 mars 2027"."""
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number} {filters.month(value, filters.FRENCH)}"


def number(value: Decimal | int | None, digits: int = 2) -> str:
    """Return "1 740,30": always as many decimals, and nothing for what is unknown."""
    if value is None:
        return ""
    return f"{value:,.{digits}f}".replace(",", filters.THIN).replace(".", ",")


def hours(minutes: int) -> str:
    return number(decimal_hours(minutes))


def percent(value: Decimal | None) -> str:
    return "" if value is None else f"{number(value, 1)} %"


def full_name(first_name: str, last_name: str) -> str:
    """Return a name with its last name in capitals, as administrations write it."""
    return f"{first_name} {last_name.upper()}".strip()


def who(facts: PersonFacts) -> str:
    return full_name(facts.person.first_name, facts.person.last_name)


def dates(facts: PersonFacts) -> str:
    return between(facts.stretch.first, facts.stretch.last)


def check(facts: PersonFacts, *more: tuple[str, str]) -> list[list[str]]:
    """Return what the public page shows of a person's document."""
    return [["Personne", who(facts)], ["Action", facts.of.title], ["Période", dates(facts)], *map(list, more)]


def siret(value: str) -> str:
    return f"{value[:3]} {value[3:6]} {value[6:9]} {value[9:]}" if value else ""


def issuer(of: CohortFacts) -> list[Block]:
    """Return who trains: the lines that every paper besides the ministry's model begins with."""
    found = [
        facts(
            [
                ("Organisme de formation", "\n".join(x for x in (of.legal_name, of.network.address) if x)),
                ("SIRET", siret(of.network.siret)),
                ("Lieu de formation", "\n".join(x for x in (of.cohort.school.name, of.cohort.school.address) if x)),
                ("Promo", " ".join(x for x in (of.cohort.code, of.cohort.name) if x)),
            ]
        )
    ]
    declared = declaration(of.activity_number, of.region)
    return [*found, p(declared, "small")] if declared else found


def signature(of: CohortFacts, label: str, others: Sequence[str] = ()) -> Block:
    """Return the place, the day, and who signs."""
    signer = of.signatory
    return sign(
        label,
        [
            f"Fait à : {signer.city if signer else ''}",
            f"Le : {day(of.today)}",
            f"{signer.name}, {signer.quality}" if signer else "",
        ],
        others,
    )


def typeset(value: Any) -> Any:
    """Hold the spaces of French in every text."""
    if isinstance(value, str):
        return french(value)
    if isinstance(value, dict):
        return {key: one if key in ("t", "look", "widths") else typeset(one) for key, one in value.items()}
    return [typeset(one) for one in value] if isinstance(value, list) else value
