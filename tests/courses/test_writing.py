"""Pages written in the browser: a commit in the author's name, and never a word of anybody's written over."""

import json
import re
import subprocess

import pytest
from sqlalchemy import select

from popschool.courses import page_preview, services_writing, sync
from popschool.courses.models_authoring import PageDraft, PageSave
from popschool.db import db
from popschool.git_writing import merge
from popschool.jobs import Job
from tests.conftest import NOW
from tests.courses.repositories import Repository, git, web_course
from tests.factories import make_author, make_learner, make_source, make_trainer, save

PATH = "web/p01/01-html.md"
HERE = f"/sources/web/write?path={PATH}"
TEXT = "# Le HTML\n\nUne page.\n\nUne deuxième ligne.\n\nUne troisième ligne.\n"


@pytest.fixture
def repository(tmp_path):
    """The working copy of somebody else, who pushes to the same bare repository."""
    made = Repository(tmp_path / "cours")
    made.commit(web_course(**{PATH: TEXT}))
    git(tmp_path, "clone", "--quiet", "--bare", made.url, str(tmp_path / "cours.git"))
    git(made.folder, "remote", "add", "origin", str(tmp_path / "cours.git"))
    return made


@pytest.fixture
def bare(tmp_path, repository):
    return tmp_path / "cours.git"


@pytest.fixture
def source(app, bare):
    made = make_source(name="web", title="Cours web", url=str(bare), is_local=True, branch="")
    save()
    assert sync.synchronise(made, NOW).outcome == "published"
    return made


@pytest.fixture
def author(source, log_in):
    return log_in(make_author(first_name="Nour", last_name="Autrice", mail="nour@example.org"))


def press(client, do, text=TEXT, **more):
    return client.post(HERE, data={"text": text, "where": "branch", "do": do} | more)


def somebody_else_writes(repository, text):
    repository.commit({PATH: text}, "Passer avant")
    git(repository.folder, "push", "--quiet", "origin", "main")


def work():
    """Do what waits for a worker."""
    for made in db.session.scalars(select(PageSave).where(PageSave.outcome == "waiting")).all():
        services_writing.push(made.id, NOW)


def the_save():
    db.session.expire_all()
    return db.session.scalar(select(PageSave).order_by(PageSave.id.desc()))


def on_branch(bare, branch, path=PATH):
    return git(bare, "show", f"{branch}:{path}") + "\n"


def test_a_page_is_edited_previewed_and_saved_on_a_branch(client, author, source, bare):
    assert "Une deuxième ligne." in client.get(HERE).text

    shown = client.get(press(client, "preview", TEXT.replace("Une page.", "Une **vraie** page.")).location)
    assert "Une <strong>vraie</strong> page." in shown.text
    made = press(client, "save", TEXT.replace("Une page.", "Une vraie page."), message="Dire la vérité")
    work()

    page = client.get(made.location).text
    saved = the_save()
    assert saved.outcome == "pushed" and saved.branch.startswith("popschool/nour-autrice-")
    assert saved.branch in page and "Dire la vérité" in page
    assert "Une vraie page." in on_branch(bare, saved.branch)
    assert on_branch(bare, "main") == TEXT
    written = git(bare, "log", "-1", "--format=%an|%ae|%s|%P", saved.branch).split("|")
    assert written == ["Nour Autrice", "nour@example.org", "Dire la vérité", git(bare, "rev-parse", "main")]
    assert db.session.scalar(select(PageDraft)) is None


def test_saved_in_the_course_it_is_live_after_a_sync(client, author, source, bare):
    press(client, "save", TEXT.replace("Une page.", "Une page en ligne."), where="course")
    work()

    assert (the_save().outcome, the_save().branch) == ("pushed", "main")
    assert [job.arguments["reason"] for job in db.session.scalars(select(Job)) if "sync_source" in job.task] == ["push"]
    assert sync.synchronise(source, NOW).outcome == "published"
    assert "Une page en ligne." in client.get("/courses/web/p01/01-html").text
    assert git(bare, "diff", "--name-only", "main~1", "main") == PATH


