"""Reviews and people in CSV files, read and checked: every problem with its line, or everything that was in them."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from popschool.errors import Problem
from popschool.review.rules_allocation import Group, Person, Work
from popschool.review.rules_estimate import Evidence, Prior, Score

LONGEST_NAME = 200
ROLES = ("peer", "trainer", "calibration")


class FileRefused(Exception):
    """Something in a file is not as it should be: nothing is worked out."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__(f"{len(problems)} problems")
        self.problems = list(problems)


@dataclass
class Table:
    """The rows of a file under its header, each with its line; problems are gathered, and refused together."""

    path: Path
    columns: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, message: str) -> None:
        self.problems.append(Problem(str(self.path), line, 0, "error", message))

    def refuse(self) -> None:
        if self.problems:
            raise FileRefused(self.problems)

    def named(self, line: int, row: Mapping[str, str], column: str) -> str:
        """Return a name, or nothing after saying what is wrong with it."""
        name = row[column]
        if not name:
            self.wrong(line, f"{column} is empty")
        elif len(name) > LONGEST_NAME:
            self.wrong(line, f"{column} is longer than {LONGEST_NAME} characters")
            return ""
        return name

    def number(self, line: int, row: Mapping[str, str], column: str) -> float | None:
        """Return a number written with a decimal point, or None after saying what is wrong with it."""
        text = row[column]
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.wrong(
                line, f"{column} is {text!r}: write a number, with a decimal point" if text else f"{column} is empty"
            )
            return None
        return value


def read_table(path: Path, columns: tuple[str, ...]) -> Table:
    """Return the rows of a CSV file that has exactly these columns, in any order. Raises FileRefused."""
    table = Table(path, columns)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        table.wrong(error.object[: error.start].count(b"\n") + 1, "is not text in UTF-8")
        raise FileRefused(table.problems) from error
    if "\0" in text:
        table.wrong(text[: text.index("\0")].count("\n") + 1, "is not a text file")
        table.refuse()
    head = text.split("\n", 1)[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in head and "," not in head else ",", strict=True
    )
    wanted = ",".join(columns)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if sorted(header) != sorted(columns):
            table.wrong(
                1,
                f"the first line is {','.join(header)!r}: it should be {wanted}"
                if header
                else f"the first line should be {wanted}",
            )
            table.refuse()
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                table.wrong(line, f"has {len(cells)} fields instead of {len(header)}")
                continue
            table.rows.append((line, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}))
    except csv.Error as error:
        table.wrong(reader.line_num, f"cannot be read as CSV: {error}")
        table.refuse()
    return table


def read_evidence(path: Path, history: Path | None = None) -> Evidence:
    """Return the reviews and grades of a file, and what earlier rounds taught. Raises FileRefused."""
    table = read_table(path, ("role", "reviewer", "deliverable", "score"))
    scores: dict[tuple[str, str], Score] = {}
    grades: dict[str, float] = {}
    seen: dict[tuple, int] = {}
    for line, row in table.rows:
        role = row["role"].lower()
        if role not in ROLES:
            table.wrong(line, f"role is {row['role']!r}: it should be peer, trainer or calibration")
            continue
        work, value = table.named(line, row, "deliverable"), table.number(line, row, "score")
        reviewer = table.named(line, row, "reviewer") if role == "peer" else ""
        if value is not None and not 0 <= value <= 100:
            table.wrong(line, f"score is {row['score']}: it should be from 0 to 100")
            continue
        if value is None or not work or (role == "peer" and not reviewer):
            continue
        key = (reviewer, work)
        if key in seen:
            already = f"{reviewer} already reviews {work}" if reviewer else f"{work} already has its grade"
            table.wrong(line, f"{already} at line {seen[key]}")
            continue
        seen[key] = line
        if role == "peer":
            scores[key] = Score(reviewer, work, value)
        else:
            grades[work] = value
    if not table.rows and not table.problems:
        table.wrong(1, "has no review")
    problems = list(table.problems)
    known: dict[str, Prior] = {}
    if history is not None:
        try:
            known = read_history(history)
        except FileRefused as refused:
            problems += refused.problems
    if problems:
        raise FileRefused(problems)
    works = {score.work for score in scores.values()} | set(grades)
    return Evidence(tuple(sorted(works)), tuple(scores.values()), grades, known)


