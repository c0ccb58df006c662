"""One make_… per thing: each gives something valid, and a test passes in only what it is about."""

import itertools
from datetime import date, datetime, time, timedelta

from popschool.attendance.models import HalfDay, HalfDayTrainer
from popschool.auth.models import Account, RoleGrant
from popschool.auth.rules import Role
from popschool.courses.models import (
    Competence,
    Page,
    PageVersion,
    Programme,
    ProgrammeVersion,
    Project,
    ProjectVersion,
    Rendered,
    Revision,
    Source,
)
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.projects.models import (
    Assignment,
    Deliverable,
    Submission,
    SubmissionFile,
    SubmissionOwner,
    Team,
    TeamMember,
)
from popschool.projects.services_states import mark_answered, mark_sent
from popschool.schools.models import Cohort, Enrolment, Network, Person, Posting, School
from popschool.schools.rules import person_key
from tests.conftest import NOW

_numbers = itertools.count(1)
TODAY = NOW.date()


def add(thing):
    db.session.add(thing)
    db.session.flush()
    return thing


def save():
    """Commit what the factories made, so that requests see it; within a transaction, its end does."""
    if db.session.info.get("transaction_depth"):
        db.session.flush()
    else:
        db.session.commit()


def make_network(**given) -> Network:
    found = db.session.query(Network).first()
    return found or add(Network(**{"name": "Pop School"} | given))


def make_school(**given) -> School:
    number = next(_numbers)
    fields = {
        "network_id": make_network().id,
        "code": f"S{number}",
        "name": f"École {number}",
        "region": "Hauts-de-France",
        "phone": "03 53 01 00 12",
        "mail": f"ecole{number}@example.org",
        "opened_on": date(2020, 1, 1),
    }
    return add(School(**fields | given))


def make_person(label: str = "Personne", **given) -> Person:
    number = next(_numbers)
    fields = {
        "first_name": f"{label} {number:02}",
        "last_name": "TEST",
        "mail": f"personne{number}@example.org",
        "created_at": NOW,
    } | given
    named = (fields[name] for name in ("first_name", "last_name", "mail"))
    fields.setdefault("search_key", person_key(*named, fields.get("phone"), fields.get("learner_number")))
    person = add(Person(**fields))
    add(Account(person_id=person.id, session_token=f"token{number}", created_at=NOW))
    return person


def make_role(person: Person, role: Role, school: School | None = None) -> RoleGrant:
    return add(RoleGrant(person_id=person.id, role=role, school_id=school.id if school else None, granted_at=NOW))


def make_source(**given) -> Source:
    number = next(_numbers)
    return add(
        Source(
            **{
                "name": f"cours-{number}",
                "title": "Cours",
                "url": "https://example.org/cours.git",
                "branch": "main",
                "folder": "",
                "created_at": NOW,
            }
            | given
        )
    )


def make_revision(source: Source | None = None, **given) -> Revision:
    source = source or make_source()
    number = db.session.query(Revision).filter_by(source_id=source.id).count() + 1
    revision = add(
        Revision(
            **{
                "source_id": source.id,
                "number": number,
                "commit": f"{number:040x}",
                "message": "Écrire",
                "author": "Autrice 01",
                "committed_at": NOW,
                "made_at": NOW,
                "pages": 1,
            }
            | given
        )
    )
    source.live_revision_id = revision.id
    return revision


def make_programme(revision: Revision | None = None, **given) -> Programme:
    """A programme with two competences of its own, at a revision."""
    revision = revision or make_revision()
    number = next(_numbers)
    key = given.pop("key", f"dev-{number}")
    programme = add(Programme(source_id=revision.source_id, key=key))
    competences = [
        {"id": f"{key}/1", "title": "Réaliser une page", "plain": "Réaliser une page"},
        {"id": f"{key}/2", "title": "Rendre une page dynamique", "plain": "Rendre une page dynamique"},
    ]
    for position, competence in enumerate(competences, 1):
        add(
            Competence(
                key=competence["id"],
                title=competence["title"],
                plain=competence["plain"],
                block_title="Ce que l'on voit",
                block_position=1,
                position=position,
            )
        )
    data = {
        "certification": None,
        "blocks": [{"title": "Ce que l'on voit", "short": "Ce que l'on voit", "competences": competences}],
    }
    add(
        ProgrammeVersion(
            **{
                "programme_id": programme.id,
                "since": revision.number,
                "title": "Développeur web",
                "kind": "bootcamp",
                "summary": "",
                "hours": 100,
                "language": "fr",
                "position": 1,
                "data": data,
            }
            | given
        )
    )
    return programme


