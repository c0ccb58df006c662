"""What the API reads: one table, from each resource to its rows, its fields, its scope and its action.

A list holds the rows that the table of permissions opens, and nothing of accommodations or of motives.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, or_, select, true, tuple_

from popschool.attendance.models import HalfDay, PresenceDay
from popschool.auth.rules import Action
from popschool.completion.models_papers import Document, DocumentAct, DocumentPaper
from popschool.completion.rules_papers import OF_THE_NETWORK, PaperKind
from popschool.courses.models import Competence, Programme, ProgrammeVersion, ProjectVersion, Revision, Source
from popschool.courses.services import holds
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.portal.api_fields import Field
from popschool.portal.rules_api import Reach, Scope
from popschool.projects.models import Assignment, Deliverable, Submission, SubmissionOwner, SubmissionState
from popschool.schools.models import Cohort, Enrolment, Person, School
from popschool.schools.rules import Place

F = Field
Extra = Mapping[int, Any]


@dataclass(frozen=True)
class Resource:
    """One kind of thing. `rows` has a column for each field; `keys` order it; `school` and the others place a row.

    `people` is the condition that a row is about somebody. `more` reads, for a whole page at once, what has rows of its
    own: {field: {id: value}}.
    """

    name: str
    one: str
    title: str | LazyString
    scope: Scope
    action: Action
    rows: Callable[[], Select]
    fields: tuple[Field, ...]
    keys: tuple[Any, ...]
    school: Any = None
    cohort: Any = None
    person: Callable[[int], ColumnElement[bool]] | None = None
    people_of: Callable[[Row, Mapping[str, Extra]], Sequence[int | None]] = lambda row, more: ()
    on: Any = None
    more: Callable[[Sequence[int]], dict[str, Extra]] | None = None
    has_one: bool = True
    key_kinds: tuple[type, ...] = (int,)
    within: Callable[[Reach], ColumnElement[bool]] | None = None
    place: Callable[[Row], Place] | None = None

    def opened(self, reach: Reach) -> ColumnElement[bool]:
        """Return the condition that the table of permissions opens a row."""
        if self.within is not None:
            return self.within(reach)
        if reach.is_everywhere:
            return true()
        found = []
        if self.school is not None and reach.schools:
            found.append(self.school.in_(sorted(reach.schools)))
        if self.cohort is not None and reach.cohorts:
            found.append(self.cohort.in_(sorted(reach.cohorts)))
        if self.person is not None and reach.person_id is not None:
            found.append(self.person(reach.person_id))
        return or_(*found) if found else false()


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to."""

    school: int | None = None
    cohort: int | None = None
    person: int | None = None
    first: date | None = None
    last: date | None = None


def page_of(
    resource: Resource, reach: Reach, filters: Filters, after: Sequence[int | date], limit: int
) -> tuple[list[dict[str, Any]], list[int | date] | None]:
    """Return some lines of a list, in order of their keys, and the keys of the last one when there are more.

    One query, and one more for each thing that lies in rows of its own.
    """
    asked = resource.rows().where(resource.opened(reach), *_narrowed(resource, filters))
    if after:
        asked = asked.where(tuple_(*resource.keys) > tuple_(*after))
    rows = db.session.execute(asked.order_by(*resource.keys).limit(limit + 1)).all()
    shown = rows[:limit]
    more = resource.more([row.id for row in shown]) if resource.more and shown else {}
    last = [getattr(shown[-1], key.key) for key in resource.keys] if len(rows) > limit else None
    return [_line(resource, row, more) for row in shown], last


