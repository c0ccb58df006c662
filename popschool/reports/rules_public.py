"""Which public figures are shown: none of fewer than five people, nor one that would give such a figure back.

People are counted in cells, one for each school and programme. A group is some cells together: all of them, a school's,
a programme's, or one alone. Whoever reads may add and subtract what is published: a number is safe while no sum or
difference of published groups, however many times each is used, is a group of one to four people.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement

FEWEST = 5
Cell = tuple[int, int]
Vector = dict[Cell, int | Fraction]


class Family(StrEnum):
    """Figures over the same people."""

    COMPLETION = "completion"
    TITLE = "title"
    SATISFACTION = "satisfaction"
    SIX_MONTHS = "six_months"


class Measure(StrEnum):
    """One rate."""

    COMPLETED = "completed"
    DROPPED = "dropped"
    POSITIVE_EXIT = "positive_exit"
    TITLE = "title"
    PARTIAL_TITLE = "partial_title"
    SATISFIED = "satisfied"
    POSITIVE = "positive_situation"
    LASTING = "lasting_work"


MEASURES = {
    Family.COMPLETION: (Measure.COMPLETED, Measure.DROPPED, Measure.POSITIVE_EXIT),
    Family.TITLE: (Measure.TITLE, Measure.PARTIAL_TITLE),
    Family.SATISFACTION: (Measure.SATISFIED,),
    Family.SIX_MONTHS: (Measure.POSITIVE, Measure.LASTING),
}
# The day from which the figures of a year do not move any more: juries have decided, and questions are answered.
# What is shown each day as it stands would be given back by comparing two days.
OPENS = {
    Family.COMPLETION: (1, 2),
    Family.TITLE: (1, 4),
    Family.SATISFACTION: (1, 5),
    Family.SIX_MONTHS: (1, 11),
}


@dataclass(frozen=True, order=True)
class Group:
    """Some cells together; None stands for all schools, or all programmes."""

    school: int | None = None
    programme: int | None = None

    def holds(self, cell: Cell) -> bool:
        return self.school in (None, cell[0]) and self.programme in (None, cell[1])


@dataclass(frozen=True)
class Count:
    """People a rate is over, how many were asked to make them, and how many each measure counts."""

    people: int = 0
    asked: int = 0
    measured: tuple[int, ...] = ()

    def __add__(self, other: "Count") -> "Count":
        longer = max(self.measured, other.measured, key=len)
        pairs = zip(self.measured or (0,) * len(longer), other.measured or (0,) * len(longer), strict=True)
        return Count(self.people + other.people, self.asked + other.asked, tuple(one + two for one, two in pairs))


def opens_on(family: Family, year: int) -> date:
    """Return the day from which the figures of a year are shown."""
    day, month = OPENS[family]
    return date(year + 1, month, day)


def percent(part: int, whole: int) -> Decimal | None:
    """Return a rate with one decimal; of nothing, nothing."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP) if whole else None


def groups_of(cells: Iterable[Cell]) -> list[Group]:
    """Return every group that has people: all of them, each programme, each school, each school's programmes.

    A school with one programme is that programme there: it is said once.
    """
    found = list(cells)
    if not found:
        return []
    programmes = [Group(programme=one) for one in sorted({programme for _school, programme in found})]
    schools = [Group(school=one) for one in sorted({school for school, _programme in found})]
    several = [cell for cell in sorted(found) if sum(cell[0] == school for school, _programme in found) > 1]
    return [Group(), *programmes, *schools, *(Group(*cell) for cell in several)]


def total(cells: Mapping[Cell, Count], group: Group) -> Count:
    """Return what a group adds up to."""
    whole = Count()
    for cell, count in cells.items():
        if group.holds(cell):
            whole += count
    return whole


def shown(people: Mapping[Cell, int]) -> frozenset[Group]:
    """Return the groups that may be published together, the widest first, then the largest."""
    return _shown(tuple(sorted((cell, count) for cell, count in people.items() if count)))


@lru_cache(maxsize=256)
def _shown(counted: tuple[tuple[Cell, int], ...]) -> frozenset[Group]:
    people = dict(counted)
    sizes = {group: sum(count for cell, count in people.items() if group.holds(cell)) for group in groups_of(people)}
    wide = {group: (group.school is not None) + (group.programme is not None) for group in sizes}
    published, basis = [], {}
    for group in sorted(sizes, key=lambda one: (wide[one], -sizes[one], one.school or 0, one.programme or 0)):
        if sizes[group] < FEWEST:
            continue
        wider = _added(basis, {cell: 1 for cell in people if group.holds(cell)})
        if wider is basis or not gives_back(people, lambda cell, on=wider: _rest(on, {cell: 1})):
            published.append(group)
            basis = wider
    return frozenset(published)


def gives_back(people: Mapping[Cell, int], rest: Callable[[Cell], Vector]) -> bool:
    """Say whether some one to four people are a sum of what is published.

    `rest` is what is left of a cell once what is published is taken out of it: cells whose rests cancel are known
    together. One to four people are at most four cells of fewer than five.
    """
    small = [(cell, count, _frozen(rest(cell))) for cell, count in sorted(people.items()) if 0 < count < FEWEST]
    pairs: dict[tuple, list[tuple[frozenset[Cell], int]]] = {}
    for (one, count, left), (other, more, right) in combinations_with_replacement(small, 2):
        cells = frozenset({one, other})
        size, sum_ = (count, left) if one == other else (count + more, _plus(left, right))
        if size >= FEWEST:
            continue
        if not sum_:
            return True
        pairs.setdefault(sum_, []).append((cells, size))
    for sum_, found in pairs.items():
        opposite = pairs.get(tuple((cell, -value) for cell, value in sum_), ())
        for cells, size in found:
            if any(not cells & others and size + more < FEWEST for others, more in opposite):
                return True
    return False


def _frozen(vector: Vector) -> tuple:
    return tuple(sorted(vector.items()))


def _plus(one: tuple, other: tuple) -> tuple:
    sums = dict(one)
    for cell, value in other:
        sums[cell] = sums.get(cell, 0) + value
    return tuple(sorted((cell, value) for cell, value in sums.items() if value))


def _added(basis: dict[Cell, Vector], vector: Vector) -> dict[Cell, Vector]:
    """Return a basis, reduced, with one more vector; the same when it says nothing new."""
    left = _rest(basis, vector)
    if not left:
        return basis
    pivot = min(left)
    scaled = {cell: _divided(value, left[pivot]) for cell, value in left.items()}
    reduced = {pivot: scaled}
    for other, kept in basis.items():
        reduced[other] = _minus(kept, scaled, kept[pivot]) if pivot in kept else kept
    return reduced


def _divided(value: int | Fraction, by: int | Fraction) -> int | Fraction:
    """Divide exactly; a whole number stays one, which is many times faster."""
    return value // by if value % by == 0 else Fraction(value) / by


def _rest(basis: Mapping[Cell, Vector], vector: Vector) -> Vector:
    """Return what is left of a vector once every vector of a reduced basis is taken out of it."""
    left = dict(vector)
    for pivot in [cell for cell in vector if cell in basis]:
        left = _minus(left, basis[pivot], left.get(pivot, 0))
    return left


def _minus(one: Vector, other: Vector, times: int | Fraction) -> Vector:
    left = dict(one)
    for cell, value in other.items():
        left[cell] = left.get(cell, 0) - times * value
    return {cell: value for cell, value in left.items() if value}
