"""How far long work has come: said to whoever waits for it, and to nobody else."""

import click
import pytest
from click.testing import CliRunner

from popschool import pace
from popschool.cli import main


@pytest.fixture
def seconds(monkeypatch):
    """Let each look at the clock find it three seconds later."""
    passed = iter(range(0, 3_000, 3))
    monkeypatch.setattr(pace, "monotonic", lambda: next(passed))


@click.command()
@click.option("--json", "as_json", is_flag=True)
@pace.shown
def count(as_json: bool) -> None:
    for number in pace.each(range(4), 4, "numbers"):
        click.echo(number)


def test_a_terminal_hears_every_few_seconds_how_far_one_has_come(seconds, monkeypatch):
    monkeypatch.setattr(pace, "IN_A_LOG", pace.AT_A_TERMINAL)
    done = CliRunner().invoke(count)
    assert done.stdout.split() == ["0", "1", "2", "3"]
    assert done.stderr.splitlines() == [
        "2 numbers of 4, 0.3 a second, less than a minute left",
        "4 numbers of 4, 0.3 a second, less than a minute left",
    ]


def test_a_log_hears_it_once_a_minute(seconds):
    assert CliRunner().invoke(count).stderr == ""


def test_one_that_asked_for_json_hears_nothing_else(seconds, monkeypatch):
    monkeypatch.setattr(pace, "IN_A_LOG", 0)
    assert CliRunner().invoke(count, ["--json"]).stderr == ""


def test_nobody_hears_of_a_job(seconds, capsys):
    assert list(pace.each(iter("abc"), 3, "letters")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_what_is_left_follows_the_pace_so_far(seconds):
    said = []
    work = pace.Pace(60_000, "half-days", said.append, every=0)
    work.add(100)
    work.add(100)
    work.say("making indexes")
    assert said == [
        "100 half-days of 60,000, 100 a second, 10 min left",
        "200 half-days of 60,000, 67 a second, 15 min left",
        "making indexes (9 s)",
    ]


@pytest.mark.parametrize(
    "command", [["attendance", "verify"], ["audit", "verify"], ["summaries", "rebuild", "--check"]]
)
def test_commands_that_look_through_everything_say_how_far_they_are(app, command, monkeypatch):
    heard = []
    monkeypatch.setattr(pace, "each", lambda things, total, what: heard.append((total, what)) or iter(things))
    result = app.test_cli_runner().invoke(main, command)
    assert result.exit_code == 0, result.output
    assert heard
