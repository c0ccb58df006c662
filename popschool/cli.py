"""The command line: with app.py, the only file that knows every feature.

Exit codes: 0 done, 1 the input is wrong or the installation is not sound, 2 the call is wrong. Standard output has the
answer and nothing else; the rest goes to standard error.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TextIO

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo, with_appcontext

from popschool import collector
from popschool.command_groups import Features, Gathered
from popschool.config import PREFIX, SettingRefused, Settings, read_settings
from popschool.errors import CannotServe, RuleBroken

BASE_URL = f"{PREFIX}BASE_URL"

FEATURES = Features(
    homes={
        "schools": "people",
        "auth": "people",
        "courses": "courses",
        "review": "review",
        "attendance": "attendance",
        "reports": "reports",
        "portal": None,
    },
    groups={
        "people": "Bring people in: invite one, import a roster.",
        "courses": "Courses from git: add, check, synchronise, preview.",
        "review": "Who reads whom, and what reviews add up to, on CSV files.",
        "audit": "The record of acts: is every line as it was written?",
        "attendance": "Signatures and sheets: is everything as it was signed?",
        "retention": "How long things are kept.",
        "reports": "What funders are sent: list what there is, export one to a file.",
        "summaries": "Daily summaries of presence: what the facts add up to.",
    },
    alone={"demo": "Fill an empty database with the demonstration network."},
    without_application=frozenset(
        {("courses", "check"), ("courses", "preview"), ("review", "allocate"), ("review", "estimate")}
    ),
    of_owner=frozenset({(None, "demo")}),  # it sets sequences forward
)
IDLE_SECONDS = 8.0


class House(Gathered):
    """Says a refusal as a command does."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingRefused as refused:
            raise click.UsageError(str(refused)) from refused
        except CannotServe as reason:
            raise click.ClickException(str(reason)) from reason
        except RuleBroken as broken:
            raise click.ClickException(in_words(broken)) from broken


def in_words(broken: RuleBroken) -> str:
    """Say a broken rule as its page would."""
    from popschool.web import wording

    with load_app(with_pages=True).test_request_context():
        return wording.sentence(broken)


def load_app(*, with_pages: bool = False) -> Flask:
    """Return the application of this command; its pages too for whoever serves, or says a refusal as a page would."""
    info = click.get_current_context().ensure_object(ScriptInfo)
    return make_app(with_pages=True) if with_pages and info.create_app is make_app else info.load_app()


def make_app(*, with_pages: bool = False) -> Flask:
    with collector.paused():
        from app import create_app

        return create_app(with_pages=with_pages)


def as_owner(command: Callable) -> Callable:
    """Run a command as the account that owns the tables, when the settings name one."""

    @wraps(command)
    def run(*given: Any, **options: Any) -> Any:
        from app import create_app

        app = load_app()
        settings = app.config["POPSCHOOL"]
        if settings.database_owner_url:
            alone = {"database_url": settings.database_owner_url, "database_replica_url": "", "database_pooled": False}
            app = create_app(replace(settings, **alone), with_pages=False)
        with app.app_context():
            return command(*given, **options)

    return run


