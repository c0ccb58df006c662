"""A network with everything in it that a page can show: the demonstration, and on top what happens on its day.

Made once for all the tests of pages. `Network.facts` names what the examples need; `Network.people` says who visits.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from popschool import clock, migration
from popschool.auth.guards import PROVED_AT
from popschool.auth.models import Account, RoleGrant
from popschool.auth.rules import Actor, Role
from popschool.courses.models import Asset, Page, PageVersion, ProjectVersion, Revision, Source, SyncRun
from popschool.courses.sync import synchronise
from popschool.db import db
from popschool.grading.models import Award
from popschool.portal import demo, demo_plan
from popschool.projects.models import Assignment
from popschool.reports.tasks import keep_figures
from popschool.schools.models import Cohort, Enrolment, Person, Posting, School
from tests.conftest import make_app
from tests.lessons import remembered
from tests.processes import SECONDS
from tests.web.examples import NOBODY, Example, examples
from tests.web.pages import Html
from tests.web.reading import marking_own_words

DAY = date(2027, 3, 10)
NOW = demo_plan.at(DAY, 9, 5)
SCAN = re.compile(r"SCAN (\w+)(?! VIRTUAL)")


@dataclass
class Seen:
    """What was answered once, the SQL statements that it took, the tables they read whole, and the rows that came."""

    status: int
    data: bytes
    statements: list[str]
    scanned: frozenset[str]
    rows: int = 0

    @cached_property
    def html(self) -> Html:
        return Html(self.data.decode())


@dataclass
class Network:
    """An application on its own SQLite database, the facts that examples are made of, and who visits."""

    app: Flask
    folder: Path
    facts: SimpleNamespace = field(default_factory=SimpleNamespace)
    people: dict[str, Actor] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    _seen: dict[tuple[str, bool], "Seen"] = field(default_factory=dict)

    def seen(self, name: str, is_marked: bool = False) -> "Seen":
        """Return what an example's own visitor is answered, once for all the tests that only look at it.

        `is_marked` lets each text of ours stand between marks (see reading.py).
        """
        if (name, is_marked) not in self._seen:
            with self.undone(), marking_own_words() if is_marked else nullcontext():
                self._seen[name, is_marked] = self._look(self.example(name))
        return self._seen[name, is_marked]

    def example(self, name: str) -> Example:
        return next(example for example in self.examples if example.name == name)

    def address(self, example: Example) -> str:
        """Return where an example is."""
        with self.app.test_request_context():
            return url_for(example.endpoint, **example.params, **example.query)

    def visit(self, example: Example, visitor: str | None = None, client: FlaskClient | None = None) -> TestResponse:
        """Make one visit, after what the example arranges; as its own visitor unless another is named."""
        client = client or self.client(visitor or example.visitor)
        if example.arrange is not None:
            example.arrange(client)
        address = self.address(example)
        return client.get(address) if example.form is None else client.post(address, data=example.form)

    def _look(self, example: Example) -> "Seen":
        """Make a visit as a server does it, nothing loaded yet, and keep the SQL statements. BEGIN does not count."""
        client = self.client(example.visitor)
        if example.arrange is not None:
            example.arrange(client)
        address = self.address(example)
        statements: list[str] = []
        scanned: set[str] = set()
        rows = [0]

        def keep(connection, cursor, statement, parameters, context, executemany):
            statements.append(statement)
            if statement.startswith(("SELECT", "WITH")):
                plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
                rows[0] -= len(plan)
                scanned.update(found[1] for *_, step in plan if (found := SCAN.match(step)))

        def count(_cursor, row):
            rows[0] += 1
            return row

        def counting(connection, _record, _proxy):
            connection.row_factory = count

        with self.app.app_context():
            engine = db.engine
        engine.dispose()
        event.listen(engine, "before_cursor_execute", keep)
        event.listen(engine, "checkout", counting)
        try:
            answer = client.get(address) if example.form is None else client.post(address, data=example.form)
        finally:
            event.remove(engine, "checkout", counting)
            event.remove(engine, "before_cursor_execute", keep)
        return Seen(answer.status_code, answer.data, statements, frozenset(scanned), rows[0])

    def client(self, visitor: str) -> FlaskClient:
        """Return a browser in which this visitor is signed in."""
        return self.app.test_client() if visitor == NOBODY else self.client_of(self.people[visitor].person_id)

    def client_of(self, person_id: int) -> FlaskClient:
        """Return a browser in which this person is signed in, since now."""
        client = self.app.test_client()
        with self.app.app_context():
            token = db.session.get(Account, person_id).session_token
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = f"{person_id}:{token}", True
            session["began"] = session[PROVED_AT] = int(clock.now().timestamp())
        return client

    def keep(self) -> None:
        """Keep the database as it is now: what `undone` comes back to."""
        with self.app.app_context(), db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._close()
        shutil.copy(self.folder / "network.sqlite", self.folder / "kept.sqlite")

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what is written meanwhile.

        What comes back is another file, not the same one written over: what a page still asks for ends on its own.
        Nothing comes back when nothing was written: the write-ahead log says so.
        """
        try:
            yield
        finally:
            log = self.folder / "network.sqlite-wal"
            is_written = log.exists() and log.stat().st_size > 0
            self._close()
            if is_written:
                self._restore()

    def _restore(self) -> None:
        for suffix in ("-wal", "-shm"):
            (self.folder / f"network.sqlite{suffix}").unlink(missing_ok=True)
        shutil.copy(self.folder / "kept.sqlite", self.folder / "fresh.sqlite")
        (self.folder / "fresh.sqlite").replace(self.folder / "network.sqlite")

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()


