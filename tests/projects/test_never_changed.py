"""What was handed in and awarded is never changed, against SQL too."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from popschool.db import db
from popschool.grading.models import Award, CriterionMark
from popschool.grading.services import Answer, Criterion, send_answer
from popschool.projects.models import Submission, SubmissionFile, SubmissionOwner
from tests.conftest import NOW
from tests.factories import make_cohort, make_submission, make_trainer, save

FILE = {"hash": "a" * 64, "name": "page.html", "size": 9, "media_type": "text/plain"}


@pytest.fixture
def answered(app):
    """A version with a file, answered and awarded."""
    cohort = make_cohort()
    submission = make_submission(files=[FILE])
    trainer = make_trainer(cohort)
    save()
    key = db.session.scalar(text("SELECT key FROM competence ORDER BY id DESC LIMIT 1"))
    words = ("pas encore", "en partie", "oui")
    criteria = [Criterion("telephone", "La page marche sur téléphone.", words)]
    answer = Answer("validated", "Bien.", {"telephone": 2}, {key: 2})
    send_answer(submission, trainer, answer, criteria, 0, NOW)
    return submission


@pytest.mark.parametrize(
    ("table", "model", "change"),
    [
        ("submission", Submission, "text = 'Réécrit'"),
        ("submission", Submission, "timing = 'late'"),
        ("submission_owner", SubmissionOwner, "deliverable_id = deliverable_id"),
        ("submission_file", SubmissionFile, "name = 'autre.html'"),
        ("award", Award, "level = 3"),
        ("criterion_mark", CriterionMark, "mark = 0"),
    ],
)
def test_a_row_is_neither_changed_nor_removed(answered, table, model, change):
    assert db.session.scalar(select(func.count()).select_from(model)) > 0
    for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="never changed or removed"):
            db.session.execute(text(statement))
        db.session.rollback()

    assert db.session.scalar(select(func.count()).select_from(model)) > 0


def test_a_program_that_forgets_is_refused_too(answered):
    answered.text = "Réécrit"

    with pytest.raises(DatabaseError, match="never changed or removed"):
        db.session.commit()
    db.session.rollback()
