"""Every command says what it does, what went wrong, and ends with 0, 1 or 2."""

import json
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from popschool import cli, migration
from popschool.config import SettingRefused
from popschool.schools.rules import CohortArchived
from tests.processes import ROOT, environment, popschool

FIXED = {
    "serve", "worker", "demo", "migrate", "people", "courses", "doctor", "routes", "backup", "restore", "retention",
}  # fmt: skip


@pytest.fixture
def run(app):
    def invoke(*arguments):
        return CliRunner().invoke(cli.main, arguments, obj=ScriptInfo(create_app=lambda: app))

    return invoke


def every_command(group=cli.main, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


def test_the_fixed_commands_are_there():
    names = {path[0] for path in every_command()}
    pairs = {path for path in every_command() if len(path) == 2}

    assert names >= FIXED
    assert pairs >= {("people", "invite"), ("people", "import")}
    assert pairs >= {("courses", name) for name in ("add", "check", "sync", "preview")}


def test_every_command_explains_itself():
    for path in every_command():
        answer = CliRunner().invoke(cli.main, [*path, "--help"])
        assert answer.exit_code == 0, path
        assert answer.output.startswith("Usage:")
        assert len(answer.output.splitlines()) > 3, path


def test_help_needs_no_settings(monkeypatch):
    monkeypatch.setenv("POPSCHOOL_JOBS", "nonsense")

    assert CliRunner().invoke(cli.main, ["--help"]).exit_code == 0


def test_a_call_that_is_wrong_ends_with_2(run):
    assert run("nonsense").exit_code == 2
    assert run("serve", "--port", "high").exit_code == 2
    assert run("migrate", "--to", "a", "--down-to", "b").exit_code == 2


def test_a_setting_that_cannot_be_read_ends_with_2_and_its_name(monkeypatch):
    def refuse():
        raise SettingRefused("JOBS: write inside or worker")

    answer = CliRunner().invoke(cli.main, ["routes"], obj=ScriptInfo(create_app=refuse))

    assert answer.exit_code == 2
    assert "JOBS: write inside or worker" in answer.output


def test_a_rule_of_the_school_is_said_in_words_and_ends_with_1(run, monkeypatch):
    @click.command("break-a-rule")
    def break_a_rule():
        raise CohortArchived("VAL-2027-1")

    monkeypatch.setitem(cli.main.commands, "break-a-rule", break_a_rule)

    answer = run("break-a-rule")

    assert answer.exit_code == 1
    assert "CohortArchived" not in answer.output
    assert answer.output.startswith("Error: ")


def test_every_route_is_listed_with_what_it_asks_for(run, app):
    answer = run("routes", "--json")

    rows = {row["rule"]: row for row in json.loads(answer.stdout)}
    assert rows["/healthz"] == {
        "rule": "/healthz",
        "methods": ["GET"],
        "endpoint": "server.healthz",
        "allowed": "public",
    }
    assert rows["/messages/read"]["allowed"] == "see_own_notices"
    assert len(rows) == len({rule.rule for rule in app.url_map.iter_rules()})
    assert "/healthz" in run("routes").stdout


def test_the_doctor_ends_with_0_when_sound_and_1_when_not(run, monkeypatch):
    monkeypatch.setattr(migration, "database_version", migration.code_version)
    sound = run("doctor", "--json")
    monkeypatch.setattr(migration, "database_version", lambda: "an old one")
    unsound = run("doctor", "--json")

    assert (sound.exit_code, json.loads(sound.stdout)["sound"]) == (0, True)
    assert (unsound.exit_code, json.loads(unsound.stdout)["sound"]) == (1, False)


def test_a_worker_refuses_an_old_database(run, monkeypatch):
    monkeypatch.setattr(migration, "database_version", lambda: "an old one")

    answer = run("worker", "--until-idle")

    assert answer.exit_code == 1
    assert "popschool migrate" in answer.output


def test_a_worker_says_when_it_should_come_back(tmp_path):
    environ = environment(tmp_path)
    assert popschool("migrate", environ=environ).returncode == 0

    answer = popschool("worker", "--until-idle", environ=environ)

    assert answer.returncode == 0, answer.stderr
    assert 0 < json.loads(answer.stdout)["next_due_seconds"] <= 24 * 3600


def test_groups_of_the_same_name_are_one():
    house = cli.House(features=cli.FEATURES, as_owner=cli.as_owner)
    for feature in ("one", "two"):
        group = click.Group("people")
        group.add_command(click.Command(feature, callback=lambda: None))
        house._adopt(group, None)

    assert set(house.commands["people"].commands) == {"one", "two"}


def test_help_loads_nothing_of_the_features():
    program = (
        "import sys; from click.testing import CliRunner; from popschool import cli; "
        "answer = CliRunner().invoke(cli.main, ['--help']); "
        "print(answer.exit_code, sorted({name.partition('.')[0] for name in sys.modules} & {'sqlalchemy', 'argon2'}))"
    )

    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert said.stdout == "0 []\n"


def test_what_is_listed_is_what_features_bring_in_their_own_words():
    context, listed = click.Context(cli.main), set(cli.main.list_commands(click.Context(cli.main)))
    for name, said in cli.FEATURES.alone.items():
        assert cli.main.get_command(context, name).help.splitlines()[0] == said

    assert set(cli.main.commands) == listed
    assert all(cli.main.get_command(context, name).list_commands(context) for name in cli.FEATURES.groups)
