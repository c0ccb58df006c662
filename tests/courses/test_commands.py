"""Courses from a terminal: what is printed, where, and with which exit code."""

import json

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo

from popschool.cli import main
from popschool.courses.preview import make_preview
from tests.courses.repositories import Repository, git, project, web_course

PROBLEM = {"path", "line", "column", "level", "message"}


def run(*arguments, app=None):
    return CliRunner().invoke(main, ["courses", *map(str, arguments)], obj=ScriptInfo(create_app=lambda: app))


@pytest.fixture
def repository(tmp_path):
    made = Repository(tmp_path / "cours")
    made.commit(web_course())
    return made


def test_a_good_folder_is_checked_without_a_database(repository):
    answer = run("check", repository.folder)

    assert answer.exit_code == 0
    assert answer.stdout.startswith("3 pages, 0 errors")
    assert answer.stderr == ""


def test_problems_are_named_with_file_and_line(repository):
    (repository.folder / "web/p01/projet.md").write_text(project().replace("level: 1", "level: 7"))

    answer = run("check", repository.folder)

    assert answer.exit_code == 1
    assert "web/p01/projet.md:8: « level » doit être au plus 3." in answer.stderr


def test_check_as_json_prints_nothing_else(repository):
    (repository.folder / "web/p01/projet.md").write_text(project().replace("level: 1", "level: 7"))

    answer = run("check", repository.folder, "--json")

    found = json.loads(answer.stdout)
    assert answer.exit_code == 1 and answer.stderr == ""
    assert set(found["problems"][0]) == PROBLEM
    assert found["problems"][0]["level"] == "error"


def test_a_bare_repository_is_checked_at_its_last_commit(repository, tmp_path):
    git(tmp_path, "clone", "--quiet", "--bare", repository.url, str(tmp_path / "nu.git"))

    found = json.loads(run("check", tmp_path / "nu.git", "--json").stdout)

    assert found["commit"] == git(repository.folder, "rev-parse", "HEAD")
    assert found["pages"] == 3


def test_a_folder_that_is_not_there_is_a_wrong_call(tmp_path):
    assert run("check", tmp_path / "absent").exit_code == 2
    assert run("check").exit_code == 2


def test_a_source_is_added_then_synchronised(app, repository):
    assert run("add", "web", repository.url, "--branch", "main", app=app).exit_code == 0

    answer = run("sync", "--json", app=app)

    (found,) = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert set(found) == {"source", "commit", "pages", "changed", "problems", "seconds"}
    assert (found["source"], found["pages"], found["changed"]) == ("web", 3, 3)


def test_a_refused_push_ends_with_one(app, repository):
    run("add", "web", f"file://{repository.folder}", app=app)
    repository.commit({"web/p01/projet.md": "rien"})

    answer = run("sync", "web", app=app)

    assert answer.exit_code == 1
    assert "web/p01/projet.md:1: " in answer.stderr


def test_only_a_folder_of_a_repository_is_read(app, tmp_path):
    repository = Repository(tmp_path / "grand")
    repository.commit({f"cours/{path}": content for path, content in web_course().items()} | {"code/a.md": "# A"})
    run("add", "web", repository.url, "--folder", "cours", app=app)

    (found,) = json.loads(run("sync", "web", "--json", app=app).stdout)

    assert found["pages"] == 3


def test_a_name_that_is_taken_or_unknown_is_said(app, repository):
    run("add", "web", repository.url, app=app)

    again = run("add", "web", repository.url, app=app)
    assert again.exit_code == 1 and "web" in again.stderr
    assert run("sync", "absent", app=app).exit_code == 1


def test_an_address_of_our_own_network_is_refused(app):
    assert run("add", "web", "http://127.0.0.1/a.git", app=app).exit_code == 1


def test_a_preview_shows_the_folder_and_follows_it(repository):
    client = make_preview(repository.folder).test_client()

    assert "Développeur web" in client.get("/").text
    assert "Le comptoir ouvre" in client.get("/courses/cours/p01").text
    assert "Une page." in client.get("/courses/cours/p01/01-html").text
    before = client.get("/version").json
    (repository.folder / "web/p01/01-html.md").write_text("# Le HTML\n\nAutre chose.\n")
    assert client.get("/version").json != before
    assert "Autre chose." in client.get("/courses/cours/p01/01-html").text


def test_a_preview_shows_problems_and_both_widths(repository):
    (repository.folder / "web/p01/projet.md").write_text("rien")
    client = make_preview(repository.folder).test_client()

    assert "web/p01/projet.md" in client.get("/").text
    assert client.get("/courses/cours/p01/01-html").status_code == 404
    assert 'width="360"' in client.get("/widths?of=/courses/cours/p02").text
    assert client.get("/preview.css").status_code == 200
    assert client.get("/preview.js").status_code == 200
