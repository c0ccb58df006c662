"""Icons and levels: symbols drawn once at the end of a page, and only those that the page uses.

A 24 grid, stroke 2.3, round caps, a half-disc wherever a curve is needed. Always beside a word, hidden from readers.
"""

from flask import g
from markupsafe import Markup

PATHS = {
    "alert": '<path d="M12 3.5 2.5 20h19zM12 10v4.5M12 17.5v.01"/>',
    "back": '<path d="M10 5 3 12l7 7M4 12h17"/>',
    "book": '<path d="M12 6v15M12 6H3v13h5a4 4 0 0 1 4 2 4 4 0 0 1 4-2h5V6z"/>',
    "branch": '<path d="M6 3v12M6 9a9 9 0 0 0 9-3"/><circle cx="6" cy="18" r="3"/><circle cx="17.5" cy="5" r="3"/>',
    "chart": '<path d="M4 4v16M4 5h9a2 2 0 0 1 0 4H4M4 14h14a2 2 0 0 1 0 4H4"/>',
    "check": '<path d="M5 12.5 10 17.5 19.5 7"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "comfort": '<path d="M3 19 8 6l5 13M4.5 15h7M15 19l3-8 3 8M16 16.5h4"/>',
    "day": '<path d="M11 4a8 8 0 0 0 0 16zM14.5 4a8 8 0 0 1 0 16z"/>',
    "down": '<path d="M12 3v12M6 10l6 6 6-6M4 21h16"/>',
    "ear": '<path d="M4 9v6h4l6 5V4L8 9zM17.5 8.5a5 5 0 0 1 0 7"/>',
    "eye": '<path d="M2 12a11 11 0 0 1 20 0 11 11 0 0 1-20 0z"/><circle cx="12" cy="12" r="3"/>',
    "file": '<path d="M6 3h8l5 5v13H6zM14 3v5h5"/>',
    "hand": '<path d="M4 4h16v12h-8l-5 5v-5H4z"/>',
    "home": '<path d="M4 21V11a8 8 0 0 1 16 0v10zM10 21v-6h4v6"/>',
    "key": '<path d="M11 12h10v4M17 12v3"/><circle cx="7" cy="12" r="4"/>',
    "levels": '<path d="M3 20h18M3 20v-5h6v-5h6V5h6v15"/>',
    "link": '<path d="M10 7H8a5 5 0 0 0 0 10h2M14 7h2a5 5 0 0 1 0 10h-2M8 12h8"/>',
    "list": '<path d="M9 6h12M9 12h12M9 18h12M3 6h.01M3 12h.01M3 18h.01"/>',
    "lock": '<path d="M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3"/>',
    "mail": '<path d="M3 5h18v14H3zM3 6l9 7 9-7"/>',
    "next": '<path d="M14 5l7 7-7 7M20 12H3"/>',
    "out": '<path d="M13 4H5v16h8M16 8l4 4-4 4M20 12h-9"/>',
    "pen": '<path d="M5 15.5 15 4.5a2.5 2.5 0 0 1 4 3L8.5 17 4 18z"/>',
    "phone": '<path d="M5 3h4l2 5-2.5 2a12 12 0 0 0 5.5 5.5l2-2.5 5 2v4a2 2 0 0 1-2 2A17 17 0 0 1 3 5a2 2 0 0 1'
    ' 2-2z"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "print": '<path d="M7 9V3h10v6M7 17H3v-5a3 3 0 0 1 3-3h12a3 3 0 0 1 3 3v5h-4M7 14h10v7H7z"/>',
    "redo": '<path d="M19 5v5h-5M19 10a8 8 0 1 0 1 5"/>',
    "school": '<path d="M3 21h18M5 21V10l7-6 7 6v11M10 21v-4a2 2 0 0 1 4 0v4"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>',
    "sign": '<path d="M3 20h18M5 15.5 15 4.5a2.5 2.5 0 0 1 4 3L8.5 17 4 18z"/>',
    "star": '<path d="M12 3l2.7 6 6.3.7-4.7 4.3 1.3 6.5-5.6-3.2-5.6 3.2L7.7 14 3 9.7 9.3 9z"/>',
    "team": '<path d="M2 20a6 6 0 0 1 12 0zM16 14a6 6 0 0 1 6 6h-4"/><circle cx="8" cy="8" r="3.5"/>'
    '<path d="M15.5 4.5a3.5 3.5 0 0 1 0 7"/>',
    "up": '<path d="M12 16V4M6 9l6-6 6 6M4 21h16"/>',
    "user": '<path d="M4 21a8 8 0 0 1 16 0z"/><circle cx="12" cy="7.5" r="4"/>',
    "work": '<path d="M5 3h8a6 6 0 0 1 6 6v12H5zM9 11h6M9 16h6"/>',
    "world": '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3a13 13 0 0 1 0 18M12 3a13 13 0 0 0 0 18"/>',
}
HALVES = 3
LEVELS = ("lv0", "lv1", "lv2", "lv3")
HALF_DISC = "M{x} 2h7a8 8 0 0 1 0 16h-7z"

ONWARD = ("back", "next", "out")  # these follow the line: mirrored where it begins at the right

_CLASSES = {name: "i i--on" if name in ONWARD else "i" for name in PATHS}
_ICONS = {
    name: Markup(f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true"><use href="#i-{name}"/></svg>')
    for name, classes in _CLASSES.items()
}
_SYMBOLS = {name: f'<symbol id="i-{name}" viewBox="0 0 24 24">{path}</symbol>' for name, path in PATHS.items()}


def icon(name: str | None) -> Markup:
    """Return an icon, and remember that this page needs its symbol. Nothing when there is no name."""
    if not name:
        return Markup("")
    if name in LEVELS:
        return levels(LEVELS.index(name))
    drawn = _ICONS[name]
    _used().setdefault(f"i-{name}", _SYMBOLS[name])
    return drawn


def half_discs(filled: int, out_of: int) -> str:
    """Return the paths of a row of half-discs, the first ones filled."""
    return "".join(
        f'<path class="{"on" if n < filled else "off"}" d="{HALF_DISC.format(x=2 + 21 * n)}"/>' for n in range(out_of)
    )


def levels(level: int) -> Markup:
    """Return three half-discs, `level` of them filled. The word that says it goes beside them."""
    name = LEVELS[level]
    _used().setdefault(name, f'<symbol id="{name}" viewBox="0 0 64 20">{half_discs(level, HALVES)}</symbol>')
    return Markup(f'<svg class="lv" viewBox="0 0 64 20" aria-hidden="true"><use href="#{name}"/></svg>')


def steps(done: int, out_of: int) -> Markup:
    """Return a row of half-discs, one a step, at its own width."""
    width = 21 * out_of + 1
    return Markup(
        f'<svg viewBox="0 0 {width} 20" width="{width}" height="20" aria-hidden="true">{half_discs(done, out_of)}</svg>'
    )


def symbols() -> Markup:
    """Return the symbols that the page has used so far. Called once, at its end."""
    used = g.pop("icons", None)
    if not used:
        return Markup("")
    return Markup(
        f'<svg width="0" height="0" aria-hidden="true" focusable="false" class="out">{"".join(used.values())}</svg>'
    )


def _used() -> dict[str, str]:
    return g.setdefault("icons", {})
