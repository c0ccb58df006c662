"""Retention from a terminal: remove today what its years are over for, as the nightly job does."""

import json

import click

from popschool import clock
from popschool.completion import services_retention


@click.group()
def retention() -> None:
    """How long things are kept."""


@retention.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and nothing else.")
def run(as_json: bool) -> None:
    """Remove what was kept for its years: documents, names of answers, what lies under lock. Again, nothing."""
    removed = services_retention.run(clock.now(), clock.today())
    if as_json:
        click.echo(json.dumps(removed))
    else:
        click.echo(
            f"{removed['documents']} documents emptied, {removed['questionnaires']} questionnaires made nameless, "
            f"{removed['locked_answers']} sensitive answers removed"
        )
