"""How each thing of the day is done at the pages. The standard library alone: locust runs it beside the program.

Each act returns what it was told is done, as (kind, name) pairs. A page that is not what it should be raises Strange.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import Any, NamedTuple, Protocol

INPUT = re.compile(r"<input\b[^>]*>")
ATTRIBUTE = re.compile(r'\b(name|value|type)="([^"]*)"')
NUMBER = re.compile(r"(?<=/)\d+")
TOKEN = re.compile(r"^/s/.+")
DONE = (302, 303)
TRIES, BETWEEN = 60, 5.0
PAGES_READ = 2
Done = list[tuple[str, str]]


class Strange(Exception):
    """An answer that nobody should get."""


class Page(NamedTuple):
    status: int
    text: str
    location: str = ""


class Hand(Protocol):
    """Somebody's browser, signed in: it keeps cookies and follows no redirection. `link` signs without a session."""

    who: int
    link: str
    name: str

    def get(self, path: str) -> Page: ...

    def post(self, path: str, fields: dict[str, Any], file: tuple[str, bytes] | None = None) -> Page: ...

    def wait(self, seconds: float) -> None: ...


def page_type(path: str) -> str:
    """Return the type of page behind an address: figures are taken of types."""
    return TOKEN.sub("/s/<token>", NUMBER.sub("<id>", re.split("[?#]", path, maxsplit=1)[0]))


def hidden(page: Page) -> dict[str, str]:
    """Return what the first form of a page sends by itself: its token and its keys."""
    found: dict[str, str] = {}
    for tag in INPUT.findall(page.text):
        said = dict(ATTRIBUTE.findall(tag))
        if said.get("type") == "hidden" and "name" in said:
            found.setdefault(said["name"], unescape(said.get("value", "")))
    return found


def links(page: Page, pattern: str) -> list[str]:
    """Return the addresses of a page that look so, each once, in their order."""
    return list(dict.fromkeys(unescape(one) for one in re.findall(f'href="({pattern})["#]', page.text)))


def look(hand: Hand, half_day: int) -> Done:
    hand.get(f"/half-days/{half_day}")
    return []


def open_half_day(hand: Hand, half_day: int) -> Done:
    """Open the half-day, unless a colleague or its hour did."""
    path = f"/half-days/{half_day}"
    page = hand.get(path)
    if f'action="{path}/open"' in page.text:
        _done(hand.post(f"{path}/open", hidden(page)), "the half-day was not opened")
        hand.get(path)
    return [("opened", str(half_day))]


def sign_by_link(hand: Hand, half_day: int) -> Done:
    return _sign(hand, hand.link, half_day)


def sign_today(hand: Hand, half_day: int) -> Done:
    hand.get("/today")
    return _sign(hand, f"/half-days/{half_day}/sign", half_day)


def _sign(hand: Hand, path: str, half_day: int) -> Done:
    """Open the page, press its button, read the receipt; as long as it is not open, look again."""
    for _turn in range(TRIES):
        page = hand.get(path)
        fields = hidden(page)
        if fields.get("key"):
            _done(hand.post(path, fields), "nothing was signed")
            hand.get(path)
            return [("signature", f"{half_day}/{hand.who}")]
        hand.wait(BETWEEN)
    raise Strange(f"half-day {half_day} did not open")


def read(hand: Hand, assignment: int) -> Done:
    _read(hand, assignment)
    return []


def _read(hand: Hand, assignment: int) -> list[Page]:
    """Look at one's projects, open one, read its first pages; return what was read."""
    hand.get("/today")
    hand.get("/projects")
    project = hand.get(f"/assignments/{assignment}")
    return [project, *(hand.get(path) for path in links(project, r"/pages/\d+(?:\?[^\"#]*)?")[:PAGES_READ])]


def ask(hand: Hand, assignment: int) -> Done:
    """Read, then ask for help where a page offers it."""
    for page in _read(hand, assignment):
        for path in links(page, r"/help/ask\?[^\"#]*")[:1]:
            asked = hand.post(path, hidden(hand.get(path)) | {"words": _words(hand)})
            hand.get(_done(asked, "the request was not taken").location)
            return [("request", _words(hand))]
    return []


def help_one(hand: Hand) -> Done:
    """Look at the queue, and answer the first who waits."""
    for path in links(hand.get("/help/queue"), r"/help/requests/\d+/answer")[:1]:
        page = hand.get(path)
        if page.status == 200 and 'name="how"' in page.text:
            fields = hidden(page) | {"how": "message", "words": f"Regardez le titre. {_words(hand)}"}
            hand.post(path, fields)  # somebody else may have answered meanwhile: the page says so
            hand.get("/help/queue")
    return []


