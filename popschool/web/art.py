"""Drawings of discs cut in two: a path filling up. Decorative, under 1 kB, above a title."""

from markupsafe import Markup

DISCS, PITCH = 7, 60
FILLED, OTHER, PALE, OUTLINED = "a2", "a1", "a3", "a4"
# Left and right halves of each disc, then how far each slips out of the row.
ROWS = {
    "empty": [(FILLED, OUTLINED)] + [(PALE, PALE)] * 6,
    "lost": [(FILLED, OTHER)] * 3 + [(OUTLINED, OUTLINED)] + [(FILLED, OTHER)] * 2 + [(PALE, PALE)],
    "offline": [(FILLED, OTHER)] * 2 + [(FILLED, OUTLINED)] * 2 + [(PALE, PALE)] * 3,
    "done": [(FILLED, OTHER)] * 7,
}
SLIPS = {"lost": {3: (13, -13)}}
GRID = (
    "12 24r31 21 21 23r21 23/21 21 12 21 21r12 12 24/r21 23 24 r23 21 31 21 21/12 42 23 31 r23 31 r24 33/"
    "43 33 43 43 34 43 43 34/33 33 34 43 43 34 43 34"
)


def drawing(name: str) -> Markup:
    """Return a row of seven discs that says the state of a page: empty, lost, offline, done."""
    halves = []
    for n, (left, right) in enumerate(ROWS[name]):
        x = 25 + PITCH * n
        down, up = SLIPS.get(name, {}).get(n, (0, 0))
        halves.append(f'<path class="{left}" d="M{x} {2 + down}a25 25 0 0 0 0 50z"/>')
        halves.append(f'<path class="{right}" d="M{x + 4} {2 + up}a25 25 0 0 1 0 50z"/>')
    return _svg("art art--row", "-3 -16 420 84", "".join(halves))


def _svg(classes: str, box: str, body: str) -> Markup:
    return Markup(f'<svg class="{classes}" viewBox="{box}" aria-hidden="true" focusable="false">{body}</svg>')
