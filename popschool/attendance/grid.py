"""The cells of a week's grid as HTML. They are most of a page that is asked for all day: drawn by the template, which
escapes each part of each cell, they cost twice the rest of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from popschool.attendance.rules import State
from popschool.attendance.services_reading import Line

LETTERS = {State.PRESENT: "p", State.PARTIAL: "ret", State.JUSTIFIED: "aj", State.UNJUSTIFIED: "ai"}
SOMEBODY = str(2**31 - 1)  # a number that no person has: the address is made once, and theirs put in its place
NEVER_LINKED = frozenset({State.PRESENT, State.COMPANY})


@dataclass
class Column:
    """A half-day at the head of a column. `label` is its day, for the cards of a small screen, on the morning alone.

    `address` is the page that marks SOMEBODY in it, for those who may mark. `fixed` keeps the cells that are the same
    for everybody: one drawing for each state.
    """

    half_day_id: int
    is_afternoon: bool
    is_open: bool
    label: str
    name: str
    address: str = ""
    fixed: dict[State | None, str] = field(default_factory=dict)

    @property
    def side(self) -> str:
        return "pm" if self.is_afternoon else "am"

    @property
    def shape(self) -> str:
        return "h h--pm" if self.is_afternoon else "h"


def cells(columns: Sequence[Column], lines: Sequence[Line | None]) -> Markup:
    """Return one person's row."""
    return Markup("".join([_cell(column, line) for column, line in zip(columns, lines, strict=True)]))


def _cell(column: Column, line: Line | None) -> str:
    state = line.standing.state if line is not None and column.is_open else None
    if not column.address or line is None or state is None or state in NEVER_LINKED:
        if state not in column.fixed:
            column.fixed[state] = _fixed(column, state)
        return column.fixed[state]
    address = column.address.replace(SOMEBODY, str(line.person.id))
    return (
        f'{_start(column)}<a class="{column.shape} h--{LETTERS.get(state, "no")}" '
        f'href="{escape(address)}">{state.value}'
        f'<span class="out">, {escape(line.person.name)}, {escape(column.name)}</span></a></td>'
    )


def _fixed(column: Column, state: State | None) -> str:
    """Return the cell of a half-day that did not open, of somebody who is not on its list, or of a state."""
    if not column.is_open:
        return f'<td role="cell" class="{column.side} nil" data-l=""><span class="{column.shape} h--no">–</span></td>'
    if state is None:
        return f'<td role="cell" class="{column.side} nil" data-l=""></td>'
    disc = f'<span class="{column.shape} h--{LETTERS.get(state, "no")}">{state.value}</span>'
    return f"{_start(column)}{disc}</td>"


def _start(column: Column) -> str:
    return f'<td role="cell" class="{column.side}" data-l="{escape(column.label)}">'
