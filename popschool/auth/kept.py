"""Text that somebody was sending when their session ended: carried, signed, until they are back."""

from dataclasses import dataclass

from flask import request

from popschool.auth import codes
from popschool.auth import rules_signing as rules
from popschool.web import posted

PURPOSE = "kept text"


@dataclass(frozen=True)
class KeptText:
    """Where a form was going, what it held, the names of the files that could not be kept, and who was writing."""

    address: str
    fields: list[tuple[str, str]]
    files: list[str]
    person_id: int | None

    @property
    def texts(self) -> list[str]:
        """What a person would call text, among the fields."""
        return posted.texts(self.fields)


def gather(person_id: int | None) -> str | None:
    """Return the form of this request as signed text; None when it cannot or must not be sent again.

    A form that another site made is never kept: sending it again here would make it look like one of ours.
    """
    address = rules.own_path(request.full_path.rstrip("?"))
    if address is None or posted.is_foreign():
        return None
    fields = posted.typed()
    files = [file.filename for file in request.files.values() if file.filename]
    if sum(len(name) + len(value) for name, value in fields) > rules.KEPT_TEXT_LARGEST:
        return None
    return codes.sign(PURPOSE, [address, fields, files, person_id])


def read(text: str | None) -> KeptText | None:
    """Return what was kept; None when nothing was, or when it is not ours."""
    facts = codes.signed(PURPOSE, text, int(rules.KEPT_TEXT_LIFE.total_seconds())) if text else None
    if facts is None:
        return None
    address, fields, files, person_id = facts
    return KeptText(address, [(name, value) for name, value in fields], files, person_id)
