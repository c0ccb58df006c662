"""The contrast of every pair of colours that may meet, computed from tokens.css, in both themes.

A role of visual.md section 2 is here with the grounds that it may stand on; a new one brings its line.
"""

import re

import pytest

from popschool.web.assets import STATIC

TEXT, EDGE = 8.0, 4.6
GROUNDS = ("page", "panel", "tint")
NOTES = ("good-bg", "warn-bg", "bad-bg")
PAIRS = {
    ("text", TEXT): (*GROUNDS, "flag", *NOTES),
    ("soft", TEXT): (*GROUNDS, "flag"),
    ("act", TEXT): (*GROUNDS, "flag", *NOTES),
    ("deep", TEXT): (*GROUNDS, "flag", *NOTES),
    ("on", TEXT): ("act", "deep"),
    ("on-sun", TEXT): ("sun",),
    ("good", TEXT): ("page", "panel", "good-bg"),
    ("warn", TEXT): ("page", "panel", "warn-bg"),
    ("bad", TEXT): ("page", "panel", "bad-bg"),
    ("line", EDGE): (*GROUNDS, "flag"),
    ("focus", EDGE): (*GROUNDS, "flag", *NOTES),
}
COLOUR = re.compile(r"--([a-z-]+):(#[0-9a-f]{6})\b")


def themes(css: str) -> dict[str, dict[str, str]]:
    """Return the colours of each block of tokens: light, dark because the system is, dark because one chose it."""
    blocks = {
        "light": re.search(r":root\{(.*?)\}", css, re.DOTALL),
        "dark by the system": re.search(r"prefers-color-scheme:dark\)\{[^{]*\{(.*?)\}", css, re.DOTALL),
        "dark by choice": re.search(r":root\[data-theme=dark\]\{(.*?)\}", css, re.DOTALL),
    }
    return {name: dict(COLOUR.findall(found[1])) for name, found in blocks.items()}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def too_weak(colours: dict[str, str]) -> list[str]:
    """Return the pairs under what their role asks."""
    return [
        f"{ink} on {ground}: {contrast(colours[ink], colours[ground]):.2f}"
        for (ink, least), grounds in PAIRS.items()
        for ground in grounds
        if contrast(colours[ink], colours[ground]) < least
    ]


THEMES = themes((STATIC / "css" / "tokens.css").read_text())


@pytest.mark.parametrize("theme", THEMES)
def test_every_pair_of_colours_can_be_told_apart(theme):
    assert too_weak(THEMES[theme]) == []


@pytest.mark.parametrize("theme", THEMES)
def test_every_colour_is_a_role_of_the_table(theme):
    roles = {ink for ink, _least in PAIRS} | {ground for grounds in PAIRS.values() for ground in grounds}

    assert set(THEMES[theme]) == roles


def test_both_ways_into_the_dark_are_one():
    assert THEMES["dark by the system"] == THEMES["dark by choice"]


def test_colours_are_nowhere_else():
    elsewhere = {
        str(file.relative_to(STATIC)): found
        for file in sorted((STATIC / "css").rglob("*.css"))
        if file.name not in ("tokens.css", "print.css")
        and (found := re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", file.read_text()))
    }

    assert elsewhere == {"css/parts/chart.css": ["#fff"]}  # a code to scan stands on white, in the dark too


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ffffff", "#ffffff", 1.0)]
)
def test_contrast_is_the_one_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_a_weak_colour_is_seen():
    assert too_weak(THEMES["light"] | {"soft": "#777777"}) != []


def test_paper_is_white_whatever_the_theme(browser):
    """What is dark on a screen would drink the ink of the school, or print white words on white paper."""
    style = "".join((STATIC / "css" / name).read_text() for name in ("tokens.css", "base.css", "print.css"))
    page = browser.new_page(color_scheme="dark")
    page.set_content(f'<html data-theme="dark"><style>{style}</style><body><p>Bonjour</p></body></html>')
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    on_screen = page.evaluate(colours)
    page.emulate_media(media="print")

    assert on_screen == ["rgb(23, 16, 25)", "rgb(246, 240, 245)"]
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(37, 24, 44)"]
    page.close()
