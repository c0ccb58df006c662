"""A school outgrows its file: all of it goes to PostgreSQL and S3 while people work, and nothing is lost."""

import threading
from io import BytesIO

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from popschool import audit, move, storage
from popschool.db import db, transaction
from popschool.portal import services_erasures
from popschool.projects.models import Deliverable, Draft, Submission
from popschool.schools.models import Cohort, Person
from tests.conftest import NOW
from tests.factories import make_assignment, make_cohort, make_learner, make_submission, save
from tests.faults.installations import database
from tests.faults.test_backup import installation, same_version, store_server  # noqa: F401  fixtures
from tests.postgres import knows_its_rows
from tests.processes import environment, popschool


@pytest.fixture
def here(installation):  # noqa: F811
    """A school on SQLite and a folder, at work."""
    app = installation("sqlite", "folder", "here")
    with app.app_context():
        yield app
        db.session.remove()


@pytest.fixture
def there(installation):  # noqa: F811
    return installation("postgresql", "s3", "there")


def hand_in(said, deliverable=None):
    kept = storage.put(said.encode())
    file = {"hash": kept.hash, "size": kept.size, "name": "page.html", "media_type": "text/html"}
    sent = make_submission(deliverable or make_assignment().deliverables[0], text=said, files=[file])
    save()
    db.session.refresh(sent, ["files"])
    return sent


def held(app):
    """Return what each person sent, with what their files say, as another installation has it."""
    with app.app_context():
        sent = db.session.scalars(select(Submission).order_by(Submission.id)).all()
        found = [(one.text, [storage.read(file.hash).decode() for file in one.files]) for one in sent]
        db.session.remove()
    return found


def test_everything_goes_and_a_second_run_brings_what_has_changed(here, there):
    first = hand_in("mon premier travail")
    with transaction():
        audit.record("open_cohort", db.session.get(Cohort, first.cohort_id), actor_id=None, now=NOW, code="ÉTÉ-1")
    done = move.move(there)
    assert (done.added, done.changed, done.removed, done.copied, done.files) == (done.rows, 0, 0, 1, 1)
    with there.app_context():
        assert knows_its_rows("submission")

    again = move.move(there)
    assert (again.rows, again.added, again.changed, again.removed, again.copied) == (done.rows, 0, 0, 0, 0)

    hand_in("un autre", first.deliverable)
    learner = db.session.get(Person, first.submitted_by_id)
    with transaction():
        learner.last_name = "Œuvrard"
    last = move.move(there)
    assert last.changed >= 1 and last.added >= 4 and last.copied == 1
    assert held(there) == [("mon premier travail", ["mon premier travail"]), ("un autre", ["un autre"])]
    with there.app_context():
        assert db.session.get(Person, learner.id).last_name == "Œuvrard"


def test_rows_that_change_places_and_rows_that_go_are_followed(here, there):
    cohort = make_cohort()
    one, other = make_learner(cohort, mail="a@example.org"), make_learner(cohort, mail="b@example.org")
    save()
    move.move(there)

    with transaction():
        one.mail = "c@example.org"
        db.session.flush()
        other.mail = "a@example.org"
        db.session.flush()
        one.mail = "b@example.org"
    deliverable = make_assignment(cohort).deliverables[0]
    with transaction():
        db.session.add(
            Draft(deliverable_id=deliverable.id, person_id=one.id, school_id=cohort.school_id, updated_at=NOW)
        )
    move.move(there)
    with transaction():
        db.session.delete(db.session.scalars(select(Draft)).one())
    last = move.move(there)

    assert last.removed == 1
    with there.app_context():
        mails = db.session.execute(select(Person.id, Person.mail).where(Person.id.in_([one.id, other.id])))
        assert dict(mails.all()) == {one.id: "b@example.org", other.id: "a@example.org"}
        assert db.session.scalar(select(func.count()).select_from(Draft)) == 0


def test_the_other_database_counts_on_and_guards_what_is_never_changed(here, there):
    sent = hand_in("mon travail")
    move.move(there)

    with there.app_context():
        assert hand_in("après le déménagement").id > sent.id
        with pytest.raises(DBAPIError, match="never changed"), transaction():
            db.session.execute(text("UPDATE submission SET text = 'x'"))
        db.session.rollback()


def test_whoever_works_meanwhile_loses_nothing(here, there):
    deliverable = hand_in("le premier").deliverable
    cohort_id = deliverable.assignment.cohort_id
    stop, said = threading.Event(), ["le premier"]

    def work():
        with here.app_context():
            asked = db.session.get(Deliverable, deliverable.id)
            while not stop.is_set():
                make_learner(db.session.get(Cohort, cohort_id))
                said.append(f"le travail {len(said)}")
                hand_in(said[-1], asked)
            db.session.remove()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        move.move(there)
    finally:
        stop.set()
        worker.join()
    move.move(there)

    assert sorted(text for text, _ in held(there)) == sorted(said)
    assert all(files == [text] for text, files in held(there))


def test_a_file_that_arrives_otherwise_is_named_and_nothing_is_claimed(here, there):
    sent = hand_in("mon travail")
    with there.app_context():
        storage.store().keep(sent.files[0].hash, BytesIO(b"autre chose"))

    with pytest.raises(move.CannotMove, match=sent.files[0].hash):
        move.move(there)


def test_another_kind_of_database_is_refused(here, installation):  # noqa: F811
    with pytest.raises(move.CannotMove, match="not PostgreSQL"):
        move.move(installation("sqlite", "folder", "other"))


def test_the_command_makes_the_tables_and_says_what_to_set(tmp_path, postgres, store_server):  # noqa: F811
    environ = environment(tmp_path)
    assert popschool("migrate", environ=environ).returncode == 0
    popschool("people", "invite", "chef@example.org", "--role", "network_manager", environ=environ)
    erasure = '{"agreed_at": "2026-01-01T09:00:00+00:00", "person_id": 9, "known_at": "2025-01-01", "by_id": 1}'
    storage.open_store(f"file://{tmp_path / 'files'}").note(services_erasures.NAME, erasure.encode())
    files = store_server.url.format(tmp_path.name)
    with database("postgresql", tmp_path, postgres) as url:
        answer = popschool("move", "--database", url, "--storage", files, environ=environ)
        assert answer.returncode == 0, answer.stderr
        assert "rows are the same on both sides" in answer.stderr and "POPSCHOOL_SECRET_KEY" in answer.stderr
        moved = environ | {"POPSCHOOL_DATABASE_URL": url, "POPSCHOOL_STORAGE_URL": files}
        lost = popschool("people", "invite", "chef@example.org", "--role", "network_manager", environ=moved)
        assert lost.returncode == 0, lost.stderr
        assert popschool("audit", "verify", environ=moved).returncode == 0
        assert "1 erasures are known" in popschool("retention", "replay", environ=moved).stderr
