"""Attendance from a terminal: is everything as it was signed, and do the summaries say what the facts add up to."""

import json
import sys
import time
from dataclasses import asdict

import click

from popschool import kept, pace
from popschool.attendance import summaries as services_summaries
from popschool.attendance import verification
from popschool.attendance.ledger import Break, Checked
from popschool.db import db
from popschool.schools.models import Cohort


@click.group()
def attendance() -> None:
    """Signatures and sheets."""


@attendance.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
@pace.shown
def verify(as_json: bool) -> None:
    """Compute every chain, seal and paper again; exit 1 and the first broken place when one is not as it was."""
    started, checked = time.perf_counter(), Checked()
    broken = verification.verify_everything(checked)
    seconds = round(time.perf_counter() - started, 3)
    cohort = db.session.get(Cohort, broken.cohort_id) if broken else None
    code = cohort.code if cohort else ""
    if as_json:
        found = {"sound": broken is None, **asdict(checked), "seconds": seconds, "break": _as_json(broken, code)}
        click.echo(json.dumps(found, ensure_ascii=False))
    elif broken is None:
        click.echo(
            f"sound: {checked.entries} lines of {checked.chains} cohorts, {checked.sheets} sheets, {checked.papers} "
            f"papers, in {seconds} s; {checked.removed} contents removed by retention, {checked.waiting} papers to make"
        )
    if broken is not None:
        if not as_json:
            click.echo(f"{code or broken.cohort_id}:{broken.sequence}: {broken.what} ({broken.where})", err=True)
        sys.exit(1)


def _as_json(broken: Break | None, code: str) -> dict | None:
    if broken is None:
        return None
    return {"cohort": code, "line": broken.sequence, "what": broken.what, "where": broken.where}


@click.group()
def summaries() -> None:
    """Daily summaries of presence, and figures that are kept."""


@summaries.command()
@click.option(
    "--check", "only_check", is_flag=True, help="Change nothing; exit 1 when a summary is not what it should."
)
@pace.shown
def rebuild(only_check: bool) -> None:
    """Write every summary again from the facts."""
    if not only_check:
        click.echo(f"{services_summaries.rebuild()} days written again", err=True)
        click.echo(f"{kept.throw_away()} kept figures thrown away, to be counted again", err=True)
        return
    wrong = 0
    for difference in services_summaries.differences():
        wrong += 1
        click.echo(
            f"enrolment {difference.enrolment_id}:{difference.on}: kept {list(difference.kept)}, "
            f"the facts add up to {list(difference.counted)}",
            err=True,
        )
    for what, on, school_id in kept.differences():
        wrong += 1
        click.echo(f"{what} of school {school_id} on {on}: kept otherwise than the facts add up to", err=True)
    if wrong:
        sys.exit(1)
    click.echo("every summary is what the facts add up to", err=True)