@click.group(
    cls=House,
    features=FEATURES,
    as_owner=as_owner,
    context_settings={"obj": ScriptInfo(create_app=make_app), "help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="popschool", message="%(prog)s %(version)s")
def main() -> None:
    """Popschool, the learning management system of Pop School."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, envvar="PORT", type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve pages.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve Popschool, until stopped."""
    # Its processes that serve pages and its child that does jobs read it too: links lead where it is listening.
    if not os.environ.get(BASE_URL):
        os.environ[BASE_URL] = own_address(host, port)
    try:
        if workers > 1:
            serve_with_processes(host, port, workers)
            return
        with collector.paused():
            from app import create_way_in
            from popschool import server
            from popschool.opening import Opening

            way_in = create_way_in()
        server.check_before_serving(way_in)
        opening = Opening(way_in, lambda: make_app(with_pages=True))
        server.serve(opening, host, port, on_ready=lambda: announce(way_in.config["POPSCHOOL"]))
    except CannotServe as reason:
        raise click.ClickException(str(reason)) from reason


def serve_with_processes(host: str, port: int, workers: int) -> None:
    from popschool import processes

    settings = read_settings()
    processes.serve(settings, host, port, workers, on_ready=lambda: announce(settings))


def own_address(host: str, port: int) -> str:
    """Return the address of a server for whoever is on this machine; one that listens everywhere is here too.

    >>> own_address("0.0.0.0", 8000)
    'http://127.0.0.1:8000'
    """
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def announce(settings: Settings) -> None:
    click.echo(f"Popschool is at {settings.base_url}", err=True)


@main.command()
@click.option("--until-idle", is_flag=True, help="End when nothing has been due for some seconds.")
@with_appcontext
def worker(until_idle: bool) -> None:
    """Do jobs: mails, courses to synchronise, whatever pages left for later."""
    from popschool import clock, heaps, jobs, migration

    if not migration.is_current():
        raise click.ClickException("the database is not at this version: run popschool migrate")
    heaps.share()
    collector.keep_what_is_loaded()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if until_idle:
        os.nice(5)  # pages first
    jobs.schedule_recurring(clock.now())
    jobs.work(until_idle=until_idle, idle_seconds=IDLE_SECONDS, stop=stop)
    if until_idle:
        click.echo(json.dumps({"next_due_seconds": jobs.next_due(clock.now())}))


@main.command()
@click.option("--to", help="A version to go up to, instead of the newest.")
@click.option("--down-to", help="A version to go back to; `base` removes every table.")
@click.option("--write", metavar="SUBJECT", help="For developers: write the migration that the tables in code ask for.")
@as_owner
def migrate(to: str | None, down_to: str | None, write: str | None) -> None:
    """Bring the database to this version."""
    from popschool import migration

    if sum(given is not None for given in (to, down_to, write)) > 1:
        raise click.UsageError("one of --to, --down-to and --write at a time")
    if write:
        migration.write(write)
    elif down_to:
        migration.downgrade(down_to)
    else:
        migration.upgrade(to or "head")
        serving = load_app().config["POPSCHOOL"]
        if serving.database_owner_url:
            migration.let_serve(serving.database_url)
    click.echo(f"the database is at {migration.database_version() or 'base'}", err=True)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Say whether this installation is sound; exit 1 when it is not."""
    from popschool import doctor as examination

    settings = current_app.config["POPSCHOOL"]
    findings = examination.examine(settings)
    if as_json:
        click.echo(examination.as_json(settings, findings))
    else:
        click.echo(examination.as_text(settings, findings))
    if not all(finding.is_sound for finding in findings):
        sys.exit(1)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def routes(as_json: bool) -> None:
    """List every route, and the action that it asks for."""
    rows = list_routes(load_app(with_pages=True))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    wide = max(len(row["rule"]) for row in rows)
    for row in rows:
        click.echo(f"{row['rule']:{wide}}  {','.join(row['methods']):10}  {row['allowed']}")


def list_routes(app: Flask) -> list[dict]:
    """Return each rule with its methods, its endpoint and the action that it asks for, or "public"."""
    allowed = app.extensions["popschool.guards"]
    return [
        {
            "rule": rule.rule,
            "methods": sorted(rule.methods - {"HEAD", "OPTIONS"}),
            "endpoint": rule.endpoint,
            "allowed": allowed[rule.endpoint],
        }
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))
    ]


@main.command()
@click.option("--json", "as_json", is_flag=True, help="A CycloneDX bill of materials.")
@click.option("--check", "is_check", is_flag=True, help="Ask what is known against them; exit 1 if something is.")
@click.option("--service", default="https://api.osv.dev", show_default=True, help="Who is asked: speaks as OSV does.")
def libraries(as_json: bool, is_check: bool, service: str) -> None:
    """List the libraries installed here, with their versions and licences."""
    from importlib.metadata import version

    from popschool import clock
    from popschool import libraries as listed

    found = listed.installed()
    if not is_check:
        lines = [f"{one.name}  {one.version}  {one.licence or 'no licence said'}" for one in found]
        click.echo(listed.as_bill(found, version("popschool"), clock.now()) if as_json else "\n".join(lines))
        return
    try:
        weak = listed.known_weaknesses(found, service)
    except listed.CannotAsk as reason:
        raise click.ClickException(str(reason)) from reason
    for one, known in weak.items():
        click.echo(f"{one.name} {one.version}: {', '.join(known)}", err=True)
    click.echo(f"{len(found)} libraries, {len(weak)} with a known weakness", err=True)
    if weak:
        raise click.exceptions.Exit(1)


@main.command()
@click.argument("path", type=click.Path(dir_okay=False, writable=True))
@with_appcontext
def backup(path: str) -> None:
    """Write the database and every file in one archive at PATH, while serving if need be."""
    from popschool import backup as archive

    written = archive.write(path)
    click.echo(f"{written.rows} rows and {written.files} files in {path}", err=True)


@main.command()
@click.argument("path", type=click.Path(exists=True, dir_okay=False))
@click.option("--check", "is_check", is_flag=True, help="Only say whether the archive is whole.")
@click.option("--erasures", type=click.File(encoding="utf-8"), help="A list of erasures kept elsewhere than here.")
@click.pass_context
@as_owner
def restore(ctx: click.Context, path: str, is_check: bool, erasures: TextIO | None) -> None:
    """Put an archive back into an empty database and store, each row and file checked, and erase again what was."""
    from popschool import backup as archive

    try:
        if is_check:
            tables = archive.check(path)
            rows = sum(table["rows"] for table in tables["tables"].values())
            click.echo(f"whole: {rows} rows and {tables['files']} files, of version {tables['version']}", err=True)
            return
        read = archive.restore(path)
    except archive.CannotRestore as reason:
        raise click.ClickException(str(reason)) from reason
    click.echo(f"{read.rows} rows and {read.files} files restored", err=True)
    ctx.invoke(main.get_command(ctx, "retention").get_command(ctx, "replay"), file=erasures)


@main.command()
@click.option("--database", required=True, help="Where to: postgresql://user:password@host/name")
@click.option("--storage", required=True, help="Where to: s3://KEY:SECRET@bucket/prefix?endpoint=… (or file:///path)")
@with_appcontext
def move(database: str, storage: str) -> None:
    """Copy this installation to PostgreSQL and S3, while serving if need be; again, what has changed since."""
    from popschool import move as moving
    from popschool.portal import services_erasures as erasures

    settings = current_app.config["POPSCHOOL"]
    given = {f"{PREFIX}DATABASE_URL": database, f"{PREFIX}STORAGE_URL": storage}
    there = load_other(dict(os.environ) | given)
    try:
        done = moving.move(there, tell=lambda line: click.echo(line, err=True))
    except moving.CannotMove as reason:
        raise click.ClickException(str(reason)) from reason
    known = erasures.kept()
    with there.app_context():  # what an older backup brought back and the list took away again is in no row
        erasures.keep(known)
    click.echo(
        f"{done.rows} rows ({done.added} added, {done.changed} changed, {done.removed} removed) and {done.files} files "
        f"({done.copied} copied) are there.\nServe them with {PREFIX}DATABASE_URL and {PREFIX}STORAGE_URL, the same "
        f"{PREFIX}SECRET_KEY, and a copy of {settings.lock_path}.",
        err=True,
    )


def load_other(environ: dict[str, str]) -> Flask:
    """Return the application of other settings, beside this command's."""
    from app import create_app
    from popschool.config import read_settings

    return create_app(read_settings(environ), with_pages=False)


@main.command()
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Put away the parts whose last line is older.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what would be put away.")
@click.option("--restore", "name", metavar="PART", help="Put a part back, by the name that the list gives it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
@as_owner
def archive(before: datetime | None, is_dry: bool, name: str | None, as_json: bool) -> None:
    """Put old parts of large tables away in files of the store; without an option, list those that are away."""
    from popschool import archive as parts
    from popschool import clock

    if before is not None and name is not None or is_dry and before is None:
        raise click.UsageError("--before DATE, with --dry-run or not, or --restore PART")
    try:
        if name is not None:
            found = [parts.seen(parts.bring_back(name), "put back")]
        elif before is not None:
            found = parts.put_away(before.replace(tzinfo=UTC), clock.now(), is_dry=is_dry)
        else:
            found = [parts.seen(one, "away") for one in parts.away()]
    except parts.CannotArchive as reason:
        raise click.ClickException(str(reason)) from reason
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        until = f"{one.first_at:%Y-%m-%d} to {one.last_at:%Y-%m-%d}" if one.last_at else "no line"
        click.echo(f"{one.part:22} {one.lines:10} lines  {until:24}  {one.outcome}  {one.hash}")


@main.group()
def keys() -> None:
    """The keys that lock what is sensitive in the database."""


@keys.command()
@click.option("--forget-old", is_flag=True, help="Then take out the keys before: backups made under them stay shut.")
@with_appcontext
def rotate(forget_old: bool) -> None:
    """Make a new key and lock everything with it, while serving if need be. Broken off, run it again: it goes on."""
    from popschool import locked

    key_id, count = locked.rotate(lambda name, done, total: click.echo(f"{name}: {done} of {total}", err=True))
    click.echo(f"{count} values locked with the key {key_id}; copy {locked.path()} to where you keep it", err=True)
    if forget_old:
        click.echo(f"{locked.forget_old()} keys taken out", err=True)


if __name__ == "__main__":
    main()
