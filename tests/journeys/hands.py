"""Somebody in front of a page: with a pointer, as on a phone, or with a keyboard alone.

Both find things by the words that are on the screen, so that a journey reads the same whoever makes it.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import ElementHandle, Error, Locator, Page, expect

PICTURES = os.environ.get("JOURNEY_PICTURES")
MOST_STOPS = 150
# In milliseconds. A machine that does other things too is slow: only what is broken ever waits so long.
PATIENCE = 120_000


class Hands:
    """A pointer: what is pressed is clicked, what is written is filled in."""

    def __init__(self, page: Page, address: str, name: str = ""):
        self.page = page
        self.address = address
        self.name = name
        self.pages = 0

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.address)

    def open(self, path: str) -> None:
        """Write an address, as from a message."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        self._arrived()

    def follow(self, words: str) -> None:
        """Follow a link of the page."""
        self._leave(self._named("link", words))

    def follow_first(self, words: str) -> None:
        """Follow the first of several links that say the same."""
        self._leave(self.page.get_by_role("link", name=words).first)

    def press(self, words: str) -> None:
        """Press a button that sends its form."""
        self._leave(self._named("button", words))

    def press_twice(self, words: str) -> None:
        """Press a button twice, as many do. The browser may then give up the first journey for the second."""
        self.page.evaluate(LEAVE_A_MARK)
        self.touch(self._named("button", words), times=2)
        self._wait_for_another_page()
        self._arrived()

    def forget(self) -> None:
        """Lose every cookie, as a browser that was closed, or a session that is over."""
        self.page.context.clear_cookies()

    def take(self, words: str) -> Path:
        """Follow a link that gives a file, and return that file."""
        with self.page.expect_download() as taken:
            self.touch(self._named("link", words))
        return Path(taken.value.path())

    def button(self, words: str) -> Locator:
        return self._named("button", words)

    def another_window(self) -> "Hands":
        """Open a second window of the same browser."""
        return type(self)(self.page.context.new_page(), self.address, f"{self.name}-2")

    def back(self) -> None:
        self.page.go_back()
        self._arrived()

    def unfold(self, words: str) -> None:
        """Open what is folded."""
        self.touch(self.page.locator("summary").filter(has_text=words))

    def write(self, label: str, text: str) -> None:
        """Fill a field in; a day is written 2027-03-08."""
        self.fill(self._labelled(label), text)

    def choose(self, answer: str, of: str = "") -> None:
        """Take one of the answers to a question."""
        place = self.page.get_by_role("group", name=of) if of else self.page
        self.tick(worded(lambda name, **how: place.get_by_role("radio", name=name, **how), answer))

    def select(self, label: str, option: str) -> None:
        """Take one line of a list."""
        self.pick(self._labelled(label), option)

    def attach(self, label: str, *files: Path) -> None:
        """Join files of this device."""
        self.join(self._labelled(label), list(files))

    def sees(self, *words: str) -> None:
        """Check that the page says this; spaces that do not break are spaces."""
        for text in words:
            pattern = re.compile(r"\s+".join(map(re.escape, text.split())))
            expect(self.main).to_contain_text(pattern)

    def does_not_see(self, *words: str) -> None:
        for text in words:
            expect(self.main).not_to_contain_text(text)

    def is_at(self, title: str) -> None:
        """Check where one is, by the title of the page."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(re.compile(re.escape(title)))

    def value(self, label: str) -> str:
        return self._labelled(label).input_value()

    # What a hand does

    def touch(self, thing: Locator, times: int = 1) -> None:
        thing.click(click_count=times)

    def fill(self, field: Locator, text: str) -> None:
        field.fill(text)

    def tick(self, radio: Locator) -> None:
        radio.check()

    def pick(self, field: Locator, option: str) -> None:
        field.select_option(label=option)

    def join(self, field: Locator, files: list[Path]) -> None:
        field.set_input_files(files)

    def _named(self, role: str, words: str) -> Locator:
        return worded(lambda name, **how: self.page.get_by_role(role, name=name, **how), words)

    def _labelled(self, words: str) -> Locator:
        return worded(self.page.get_by_label, words)

    def _leave(self, thing: Locator, times: int = 1) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.touch(thing, times)
        self._arrived()

    def _wait_for_another_page(self) -> None:
        """Wait until the page is another one, whole, however many were asked for on the way."""
        latest = time.monotonic() + PATIENCE / 1000
        while not self._is_elsewhere():
            assert time.monotonic() < latest, f"{self.path} is never left"
            self.page.wait_for_timeout(50)

    def _is_elsewhere(self) -> bool:
        try:
            return self.page.evaluate(IS_ANOTHER)
        except Error as left_meanwhile:
            if "context was destroyed" not in str(left_meanwhile):
                raise
            return False

    def _arrived(self) -> None:
        self.pages += 1
        assert self.page.title(), f"{self.path} has no title"
        if PICTURES:
            name = re.sub(r"[^a-z0-9]+", "-", self.path.lower()).strip("-")[:60] or "home"
            self.page.screenshot(path=f"{PICTURES}/{self.name}-{self.pages:02}-{name}.png", full_page=True)


class Keyboard(Hands):
    """Tab, Shift + Tab, Enter, Space and arrows. At each stop, the eye must find where it is."""

    def __init__(self, page: Page, address: str, name: str = "", kinds: set[str] | None = None):
        super().__init__(page, address, name)
        self.stops = 0
        self.kinds = set() if kinds is None else kinds
        # A browser takes a moment to hand its choosers over: who listens only when one is about to open can miss it.
        page.on("filechooser", lambda _chooser: None)

    def type(self, key: str, leaves: bool = True) -> None:
        """Press a key of the page, that leads somewhere else or moves the focus."""
        if not leaves:
            self.page.keyboard.press(key)
            self._look()
            return
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)
        self._arrived()

    def touch(self, thing: Locator, times: int = 1) -> None:
        self._go_to(thing)
        for _ in range(times):
            self.page.keyboard.press("Enter")

    def fill(self, field: Locator, text: str) -> None:
        self._go_to(field)
        kind = field.get_attribute("type") or ""
        if kind in ("date", "datetime-local"):
            self._type_moment(field, text)
        else:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        assert field.input_value() == text

    def tick(self, radio: Locator) -> None:
        """Enter the group with Tab, then go from one answer to the next with the arrows."""
        wanted = radio.element_handle()
        self._go_to(radio, is_there=lambda: radio.evaluate(IN_SAME_GROUP))
        for _ in range(12):
            if self._is_active(wanted):
                break
            self.page.keyboard.press("ArrowDown")
            self._look()
        assert self._is_active(wanted), "the arrows do not reach this answer"
        if not radio.is_checked():
            self.page.keyboard.press("Space")
        assert radio.is_checked()

    def pick(self, field: Locator, option: str) -> None:
        self._go_to(field)
        goal = field.evaluate(
            "(list, words) => [...list.options].findIndex((one) => one.text.trim() === words)", option
        )
        assert goal >= 0, f"{option} is not in the list"
        while (at := field.evaluate("(list) => list.selectedIndex")) != goal:
            self.page.keyboard.press("ArrowDown" if at < goal else "ArrowUp")

    def join(self, field: Locator, files: list[Path]) -> None:
        self._go_to(field)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Space")
        chooser.value.set_files(files)

    def _type_moment(self, field: Locator, text: str) -> None:
        """Write the parts of a date in the order that this browser has them in: ours, or the American one."""
        date, _, time = text.partition("T")
        year, month, day = date.split("-")
        hour, minute = time.split(":") if time else ("", "")
        half = "p" if hour >= "12" else "a"
        orders = [(day + month, hour + minute), (month + day, f"{int(hour or 0) % 12 or 12:02}{minute}{half}")]
        for first, clock in orders:
            for _part in range(6):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(first + year)
            if time:
                self.page.keyboard.press("ArrowRight")
                self.page.keyboard.type(clock)
            if field.input_value() == text:
                break

    def _go_to(self, thing: Locator, is_there: Callable[[], bool] | None = None) -> None:
        """Press Tab, or Shift + Tab when it lies behind, until the focus is there."""
        thing.wait_for()
        wanted = thing.element_handle()
        is_there = is_there or (lambda: self._is_active(wanted))
        if is_there():
            self._look()
            return
        key = "Shift+Tab" if wanted.evaluate(IS_BEHIND) else "Tab"
        for _ in range(MOST_STOPS):
            self.page.keyboard.press(key)
            self._look()
            if is_there():
                return
        raise AssertionError(f"{key} never reaches {wanted.evaluate('(one) => one.outerHTML')} on {self.path}")

    def _is_active(self, wanted: ElementHandle) -> bool:
        return wanted.evaluate("(one) => one === document.activeElement")

    def _look(self) -> None:
        """Check that the eye finds the focus: drawn, inside the window, and with nothing on top of it."""
        stop = self.page.evaluate(WHERE)
        if stop is None:
            return
        self.stops += 1
        assert stop["isOutlined"], f"the focus is not drawn on {self.path}: {stop['html']}"
        assert stop["isInside"], f"the focus is out of the window on {self.path}: {stop['html']} {stop['box']}"
        assert stop["isOnTop"], f"the focus is covered on {self.path}: {stop['html']}"
        if stop["kind"] not in self.kinds:
            self.kinds.add(stop["kind"])
            self._compare(stop)

    def _compare(self, stop: dict) -> None:
        """Check that pixels differ with the focus and without it, once for each kind of thing."""
        size, box = self.page.viewport_size, stop["box"]
        left, top = max(box["x"] - 8, 0), max(box["y"] - 8, 0)
        clip = {
            "x": left,
            "y": top,
            "width": min(box["x"] + box["width"] + 8, size["width"]) - left,
            "height": min(box["y"] + box["height"] + 8, size["height"]) - top,
        }
        seen = self.page.screenshot(clip=clip, animations="disabled", caret="hide")
        held = self.page.evaluate_handle("() => { const at = document.activeElement; at.blur(); return at; }")
        unseen = self.page.screenshot(clip=clip, animations="disabled", caret="hide")
        held.as_element().evaluate("(at) => at.focus({ preventScroll: true })")
        assert seen != unseen, f"the focus changes no pixel on {self.path}: {stop['html']}"


def worded(find: Callable[..., Locator], words: str) -> Locator:
    """Take the thing that has exactly these words, else the one that contains them."""
    exact = find(words, exact=True)
    return exact if exact.count() else find(words)


LEAVE_A_MARK = "() => { document.isLeft = true; }"
IS_ANOTHER = "() => !document.isLeft && document.readyState === 'complete'"

IS_BEHIND = """(one) => {
  const at = document.activeElement;
  return at !== document.body && Boolean(at.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_PRECEDING);
}"""

IN_SAME_GROUP = """(radio) => {
  const at = document.activeElement;
  return at.type === "radio" && at.name === radio.name && at.form === radio.form;
}"""

WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const first = at.getClientRects()[0] || box;
  const x = first.left + first.width / 2, y = (Math.max(first.top, 0) + Math.min(first.bottom, innerHeight)) / 2;
  // Of a long text, a browser brings the caret into the window, and not the whole frame.
  const isLong = first.height > innerHeight || at.tagName === "TEXTAREA";
  const top = document.elementFromPoint(x, y);
  const isDrawn = (one) => {
    const style = one && getComputedStyle(one);
    return Boolean(style) && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const label = at.labels && at.labels[0];
  return {
    html: at.outerHTML.slice(0, 160),
    kind: [at.tagName, at.type || "", at.className].join(" "),
    box: { x: box.left, y: box.top, width: box.width, height: box.height },
    isOutlined: isDrawn(at) || isDrawn(label),
    isInside: first.left >= -1 && first.right <= innerWidth + 1
      && (isLong ? first.bottom > 44 && first.top < innerHeight - 44
                 : first.top >= -1 && first.bottom <= innerHeight + 1),
    isOnTop: Boolean(top) && (top === at || at.contains(top) || (label && label.contains(top))),
  };
}"""