def _narrowed(resource: Resource, filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.school is not None:
        found.append(resource.school == filters.school)
    if filters.cohort is not None:
        found.append(resource.cohort == filters.cohort)
    if filters.person is not None:
        found.append(resource.person(filters.person))
    if filters.first is not None:
        found.append(resource.on >= filters.first)
    if filters.last is not None:
        found.append(resource.on <= filters.last)
    return found


def _line(resource: Resource, row: Row, more: Mapping[str, Extra]) -> dict[str, Any]:
    return {one.name: more[one.name].get(row.id, []) if one.name in more else one.read(row) for one in resource.fields}


def read_one(resource: Resource, number: int) -> tuple[dict[str, Any], Place] | None:
    """Return one thing as the API has it, and where it stands; None when there is none. Two queries at most."""
    row = db.session.execute(resource.rows().where(resource.keys[0] == number)).first()
    if row is None:
        return None
    more = resource.more([row.id]) if resource.more else {}
    if resource.place is not None:
        return _line(resource, row, more), resource.place(row)
    return _line(resource, row, more), Place.of(row.school_id, row.cohort_id, resource.people_of(row, more))


# schools, programmes, cohorts


def _schools() -> Select:
    return select(
        School.id, School.code, School.name, School.region, School.address, School.phone, School.mail,
        School.time_zone, School.opened_on, School.closed_on,
    )  # fmt: skip


def _programmes() -> Select:
    version = ProgrammeVersion
    return (
        select(Programme.id, Programme.key, version.title, version.kind, version.hours, version.data)
        .join(Source, Source.id == Programme.source_id)
        .join(Revision, Revision.id == Source.live_revision_id)
        .join(version, and_(version.programme_id == Programme.id, holds(version, Revision.number)))
    )


def _programmes_within(reach: Reach) -> ColumnElement[bool]:
    if reach.is_everywhere:
        return true()
    taught = select(Cohort.programme_id).where(Cohort.id.in_(sorted(reach.cohorts)))
    return Programme.id.in_(taught)


def _programme_place(row: Row) -> Place:
    """A programme is its cohorts'."""
    return Place(cohorts=frozenset(db.session.scalars(select(Cohort.id).where(Cohort.programme_id == row.id))))


def _certification(row: Row) -> dict[str, str | None] | None:
    found = (row.data or {}).get("certification")
    return {"id": str(found["id"]), "title": found.get("title") or None} if found else None


def _cohorts() -> Select:
    return select(
        Cohort.id, Cohort.school_id, Cohort.programme_id, Cohort.code, Cohort.name, Cohort.starts_on, Cohort.ends_on,
        Cohort.archived_at,
    )  # fmt: skip


def _enrolments() -> Select:
    return select(
        Enrolment.id, Enrolment.school_id, Enrolment.cohort_id, Enrolment.person_id, Person.first_name,
        Person.last_name, Person.learner_number, Enrolment.starts_on, Enrolment.ends_on, Enrolment.left_on,
        Enrolment.follows_id,
    ).join(Person, Person.id == Enrolment.person_id)  # fmt: skip


# work


def _assignments() -> Select:
    version = ProjectVersion
    return (
        select(
            Assignment.id, Assignment.school_id, Assignment.cohort_id, Assignment.project_id, version.title,
            Assignment.work, Assignment.opens_at, Assignment.due_at, Assignment.closes_at, Assignment.withdrawn_at,
        )
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .join(Revision, Revision.id == Cohort.revision_id)
        .outerjoin(version, and_(version.project_id == Assignment.project_id, holds(version, Revision.number)))
    )  # fmt: skip


def _deliverables(numbers: Sequence[int]) -> dict[str, Extra]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in db.session.execute(
        select(Deliverable.assignment_id, Deliverable.id, Deliverable.key, Deliverable.title)
        .where(Deliverable.assignment_id.in_(numbers), Deliverable.retired_at.is_(None))
        .order_by(Deliverable.position, Deliverable.id)
    ):
        found.setdefault(row.assignment_id, []).append({"id": row.id, "key": row.key, "title": row.title})
    return {"deliverables": found}


def _submissions() -> Select:
    state = SubmissionState
    return select(
        Submission.id, Submission.school_id, Submission.cohort_id, Submission.assignment_id,
        Submission.deliverable_id, Submission.version, Submission.submitted_at, Submission.timing, Submission.receipt,
        case((state.decision != "", state.decision), (state.is_waiting, "waiting"), else_="replaced").label("state"),
        state.decided_at,
    ).outerjoin(state, state.submission_id == Submission.id)  # fmt: skip


def _owners(numbers: Sequence[int]) -> dict[str, Extra]:
    found: dict[int, list[int]] = {}
    for row in db.session.execute(
        select(SubmissionOwner.submission_id, SubmissionOwner.person_id)
        .where(SubmissionOwner.submission_id.in_(numbers))
        .order_by(SubmissionOwner.person_id)
    ):
        found.setdefault(row.submission_id, []).append(row.person_id)
    return {"owners": found}


def _is_owned(person_id: int) -> ColumnElement[bool]:
    return exists().where(SubmissionOwner.submission_id == Submission.id, SubmissionOwner.person_id == person_id)


def _awards() -> Select:
    return (
        select(
            Award.id, Award.school_id, Submission.cohort_id, Award.person_id, Competence.key.label("competence"),
            Award.level, Award.submission_id, Award.awarded_at,
        )
        .join(Submission, Submission.id == Award.submission_id)
        .join(Competence, Competence.id == Award.competence_id)
        .join(Feedback, Feedback.id == Award.feedback_id)
        .where(Feedback.undone_at.is_(None))
    )  # fmt: skip


# presence


def _half_days() -> Select:
    return select(
        HalfDay.id, HalfDay.school_id, HalfDay.cohort_id, HalfDay.on, HalfDay.half, HalfDay.starts, HalfDay.ends,
        HalfDay.pause_minutes, HalfDay.time_zone, HalfDay.module, HalfDay.opened_at, HalfDay.countersigned_at,
        HalfDay.cancelled_at,
    )  # fmt: skip


def _presence_days() -> Select:
    day = PresenceDay
    return select(
        day.enrolment_id, day.on, day.school_id, day.cohort_id, day.planned, day.attended, day.distance, day.justified,
        day.unjustified, day.missing,
    )  # fmt: skip


# papers


def _documents() -> Select:
    """The papers of schools: one of the whole network, kept in the chain of its first school, is not that school's."""
    acts = select(DocumentAct.what).where(DocumentAct.document_id == Document.id).limit(1).correlate(Document)
    ended = acts.where(DocumentAct.what.in_(("revoked", "replaced"))).scalar_subquery()
    return select(
        Document.id, Document.school_id, Document.cohort_id, Document.enrolment_id, Document.person_id, Document.kind,
        Document.number, Document.starts_on, Document.ends_on, Document.issued_at, Document.replaces_id, Document.hash,
        Document.content_hash, DocumentPaper.hash.label("paper_hash"), ended.label("ended"),
        acts.where(DocumentAct.what == "removed").exists().label("is_removed"),
    ).outerjoin(DocumentPaper, DocumentPaper.document_id == Document.id).where(
        Document.kind.not_in([str(kind) for kind in OF_THE_NETWORK])
    )  # fmt: skip


_own = F("person_id")
_at = (F("school_id"), F("cohort_id"))
_days = (F("starts_on", "date"), F("ends_on", "date"))

SCHOOLS = Resource(
    "schools", "school", _l("Les écoles"), Scope.SCHOOLS, Action.SEE_SCHOOL, _schools,
    (F("id"), F("code", "string"), F("name", "string"), F("region", "string"), F("address", "string"),
     F("phone", "string"), F("mail", "string"), F("time_zone", "string"), F("opened_on", "date"),
     F("closed_on", "date", nullable=True)),
    (School.id,), school=School.id, place=lambda row: Place.of(school=row.id),
)  # fmt: skip
PROGRAMMES = Resource(
    "programmes", "programme", _l("Les formations, comme on les enseigne maintenant"), Scope.SCHOOLS,
    Action.READ_COURSE, _programmes,
    (F("id"), F("key", "string"), F("title", "string"), F("kind", "string"), F("hours"),
     F("certification", (F("id", "string"), F("title", "string", nullable=True)), nullable=True, value=_certification)),
    (Programme.id,), within=_programmes_within, place=_programme_place,
)  # fmt: skip
COHORTS = Resource(
    "cohorts", "cohort", _l("Les promos"), Scope.SCHOOLS, Action.SEE_COHORT, _cohorts,
    (F("id"), F("school_id"), F("programme_id"), F("code", "string"), F("name", "string"), *_days,
     F("archived_at", "moment", nullable=True)),
    (Cohort.id,), school=Cohort.school_id, cohort=Cohort.id, place=lambda row: Place.of(row.school_id, row.id),
)  # fmt: skip
ENROLMENTS = Resource(
    "enrolments", "enrolment", _l("Les places : qui apprend où, de quel jour à quel jour"), Scope.ENROLMENTS,
    Action.SEE_PERSON, _enrolments,
    (F("id"), *_at, _own, F("first_name", "string"), F("last_name", "string"),
     F("learner_number", "string", nullable=True), *_days,
     F("left_on", "date", nullable=True, words=_l("Le dernier jour, s'il n'est pas celui prévu.")),
     F("follows_id", nullable=True, words=_l("La place d'avant, après un changement de promo."))),
    (Enrolment.id,), school=Enrolment.school_id, cohort=Enrolment.cohort_id,
    person=lambda person_id: Enrolment.person_id == person_id, people_of=lambda row, more: [row.person_id],
)  # fmt: skip
ASSIGNMENTS = Resource(
    "assignments", "assignment", _l("Les projets donnés aux promos"), Scope.WORK, Action.SEE_ASSIGNMENT, _assignments,
    (F("id"), *_at, F("project_id"), F("title", "string", nullable=True),
     F("work", "string", values=("alone", "pair", "team")), F("opens_at", "moment"), F("due_at", "moment"),
     F("closes_at", "moment"), F("withdrawn_at", "moment", nullable=True),
     F("deliverables", (F("id"), F("key", "string"), F("title", "string")), is_list=True)),
    (Assignment.id,), school=Assignment.school_id, cohort=Assignment.cohort_id, more=_deliverables,
)  # fmt: skip
SUBMISSIONS = Resource(
    "submissions", "submission", _l("Les rendus et où ils en sont"), Scope.WORK, Action.SEE_SUBMISSION, _submissions,
    (F("id"), *_at, F("assignment_id"), F("deliverable_id"), F("version"), F("submitted_at", "moment"),
     F("timing", "string", values=("on_time", "late")), F("receipt", "string"),
     F("state", "string", values=("waiting", "validated", "to_complete", "replaced")),
     F("decided_at", "moment", nullable=True),
     F("owners", "integers", words=_l("Les personnes qui ont fait ce rendu."))),
    (Submission.id,), school=Submission.school_id, cohort=Submission.cohort_id, person=_is_owned,
    people_of=lambda row, more: more["owners"].get(row.id, ()), more=_owners,
)  # fmt: skip
AWARDS = Resource(
    "awards", "award", _l("Les niveaux donnés pour des compétences"), Scope.AWARDS, Action.SEE_COMPETENCES, _awards,
    (F("id"), *_at, _own, F("competence", "string"),
     F("level", words=_l("De 1 à 3 ; 0 retire le niveau donné avant.")), F("submission_id"),
     F("awarded_at", "moment")),
    (Award.id,), school=Award.school_id, cohort=Submission.cohort_id,
    person=lambda person_id: Award.person_id == person_id, people_of=lambda row, more: [row.person_id],
)  # fmt: skip
HALF_DAYS = Resource(
    "half-days", "half-day", _l("Les demi-journées"), Scope.ATTENDANCE, Action.SEE_HALF_DAY, _half_days,
    (F("id"), *_at, F("on", "date"), F("half", "string", values=("am", "pm")), F("starts", "hour"), F("ends", "hour"),
     F("pause_minutes"), F("time_zone", "string"), F("module", "string"), F("opened_at", "moment", nullable=True),
     F("countersigned_at", "moment", nullable=True), F("cancelled_at", "moment", nullable=True)),
    (HalfDay.id,), school=HalfDay.school_id, cohort=HalfDay.cohort_id, on=HalfDay.on,
)  # fmt: skip
PRESENCE_DAYS = Resource(
    "presence-days", "presence-day", _l("La présence jour après jour, en minutes"), Scope.ATTENDANCE,
    Action.SEE_SHEETS, _presence_days,
    (F("enrolment_id"), F("on", "date"), *_at, F("planned"), F("attended"), F("distance"), F("justified"),
     F("unjustified"), F("missing", words=_l("Pas encore saisies : ni présence ni absence."))),
    (PresenceDay.enrolment_id, PresenceDay.on), school=PresenceDay.school_id, cohort=PresenceDay.cohort_id,
    on=PresenceDay.on, has_one=False, key_kinds=(int, date),
)  # fmt: skip
DOCUMENTS = Resource(
    "documents", "document", _l("Les documents faits, leur empreinte et leur état"), Scope.DOCUMENTS,
    Action.SEE_PAPER, _documents,
    (F("id"), F("school_id"), F("cohort_id", nullable=True), F("enrolment_id", nullable=True),
     F("person_id", nullable=True), F("kind", "string", values=tuple(str(one) for one in PaperKind)),
     F("number", "string"), *_days, F("issued_at", "moment"), F("replaces_id", nullable=True),
     F("status", "string", values=("holds", "revoked", "replaced"), value=lambda row: row.ended or "holds"),
     F("is_removed", "boolean", words=_l("Le contenu est effacé, au bout de sa durée de garde.")),
     F("hash", "string", words=_l("Enchaînée à celle du document d'avant, dans la même école.")),
     F("content_hash", "string"),
     F("paper_hash", "string", nullable=True, words=_l("L'empreinte SHA-256 du PDF, dès qu'il est fait."))),
    (Document.id,), school=Document.school_id, cohort=Document.cohort_id,
    person=lambda person_id: Document.person_id == person_id, people_of=lambda row, more: [row.person_id],
)  # fmt: skip

RESOURCES: tuple[Resource, ...] = (
    SCHOOLS, PROGRAMMES, COHORTS, ENROLMENTS, ASSIGNMENTS, SUBMISSIONS, AWARDS, HALF_DAYS, PRESENCE_DAYS, DOCUMENTS,
)  # fmt: skip
