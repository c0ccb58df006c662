"""What a browser says of a page: axe's findings, what overflows, what is too small to press."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Locator, Page

from tests.web.incompletes import EXPLAINED

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OFF_BY_DEFAULT = ("target-size", "color-contrast-enhanced")
COLOURS = ("color-contrast", "color-contrast-enhanced", "link-in-text-block")
LAYOUT = ("target-size", "scrollable-region-focusable", "color-contrast-enhanced")
DESKTOP, PHONE, NARROW = (1280, 800), (360, 740), (320, 256)
USUAL_TEXT = 16
WIDTHS = (320, 360, 768, 1280)

# Everything that can be pressed or filled in, smaller than 44 × 44. A link inside a sentence is exempt; a box to tick
# is as large as its row; what is there for a screen reader, or hidden until it has the focus, is not aimed at.
SMALL_TARGETS = """() => {
  const seen = [];
  const isText = node => node.nodeType === 3 && node.textContent.trim().length > 0;
  const inSentence = one => {
    if (one.tagName !== 'A' || getComputedStyle(one).display !== 'inline') return false;
    const block = one.closest('p, li, dd, td, th, dt, figcaption, caption, summary, div');
    const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (isText(text) && !one.contains(text) && /[\\p{L}]{2}/u.test(text.textContent)
          && !text.parentElement.closest('.out, a, button')) return true;
    }
    return false;
  };
  for (const one of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (one.type === 'hidden' || one.closest('.skip') || one.classList.contains('skip')) continue;
    const area = one.closest('.pick, .rank, .tick') || one;
    const box = area.getBoundingClientRect();
    const style = getComputedStyle(one);
    if (style.visibility === 'hidden' || box.width === 0 || (box.width <= 1 && box.height <= 1)) continue;
    if (inSentence(one)) continue;
    if (box.width < 43.5 || box.height < 43.5) {
      const name = (one.textContent || one.name || one.type || '').trim().replace(/\\s+/g, ' ').slice(0, 60);
      seen.push(`${one.tagName.toLowerCase()} “${name}” ${box.width.toFixed(1)} × ${box.height.toFixed(1)}`);
    }
  }
  return [...new Set(seen)];
}"""

# What stands outside of the window sideways: the page can then be scrolled, or something is cut.
OVERFLOW = """() => {
  const width = document.documentElement.clientWidth;
  const page = document.scrollingElement;
  if (page.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.right > width + 1 && !one.closest('.out');
  });
  const named = wide.slice(-3).map(one => `${one.tagName.toLowerCase()}.${one.className} “${
    (one.textContent || '').trim().replace(/\\s+/g, ' ').slice(0, 40)}”`);
  return [`${page.scrollWidth} pixels wide in ${width}: ${named.join(', ')}`];
}"""
LARGE_TEXT = "document.documentElement.dataset.text = '3'; document.documentElement.dataset.space = '1'"
PLAIN_TEXT = "delete document.documentElement.dataset.text; delete document.documentElement.dataset.space"


@dataclass
class Sight:
    """A page open in a browser, and where it is."""

    page: Page
    url: str

    def load(self) -> None:
        answer = self.page.goto(self.url)
        assert answer is not None and answer.status < 500, self.url

    def load_without_scripts(self) -> None:
        """Load with scripts disabled, then allow them again without reloading: axe needs them, the page had none."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setScriptExecutionDisabled", {"value": True})
        self.page.goto(self.url)
        session.send("Emulation.setScriptExecutionDisabled", {"value": False})
        session.detach()

    def press_empty(self, form: Locator) -> None:
        """Press the first button of a form, with nothing written in it; a file that comes instead of a page is left."""
        for kind in ("input:not([type])", "[type=text]", "[type=email]", "[type=password]", "textarea"):
            for field in form.locator(kind).all():
                if field.is_visible():
                    field.fill("")
        form.evaluate("form => { form.noValidate = true; }")
        try:
            with self.page.expect_navigation():
                form.locator("button:visible").first.click()
        except Error as no_page:
            if "ERR_ABORTED" not in str(no_page) and "Download is starting" not in str(no_page):
                raise

    def axe(self, only: tuple[str, ...] = ()) -> dict[str, list[dict]]:
        """Run axe: every rule, or these only. Returns its violations and what it could not decide."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(_axe_source())
        # Without `preload`, which only one rule asks for: no stylesheet of ours looks at the orientation.
        options: dict[str, Any] = {"resultTypes": ["violations", "incomplete"], "preload": False}
        if only:
            options["runOnly"] = {"type": "rule", "values": list(only)}
        else:
            options["runOnly"] = {"type": "tag", "values": TAGS}
            options["rules"] = {rule: {"enabled": True} for rule in OFF_BY_DEFAULT}
        return self.page.evaluate("options => axe.run(document, options)", options)

    def text_of(self, pixels: int) -> None:
        """Let the browser's own text be this large, as somebody sets it for every site."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Page.setFontSizes", {"fontSizes": {"standard": pixels, "fixed": pixels * 13 // 16}})
        session.detach()

    def size(self, width: int, height: int) -> None:
        self.page.set_viewport_size({"width": width, "height": height})


@lru_cache(maxsize=1)
def _axe_source() -> str:
    return AXE.read_text()


def problems(found: dict[str, list[dict]], is_forced: bool = False) -> list[str]:
    """Return what is wrong, and what axe could not decide and incompletes.py does not explain."""
    wrong = [f"{rule['id']}: {_said(node)}" for rule in found["violations"] for node in rule["nodes"]]
    undecided = [
        f"undecided {rule['id']}: {_said(node)}"
        for rule in found["incomplete"]
        for node in rule["nodes"]
        if not any(one.explains(rule["id"], node, is_forced) for one in EXPLAINED)
    ]
    return wrong + undecided


def _said(node: dict) -> str:
    checks = [check["message"] for kind in ("any", "all", "none") for check in node[kind]]
    return f"{' '.join(map(str, node['target']))} {'; '.join(checks)[:200]} {node['html'][:160]}"


def too_small(sight: Sight) -> list[str]:
    return [f"too small: {one}" for one in sight.page.evaluate(SMALL_TARGETS)]


def overflowing(sight: Sight) -> list[str]:
    return [f"overflows: {one}" for one in sight.page.evaluate(OVERFLOW)]


def measured(sight: Sight) -> list[str]:
    """Return what overflows or is too small, at every width, with large text, and with text twice as large."""
    found = []
    for width in WIDTHS:
        sight.size(width, NARROW[1] if width == NARROW[0] else DESKTOP[1])
        found += [f"at {width}, {one}" for one in overflowing(sight) + too_small(sight)]
        if width != NARROW[0]:
            sight.page.evaluate(LARGE_TEXT)
            found += [f"at {width} with large text, {one}" for one in overflowing(sight)]
            sight.page.evaluate(PLAIN_TEXT)
    sight.text_of(2 * USUAL_TEXT)
    found += [f"with text twice as large, {one}" for one in overflowing(sight)]
    sight.text_of(USUAL_TEXT)
    return found
