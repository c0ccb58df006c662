"""What reviewers are given of a work is made by a job: files without their author, and code line by line."""

import zipfile
from io import BytesIO

import pytest

from popschool import git, jobs, storage
from popschool.db import db
from popschool.review import rules_code, services_copies
from popschool.review.models import Review, ReviewAnswer
from popschool.review.models_copies import ReviewCopy
from popschool.review.services_parts import parts_by_name, shown_parts
from tests import factories
from tests.conftest import NOW
from tests.courses.repositories import Repository
from tests.review.rounds import GOOD, IDEA, circle, open_round

CODE = {
    "index.html": "<h1>Menu</h1>\n",
    "js/app.js": "let total = 2\nlet tip = 1\n// Zoé Quentin\n",
    "node_modules/left/pad.js": "no",
    "package-lock.json": "{}",
    "logo.png": "\0\1",
}


@pytest.fixture
def remote(tmp_path):
    repository = Repository(tmp_path / "code")
    repository.commit(CODE)
    return git.Remote(str(repository.folder), is_local=True)


def zipped() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("lisez.txt", "Par Zoé Quentin")
    return made.getvalue()


def opened(files=(), repository: str = "", commit: str = ""):
    """Open a round on work that somebody named made; return it, one who reads that work, and the work's submission."""
    found = circle(sent=0)
    author = found.learners[0]
    author.first_name, author.last_name = "Zoé", "Quentin"
    for learner in found.learners:
        kept = [
            {"hash": one.hash, "name": name, "size": one.size, "media_type": media_type}
            for name, media_type, content in files
            for one in [storage.put(content)]
        ]
        factories.make_submission(
            found.deliverable, [learner], text="Voici.", files=kept, repository=repository, repository_commit=commit
        )
    factories.save()
    started = open_round(found)
    review = next(one for one in db.session.query(Review) if author.id in one.work.authors)
    review.state, review.revealed_at = "revealed", NOW
    db.session.commit()
    return started, review


def test_a_heavy_file_is_cleaned_by_a_job_and_not_by_the_page(app, client, log_in, monkeypatch):
    _round, review = opened([("travail.zip", "application/zip", zipped()), ("film.mp4", "video/mp4", b"film")])
    log_in(review.reviewer.person)
    page = f"/reviews/{review.key}"
    assert "Ce fichier se prépare." in client.get(page).text
    assert client.get(f"{page}/files/1").location.endswith("#message")
    waiting = db.session.query(jobs.Job).filter_by(task=services_copies.TASK).all()
    assert review.work.submission_id in {job.arguments["submission_id"] for job in waiting}

    services_copies.make(review.work.submission_id, NOW)
    services_copies.make(review.work.submission_id, NOW)
    monkeypatch.setattr(services_copies, "cleaned", None)
    monkeypatch.setattr("popschool.review.services_parts.cleaned", None)
    answer = client.get(f"{page}/files/1")

    with zipfile.ZipFile(BytesIO(answer.data)) as archive:
        assert archive.read("lisez.txt").decode() == "Par [nom caché]"
    assert "Ce fichier dit qui l'a fait" in client.get(page).text.replace("&#39;", "'").replace("’", "'")
    assert client.get(f"{page}/files/2").status_code == 302
    assert db.session.query(ReviewCopy).filter_by(submission_id=review.work.submission_id).count() == 2


def test_a_word_points_at_a_line_of_the_code_of_a_repository(app, client, log_in, remote):
    started, review = opened(repository="https://forge.example.org/quentin/menu")
    log_in(review.reviewer.person)
    page = f"/reviews/{review.key}"
    assert "Le code se prépare, ligne par ligne." in client.get(page).text
    services_copies.make(review.work.submission_id, NOW, remote)

    shown = client.get(page).text
    assert "forge.example.org" not in shown
    assert f'href="{page}/code/2"' in shown
    code = client.get(f"{page}/code/2").text
    assert "js/app.js" in code
    assert "Quentin" not in code
    assert 'id="code-2-2"' in code
    assert client.get(f"{page}/code/3").status_code == 404
    given = {"mark": "1", "good": GOOD, "good_place": "code-2", "good_line": "2", "idea": IDEA}
    assert client.post(f"{page}/criteria/1", data=given | {"good_line": "9"}).status_code == 200
    for number in range(1, len(started.criteria) + 1):
        assert client.post(f"{page}/criteria/{number}", data=given).status_code == 302
    client.post(f"{page}/check")
    answer = db.session.query(ReviewAnswer).filter_by(review_id=review.id, position=1).one()

    assert (answer.good_place, answer.good_line, answer.good_quote) == ("code-2", 2, "let tip = 1")
    own = parts_by_name(shown_parts(review.work.submission, False, is_own=True))
    assert own["code-2"].lines[2] == "// Zoé Quentin"


def test_code_is_that_of_the_commit_that_was_sent(app, tmp_path):
    repository = Repository(tmp_path / "code")
    before = repository.commit({"app.js": "let a = 1\n"})
    repository.commit({"app.js": "let a = 2\n"})
    _round, review = opened(repository="https://forge.example.org/menu", commit=before)

    services_copies.make(review.work.submission_id, NOW, git.Remote(str(repository.folder), is_local=True))

    assert parts_by_name(shown_parts(review.work.submission, False))["code-1"].lines[0] == "let a = 1"


def test_a_repository_that_cannot_be_read_keeps_its_address(app, tmp_path):
    _round, review = opened(repository="https://forge.example.org/menu")

    services_copies.make(review.work.submission_id, NOW, git.Remote(str(tmp_path / "gone"), is_local=True))

    parts = shown_parts(review.work.submission, False)
    assert [(one.kind, one.url, one.is_waiting) for one in parts if one.kind == "repository"] == [
        ("repository", "https://forge.example.org/menu", False)
    ]


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("index.html", 10, True),
        ("src/app.py", 40_000, True),
        ("src/app.py", 40_001, False),
        ("empty.py", 0, False),
        ("node_modules/a.js", 10, False),
        (".github/ci.yml", 10, False),
        (".env", 10, False),
        ("jquery.min.js", 10, False),
        ("yarn.lock", 10, False),
        ("CONTRIBUTORS.md", 10, False),
        ("LICENSE", 10, False),
    ],
)
def test_only_what_somebody_wrote_is_read(path, size, expected):
    assert rules_code.is_read(path, size) is expected


def test_files_near_the_top_come_first():
    assert rules_code.chosen([("b/z.js", 1), ("c.js", 1), ("a/b/x.js", 1), ("a.js", 1)]) == [
        "a.js",
        "c.js",
        "b/z.js",
        "a/b/x.js",
    ]
