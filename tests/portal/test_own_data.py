"""All that is kept of a person is put together for them, without what opens a door, and for nobody else."""

import io
import json
import zipfile

from sqlalchemy import select

from popschool import storage
from popschool.audit import AuditEntry
from popschool.db import db
from popschool.portal import services_data
from popschool.portal.models import DataCopy
from tests.auth.hands import later, run_jobs
from tests.factories import make_cohort, make_learner, save


def copy_of(client):
    """Ask for a copy, wait, and take it."""
    client.post("/account/data")
    client.post("/account/data")
    run_jobs()
    copy = db.session.scalars(select(DataCopy)).one()
    return copy, client.get(f"/account/data/{copy.id}.zip")


def test_a_person_takes_all_that_is_kept_of_them_and_nobody_else_does(app, client, log_in):
    cohort = make_cohort()
    learner, other = make_learner(cohort), make_learner(cohort)
    save()
    log_in(learner)

    copy, answer = copy_of(client)

    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        assert {"lisez-moi.txt", "donnees.json", "portfolio.zip"} <= set(made.namelist())
        facts = json.loads(made.read("donnees.json"))
    assert [one["id"] for one in facts["person"]] == [learner.id]
    assert [one["cohort_id"] for one in facts["enrolment"]] == [cohort.id]
    assert not any(word in name for rows in facts.values() for name in rows[0] for word in ("hash", "token", "secret"))
    assert "export_own_data" in db.session.scalars(select(AuditEntry.action)).all()
    log_in(other)
    assert client.get(f"/account/data/{copy.id}.zip").status_code == 404


def test_a_copy_is_removed_after_some_days(app, client, log_in):
    log_in(make_learner())
    copy, _answer = copy_of(client)
    name = copy.archive_hash

    with later(days=8) as moment:
        services_data.forget_copies(moment)

    assert not storage.exists(name)
    assert client.get(f"/account/data/{copy.id}.zip").status_code == 404