@contextmanager
def at_its_day(moment: datetime = NOW) -> Iterator[None]:
    """Stop the clock at the moment of the network."""
    clock.freeze(moment)
    try:
        yield
    finally:
        clock.freeze(None)


def live_through_a_morning(network: Network) -> None:
    """Let people do what they do, by the pages that they do it on."""
    from tests.web import morning

    morning.live(network)


def make_network(folder: Path, learners: int | None = None, **changes: object) -> Network:
    """Make the demonstration in a folder, with what happened since this morning."""
    app = make_app(folder, f"sqlite:///{folder / 'network.sqlite'}", **changes)
    app.test_client_class = FlaskClient  # no context stands around these tests: each request has its own
    network = Network(app, folder)
    with at_its_day():
        with app.app_context():
            migration.upgrade("head")
            with remembered():
                demo.make_demo(DAY, NOW, learners, half_days=1)  # cohorts began last week: enough to sign
            _name_things(network.facts)
            _write_courses(network.facts, folder)
        live_through_a_morning(network)
        with app.app_context():
            _name_people(network)
            network.examples = examples(network.facts)
        with at_its_day(), app.app_context():
            keep_figures()  # as the job does every five minutes
    network.keep()
    return network


def _one(query):
    return db.session.scalars(query.limit(1)).one()


def _name_things(facts: SimpleNamespace) -> None:
    """Find what the demonstration holds."""
    facts.school = _one(select(School).where(School.code == "VAL"))
    facts.cohort = _one(select(Cohort).where(Cohort.code == "VAL-2027-1"))
    facts.second_cohort = _one(select(Cohort).where(Cohort.code == "VAL-2027-2"))
    facts.learners = _learners(facts.cohort)
    facts.learner, facts.mate, facts.leaver = facts.learners[0], facts.learners[1], facts.learners[2]
    facts.trainers = [posting.person for posting in _postings(facts.cohort)]
    facts.trainer, facts.colleague = facts.trainers[:2]
    facts.posting = _postings(facts.cohort)[1]
    facts.manager = _holder(Role.SCHOOL_MANAGER, facts.school)
    facts.contact = _holder(Role.DISABILITY_CONTACT, facts.school)
    facts.grant = _one(select(RoleGrant).where(RoleGrant.person_id == facts.colleague.id))
    facts.source = _one(select(Source))
    facts.readers = list(db.session.scalars(select(Cohort.id).where(Cohort.programme_id == facts.cohort.programme_id)))
    facts.assignments = list(
        db.session.scalars(
            select(Assignment).where(Assignment.cohort_id == facts.cohort.id).order_by(Assignment.due_at)
        )
    )
    facts.past, facts.current, facts.coming = facts.assignments[0], facts.assignments[-2], facts.assignments[-1]
    facts.project = facts.past.project_id
    facts.version = _one(select(ProjectVersion).where(ProjectVersion.project_id == facts.project))
    facts.project_key = facts.version.project.key
    facts.lesson = _one(
        select(Page)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .where(Page.project_id == facts.project, PageVersion.role == "lesson")
    )
    facts.brief = _one(
        select(Page)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .where(Page.project_id == facts.project, PageVersion.role == "brief")
    )
    facts.lesson_path = _one(select(PageVersion).where(PageVersion.page_id == facts.lesson.id)).path
    facts.lesson_key = facts.lesson.key
    facts.author = _holder(Role.AUTHOR, None)
    facts.quiz = _one(select(Page).join(PageVersion, PageVersion.page_id == Page.id).where(PageVersion.role == "quiz"))
    facts.image = _one(select(Asset).where(Asset.media_type.like("image/%")))
    facts.award = _one(select(Award).where(Award.person_id == facts.learner.id).order_by(Award.id))


def _learners(cohort: Cohort) -> list[Person]:
    return list(
        db.session.scalars(
            select(Person)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(Enrolment.cohort_id == cohort.id)
            .order_by(Person.id)
        )
    )


