"""A part of a file that leaves: what it is called, its table, and the files that go with it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """One part of a whole file: a table, or files with the table that lists them."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    files: tuple[tuple[str, str], ...] = ()
