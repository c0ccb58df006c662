"""How far long work has come, said to whoever waits for it: how much of how many, how fast, how long it still takes.

A command lets it be said (`shown`). Elsewhere, in a job, nobody hears it.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from time import monotonic
from typing import Any, TypeVar

import click

One = TypeVar("One")
AT_A_TERMINAL, IN_A_LOG = 5, 60  # seconds from one line to the next
_heard_by: ContextVar[tuple[Callable[[str], None], float] | None] = ContextVar("heard_by", default=None)


@dataclass
class Pace:
    """The pace of some work, told every few seconds: `total` of `what`, from the first that is done on."""

    total: int
    what: str
    tell: Callable[[str], None]
    every: float = AT_A_TERMINAL
    done: int = 0
    first: float | None = None

    def __post_init__(self) -> None:
        self.began = self.last = monotonic()

    def add(self, done: int = 1) -> None:
        now = monotonic()
        self.first = now if self.first is None else self.first
        self.done += done
        if now - self.last >= self.every and self.done:
            rate = self.done / max(now - self.first, 1)
            minutes = max(0, self.total - self.done) / rate / 60
            fast = f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"
            left = f"{minutes:.0f} min" if minutes >= 1 else "less than a minute"
            self.last = now
            self.tell(f"{self.done:,} {self.what} of {self.total:,}, {fast} a second, {left} left")

    def say(self, what: str) -> None:
        self.tell(f"{what} ({monotonic() - self.began:.0f} s)")


def each(things: Iterable[One], total: int, what: str) -> Iterator[One]:
    """Yield each of `total` things, and say how far one has come when somebody waits for it."""
    heard_by = _heard_by.get()
    if heard_by is None:
        yield from things
        return
    pace = Pace(total, what, *heard_by)
    pace.first = pace.began
    for one in things:
        yield one
        pace.add()


def shown(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command say on standard error how far it has come: often at a terminal, once a minute in a log.

    One that was asked for JSON, `as_json`, says nothing else.
    """

    @wraps(command)
    def run(*given: Any, **options: Any) -> Any:
        if options.get("as_json"):
            return command(*given, **options)
        token = _heard_by.set((_say, AT_A_TERMINAL if sys.stderr.isatty() else IN_A_LOG))
        try:
            return command(*given, **options)
        finally:
            _heard_by.reset(token)

    return run


def _say(line: str) -> None:
    click.echo(line, err=True)