def make_project(programme: Programme | None = None, revision: Revision | None = None, **given) -> Project:
    """A project with one deliverable that asks for a text, two criteria, and one competence to level 1."""
    revision = (
        revision or db.session.query(Revision).filter_by(source_id=programme.source_id).first()
        if programme
        else revision or make_revision()
    )
    programme = programme or make_programme(revision)
    number = next(_numbers)
    key = given.pop("key", f"p{number}-menu")
    project = add(Project(source_id=programme.source_id, key=key))
    data = {
        "competences": [{"id": f"{programme.key}/1", "level": 1}, {"id": f"{programme.key}/2", "level": 2}],
        "deliverables": [
            {
                "id": "page",
                "title": "La page",
                "hint": "Collez votre texte.",
                "asks": ["text"],
                "either": False,
                "proves": [],
            }
        ],
        "criteria": [
            {"id": "telephone", "text": "La page marche sur téléphone.", "of": None},
            {"id": "liste", "text": "Les plats viennent de la liste.", "of": None},
        ],
        "marks": None,
        "words": {"Boucle": "Une action refaite."},
        "starter": None,
    } | given.pop("data", {})
    add(
        ProjectVersion(
            **{
                "project_id": project.id,
                "programme_id": programme.id,
                "since": revision.number,
                "position": number,
                "title": "Le menu du jour",
                "summary": "Une page pour un café.",
                "hours": 16,
                "work": "alone",
                "team_size": None,
                "path": f"{key}/projet.md",
                "data": data,
            }
            | given
        )
    )
    page = add(Page(source_id=programme.source_id, project_id=project.id, key=f"{key}/projet"))
    rendered = add(
        Rendered(
            hash=f"{number:064x}",
            text="Le café change son menu.",
            headings=[],
            sections=[
                {"id": "contexte", "title": "Contexte", "html": "<p>Le café change son menu.</p>"},
                {"id": "les-étapes", "title": "Les étapes", "html": "<p>Étape 1.</p>"},
            ],
        )
    )
    add(
        PageVersion(
            page_id=page.id,
            variant="",
            since=revision.number,
            position=0,
            title="Le menu du jour",
            path=f"{key}/projet.md",
            role="brief",
            rendered_hash=rendered.hash,
            weight=900,
        )
    )
    return project


def make_cohort(school: School | None = None, programme: Programme | None = None, **given) -> Cohort:
    school = school or make_school()
    programme = programme or make_programme()
    revision = (
        db.session.query(Revision).filter_by(source_id=programme.source_id).order_by(Revision.number.desc()).first()
    )
    fields = {
        "school_id": school.id,
        "programme_id": programme.id,
        "revision_id": revision.id,
        "code": f"PROMO-{next(_numbers)}",
        "starts_on": TODAY - timedelta(days=30),
        "ends_on": TODAY + timedelta(days=150),
    }
    return add(Cohort(**fields | given))


def make_enrolment(person: Person, cohort: Cohort, **given) -> Enrolment:
    fields = {
        "school_id": cohort.school_id,
        "cohort_id": cohort.id,
        "person_id": person.id,
        "starts_on": cohort.starts_on,
        "ends_on": cohort.ends_on,
        "created_at": NOW,
    }
    return add(Enrolment(**fields | given))


def make_learner(cohort: Cohort | None = None, **given) -> Person:
    cohort = cohort or make_cohort()
    person = make_person("Apprenante", **{"home_school_id": cohort.school_id} | given)
    make_enrolment(person, cohort)
    return person


def make_trainer(cohort: Cohort | None = None, school: School | None = None, **given) -> Person:
    """A trainer at the school; posted to the cohort when one is given."""
    school = school or (cohort.school if cohort else make_school())
    person = make_person("Formatrice", **{"home_school_id": school.id} | given)
    make_role(person, Role.TRAINER, school)
    if cohort:
        add(
            Posting(
                school_id=school.id,
                cohort_id=cohort.id,
                person_id=person.id,
                starts_on=cohort.starts_on,
                created_at=NOW,
            )
        )
    return person


def make_manager(school: School | None = None, **given) -> Person:
    school = school or make_school()
    person = make_person("Responsable", **{"home_school_id": school.id} | given)
    make_role(person, Role.SCHOOL_MANAGER, school)
    return person


def make_network_manager(**given) -> Person:
    person = make_person("Responsable réseau", **given)
    make_role(person, Role.NETWORK_MANAGER)
    return person


def make_author(**given) -> Person:
    person = make_person("Autrice", **given)
    make_role(person, Role.AUTHOR)
    return person


