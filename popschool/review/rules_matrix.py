"""The little algebra that an estimate needs: a symmetric positive definite matrix of some thirty rows.

Rows are lists, and the work is done by sums of products: as fast as Python alone can be.
"""

from collections.abc import Sequence
from math import log, sqrt
from operator import mul

Rows = list[list[float]]


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the sum of products, over the shorter of two."""
    return sum(map(mul, one, other))


def factor(rows: Sequence[Sequence[float]]) -> tuple[Rows, list[float]]:
    """Return the lower triangle L with L Lᵀ = `rows` (lower triangles), and one over each of its diagonal.

    Raises ValueError when the matrix is not positive definite.
    """
    lower: Rows = []
    inverses: list[float] = []
    for row in rows:
        made: list[float] = []
        append = made.append
        for above, value, inverse in zip(lower, row, inverses, strict=False):
            append((value - sum(map(mul, made, above))) * inverse)
        pivot = row[len(made)] - sum(map(mul, made, made))
        root = sqrt(pivot)
        append(root)
        lower.append(made)
        inverses.append(1.0 / root)
    return lower, inverses


def forward(lower: Rows, inverses: Sequence[float], right: Sequence[float]) -> list[float]:
    """Return y with L y = `right`."""
    made: list[float] = []
    for row, value, inverse in zip(lower, right, inverses, strict=True):
        made.append((value - sum(map(mul, made, row))) * inverse)
    return made


def backward(lower: Rows, inverses: Sequence[float], right: Sequence[float]) -> list[float]:
    """Return x with Lᵀ x = `right`."""
    size = len(lower)
    made = [0.0] * size
    left = list(right)
    for place in range(size - 1, -1, -1):
        value = made[place] = left[place] * inverses[place]
        row = lower[place]
        for before in range(place):
            left[before] -= row[before] * value
    return made


def log_determinant(inverses: Sequence[float]) -> float:
    return -2.0 * sum(map(log, inverses))


def inverse_backwards(lower: Rows, inverses: Sequence[float]) -> Rows:
    """Return the inverse of L Lᵀ, last row and column first: from the end, each row follows from those after it."""
    size = len(lower)
    found: Rows = []
    for place in range(size - 1, -1, -1):
        column = [lower[after][place] for after in range(size - 1, place, -1)]
        one = inverses[place]
        row = [-one * sum(map(mul, column, other)) for other in found]
        for other, value in zip(found, row, strict=True):
            other.append(value)
        row.append(one * (one - sum(map(mul, column, row))))
        found.append(row)
    return found


def inverse(rows: Sequence[Sequence[float]]) -> Rows:
    """Return the inverse of a symmetric positive definite matrix."""
    return [row[::-1] for row in reversed(inverse_backwards(*factor(rows)))]


def solve_any(rows: Sequence[Sequence[float]], right: Sequence[Sequence[float]]) -> Rows:
    """Return X with `rows` X = `right`, whatever the matrix: Gauss with the largest pivot."""
    size = len(rows)
    both = [[*row, *more] for row, more in zip(rows, right, strict=True)]
    for place in range(size):
        best = max(range(place, size), key=lambda one: abs(both[one][place]))
        both[place], both[best] = both[best], both[place]
        head = both[place][place]
        both[place] = [value / head for value in both[place]]
        for other in range(size):
            if other != place and both[other][place]:
                times = both[other][place]
                both[other] = [value - times * top for value, top in zip(both[other], both[place], strict=True)]
    return [row[size:] for row in both]


def product(one: Sequence[Sequence[float]], other: Sequence[Sequence[float]]) -> Rows:
    columns = list(zip(*other, strict=True))
    return [[dot(row, column) for column in columns] for row in one]
