"""What else goes of people: reviews, registers, who had roles alone; and files that somebody else has a use for."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from popschool import clock, storage
from popschool.auth import services as auth
from popschool.auth.models import Account, RoleGrant
from popschool.auth.rules import Role
from popschool.db import db, transaction
from popschool.portal import removing, services_retention
from popschool.portal.models_retention import RetentionRemoval
from popschool.portal.rules_retention import Kept
from popschool.portal.tasks import delete_files
from popschool.projects.models import Draft, SubmissionFile
from popschool.registers import services as registers
from popschool.registers.models import Record, RecordAct
from popschool.registers.rules import Draft as Line
from popschool.registers.rules import Register
from popschool.review.models import Reaction, Review, ReviewAnswer
from popschool.review.models_copies import ReviewCopy
from popschool.schools.models import Enrolment, Person
from tests.factories import (
    TODAY,
    make_assignment,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_role,
    make_school,
    make_submission,
    make_trainer,
    save,
)
from tests.review.rounds import circle, open_round, review_all

FAR = date(2041, 1, 2)
YEAR = timedelta(days=366)


def remove(person, *kinds, now):
    for kept in kinds:
        with transaction():
            removed = removing.remove(db.session.get_one(Person, person.id), kept, "a test", now, FAR)
    db.session.expire_all()
    return removed


def run(day, now):
    counts = services_retention.run(now, day)
    db.session.expire_all()
    return counts


def test_the_words_of_reviews_go_with_the_work_and_every_mark_stays(app, now):
    found = circle(3)
    opened = open_round(found)
    for learner in found.learners:
        review_all(opened, learner)
    first = found.learners[0]
    made = found.submissions[first.id]
    copy = storage.put(b"a picture without its author").hash
    review_id = db.session.scalar(
        select(Review.id).join(Review.work).where(Review.work.property.mapper.class_.submission_id == made)
    )
    db.session.add(ReviewCopy(submission_id=made, kind="file", rank=1, hash=copy, size=9, made_at=now))
    db.session.add(Reaction(review_id=review_id, person_id=first.id, helps="yes", reason="Merci à Zoé", reacted_at=now))
    save()
    marks = db.session.scalars(select(ReviewAnswer.mark).order_by(ReviewAnswer.id)).all()

    files = remove(first, Kept.WORK, now=now).files
    delete_files(files)

    said = db.session.scalars(select(ReviewAnswer.good + ReviewAnswer.idea).order_by(ReviewAnswer.id)).all()
    of_others = db.session.scalar(
        select(func.count(Review.id)).join(Review.work).join(Review.reviewer)
        .where(Review.work.property.mapper.class_.submission_id != made,
               Review.reviewer.property.mapper.class_.person_id != first.id)
    )  # fmt: skip
    assert 0 < of_others * len(opened.criteria) == len([one for one in said if one])
    assert db.session.scalars(select(ReviewAnswer.mark).order_by(ReviewAnswer.id)).all() == marks
    assert db.session.scalars(select(Reaction.reason)).one() == ""
    assert db.session.scalars(select(ReviewCopy)).all() == [] and not storage.exists(copy)


def test_what_registers_say_of_somebody_goes_with_the_evidence_and_their_lines_stay(app, client, log_in, now):
    cohort = make_cohort()
    learner, trainer, manager = make_learner(cohort), make_trainer(cohort), make_manager(cohort.school)
    save()
    place = db.session.scalars(select(Enrolment)).one()
    said = {"stage": "way", "said": "Il vit chez Zoé.", "decided": "Un point."}
    interview = registers.write(
        Register.INTERVIEWS, place.school_id, Line(clock.today(), said), trainer, now, clock.today(), place
    )
    wrong = {"who": "learner", "said": "Le chauffage de Zoé.", "name": "Zoé", "mail": "zoe@example.org"}
    complaint = registers.write(
        Register.COMPLAINTS, place.school_id, Line(clock.today(), wrong), manager, now, clock.today()
    )
    with transaction():
        db.session.add(
            RecordAct(record_id=interview.id, what="done", text="Vu avec Zoé", on=TODAY, by_id=trainer.id, at=now)
        )

    remove(learner, Kept.EVIDENCE, now=now)

    rows = {row.id: row for row in db.session.scalars(select(Record))}
    assert (rows[interview.id].facts, rows[interview.id].search) == ({}, "")
    assert db.session.scalars(select(RecordAct.text)).one() == ""
    assert rows[complaint.id].facts["said"] == "Le chauffage de Zoé."  # another one's line
    log_in(manager)
    assert client.get(f"/records/{interview.id}").status_code == 200
    for change in ("facts = '{\"a\": 1}'", "number = 9", "facts = '{}', number = 9"):
        with pytest.raises(DBAPIError):
            db.session.execute(text(f"UPDATE register_record SET {change}"))
        db.session.rollback()


def test_a_file_that_somebody_else_has_a_use_for_stays_and_goes_with_its_last_row(app, now):
    cohort = make_cohort()
    first, second = make_learner(cohort), make_learner(cohort)
    deliverable = make_assignment(cohort).deliverables[0]
    kept = storage.put(b"the picture of both")
    file = {"hash": kept.hash, "name": "moi.png", "size": 9, "media_type": "image/png"}
    for person in (first, second):
        make_submission(deliverable, [person], files=[file])
    db.session.add(
        Draft(
            school_id=cohort.school_id, deliverable_id=deliverable.id, person_id=second.id, files=[file], updated_at=now
        )
    )
    save()

    assert remove(first, Kept.WORK, now=now).files == []
    delete_files([kept.hash])
    assert storage.exists(kept.hash)
    gone = remove(second, Kept.WORK, now=now).files
    delete_files(gone)

    assert gone == [kept.hash] and not storage.exists(kept.hash)
    assert set(db.session.scalars(select(SubmissionFile.hash))) == {kept.hash}


def test_who_had_a_role_goes_three_years_after_it_and_the_name_with_the_evidence(app, now):
    school = make_school()
    trainer = make_trainer(school=school)
    save()
    grant = db.session.scalars(select(RoleGrant)).one()
    assert run(FAR, now)["account"] == 0
    auth.end_role(grant, by=None, now=now)

    assert run(TODAY + 2 * YEAR, now)["account"] == 0
    assert run(TODAY + 3 * YEAR, now)["account"] == 1
    person = db.session.get_one(Person, trainer.id)
    assert (person.mail, person.last_name) == (None, "TEST")
    assert run(date(2030, 12, 31), now)["name"] == 0
    assert run(date(2031, 1, 1), now)["name"] == 1


def test_who_was_invited_and_never_came_goes_a_year_later_and_so_does_the_role(app, now):
    school, manager = make_school(), make_network_manager()
    invited, posted = make_person("Invitée"), make_trainer(make_cohort(school))
    make_role(invited, Role.AUDITOR, school)
    for person in (invited, posted):
        db.session.delete(db.session.get_one(Account, person.id))
    save()

    assert sum(run(TODAY + timedelta(days=300), now + timedelta(days=300)).values()) == 0
    counts = run(TODAY + 2 * YEAR, now + 2 * YEAR)

    assert (counts["unused_roles"], counts["account"], counts["name"]) == (1, 1, 1)
    assert db.session.get_one(Person, invited.id).name == f"Personne n° {invited.id}"
    assert db.session.get_one(Person, posted.id).mail and db.session.get_one(Person, manager.id).mail
    gone = set(db.session.scalars(select(RetentionRemoval.person_id)))
    assert gone == {invited.id}
