"""Problems of a course said to a terminal, to a program, and to a CI service that shows them beside the line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click

from popschool.courses.rules import ERROR

TEXT, JSON, GITHUB = "text", "json", "github"


def as_contract(problem: Mapping) -> dict:
    """Return a problem as other programs read it, its remedy in the message."""
    message = f"{problem['message']} {problem['mend']}".strip()
    return {name: problem[name] for name in ("path", "line", "column", "level")} | {"message": message}


def terminal_lines(problems: Iterable[Mapping], with_excerpts: bool) -> Iterator[str]:
    """Yield `file:line: message` for each problem, and the line itself with its place when a person reads."""
    for problem in problems:
        is_error = problem["level"] == ERROR
        colour = "red" if is_error else "yellow"
        place = click.style(f"{problem['path'] or '.'}:{problem['line']}:", bold=True)
        kind = "" if is_error else click.style("conseil :", fg=colour) + " "
        message = click.style(problem["message"], fg=colour) if is_error else problem["message"]
        yield f"{place} {kind}{message} {problem['mend']}".rstrip()
        excerpt = problem.get("excerpt", "")
        if with_excerpts and excerpt.strip():
            number = f"{problem['line']:>6} │ "
            yield click.style(number, dim=True) + excerpt
            if 0 < problem["column"] <= len(excerpt):
                yield (
                    click.style(" " * 7 + "│ ", dim=True) + " " * (problem["column"] - 1) + click.style("^", fg=colour)
                )


def summary(pages: int, problems: Sequence[Mapping], seconds: float) -> str:
    """Return the last line of a check."""
    errors = sum(problem["level"] == ERROR for problem in problems)
    said = f"{pages} pages, {errors} errors, {len(problems) - errors} pieces of advice, {seconds} s"
    return click.style(said, fg="red" if errors else "green")


def github_lines(problems: Iterable[Mapping], checked: Path, here: Path) -> Iterator[str]:
    """Yield the commands by which GitHub, and the services that follow it, show a problem beside its line.

    Their paths start where the service works (`here`), not at the folder that was `checked`.
    """
    checked, here = checked.resolve(), here.resolve()
    start = f"{checked.relative_to(here)}/" if checked != here and checked.is_relative_to(here) else ""
    for problem in problems:
        kind = "error" if problem["level"] == ERROR else "warning"
        file = _escaped(start + problem["path"], ",:") if problem["path"] else ""
        place = f" file={file},line={max(problem['line'], 1)},col={max(problem['column'], 1)}" if file else ""
        yield f"::{kind}{place}::{_escaped(as_contract(problem)['message'])}"


def _escaped(text: str, more: str = "") -> str:
    for sign in ("%", "\r", "\n", *more):
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
