"""What axe cannot decide alone, each kind looked at once and explained. A kind that is not here fails the matrix."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Explained:
    """A kind of undecided finding: its rules, a part of its message or of its HTML, and why nothing is wrong.

    `only_forced` holds for forced colours alone.
    """

    rules: tuple[str, ...]
    part: str
    reason: str
    only_forced: bool = False

    def explains(self, rule: str, node: dict, is_forced: bool) -> bool:
        messages = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
        is_there = self.part in node["html"] or any(self.part in message for message in messages)
        return rule in self.rules and is_there and (is_forced or not self.only_forced)


CONTRASTS = ("color-contrast", "color-contrast-enhanced")
EXPLAINED = (
    Explained(
        CONTRASTS,
        "background color could not be determined due to a pseudo element",
        "The half-disc of a thread is drawn beside its text by a pseudo-element, and never under it: the text is on "
        "the page, and test_contrasts.py computes that pair.",
    ),
    Explained(
        CONTRASTS,
        "contains only non-text characters",
        "A key with an arrow, or the empty box of a list of things to do: a sign in the ink of the text on its ground, "
        "which test_contrasts.py computes; its word is beside it.",
    ),
    Explained(
        CONTRASTS,
        "overlapped by another element",
        "A head over two rows, beside the heads of the first of them: it overlaps none of them on the screen.",
    ),
    Explained(
        CONTRASTS,
        "element contains an image node",
        "The words of a chart: they stand above its bars or after their end, on the page, and never on a bar; "
        "test_contrasts.py computes that pair.",
    ),
    Explained(
        CONTRASTS,
        "1:1 contrast ratio with the background",
        "With forced colours the system gives both colours of a button and of the current place, and axe reads those "
        "that the stylesheet asked for. Looked at with the colours of Windows, light and dark: both are the system's.",
        only_forced=True,
    ),
    Explained(
        ("identical-links-same-purpose",),
        'href="/courses/',
        "An author's text links to a page of the project that the list of pages links to as well: one page, at its "
        "address by name and at its address by number.",
    ),
)
