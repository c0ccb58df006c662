"""`popschool demo`: an empty database becomes the demonstration network."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import TextIO

import click
from flask import current_app

from popschool import audit as record
from popschool import clock, migration, pace
from popschool.config import DEMO_DAY
from popschool.portal import demo, demo_plan, services_anchor, services_erasures, services_retention
from popschool.portal.demo_bulk import TooLittleRoom
from popschool.portal.demo_courses import CoursesRefused


@click.command("demo")
@click.option("--learners", type=click.IntRange(1, 1_000_000), help="How many learners in all; 300 or so by default.")
@click.option(
    "--half-days",
    type=click.IntRange(1, 100_000_000),
    help="How many half-days of people in all; some weeks by default.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day that the network is laid around.")
@click.option("--json", "as_json", is_flag=True, help="Print the accounts as JSON, and nothing else.")
@click.option("--migrate", "migrates", is_flag=True, help="Bring the database to this version first.")
@click.option("--clock", "only_clock", is_flag=True, help="Print the moment that POPSCHOOL_NOW should have, if any.")
def demo_command(
    learners: int | None,
    half_days: int | None,
    today: datetime | None,
    as_json: bool,
    migrates: bool,
    only_clock: bool,
) -> None:
    """Fill an empty database with the demonstration network."""
    if only_clock:
        print_clock()
        return
    if migrates:
        migration.upgrade()
    if not migration.is_current():
        found, wanted = migration.database_version() or "empty", migration.code_version()
        raise click.ClickException(f"the database is {found}, this version needs {wanted}: run popschool migrate first")
    day = demo_plan.last_open_day(today.date() if today else clock.today())
    try:
        accounts = demo.make_demo(day, demo_plan.morning_of(day), learners, half_days, say_progress)
    except demo.NotEmpty as error:
        raise click.ClickException(
            "the database already has people in it; a demonstration needs an empty one"
        ) from error
    except TooLittleRoom as error:
        raise click.ClickException(
            f"about {error.needed / 1e9:.1f} GB are needed where the database lies, and {error.free / 1e9:.1f} are "
            "free: ask for fewer half-days, or make room"
        ) from error
    except CoursesRefused as error:
        raise click.ClickException("\n".join(error.problems)) from error
    if as_json:
        click.echo(json.dumps(accounts, ensure_ascii=False))
        return
    for account in accounts:
        click.echo(f"{account['role']:20} {account['email']:45} {account['password']:16} {account['school']}")
    bare = current_app.config["POPSCHOOL"].data_dir / "courses.git"
    click.echo(
        f"\nThe courses are in a git repository of their own:\n  git clone {bare} cours\n"
        "  cd cours, change a page, git commit -a, git push, then: popschool courses sync pop-school"
    )


def say_progress(said: str) -> None:
    """Say on standard error how far a large demonstration has come."""
    click.echo(said, err=True)


def print_clock() -> None:
    """Print the moment at which a demonstration's clock should start, or nothing when the real time will do."""
    file = current_app.config["POPSCHOOL"].data_dir / DEMO_DAY
    if not file.exists():
        return
    moment = demo_plan.clock_for(date.fromisoformat(file.read_text().strip()), datetime.now(UTC))
    if moment is not None:
        click.echo(moment.isoformat())


@click.group()
def audit() -> None:
    """The record of acts."""


@audit.command("anchor")
@click.option("--to", default="", help="A file that grows, or a mail address; what POPSCHOOL_ANCHOR says by default.")
def anchor_audit(to: str) -> None:
    """Keep the last line of each chain outside, or print it when nobody says where."""
    to = to or current_app.config["POPSCHOOL"].anchor
    if to:
        services_anchor.keep(to, clock.now())
    else:
        click.echo(services_anchor.anchor(clock.now()))


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
@click.option("--anchor", "kept", type=click.File(encoding="utf-8"), help="A file of anchors to compare with.")
@pace.shown
def verify_audit(as_json: bool, kept: TextIO | None) -> None:
    """Compute the chain of each school's record again; exit 1 and the first broken line when one was touched."""
    try:
        anchored = services_anchor.heads_in(kept) if kept else []
    except services_anchor.AnchorUnreadable as unreadable:
        raise click.ClickException(str(unreadable)) from unreadable
    checked = record.Checked()
    broken = record.verify(checked) or record.unanchored(anchored)
    if as_json:
        click.echo(json.dumps(asdict(checked) | {"broken": asdict(broken) if broken else None}))
    elif broken is None:
        click.echo(
            f"{checked.entries} acts in {checked.chains} chains are as they were written; {checked.waiting} wait."
        )
    if broken is not None:
        whose = f"school {broken.chain}" if broken.chain else "the network"
        click.echo(f"record of {whose}, line {broken.sequence}: {broken.what}", err=True)
        sys.exit(1)


@click.group()
def retention() -> None:
    """How long things are kept."""


@retention.command("run")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def run_retention(as_json: bool) -> None:
    """Remove today what is past its time, as the nightly job does. Again, it does nothing."""
    counts = services_retention.run(clock.now(), clock.today())
    if as_json:
        click.echo(json.dumps(counts))
    else:
        click.echo(", ".join(f"{name}: {count}" for name, count in counts.items()))


@retention.command("replay")
@click.argument("file", required=False, type=click.File(encoding="utf-8"))
def replay_erasures(file: TextIO | None) -> None:
    """Erase again, after an older backup was put back, what people had erased since: a list, or those kept here."""
    try:
        known = services_erasures.erasures_in(file) if file else services_erasures.kept()
        done = services_erasures.replay(known, clock.now(), clock.today())
        services_erasures.keep()
    except services_erasures.ErasuresUnreadable as unreadable:
        raise click.ClickException(str(unreadable)) from unreadable
    click.echo(
        f"{len(known)} erasures are known: {len(done.people)} are done again, {done.unknown} are of nobody here",
        err=True,
    )
    for number in done.people:
        click.echo(f"erased again: person {number}", err=True)
    for number in done.kept:
        click.echo(
            f"not erased: person {number} alone runs the network in this archive. Invite another with "
            "popschool people invite, then run popschool retention replay again",
            err=True,
        )
    if done.kept:
        sys.exit(1)
