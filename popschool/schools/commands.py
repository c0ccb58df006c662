"""`popschool people import`: a roster from a file, all or nothing."""

import sys
from pathlib import Path

import click
from sqlalchemy import select

from popschool import clock
from popschool.db import db
from popschool.schools import importing
from popschool.schools.models import Cohort
from popschool.schools.roster import decode


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cohort", "code", required=True, help="The code of the cohort, such as VAL-2027-1.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
def import_people(file: Path, code: str, dry_run: bool) -> None:
    """Bring the people of a CSV FILE into a cohort."""
    cohort = db.session.scalars(select(Cohort).where(Cohort.code == code.upper())).first()
    if cohort is None:
        raise click.ClickException(f"there is no cohort {code}")
    text, now = decode(file.read_bytes()), clock.now()
    try:
        if dry_run:
            plan = importing.plan_import(text, cohort, clock.today(), str(file))
            if plan.problems:
                raise importing.RosterRefused(plan.problems)
        else:
            plan = importing.import_roster(text, cohort, None, now, clock.today(), str(file))
    except importing.RosterRefused as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        sys.exit(1)
    verb = "would be " if dry_run else ""
    click.echo(
        f"{len(plan.fresh)} people {verb}made, {len(plan.fresh) + len(plan.known)} {verb}enrolled, "
        f"{len(plan.held)} already there."
    )
