"""From nothing to proofs: a course is pushed, set, worked on, answered, completed and validated."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from popschool.auth.models import Invitation
from popschool.courses.models import Competence, Revision
from popschool.db import db
from popschool.grading.models import Award, CriterionMark, Feedback, FeedbackDraft
from popschool.messages.models import Notice
from popschool.projects.models import Draft, Submission, SubmissionOwner, SubmissionState
from popschool.schools.models import Cohort, Enrolment, Person, Posting
from tests.journeys import lap, scenes

LEARNER, TRAINER, MANAGER = "apprenante07@example.org", "formatrice02@example.org", "directrice01@example.org"
AUTHOR, NETWORK, SECOND = "autrice01@example.org", "reseau@example.org", "reseau-2@example.org"
POINTER = {"scripts": False, "phone": True}
KEYBOARD = {"keyboard": True, "phone": True}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "page.png"
    Image.new("RGB", (320, 200), (20, 90, 160)).save(path)
    return path


@pytest.mark.parametrize("learner_has", [POINTER, KEYBOARD], ids=["phone-without-scripts", "keyboard-alone"])
def test_work_is_handed_in_answered_completed_and_proves_two_competences(fresh, arrive, learner_has, photo, tmp_path):
    # given a course in git, and a network that has invited its people
    keyboard = "keyboard" in learner_has
    course = lap.Author.with_a_course(tmp_path)
    network, second, author, manager, trainer = (
        arrive(fresh, name, keyboard=keyboard) for name in ("reseau", "reseau-2", "autrice", "direction", "formation")
    )
    learner = arrive(fresh, "apprenante", **learner_has)
    lap.come_in(network, fresh.command("people", "invite", NETWORK, "--role", "network_manager"))
    scenes.set_up_second_code(fresh, network)
    lap.come_in(second, fresh.command("people", "invite", SECOND, "--role", "network_manager"))
    scenes.set_up_second_code(fresh, second)
    lap.come_in(author, fresh.command("people", "invite", AUTHOR, "--role", "author"))
    fresh.command("courses", "add", "web", str(course.remote), "--title", "Cours de web")
    lap.put_online(author, "web")
    lap.open_a_school(network, second, MANAGER)
    lap.come_in(manager, lap.invited(fresh, MANAGER))
    scenes.set_up_second_code(fresh, manager)
    lap.hire(manager, TRAINER)
    lap.open_a_cohort(manager, LEARNER)
    lap.come_in(trainer, lap.invited(fresh, TRAINER))
    lap.come_in(learner, lap.invited(fresh, LEARNER))
    lap.set_the_project(trainer)

    # when work goes there and back twice
    lap.read_the_project(learner)
    lap.hand_in(learner, photo)
    lap.ask_for_more(trainer)
    lap.send_again(learner, photo)
    lap.validate(trainer)
    lap.change_the_course(course, fresh, trainer)

    # then the proofs are on the page, the receipts have arrived, and the rows are there
    lap.see_the_proofs(learner)
    assert "Version 2. Reçu" in fresh.mail_to(LEARNER, "Travail reçu : La page", number=2)
    with fresh.records():
        assert rows() == expected_rows(hashlib.sha256(photo.read_bytes()).hexdigest())
    if keyboard:
        assert min(one.stops for one in (network, author, manager, trainer, learner)) > 20


def rows() -> dict[str, list]:
    """Return what the lap has written, without its ids and moments."""
    people = {person.id: person.name for person in db.session.scalars(select(Person))}
    numbers = dict(db.session.execute(select(Revision.id, Revision.number)).all())
    keys = dict(db.session.execute(select(Competence.id, Competence.key)).all())
    versions = dict(db.session.execute(select(Submission.id, Submission.version)).all())
    return {
        "cohorts": [(one.code, numbers[one.revision_id]) for one in db.session.scalars(select(Cohort))],
        "enrolments": [people[one.person_id] for one in db.session.scalars(select(Enrolment))],
        "postings": [people[one.person_id] for one in db.session.scalars(select(Posting))],
        "invitations": sorted(
            (people[one.person_id], one.channel, one.used_at is not None)
            for one in db.session.scalars(select(Invitation))
        ),
        "submissions": [
            (one.version, one.timing, one.text.replace("\r", ""), one.link, one.note, numbers[one.revision_id])
            + tuple((file.name, file.hash, file.media_type) for file in one.files)
            for one in db.session.scalars(select(Submission).order_by(Submission.id))
        ],
        "owners": [
            (people[one.person_id], versions[one.submission_id]) for one in ordered(SubmissionOwner.submission_id)
        ],
        "states": [
            (versions[one.submission_id], one.decision, one.is_waiting)
            for one in ordered(SubmissionState.submission_id)
        ],
        "feedback": [
            (versions[one.submission_id], people[one.trainer_id], one.decision, one.comment, one.undone_at)
            for one in ordered(Feedback.id)
        ],
        "marks": [(one.criterion, one.mark, one.word) for one in ordered(CriterionMark.id)],
        "awards": [
            (people[one.person_id], keys[one.competence_id], one.level, versions[one.submission_id])
            for one in ordered(Award.id)
        ],
        "drafts": [type(one).__name__ for table in (Draft, FeedbackDraft) for one in db.session.scalars(select(table))],
        # Whether somebody is told before they answer what is proposed is a matter of moments.
        "notices": [
            (people[one.person_id], one.kind) for one in ordered(Notice.id) if not one.kind.startswith("proposal")
        ],
    }


def ordered(column) -> list:
    return list(db.session.scalars(select(column.class_).order_by(column)))


def expected_rows(photo_hash: str) -> dict[str, list]:
    learner, trainer = "Apprenante 07 VAL-2027-1", "Formatrice 02"
    file = ("page.png", photo_hash, "image/png")
    return {
        "cohorts": [("VAL-2027-1", 2)],
        "enrolments": [learner],
        "postings": [trainer],
        "invitations": sorted(
            [(name, "link", True) for name in ("reseau", "reseau-2", "autrice01")]
            + [(name, "mail", True) for name in ("Directrice 01", trainer, learner)]
        ),
        "submissions": [
            (1, "on_time", lap.TEXT, lap.LINK, "Le tableau a été long.", 1, file),
            (2, "on_time", lap.NEW_TEXT, lap.LINK, "", 1, file),
        ],
        "owners": [(learner, 1), (learner, 2)],
        "states": [(1, "to_complete", False), (2, "validated", False)],
        "feedback": [
            (1, trainer, "to_complete", lap.REPROACH, None),
            (2, trainer, "validated", lap.PRAISE, None),
        ],
        "marks": [
            ("horaires", 1, "en partie"),
            ("mots", 2, "oui"),
            ("horaires", 2, "oui"),
            ("mots", 2, "oui"),
        ],
        "awards": [(learner, "RNCP37674/1", 1, 2), (learner, "RNCP37674/2", 2, 2)],
        "drafts": [],
        "notices": [(learner, kind) for kind in ("assignment", "receipt", "feedback", "receipt", "feedback")],
    }
