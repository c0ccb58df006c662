"""The record of acts on pages: who may read whose, what it says, and that reading a file is remembered."""

import ast
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy import select, text

import popschool
from popschool import audit
from popschool.append_only import on_postgresql, on_sqlite
from popschool.audit import AuditEntry, FileReading
from popschool.auth.rules import Role
from popschool.cli import main
from popschool.db import db, transaction
from popschool.portal import services_log, words_log
from tests.factories import make_cohort, make_learner, make_manager, make_person, make_role, make_trainer, save
from tests.shown import shown


@pytest.fixture
def cohort(app):
    return make_cohort()


def note(action, subject, by, now, **facts):
    with transaction():
        audit.record(action, subject, actor_id=by.id, now=now, **facts)


def test_somebody_reads_who_opened_their_file_and_what_was_done(cohort, client, log_in, now):
    learner, other = make_learner(cohort), make_learner(cohort)
    trainer = make_trainer(cohort)
    save()
    note("arrange", learner, trainer, now, school_id=cohort.school_id)
    log_in(trainer)
    for _ in range(2):
        client.get(f"/people/{learner.id}")
    log_in(learner)
    client.get(f"/people/{learner.id}")

    page = shown(client.get(f"/people/{learner.id}/log"))

    assert trainer.name in page and "la fiche" in page and "a ajouté un aménagement" in page
    assert [(one.reader_id, one.part) for one in db.session.scalars(select(FileReading))] == [(trainer.id, "person")]
    assert client.get(f"/people/{other.id}/log").status_code == 404


def test_a_manager_reads_the_acts_of_their_school_and_no_other(cohort, client, log_in, now):
    manager, elsewhere = make_manager(cohort.school), make_cohort()
    learner, stranger = make_learner(cohort), make_learner(elsewhere)
    save()
    note("enrol", learner, manager, now, school_id=cohort.school_id)
    note("enrol", stranger, manager, now, school_id=elsewhere.school_id)
    log_in(manager)

    page = shown(client.get(f"/schools/{cohort.school_id}/log"))

    assert learner.name in page and stranger.name not in page
    assert client.get(f"/schools/{elsewhere.school_id}/log").status_code == 404
    assert client.get("/log").status_code == 403


def test_the_acts_are_chosen_by_kind_by_name_and_by_day(cohort, client, log_in, now):
    manager, learner = make_manager(cohort.school), make_learner(cohort)
    save()
    note("enrol", learner, manager, now, school_id=cohort.school_id)
    note("role.granted", manager, manager, now, school_id=cohort.school_id)
    log_in(manager)
    address = f"/schools/{cohort.school_id}/log"

    def found(query):
        page = shown(client.get(f"{address}?{query}"))
        return "a donné une place" in page, "a donné un rôle" in page

    assert found("") == (True, True)
    assert found("kind=rights") == (False, True)
    assert found(f"q={learner.last_name}+{learner.first_name}") == (True, False)
    assert found("since=2027-03-08&until=2027-03-08") == (True, True)
    assert found("since=2027-03-09") == (False, False)
    assert found("until=2027-03-07") == (False, False)
    assert found("since=yesterday") == (True, True)


def test_who_takes_the_record_away_is_in_it(cohort, client, log_in, now):
    manager, learner = make_manager(cohort.school), make_learner(cohort)
    save()
    note("enrol", learner, manager, now, school_id=cohort.school_id)
    log_in(manager)

    table = client.get(f"/schools/{cohort.school_id}/log.csv?kind=people").text

    assert learner.name in table and "a donné une place" in table
    taken = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "export_log")).one()
    assert (taken.actor_id, taken.facts["rows"], taken.facts["filters"]) == (manager.id, 1, {"kind": "people"})


@pytest.mark.parametrize("is_everywhere", [True, False])
def test_an_auditor_reads_the_record_of_what_they_audit(cohort, client, log_in, is_everywhere):
    auditor, elsewhere = make_person(), make_cohort()
    make_role(auditor, Role.AUDITOR, None if is_everywhere else cohort.school)
    save()
    log_in(auditor)

    assert client.get(f"/schools/{cohort.school_id}/log").status_code == 200
    assert client.get(f"/schools/{elsewhere.school_id}/log").status_code == (200 if is_everywhere else 404)


def test_the_command_finds_the_line_that_was_touched(cohort, app, now):
    learner = make_learner(cohort)
    save()
    note("enrol", learner, learner, now, school_id=cohort.school_id)
    command = ["audit", "verify", "--json"]
    script = ScriptInfo(create_app=lambda: app)
    sound = CliRunner().invoke(main, command, obj=script)
    on = " ON audit_entry" if db.engine.dialect.name == "postgresql" else ""
    db.session.execute(text(f"DROP TRIGGER audit_entry_no_update{on}"))
    db.session.execute(text("UPDATE audit_entry SET action = 'nothing'"))
    db.session.commit()
    broken = CliRunner().invoke(main, command[:2], obj=script)
    made = on_postgresql if db.engine.dialect.name == "postgresql" else on_sqlite
    db.session.execute(text(made("audit_entry", "UPDATE")))  # the next tests have this table too
    db.session.commit()

    assert (sound.exit_code, json.loads(sound.stdout)["entries"]) == (0, 1)
    assert (broken.exit_code, broken.stdout) == (1, "")
    assert broken.stderr == f"record of school {cohort.school_id}, line 1: the line was changed\n"


# The names that are put together from what is done, as the source writes them.
PUT_TOGETHER = {
    "one.name": {"export_report", "export_gen", "export_cpf", "export_kairos"},
    "LOOK": {"look_through_door"},
    "ACTS[way]": {"confirm_proposal", "refuse_proposal", "take_back_proposal"},
    "f'export_{what}'": set(),  # what the routes give is found where they say it
    "f'half_day_{what}'": {"half_day_changed", "half_day_cancelled", "half_day_restored"},
    "f'{decision}_report'": {"approved_report", "refused_report"},
    "f'{what}_document'": {"revoked_document", "replaced_document", "removed_document", "sent_document"},
}


def test_every_act_has_words_of_one_kind_and_no_words_are_left_over():
    assert set().union(*acts_of_the_source()) == set(words_log.ACTS)
    assert len(words_log.ACTS) == sum(len(acts) for _label, acts in words_log.KINDS.values())


def acts_of_the_source() -> Iterator[set[str]]:
    """Find the name of every act that is recorded."""
    for file in Path(popschool.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            asked = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
            if asked not in ("audit.record", "guards.note_export"):
                continue
            name = call.args[0]
            if not isinstance(name, ast.Constant):
                yield PUT_TOGETHER[ast.unparse(name)]
            else:
                yield {f"export_{name.value}" if asked == "guards.note_export" else name.value}


def test_acts_of_the_network_follow_each_other_as_they_were_noted_whatever_the_clock_said(cohort, now):
    manager, learner = make_manager(cohort.school), make_learner(cohort)
    save()
    note("enrol", learner, manager, now)
    note("arrange", learner, manager, now - timedelta(hours=1))

    assert [one.entry.action for one in services_log.read_acts(services_log.Asked(), 0, 2)] == ["arrange", "enrol"]