def test_other_files_that_moved_meanwhile_are_kept(client, author, source, bare, repository):
    repository.commit({"web/p02/02.md": "# Neuf\n"})
    git(repository.folder, "push", "--quiet", "origin", "main")

    press(client, "save", TEXT + "\nFin.\n", where="course")
    work()

    assert the_save().outcome == "pushed"
    assert on_branch(bare, "main", "web/p02/02.md") == "# Neuf\n"
    assert on_branch(bare, "main").endswith("Fin.\n")


def test_a_change_of_the_same_lines_is_shown_and_nothing_is_written_over(client, author, source, bare, repository):
    mine = TEXT.replace("Une page.", "Ma page.")
    press(client, "keep", mine)
    somebody_else_writes(repository, TEXT.replace("Une page.", "Leur page."))
    sync.synchronise(source, NOW)

    refused = client.get(press(client, "save", mine, where="course").location).text

    assert "Rien n&#39;est écrasé" in refused or "Rien n'est écrasé" in refused
    assert "Leur" in refused and "Ma page." in refused
    assert "Enregistrer</button>" not in refused
    assert db.session.scalar(select(PageSave)) is None
    settled = press(client, "mine", TEXT.replace("Une page.", "Notre page."))
    press(client, "save", TEXT.replace("Une page.", "Notre page."), where="course")
    work()
    assert settled.status_code == 302
    assert on_branch(bare, "main") == TEXT.replace("Une page.", "Notre page.")
    assert git(bare, "log", "--format=%s", "main").splitlines()[1] == "Passer avant"


def test_changes_of_other_lines_are_put_together_when_asked(client, author, source, bare, repository):
    press(client, "keep", TEXT.replace("troisième", "dernière"))
    somebody_else_writes(repository, TEXT.replace("Une page.", "Leur page."))
    sync.synchronise(source, NOW)
    assert "Les deux changements vont ensemble." in client.get(HERE).text

    press(client, "merged", TEXT.replace("troisième", "dernière"))
    both = db.session.scalar(select(PageDraft.text))
    press(client, "save", both, where="course")
    work()

    assert on_branch(bare, "main") == TEXT.replace("troisième", "dernière").replace("Une page.", "Leur page.")


def test_a_conflict_that_we_only_learn_from_the_forge_is_shown_too(client, author, source, bare, repository):
    mine = TEXT.replace("Une page.", "Ma page.")
    somebody_else_writes(repository, TEXT.replace("Une page.", "Leur page."))  # and no webhook tells us

    made = press(client, "save", mine, where="course")
    work()

    assert the_save().outcome == "conflict"
    assert on_branch(bare, "main") == TEXT.replace("Une page.", "Leur page.")
    assert "Voir les deux textes" in client.get(made.location).text
    page = client.get(HERE).text
    assert "Ma page." in page and "Leur" in page


def test_a_repository_that_cannot_be_written_gives_a_patch(client, author, source, bare, tmp_path, repository):
    made = press(client, "save", TEXT.replace("Une page.", "Une page à la main."))
    bare.rename(tmp_path / "ailleurs.git")
    work()

    page = client.get(made.location).text
    saved = the_save()
    assert saved.outcome == "kept" and "Votre travail est gardé" in page
    patch = client.get(f"/sources/web/saves/{saved.id}.patch")
    assert patch.headers["Content-Disposition"].endswith('.patch"')
    git(repository.folder, "am", data=patch.data)
    assert "Une page à la main." in (repository.folder / PATH).read_text()
    assert git(repository.folder, "log", "-1", "--format=%an") == "Nour Autrice"


def test_a_push_done_twice_sends_once(client, author, source, bare):
    press(client, "save", TEXT + "\nFin.\n", where="course")
    work()
    commits = git(bare, "rev-list", "--count", "main")

    services_writing.push(the_save().id, NOW)

    assert git(bare, "rev-list", "--count", "main") == commits