def make_assignment(cohort: Cohort | None = None, project: Project | None = None, **given) -> Assignment:
    """A project set to a cohort, open now, with the deliverables of its project."""
    cohort = cohort or make_cohort()
    if project is None:
        project = make_project(
            db.session.get(Programme, cohort.programme_id), db.session.get(Revision, cohort.revision_id)
        )
    version = db.session.query(ProjectVersion).filter_by(project_id=project.id).first()
    fields = {
        "school_id": cohort.school_id,
        "cohort_id": cohort.id,
        "project_id": project.id,
        "work": "alone",
        "team_size": 1,
        "opens_at": NOW - timedelta(days=7),
        "due_at": NOW + timedelta(days=2),
        "closes_at": NOW + timedelta(days=30),
        "set_at": NOW - timedelta(days=7),
    }
    assignment = add(Assignment(**fields | given))
    for position, asked in enumerate(version.data["deliverables"], 1):
        make_deliverable(
            assignment,
            key=asked["id"],
            position=position,
            title=asked["title"],
            asks=asked["asks"],
            either=asked["either"],
        )
    return assignment


def make_deliverable(assignment: Assignment | None = None, **given) -> Deliverable:
    if assignment is None:
        return make_assignment().deliverables[0]
    fields = {
        "school_id": assignment.school_id,
        "assignment_id": assignment.id,
        "key": f"d{next(_numbers)}",
        "position": 1,
        "title": "La page",
        "asks": ["text"],
    }
    return add(Deliverable(**fields | given))


def make_team(assignment: Assignment, people: list[Person], **given) -> Team:
    team = add(
        Team(
            **{
                "school_id": assignment.school_id,
                "assignment_id": assignment.id,
                "name": f"Équipe {next(_numbers)}",
                "formed_at": NOW,
            }
            | given
        )
    )
    for person in people:
        add(TeamMember(team_id=team.id, assignment_id=assignment.id, person_id=person.id, joined_at=NOW))
    return team


def make_submission(deliverable: Deliverable | None = None, owners: list[Person] | None = None, **given) -> Submission:
    """A first version, on time, one day ago."""
    deliverable = deliverable or make_deliverable()
    assignment = deliverable.assignment
    cohort = db.session.get(Cohort, assignment.cohort_id)
    owners = owners or [make_learner(cohort)]
    files = given.pop("files", [])
    fields: dict = {
        "school_id": assignment.school_id,
        "cohort_id": cohort.id,
        "assignment_id": assignment.id,
        "deliverable_id": deliverable.id,
        "revision_id": cohort.revision_id,
        "submitted_by_id": owners[0].id,
        "version": 1,
        "submitted_at": _yesterday(),
        "timing": "on_time",
        "text": "Voici mon travail.",
        "receipt": f"R{next(_numbers)}",
    }
    submission = add(Submission(**fields | given))
    for owner in owners:
        add(SubmissionOwner(submission_id=submission.id, person_id=owner.id, deliverable_id=deliverable.id))
    for position, file in enumerate(files, 1):
        add(SubmissionFile(submission_id=submission.id, position=position, **file))
    mark_sent(submission)
    return submission


def _yesterday() -> datetime:
    return NOW - timedelta(days=1)


def make_award(person: Person | None = None, **given) -> Award:
    """A level of a competence, on the proof of a submission that was answered."""
    person = person or make_learner()
    cohort = db.session.query(Cohort).join(Enrolment).filter(Enrolment.person_id == person.id).first()
    trainer = make_trainer(cohort)
    deliverable = make_assignment(cohort).deliverables[0]
    submission = make_submission(deliverable, [person])
    feedback = add(
        Feedback(
            school_id=cohort.school_id, submission_id=submission.id, trainer_id=trainer.id, number=1,
            decision="validated", comment="C'est clair.", sent_at=NOW,
        )
    )  # fmt: skip
    mark_answered(submission, "validated", NOW, feedback.id)
    key = given.pop("key", None)
    competence = db.session.query(Competence).filter_by(key=key).one() if key else db.session.query(Competence).first()
    fields = {
        "school_id": cohort.school_id, "person_id": person.id, "competence_id": competence.id, "level": 2,
        "submission_id": submission.id, "feedback_id": feedback.id, "trainer_id": trainer.id, "awarded_at": NOW,
    }  # fmt: skip
    return add(Award(**fields | given))


def make_half_day(cohort: Cohort | None = None, trainer: Person | None = None, **given) -> HalfDay:
    """A morning of the cohort, today from 9 to 12.30 in Paris; led by `trainer` if there is one."""
    cohort = cohort or make_cohort()
    fields = {
        "school_id": cohort.school_id,
        "cohort_id": cohort.id,
        "on": TODAY,
        "half": "am",
        "starts": time(9, 0),
        "ends": time(12, 30),
        "time_zone": "Europe/Paris",
        "place_text": "salle 2",
        "secret": f"secret-{next(_numbers)}",
        "created_at": NOW,
    }
    half_day = add(HalfDay(**fields | given))
    if trainer is not None:
        half_day.trainers.append(HalfDayTrainer(person_id=trainer.id))
        db.session.flush()
    return half_day
