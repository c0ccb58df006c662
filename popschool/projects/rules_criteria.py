"""What work is read against: its criteria, and the words of their marks, for trainers and learners alike."""

from collections.abc import Iterable, Mapping, Sequence

MARKS = (0, 1, 2)
DEFAULT_WORDS = ("pas encore", "en partie", "oui")


def mark_words(own: Sequence[str] | None) -> tuple[str, str, str]:
    """Return the words for marks 0, 1 and 2: the project's own, or the school's."""
    zero, one, two = own if own and len(own) == len(MARKS) else DEFAULT_WORDS
    return zero, one, two


def criteria_of(criteria: Iterable[Mapping], deliverable: str) -> list[Mapping]:
    """Return the criteria that a deliverable is read with: its own, and those of every deliverable."""
    return [criterion for criterion in criteria if criterion.get("of") in (None, "", deliverable)]