def read_history(path: Path) -> dict[str, Prior]:
    """Return what is known of each reviewer: mean and variance of their leniency."""
    table = read_table(path, ("reviewer", "m", "v"))
    found: dict[str, Prior] = {}
    seen: dict[str, int] = {}
    for line, row in table.rows:
        name, mean, variance = (
            table.named(line, row, "reviewer"),
            table.number(line, row, "m"),
            table.number(line, row, "v"),
        )
        if variance is not None and variance <= 0:
            table.wrong(line, f"v is {row['v']}: a variance is above 0")
        elif mean is not None and abs(mean) > 100:
            table.wrong(line, f"m is {row['m']}: it should be from -100 to 100")
        elif name in seen:
            table.wrong(line, f"{name} is already at line {seen[name]}")
        elif name and mean is not None and variance is not None:
            seen[name], found[name] = line, Prior(mean, variance)
    table.refuse()
    return found


@dataclass(frozen=True)
class People:
    """The group of a file, and at which line each work's first author stands."""

    group: Group
    lines: dict[str, int]


def read_group(
    path: Path, wanted: int, conflicts: Path | None = None, past: Path | None = None, is_common: bool = False
) -> People:
    """Return the people of a file, each with a work; with `is_common` the work is the team's. Raises FileRefused."""
    table = read_table(path, ("person", "team"))
    lines: dict[str, int] = {}
    teams: dict[str, str | None] = {}
    for line, row in table.rows:
        name = table.named(line, row, "person")
        if name in lines:
            table.wrong(line, f"{name} is already at line {lines[name]}")
        elif name:
            lines[name], teams[name] = line, row["team"] or None
    if not table.rows and not table.problems:
        table.wrong(1, "has nobody in it")
    authors: dict[str, set[str]] = {}
    for name, team in teams.items():
        if is_common and team in teams and teams[team] != team:
            table.wrong(lines[name], f"{team} is a team and a person: their works would bear the same name")
        authors.setdefault(team if is_common and team else name, set()).add(name)
    problems = list(table.problems)
    apart, before = frozenset(), frozenset()
    if conflicts is not None:
        apart = _gathered(problems, lambda: _read_pairs(conflicts, ("a", "b"), set(teams), path))
    if past is not None:
        before = _gathered(problems, lambda: _read_pairs(past, ("reviewer", "deliverable")))
    if problems:
        raise FileRefused(problems)
    works = tuple(Work(name, frozenset(some)) for name, some in authors.items())
    once = frozenset((reviewer, author) for reviewer, work in before for author in authors.get(work, {work}))
    people = tuple(Person(name, team) for name, team in teams.items())
    first = {work: min(lines[name] for name in some) for work, some in authors.items()}
    return People(Group(people, works, wanted, apart, once), first)


def _gathered(problems: list[Problem], read) -> frozenset:
    try:
        return read()
    except FileRefused as refused:
        problems += refused.problems
        return frozenset()


def _read_pairs(
    path: Path, columns: tuple[str, str], known: Iterable[str] | None = None, people: Path | None = None
) -> frozenset[tuple[str, str]]:
    table = read_table(path, columns)
    found = set()
    for line, row in table.rows:
        one, other = table.named(line, row, columns[0]), table.named(line, row, columns[1])
        if not one or not other:
            continue
        if one == other:
            table.wrong(line, f"{one} stands on both sides")
        for name in dict.fromkeys((one, other)):
            if known is not None and name not in known:
                table.wrong(line, f"there is nobody called {name} in {people}")
        found.add((one, other))
    table.refuse()
    return frozenset(found)
