"""Courses from a terminal: check a folder, add a source, synchronise, preview."""

import json
import os
import sys
import time
from pathlib import Path

import click
from flask import current_app
from sqlalchemy import select

from popschool import clock
from popschool.courses import reporting, rules, services_sources, services_webhooks, sync
from popschool.courses.build import MemoryShelf, build
from popschool.courses.coverage import eases, report
from popschool.courses.models import Source
from popschool.courses.trees import CommitTree, FolderTree, Tree
from popschool.db import db
from popschool.git import Mirror, is_bare

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def courses() -> None:
    """Courses from git: add, check, synchronise, preview."""


@courses.command()
@click.argument("path", type=EXISTING)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@click.option(
    "--format",
    "wanted",
    type=click.Choice([reporting.TEXT, reporting.JSON, reporting.GITHUB]),
    help="github: the form that a CI service shows beside the line.",
)
def check(path: Path, as_json: bool, wanted: str | None) -> None:
    """Check a folder or a bare repository as a sync would, without a database."""
    if as_json and wanted not in (None, reporting.JSON):
        raise click.UsageError("--json and --format say two different things.")
    started = time.perf_counter()
    tree, commit = _tree(path)
    name = rules.slug(path.resolve().name) or "cours"
    made = build(tree, name, name, {}, MemoryShelf())
    problems, pages = made.facts(), len(made.course.pages)
    seconds = round(time.perf_counter() - started, 3)
    if as_json or wanted == reporting.JSON:
        said = [reporting.as_contract(problem) for problem in problems]
        found = {"source": name, "commit": commit, "pages": pages, "changed": pages, "problems": said}
        click.echo(json.dumps(found | {"seconds": seconds}, ensure_ascii=False))
    elif wanted == reporting.GITHUB:
        for line in reporting.github_lines(problems, Path.cwd() if commit else path, Path.cwd()):
            click.echo(line)
    else:
        _print_problems(problems)
        click.echo(reporting.summary(pages, problems, seconds), color=_colour())
    sys.exit(1 if made.course.has_errors else 0)


@courses.command()
@click.argument("path", type=EXISTING)
def coverage(path: Path) -> None:
    """Print, as Markdown, what a folder teaches: competences and levels, hours, how its pages read and weigh."""
    tree, _commit = _tree(path)
    made = build(tree, rules.slug(path.resolve().name) or "cours", "", {}, MemoryShelf())
    _print_problems([problem for problem in made.facts() if problem["level"] == rules.ERROR])
    if made.course.has_errors:
        sys.exit(1)
    click.echo(report(made.course, eases(tree), made.weights, path.name), nl=False)


@courses.command()
@click.argument("name")
@click.argument("url")
@click.option("--branch", default="", help="The branch to read; the main one by default.")
@click.option("--folder", default="", help="The folder of the repository that holds the courses.")
@click.option("--title", default="", help="The name that people read; NAME by default.")
def add(name: str, url: str, branch: str, folder: str, title: str) -> None:
    """Keep a new source. URL is https, ssh, a path or file://. For a private https one, set POPSCHOOL_SOURCE_TOKEN."""
    is_path = "://" not in url and Path(url).expanduser().exists()
    address = str(Path(url).expanduser().resolve()) if is_path else url
    source = services_sources.add_source(
        name,
        title,
        address,
        clock.now(),
        branch=branch,
        folder=folder,
        token=os.environ.get("POPSCHOOL_SOURCE_TOKEN", ""),
        is_local=True,
    )
    click.echo(f"{source.name} is kept. Read it now: popschool courses sync {source.name}")
    if source.deploy_key_public:
        click.echo(f"Paste this deploy key at the forge first, for reading only:\n{source.deploy_key_public}")


@courses.command("sync")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def synchronise(name: str | None, as_json: bool) -> None:
    """Read one source again, or all of them."""
    sources = [sync.find_source(name)] if name else list(db.session.scalars(select(Source).order_by(Source.id)))
    outcomes = []
    for source in sources:
        outcome = sync.synchronise(source, clock.now())
        problems = [reporting.as_contract(problem) for problem in outcome.problems]
        outcomes.append(
            {
                "source": outcome.source,
                "commit": outcome.commit,
                "pages": outcome.pages,
                "changed": outcome.changed,
                "problems": problems,
                "seconds": outcome.seconds,
            }
        )
        if not as_json:
            _print_problems(outcome.problems)
            click.echo(
                f"{outcome.source}: {outcome.outcome}, {outcome.pages} pages, {outcome.changed} changed,"
                f" {outcome.seconds} s"
            )
    if as_json:
        click.echo(json.dumps(outcomes, ensure_ascii=False))
    refused = any(problem["level"] == rules.ERROR for one in outcomes for problem in one["problems"])
    sys.exit(1 if refused else 0)


@courses.command()
@click.argument("name")
@click.option("--new", is_flag=True, help="Make another secret: the old one stops.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
def webhook(name: str, new: bool, as_json: bool) -> None:
    """Print where a forge calls at each push to a source, and the secret that it signs with."""
    source = sync.find_source(name)
    secret = "" if new else services_webhooks.secret_of(source)
    secret = secret or services_webhooks.make_secret(source, None, clock.now())
    address = f"{current_app.config['POPSCHOOL'].base_url}/webhooks/{source.name}"
    click.echo(json.dumps({"address": address, "secret": secret}) if as_json else f"{address}\n{secret}")


@courses.command()
@click.argument("path", type=EXISTING)
@click.option("--port", default=8100, show_default=True, type=click.IntRange(1, 65535))
def preview(path: Path, port: int) -> None:
    """Serve a folder as learners will see it, on a phone and on a wide screen, again at each change."""
    from popschool.courses.preview import make_preview  # a development server, and only here

    click.echo(f"Preview of {path} at http://127.0.0.1:{port}/ (Ctrl+C ends it)", err=True)
    make_preview(path).run(host="127.0.0.1", port=port, threaded=True)


def _tree(path: Path) -> tuple[Tree, str]:
    if is_bare(path):
        mirror = Mirror(path)
        commit = mirror.head()
        return CommitTree(mirror, commit), commit
    return FolderTree(path), ""


def _print_problems(problems: list[dict]) -> None:
    for line in reporting.terminal_lines(problems, with_excerpts=sys.stderr.isatty()):
        click.echo(line, err=True, color=_colour())


def _colour() -> bool | None:
    """Say whether to colour: only a terminal does, and never with NO_COLOR."""
    return False if os.environ.get("NO_COLOR") else None
