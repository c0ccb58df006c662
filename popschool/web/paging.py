"""Lists, 25 lines at a time. A list that grows with the years or the network is counted as far as anybody reads."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Line = TypeVar("Line")
LINES = 25
COUNTED = 1_000


@dataclass(frozen=True)
class Page(Generic[Line]):
    """Some lines of a list: page `number` (from 1), `total` lines in all.

    `counted` is where the count stopped, when it did not look for all: a total above it says that there are more.
    """

    lines: Sequence[Line]
    number: int
    total: int
    size: int = LINES
    query: dict[str, Any] = field(default_factory=dict)
    counted: int | None = None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def is_more(self) -> bool:
        """Whether there are more lines than were counted."""
        return self.counted is not None and self.total > self.counted

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def first(self) -> int:
        """The rank of the first line shown; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        return min(self.number * self.size, self.total)

    def __iter__(self):
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


def page_number(text: str | None, total: int | None = None, size: int = LINES) -> int:
    """Read a page's number from an address: 1 when it makes no sense, the last page when it goes too far."""
    number = int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else 1
    number = max(number, 1)
    return number if total is None else min(number, max(1, -(-total // size)))


def offset(number: int, size: int = LINES) -> int:
    """Return how many lines come before a page."""
    return (number - 1) * size


def counted(number: int) -> int:
    """Return as far as a long list is counted when one of its pages is read: one knows how far there is to go."""
    return offset(number) + COUNTED
