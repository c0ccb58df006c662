"""The restore drill: a backup taken while people write comes back whole, on either database and either store."""

import gzip
import hashlib
import io
import json
import tarfile
import threading

import pytest
from sqlalchemy import func, select, text

from popschool import backup, migration, storage
from popschool.courses import search
from popschool.courses.models import PageVersion, SearchText
from popschool.courses.sync import synchronise
from popschool.db import db, transaction
from popschool.projects.models import Submission, SubmissionFile
from tests.conftest import NOW, make_app
from tests.courses.repositories import Repository, web_course
from tests.factories import make_assignment, make_cohort, make_learner, make_source, make_submission, save
from tests.faults.installations import bucket, database
from tests.postgres import knows_its_rows

WAYS = [("sqlite", "folder", "postgresql", "s3"), ("postgresql", "s3", "sqlite", "folder")]


@pytest.fixture(autouse=True)
def same_version(monkeypatch):
    """The tests' tables are those of the code, whatever migrations say."""
    monkeypatch.setattr(migration, "database_version", migration.code_version)


@pytest.fixture(scope="module")
def store_server():
    with bucket() as server:
        yield server


@pytest.fixture
def installation(tmp_path, request, store_server):
    """Make installations, each with an empty database and store."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def make(engine, store, name):
            server = request.getfixturevalue("postgres") if engine == "postgresql" else ""
            url = stack.enter_context(database(engine, tmp_path, server))
            files = store_server.url.format(f"{tmp_path.name}-{name}") if store == "s3" else f"file://{tmp_path / name}"
            app = make_app(tmp_path / f"data-{name}", url, storage_url=files)
            with app.app_context():
                db.create_all()
            stack.callback(close, app)
            return app

        yield make


def close(app):
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def hand_in(deliverable, learner, number):
    content = f"Le menu {number}".encode() * 1000
    kept = storage.put(content)
    file = {"hash": kept.hash, "name": f"menu-{number}.txt", "size": kept.size, "media_type": "text/plain"}
    make_submission(deliverable, [learner], version=number, files=[file])
    save()


def members(path):
    with tarfile.open(path) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}


def rows(path):
    return {name: content for name, content in members(path).items() if name.startswith("tables/")}


@pytest.mark.parametrize(("engine", "store", "other_engine", "other_store"), WAYS)
def test_what_was_backed_up_while_people_wrote_comes_back(
    installation, tmp_path, engine, store, other_engine, other_store
):
    first, path = installation(engine, store, "first"), tmp_path / "first.tar.gz"
    with first.app_context():
        source = make_source(url=course(tmp_path), name="web", is_local=True, branch="main")
        save()
        synchronise(source, NOW)
        cohort = make_cohort()
        deliverable, learner = make_assignment(cohort).deliverables[0], make_learner(cohort)
        save()
        numbers = deliverable.id, learner.id
    over, written = threading.Event(), []

    def write():
        with first.app_context():
            from popschool.projects.models import Deliverable
            from popschool.schools.models import Person

            while not over.is_set():
                hand_in(db.session.get(Deliverable, numbers[0]), db.session.get(Person, numbers[1]), len(written) + 1)
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            over.wait(0.01)
        with first.app_context():
            contents = backup.write(str(path))
    finally:
        over.set()
        writer.join()

    second, again = installation(other_engine, other_store, "second"), tmp_path / "second.tar.gz"
    with second.app_context():
        assert backup.restore(str(path)) == contents
        assert knows_its_rows("submission")
        backup.write(str(again))
        works = list(db.session.scalars(select(Submission.version).order_by(Submission.version)))
        assert works == list(range(1, len(works) + 1)) and len(works) >= 3
        for name in db.session.scalars(select(SubmissionFile.hash)):
            assert hashlib.sha256(storage.read(name)).hexdigest() == name
        found = search.pages_found(["page"], [(1, 1)], "team", 9)
        indexed = db.session.scalar(select(func.count()).select_from(SearchText))
        assert found and indexed == db.session.scalar(select(func.count(PageVersion.rendered_hash.distinct())))
        with transaction():
            make_cohort()  # numbers go on after those that came back
    assert rows(again) == rows(path)


def course(tmp_path):
    repository = Repository(tmp_path / "cours")
    repository.commit(web_course())
    return repository.url


@pytest.fixture
def small(installation, tmp_path):
    """An archive of one person, and an empty installation to put it into."""
    first, path = installation("sqlite", "folder", "small"), tmp_path / "small.tar.gz"
    with first.app_context():
        hand_in(make_assignment().deliverables[0], make_learner(), 1)
        backup.write(str(path))
    return path, installation("sqlite", "folder", "empty")


def packed(path, files):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def damaged(kind, path):
    """Damage an archive in one way."""
    files = list(members(path).items())
    if kind == "cut short":
        path.write_bytes(path.read_bytes()[:-200])
    elif kind == "a byte changed":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xFF
        path.write_bytes(content)
    elif kind == "not compressed":
        path.write_bytes(gzip.decompress(path.read_bytes()))
    elif kind == "another thing":
        path.write_bytes(b"hello")
    elif kind == "without its list":
        packed(path, files[:-1])
    elif kind == "a list that is none":
        packed(path, [*files[:-1], ("manifest.json", b"[1]")])
    elif kind == "a list cut short":
        packed(path, [*files[:-1], ("manifest.json", files[-1][1][:40])])
    elif kind == "a row changed":
        packed(path, [(name, content.replace(b"Le menu", b"La page").replace(b"R1", b"R2")) for name, content in files])
    elif kind == "a table twice":
        packed(path, [files[0], *files])
    elif kind == "a table more":
        packed(path, [("tables/nothing.jsonl", b"[1]\n"), *files])
    elif kind == "a file changed":
        packed(path, [(name, b"x" if name.startswith("files/") else content) for name, content in files])
    elif kind == "a file less":
        packed(path, [one for one in files if not one[0].startswith("files/")])
    elif kind == "a file that leads outside":
        packed(path, [("files/../../etc/passwd", b"x"), *files])
    elif kind == "another version":
        manifest = json.loads(files[-1][1]) | {"version": "0000"}
        packed(path, [*files[:-1], ("manifest.json", json.dumps(manifest).encode())])


KINDS = [
    "cut short", "a byte changed", "not compressed", "another thing", "without its list", "a list that is none",
    "a list cut short", "a row changed", "a table twice", "a table more", "a file changed", "a file less",
    "a file that leads outside", "another version",
]  # fmt: skip


def test_an_archive_that_is_not_as_it_was_written_is_refused_and_changes_nothing(small):
    path, empty = small
    whole = path.read_bytes()
    with empty.app_context():
        for kind in KINDS:
            path.write_bytes(whole)
            damaged(kind, path)
            with pytest.raises(backup.CannotRestore):
                backup.restore(str(path))
            assert db.session.scalar(text("SELECT count(*) FROM person")) == 0, kind
            assert list(storage.store().names()) == [], kind
        path.write_bytes(whole)
        assert backup.restore(str(path)).files == 1


def test_an_archive_is_not_put_over_what_is_there(small):
    path, empty = small
    with empty.app_context():
        backup.restore(str(path))
        with pytest.raises(backup.CannotRestore, match="not empty"):
            backup.restore(str(path))


def test_a_file_removed_while_a_backup_is_taken_stops_nothing(small, monkeypatch):
    path, empty = small
    with empty.app_context():
        backup.restore(str(path))
        listed = [*storage.store().names(), "0" * 64]
        monkeypatch.setattr(storage.Folder, "names", lambda self: iter(listed))

        assert backup.write(str(path)).files == 1
        assert backup.check(str(path))["files"] == 1


def test_a_backup_that_cannot_be_finished_leaves_the_one_before(small, monkeypatch):
    path, empty = small
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with empty.app_context():
        monkeypatch.setattr(backup, "_write_table", full)
        with pytest.raises(OSError, match="space"):
            backup.write(str(path))

    assert path.read_bytes() == before
    assert [one.name for one in path.parent.glob(".small*")] == []
