"""The two algorithms on CSV files, without a database: who reads what, and what the reviews add up to."""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from popschool.review.files import FileRefused, People, read_evidence, read_group
from popschool.review.rules_allocation import Feasibility, Plan, Reason, feasibility, plan
from popschool.review.rules_estimate import Estimates, estimate
from popschool.review.rules_posterior import Theta
from popschool.review.rules_routing import queue

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def review() -> None:
    """Who reads whom, and what reviews add up to, on CSV files."""


@review.command()
@click.argument("file", type=FILE)
@click.option("--reviews", "wanted", default=3, show_default=True, type=click.IntRange(1, 50), metavar="K")
@click.option("--seed", default="1", show_default=True, help="Another seed gives another plan.")
@click.option("--conflicts", type=FILE, help="Pairs who must not read each other: a,b.")
@click.option("--past", type=FILE, help="Who read whom in earlier rounds: reviewer,deliverable.")
@click.option(
    "--teams",
    type=click.Choice(["own", "common"]),
    default="own",
    show_default=True,
    help="Everybody has a work of their own, or each team one in common, which bears its name.",
)
def allocate(file: Path, wanted: int, seed: str, conflicts: Path | None, past: Path | None, teams: str) -> None:
    """Say who reads what. FILE is a CSV of person,team; everybody in it has submitted.

    Prints reviewer,deliverable: everybody gives and receives K reviews, and nobody reads their own work, their team's,
    or who reads them. When that cannot be, exit 1, and standard error says who is short and why.
    """
    people = _read(lambda: read_group(file, wanted, conflicts, past, teams == "common"))
    found = feasibility(people.group)
    if not found.is_possible:
        for sentence in why_not(file, people, found):
            click.echo(sentence, err=True)
        sys.exit(1)
    made = plan(people.group, seed)
    for sentence in not_avoided(people, made):
        click.echo(f"{file}: {sentence}", err=True)
    _print(("reviewer", "deliverable"), made.pairs)


def why_not(file: Path, people: People, found: Feasibility) -> Iterable[str]:
    """Say who is short and why, at the line of each."""
    wanted = people.group.wanted
    because = {
        Reason.TOO_FEW: f"a group of {found.people} is too small, {wanted + 1} would do",
        Reason.TEAM_TOO_LARGE: f"the team of {found.largest_team} leaves too few of {found.people} people to read it",
        Reason.CONFLICTS: "conflicts leave too few people to read it",
    }[found.reason]
    for work, missing in sorted(found.short.items(), key=lambda one: people.lines[one[0]]):
        can = wanted - missing
        yield f"{file}:{people.lines[work]}: {work} can have {can} of {wanted} reviews: {because}"


def not_avoided(people: People, made: Plan) -> Iterable[str]:
    """Say what the plan had to accept."""
    wanted = people.group.wanted
    if made.reciprocal:
        yield f"{made.reciprocal} pairs read each other: {wanted} reviews each without that need more people or teams"
    if made.repeated:
        yield f"{made.repeated} reviews are by somebody who read the same author in an earlier round"


@review.command("estimate")
@click.argument("file", type=FILE)
@click.option("--pass-mark", type=click.FloatRange(0, 100), help="Where a work passes; gives the column risk.")
@click.option("--history", type=FILE, help="What earlier rounds taught of reviewers: reviewer,m,v.")
@click.option("--reviewers", is_flag=True, help="Print reviewer,reviews,leniency,sd,honest instead.")
@click.option(
    "--fixed", metavar="SIGMA,TAU_S,TAU_B", help="These three, instead of a grid; all reviews weigh the same."
)
def estimate_file(
    file: Path, pass_mark: float | None, history: Path | None, reviewers: bool, fixed: str | None
) -> None:
    """Say what reviews add up to. FILE is a CSV of role,reviewer,deliverable,score.

    role is peer, trainer or calibration (a trainer's grade of a piece that everybody reviews); scores go from 0 to 100.
    Prints deliverable,reviews,estimate,sd,low,high,plain,risk,gain,rank: the next to grade is ranked 1, and what has a
    grade has no rank. The estimate of a graded deliverable is drawn to its grade. low and high are a 90 % interval.
    """
    theta = _theta(fixed) if fixed is not None else None
    evidence = _read(lambda: read_evidence(file, history))
    found = estimate(evidence, theta)
    if reviewers:
        rows = [
            (one.reviewer, one.reviews, _figure(one.mean), _figure(one.sd), _figure(one.honest))
            for one in found.reviewers.values()
        ]
        _print(("reviewer", "reviews", "leniency", "sd", "honest"), rows)
    else:
        _print(
            ("deliverable", "reviews", "estimate", "sd", "low", "high", "plain", "risk", "gain", "rank"),
            ranked(found, pass_mark),
        )


def ranked(found: Estimates, pass_mark: float | None) -> Iterable[Sequence]:
    """Return a row for each deliverable, the next to grade first, those with a grade last."""
    ordered = queue(found, pass_mark=pass_mark)
    for rank, one in enumerate(ordered, start=1):
        doubt = "" if one.risk is None else _figure(one.risk)
        yield (*_figures(found, one.work), doubt, _figure(one.gain), rank)
    for work in found.order:
        if found.works[work].grade is not None:
            yield (*_figures(found, work), "", "", "")


def _figures(found: Estimates, work: str) -> Sequence:
    one = found.works[work]
    return work, one.reviews, *map(_figure, (one.mean, one.sd, one.low, one.high, one.plain))


def _figure(value: float) -> str:
    return f"{value + 0.0:.3f}".replace("-0.000", "0.000")


def _theta(text: str) -> Theta:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != 3 or not all(0.01 <= value <= 1000 for value in values):
        raise click.BadParameter("write three numbers above 0, such as 10,15,6", param_hint="--fixed")
    return Theta(*values)


def _read(read):
    """Return what is in a file; or print its problems, and nothing else."""
    try:
        return read()
    except FileRefused as refused:
        for problem in sorted(refused.problems, key=lambda one: (one.path, one.line)):
            click.echo(str(problem), err=True)
        sys.exit(1)


def _print(header: Sequence[str], rows: Iterable[Sequence]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    click.echo(text.getvalue(), nl=False)