def test_a_new_page_is_written_where_its_path_says(client, author, source, bare):
    here = "/sources/web/write?path=web/p01/09-neuf.md"
    assert "Nouvelle page" in client.get(here).text

    client.post(here, data={"text": "# Neuf\n", "where": "course", "do": "save"})
    work()

    assert on_branch(bare, "main", "web/p01/09-neuf.md") == "# Neuf\n"


def test_a_draft_comes_back_and_can_be_thrown_away(client, author, source):
    press(client, "keep", "# Brouillon\n")
    assert "# Brouillon" in client.get(HERE).text and PATH in client.get("/sources/web/files").text

    press(client, "throw", "# Brouillon\n")

    assert "Une deuxième ligne." in client.get(HERE).text
    assert db.session.scalar(select(PageDraft)) is None


def test_what_another_author_writes_is_theirs(client, author, source, log_in):
    press(client, "keep", "# Secret\n")
    log_in(make_author())

    assert "# Secret" not in client.get(HERE).text


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "web/p01/carte.png",
        ".git/config",
        "web/.caché/a.md",
        "",
        "/etc/a.md",
        "a/../b.md",
        "a\x00.md",
    ],
)
def test_only_pages_inside_the_course_are_written(client, author, source, path):
    answer = client.post("/sources/web/write", query_string={"path": path}, data={"text": "x", "do": "save"})

    assert answer.status_code in (302, 400)
    assert db.session.scalar(select(PageSave)) is None and db.session.scalar(select(PageDraft)) is None


def test_an_address_without_a_page_leads_to_the_pages_without_a_reproach(client, author, source):
    answer = client.get("/sources/web/write", follow_redirects=True)

    assert answer.request.path == "/sources/web/files" and "ne peut pas être écrit" not in answer.text


@pytest.mark.parametrize("make", [make_trainer, make_learner])
@pytest.mark.parametrize("address", [HERE, "/sources/web/files", "/sources/web/saves/1", "/sources/web/saves/1.patch"])
def test_writing_is_for_authors(client, source, log_in, make, address):
    log_in(make())

    assert client.get(address).status_code == 403


def test_the_preview_says_what_is_wrong_at_its_line_and_shows_no_script(client, author, source):
    text = "# A\n\n![](x.png)\n\n#### Trop loin\n\n<script>alert(1)</script>\n"

    page = client.get(press(client, "preview", text).location).text

    assert f"{PATH}, ligne 3" in page and f"{PATH}, ligne 5" in page
    assert "alert(1)</script>" not in page.replace("&lt;", "")


def test_the_preview_says_which_addresses_lead_nowhere(client, author, source):
    text = "# A\n\n[la suite](02-rien.md), [le projet](projet.md), [bas](#b), [loin](#c)\n\n## B\n\n![Un plan](a.png)\n"

    page = client.get(press(client, "preview", text).location).text

    assert re.findall(r"«\s(02-rien.md|projet.md|#b|#c|a.png)\s»", page) == ["02-rien.md", "#c", "a.png"]


def test_a_page_that_breaks_the_preview_stops_nobody(monkeypatch):
    def slow(*arguments, **options):
        raise subprocess.TimeoutExpired("python", 20)

    monkeypatch.setattr(page_preview.subprocess, "run", slow)

    assert page_preview.preview("a.md", "# A\n", {"links": {}, "images": {}}).sections is None


def test_the_preview_is_what_readers_will_see():
    found = page_preview.make({"path": "a.md", "text": "# A\n\n[b](b.md)\n", "links": {"b.md": "/b"}, "images": {}})

    assert json.loads(json.dumps(found))["sections"][0]["html"] == '<p><a href="/b">b</a></p>'


def test_the_editor_is_light_and_costs_few_queries(client, author, source, queries):
    press(client, "keep", TEXT * 60)
    client.get(HERE)

    with queries() as seen:
        page = client.get(HERE, headers={"Accept-Encoding": "gzip"})

    assert len(page.data) <= 16_000
    assert len(seen) <= 8


def test_two_texts_are_put_together_only_when_nobody_has_to_choose():
    assert merge("a\nb\nc\nd\ne\n", "A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n") == "A\nb\nc\nd\nE\n"
    assert merge("a\n", "b\n", "c\n") is None