def hand_in(hand: Hand, deliverable: int, asks: list[str]) -> Done:
    """Write, choose a file, look at everything once more, send, read the receipt."""
    path, words = f"/deliverables/{deliverable}", _words(hand)
    page = hand.get(f"{path}/submit")
    kept = re.findall(r'name="remove"[^>]*value="([^"]+)"', page.text)
    if kept:  # a version begins with the files of the one before
        hand.post(f"{path}/submit", hidden(page) | {"remove": kept, "note": words})
        page = hand.get(f"{path}/submit")
    fields = hidden(page) | {"note": words}
    fields |= {"text": f"Voici mon travail. {words}"} if "text" in asks else {}
    file = ("travail.txt", content_of(words)) if "files" in asks else None
    _done(hand.post(f"{path}/submit", fields, file), "the draft was not taken")
    sent = hand.post(f"{path}/check", hidden(hand.get(f"{path}/check")))
    if "/receipt" not in _done(sent, "the work was not sent").location:
        raise Strange(f"the work led to {sent.location}")
    hand.get(sent.location)
    return [("work", words), *([("file", words)] if file else [])]


def content_of(words: str) -> bytes:
    """Return the file that is handed in with some words: 20 kB or so, of nobody else."""
    return f"{words}\n".encode() * (20_000 // (len(words) + 1))


def answer(hand: Hand, submission: int) -> Done:
    """Answer one work of the queue, unless somebody did."""
    hand.get("/queue")
    path = f"/submissions/{submission}/answer"
    page = hand.get(path)
    if page.status in DONE:
        return []
    names = {name: "2" for name in re.findall(r'name="(mark-[^"]+)"', page.text)}
    names |= {name: "1" for name in re.findall(r'name="(level-[^"]+)"', page.text)}
    words = f"Vu {submission}. {_words(hand)}"
    sent = hand.post(path, hidden(page) | names | {"comment": words, "decision": "validated"})
    _done(sent, f"the answer to {submission} was not taken")
    return [("answer", words)]


def figures(hand: Hand, school: int) -> Done:
    hand.get(f"/schools/{school}/figures")
    hand.get(f"/schools/{school}/figures.csv")
    return []


def year(hand: Hand, school: int, year: int) -> Done:
    hand.get(f"/schools/{school}/report/{year}")
    hand.get(f"/schools/{school}/report/{year}.ods")
    return []


def register_of_year(hand: Hand, school: int, year: int) -> Done:
    hand.get(f"/schools/{school}/gen/{year}")
    return []


def months(hand: Hand, cohort: int, month: str) -> Done:
    hand.get(f"/cohorts/{cohort}/months?month={month}")
    hand.get(f"/cohorts/{cohort}/months/{month}.xlsx")
    return []


def statement(hand: Hand, cohort: int, month: str) -> Done:
    """Look at the statement of the month for each who pays, and issue those that the page offers."""
    path = f"/cohorts/{cohort}/statements/{month}"
    page, done = hand.get(path), []
    others = links(page, rf"{path}\?funder=\d+")
    for address in [path, *others]:
        page = page if address == path else hand.get(address)
        fields = hidden(page)
        if "seen" not in fields:
            continue
        issued = _done(hand.post(address, fields), "the statement was not issued")
        hand.get(issued.location)
        done += [("statement", number) for number in NUMBER.findall(issued.location)[:1]]
    return done


def network(hand: Hand, year: int) -> Done:
    for path in ("/network", "/reports", f"/network/report/{year}", "/network/figures.csv"):
        hand.get(path)
    return []


ACTS: dict[str, Callable[..., Done]] = {
    "open": open_half_day, "look": look, "sign_by_link": sign_by_link, "sign_today": sign_today, "read": read,
    "ask": ask, "help": help_one, "hand_in": hand_in, "answer": answer, "figures": figures, "year": year,
    "register_of_year": register_of_year, "months": months, "statement": statement, "network": network,
}  # fmt: skip


def _words(hand: Hand) -> str:
    """Return words that this person writes in this run, and nobody else."""
    return f"{hand.name} {hand.who}"


def _done(page: Page, otherwise: str) -> Page:
    if page.status not in DONE:
        raise Strange(f"{otherwise} ({page.status}): {re.sub('<[^>]+>', ' ', page.text)[:3000]}")
    return page
