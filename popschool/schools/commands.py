"""`popschool people import`: a roster from a file, all or nothing."""

import sys
from pathlib import Path

import click
from sqlalchemy import select

from popschool import clock
from popschool.db import db
from popschool.schools import importing
from popschool.schools.models import Cohort
from popschool.schools.roster import RosterRefused, decode


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cohort", "code", help="The code of the cohort, such as VAL-2027-1; else each line has its own.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def import_people(file: Path, code: str | None, dry_run: bool) -> None:
    """Bring the people of a CSV FILE into a cohort, all of them or nobody."""
    cohort = db.session.scalars(select(Cohort).where(Cohort.code == code.upper())).first() if code else None
    if code and cohort is None:
        raise click.ClickException(f"there is no cohort {code}")
    try:
        text = decode(file.read_bytes(), str(file))
        if dry_run:
            plan = importing.plan_import(text, cohort, clock.today(), str(file))
            if plan.problems:
                raise RosterRefused(plan.problems)
        else:
            plan = importing.import_roster(text, cohort, None, clock.now(), clock.today(), str(file))
    except RosterRefused as refused:
        for problem in refused.problems:
            click.echo(f"{problem} {problem.mend}", err=True)
        sys.exit(1)
    for advice in plan.advice:
        click.echo(f"{advice} {advice.mend}", err=True)
    verb = "would be " if dry_run else ""
    click.echo(
        f"{len(plan.fresh)} people {verb}made, {len(plan.enrolled)} {verb}enrolled, {len(plan.held)} already there."
    )