def _postings(cohort: Cohort) -> list[Posting]:
    return list(db.session.scalars(select(Posting).where(Posting.cohort_id == cohort.id).order_by(Posting.id)))


def _holder(role: Role, school: School | None) -> Person:
    at = RoleGrant.school_id == school.id if school else RoleGrant.school_id.is_(None)
    return _one(select(Person).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == role, at))


def _write_courses(facts: SimpleNamespace, folder: Path) -> None:
    """Push a better page, then one that is refused; and add a repository that knows nothing of Popschool."""
    clone, bare = folder / "clone", folder / "courses.git"
    _git(folder, "clone", "-q", str(bare), str(clone))
    brief = next(clone.glob(facts.version.path))
    brief.write_text(brief.read_text().replace("## Les étapes", "Le café ouvre en avril.\n\n## Les étapes", 1))
    _push(clone, "Dire quand le café ouvre")
    synchronise(facts.source, NOW - timedelta(minutes=50))
    brief.write_text(brief.read_text().replace("hours:", "heures:", 1))
    _push(clone, "Compter en heures")
    synchronise(facts.source, NOW - timedelta(minutes=40))
    plain = folder / "plain"
    plain.mkdir()
    (plain / "bases").mkdir()
    (plain / "bases" / "premiers-pas.md").write_text("# Premiers pas\n\nOuvrez un terminal.\n")
    _git(plain, "init", "-q", "-b", "main")
    _push(plain, "Commencer", to_remote=False)
    facts.plain_source = Source(
        name="git-sans-peur", title="Git sans peur", url=f"file://{plain}", branch="main", is_local=True, created_at=NOW
    )
    db.session.add(facts.plain_source)
    db.session.commit()
    synchronise(facts.plain_source, NOW)
    facts.run = _one(select(SyncRun).where(SyncRun.source_id == facts.source.id).order_by(SyncRun.id.desc()))
    facts.goal = _one(select(Revision).where(Revision.source_id == facts.source.id).order_by(Revision.number.desc()))


def _push(folder: Path, subject: str, to_remote: bool = True) -> None:
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", subject)
    if to_remote:
        _git(folder, "push", "-q", "origin", "main")


def _git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Autrice 01", "-c", "user.email=autrice01@example.org"]
    environ = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *who, *words], cwd=folder, env=environ, check=True, capture_output=True, timeout=SECONDS)


def _name_people(network: Network) -> None:
    """Say who visits, and what each of them is: told here, and not read back from the tables that pages read."""
    facts, school, cohort = network.facts, network.facts.school.id, network.facts.cohort.id
    posted = frozenset({cohort, facts.second_cohort.id})
    own = {"schools_learnt": frozenset({school})}
    network.people |= {
        "learner of the cohort": Actor(
            facts.learner.id, learns_in=frozenset({cohort}), learns_at=frozenset({school}), **own
        ),
        "learner who left": Actor(facts.leaver.id, learnt_in=frozenset({cohort}), **own),
        "trainer of the cohort": Actor(facts.trainer.id, {school: frozenset({Role.TRAINER})}, trains_in=posted),
        "colleague of the trainer": Actor(facts.colleague.id, {school: frozenset({Role.TRAINER})}, trains_in=posted),
        "school manager": Actor(facts.manager.id, {school: frozenset({Role.SCHOOL_MANAGER})}),
        "disability contact": Actor(
            _holder(Role.DISABILITY_CONTACT, facts.school).id, {school: frozenset({Role.DISABILITY_CONTACT})}
        ),
    }
    for name, role in (
        ("author", Role.AUTHOR),
        ("network manager", Role.NETWORK_MANAGER),
        ("funder", Role.FUNDER),
        ("auditor", Role.AUDITOR),
    ):
        network.people[name] = Actor(_holder(role, None).id, {None: frozenset({role})})
    _name_people_of_another_school(network)


def _name_people_of_another_school(network: Network) -> None:
    other = db.session.scalars(select(School).where(School.code == "LEN")).first()
    if other is None:
        return
    theirs = list(db.session.scalars(select(Cohort).where(Cohort.school_id == other.id).order_by(Cohort.id)))
    trainer = _postings(theirs[0])[0].person
    network.people |= {
        "learner of another school": Actor(
            _learners(theirs[0])[0].id,
            learns_in=frozenset({theirs[0].id}),
            learns_at=frozenset({other.id}),
            schools_learnt=frozenset({other.id}),
        ),
        "trainer of another school": Actor(
            trainer.id, {other.id: frozenset({Role.TRAINER})}, trains_in=frozenset(one.id for one in theirs)
        ),
        "manager of another school": Actor(
            _holder(Role.SCHOOL_MANAGER, other).id, {other.id: frozenset({Role.SCHOOL_MANAGER})}
        ),
    }
