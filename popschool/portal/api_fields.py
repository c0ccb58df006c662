"""What a field of an answer is: its name, how it is written, and its schema, from one line of a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask_babel import LazyString

FORMATS: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "hour": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"},
    "integers": {"type": "array", "items": {"type": "integer"}},
}


@dataclass(frozen=True)
class Field:
    """One field. `kind` is a key of FORMATS, or the fields of an object; `value` reads it from a row, by name if none.

    `words` says what the name does not. `values` are those that it may have.
    """

    name: str
    kind: str | tuple["Field", ...] = "integer"
    nullable: bool = False
    words: str | LazyString = ""
    values: tuple[str, ...] = ()
    is_list: bool = False
    value: Callable[[Any], Any] | None = None

    def read(self, row: Any) -> Any:
        """Return the value of a row, as JSON has it."""
        return plain(self.value(row) if self.value else getattr(row, self.name))

    @property
    def schema(self) -> dict[str, Any]:
        found = dict(FORMATS[self.kind]) if isinstance(self.kind, str) else object_schema(self.kind)
        if self.values:
            found["enum"] = list(self.values)
        if self.is_list:
            found = {"type": "array", "items": found}
        if self.words:
            found["description"] = str(self.words)
        if self.nullable:
            found = {"anyOf": [found, {"type": "null"}]}
        return found


def object_schema(fields: Sequence[Field]) -> dict[str, Any]:
    """Return the schema of an object that has these fields, always all of them."""
    return {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "required": [field.name for field in fields],
    }


def plain(value: Any) -> Any:
    """Return a value as JSON has it: a moment in UTC, a day, an hour; what is in a list or an object too.

    >>> plain([date(2027, 3, 8), time(9, 0)])
    ['2027-03-08', '09:00']
    """
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def written(fields: Sequence[Field], row: Any) -> dict[str, Any]:
    """Return a row as the answer has it."""
    return {field.name: field.read(row) for field in fields}
