"""What a column of a table is: its name, its heading, how its cells are written."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    WHOLE = "whole"
    HUNDREDTHS = "hundredths"
    TENTHS = "tenths"
    DAY = "day"
    MOMENT = "moment"


DIGITS = {Kind.WHOLE: 0, Kind.TENTHS: 1, Kind.HUNDREDTHS: 2}


@dataclass(frozen=True)
class Column:
    """One column: the name that code gives it, its heading, how its cells are written."""

    key: str
    head: str
    kind: Kind = Kind.TEXT
