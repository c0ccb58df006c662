"""The whole file of one place, for an audit: tables, sealed sheets and documents, with an index that anybody reads.

No motive of absence is in it, no accommodation, and nothing of what an answer to a work says: that it exists, and when.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from popschool import storage
from popschool.attendance.models import CompanyPeriod, CompanyWeek, Entry, Expected, HalfDay
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Kind, State, monday_of
from popschool.attendance.services_reading import standing_of
from popschool.completion.models import EnrolmentFunding, Funding
from popschool.completion.models_papers import Document
from popschool.completion.rules_papers import NAMES, PaperKind
from popschool.completion.services_papers import end_of
from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading.models import Award, Feedback
from popschool.grading.services_reading import award_holds
from popschool.projects.models import Submission, SubmissionOwner
from popschool.registers.rules import Register
from popschool.reports.evidence_registers import of_place, signed_by_place
from popschool.reports.whole_file_part import Part
from popschool.schools.models import Enrolment, Person

HALVES = {"am": "matin", "pm": "après-midi"}
DECISIONS = {"validated": "validé", "to_complete": "à reprendre"}
METHODS = {
    "button": "bouton", "link": "lien", "code": "code de la salle", "qr": "carré de la salle", "tablet": "tablette",
    "pin": "code personnel", "help": "avec de l'aide", "paper": "papier",
}  # fmt: skip
SIGNERS = {Kind.SIGNATURE: "personne", Kind.COUNTERSIGNATURE: "équipe", Kind.MARK: "saisie"}
ENDS = {"revoked": "annulé", "replaced": "remplacé"}
ABSENT = (State.JUSTIFIED, State.UNJUSTIFIED, State.PARTIAL)


Maker = Callable[[Enrolment, date, date], Part]


def parts_of(enrolment: Enrolment, first: date, last: date) -> Iterator[Part]:
    """Yield each part of a place's file, of the days that are asked for. A few queries for each."""
    for make in MAKERS:
        yield make(enrolment, first, last)


def _identity(enrolment: Enrolment, first: date, last: date) -> Part:
    person, cohort = enrolment.person, enrolment.cohort
    rows: list[tuple[Any, ...]] = [
        ("Nom", person.last_name),
        ("Prénom", person.first_name),
        ("Numéro", person.learner_number or ""),
        ("Promo", cohort.code),
        ("Du", enrolment.starts_on),
        ("Au", enrolment.last_day),
        ("Jours de ce dossier", f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"),
    ]
    return Part("identite", "La place", ("Quoi", "Valeur"), rows)


def _fundings(enrolment: Enrolment, first: date, last: date) -> Part:
    shares = db.session.scalars(
        select(EnrolmentFunding)
        .where(EnrolmentFunding.enrolment_id == enrolment.id)
        .order_by(EnrolmentFunding.starts_on, EnrolmentFunding.id)
        .options(joinedload(EnrolmentFunding.funding).joinedload(Funding.funder))
    )
    rows = [
        (one.funding.funder.name, one.funding.agreement, one.file_number, one.starts_on, one.ends_on or "",
         (one.minutes_agreed or 0) / 60 or "")
        for one in shares
    ]  # fmt: skip
    heads = ("Financeur", "Convention", "Dossier", "Du", "Au", "Heures convenues")
    return Part("financements", "Qui paie", heads, rows)


def _held(enrolment: Enrolment, first: date, last: date) -> list[tuple[HalfDay, str, list[Entry]]]:
    """Return the half-days of a place with its entries, in order. Two queries."""
    rows = db.session.execute(
        select(HalfDay, Expected.expectation)
        .join(Expected, Expected.half_day_id == HalfDay.id)
        .where(
            HalfDay.cohort_id == enrolment.cohort_id,
            HalfDay.on.between(max(first, enrolment.starts_on), min(last, enrolment.last_day)),
            HalfDay.cancelled_at.is_(None),
            Expected.person_id == enrolment.person_id,
        )
        .order_by(HalfDay.on, HalfDay.half)
    ).all()
    entries: dict[int, list[Entry]] = defaultdict(list)
    asked = select(Entry).where(
        Entry.half_day_id.in_([row.HalfDay.id for row in rows]),
        or_(Entry.person_id == enrolment.person_id, Entry.kind == str(Kind.COUNTERSIGNATURE)),
    )
    for entry in db.session.scalars(asked.order_by(Entry.id).options(joinedload(Entry.by))):
        entries[entry.half_day_id].append(entry)
    return [(row.HalfDay, row.expectation, entries[row.HalfDay.id]) for row in rows]


def _presence(enrolment: Enrolment, first: date, last: date) -> Part:
    rows = []
    for half_day, expectation, entries in _held(enrolment, first, last):
        own = [one for one in entries if one.kind != Kind.COUNTERSIGNATURE]
        standing = standing_of(half_day, expectation, own)
        hours = [standing.planned, standing.attended, standing.distance, standing.justified, standing.unjustified]
        rows.append(
            (half_day.on, HALVES[half_day.half], str(standing.state), *(minutes / 60 for minutes in hours),
             "oui" if half_day.countersigned_at else "non")
        )  # fmt: skip
    heads = ("Jour", "Séance", "État", "Prévu (h)", "Sur place (h)", "À distance (h)", "Absence justifiée (h)",
             "Absence non justifiée (h)", "Contresignée")  # fmt: skip
    return Part("presence", "La présence, séance par séance", heads, rows)


def _signatures(enrolment: Enrolment, first: date, last: date) -> Part:
    rows = [
        (half_day.on, HALVES[half_day.half], *_signature(entry))
        for half_day, _expectation, entries in _held(enrolment, first, last)
        for entry in entries
    ]
    heads = ("Jour", "Séance", "Qui signe", "Nom", "Moyen", "Signé le (UTC)", "Reçu le (UTC)", "Rang au registre",
             "Empreinte", "Empreinte d'avant")  # fmt: skip
    return Part("signatures", "Les signatures, et leur preuve", heads, rows)


def _signature(entry: Entry) -> tuple[Any, ...]:
    return (
        SIGNERS.get(Kind(entry.kind), ""), entry.by.name, METHODS.get(entry.method, ""), _moment(entry.at),
        _moment(entry.received_at), entry.sequence, entry.hash, entry.previous_hash,
    )  # fmt: skip


def _absences(enrolment: Enrolment, first: date, last: date) -> Part:
    rows = []
    for half_day, expectation, entries in _held(enrolment, first, last):
        own = [one for one in entries if one.kind != Kind.COUNTERSIGNATURE]
        standing = standing_of(half_day, expectation, own)
        if standing.state in ABSENT:
            missed = standing.justified + standing.unjustified
            kind = "justifiée" if standing.justified else "non justifiée"
            rows.append((half_day.on, HALVES[half_day.half], missed / 60, kind))
    return Part("absences", "Les absences, sans leur motif", ("Jour", "Séance", "Manqué (h)", "Absence"), rows)


def _sheets(enrolment: Enrolment, first: date, last: date) -> Part:
    """The sealed sheets of the cohort's weeks, all their versions."""
    begins, ends = monday_of(max(first, enrolment.starts_on)), min(last, enrolment.last_day)
    found = db.session.scalars(
        select(Sheet)
        .where(Sheet.cohort_id == enrolment.cohort_id, Sheet.monday.between(begins, ends))
        .order_by(Sheet.monday, Sheet.version)
        .options(joinedload(Sheet.paper))
    ).all()
    rows = [
        (one.number, one.monday, one.version, _moment(one.closed_at), one.hash, one.paper.hash if one.paper else "")
        for one in found
    ]
    files = tuple((f"feuilles/{one.number}.pdf", one.paper.hash) for one in found if one.paper is not None)
    heads = ("Feuille", "Semaine du", "Version", "Fermée le (UTC)", "Empreinte", "Empreinte du PDF")
    return Part("feuilles", "Les feuilles fermées", heads, rows, files)


def _company(enrolment: Enrolment, first: date, last: date) -> Part:
    found = db.session.scalars(
        select(CompanyWeek)
        .join(CompanyPeriod, CompanyPeriod.id == CompanyWeek.period_id)
        .where(
            CompanyPeriod.cohort_id == enrolment.cohort_id,
            CompanyWeek.person_id == enrolment.person_id,
            CompanyWeek.monday.between(first, last),
        )
        .order_by(CompanyWeek.monday, CompanyWeek.version)
        .options(joinedload(CompanyWeek.period))
    )
    rows = [
        (one.monday, one.version, one.period.company, one.period.siret, sum(one.days.values()) / 60,
         _moment(one.learner_signed_at), one.tutor_name, _moment(one.tutor_signed_at))
        for one in found
    ]  # fmt: skip
    heads = ("Semaine du", "Version", "Entreprise", "SIRET", "Heures", "Signée par la personne (UTC)", "Tuteur",
             "Signée par le tuteur (UTC)")  # fmt: skip
    return Part("entreprise", "Les semaines en entreprise", heads, rows)


def _works(enrolment: Enrolment, first: date, last: date) -> Part:
    """Each version that was sent, and that an answer exists: never what it says."""
    works = db.session.scalars(
        select(Submission)
        .join(SubmissionOwner, SubmissionOwner.submission_id == Submission.id)
        .where(
            SubmissionOwner.person_id == enrolment.person_id,
            Submission.cohort_id == enrolment.cohort_id,
            Submission.submitted_at.between(*_moments(first, last)),
        )
        .order_by(Submission.submitted_at, Submission.id)
        .options(joinedload(Submission.deliverable))
    ).all()
    answers: dict[int, list[Feedback]] = defaultdict(list)
    for one in db.session.scalars(
        select(Feedback)
        .where(Feedback.submission_id.in_([work.id for work in works]), Feedback.undone_at.is_(None))
        .order_by(Feedback.number)
        .options(joinedload(Feedback.trainer))
    ):
        answers[one.submission_id].append(one)
    rows = []
    for work in works:
        said = answers[work.id][-1] if answers[work.id] else None
        rows.append(
            (work.id, work.deliverable.title, work.version, _moment(work.submitted_at), work.receipt,
             "oui" if said else "non", DECISIONS[said.decision] if said else "", _moment(said.sent_at) if said else "",
             said.trainer.name if said else "")
        )  # fmt: skip
    heads = ("Travail", "Livrable", "Version", "Rendu le (UTC)", "Reçu", "Retour", "Décision", "Retour le (UTC)",
             "Retour de")  # fmt: skip
    return Part("travaux", "Les travaux rendus", heads, rows)


def _awards(enrolment: Enrolment, first: date, last: date) -> Part:
    found = db.session.execute(
        select(Award, Competence)
        .join(Competence, Competence.id == Award.competence_id)
        .where(Award.person_id == enrolment.person_id, award_holds(), Award.awarded_at.between(*_moments(first, last)))
        .order_by(Award.awarded_at, Award.id)
        .options(joinedload(Award.trainer))
    )
    rows = [
        (competence.key, competence.title, award.level, _moment(award.awarded_at), award.trainer.name,
         award.submission_id)
        for award, competence in found
    ]  # fmt: skip
    heads = ("Compétence", "Intitulé", "Niveau", "Validée le (UTC)", "Par", "Travail qui le prouve")
    return Part("competences", "Les compétences validées", heads, rows)


def _documents(enrolment: Enrolment, first: date, last: date) -> Part:
    found: Sequence[Document] = db.session.scalars(
        select(Document)
        .where(Document.enrolment_id == enrolment.id, Document.starts_on <= last, Document.ends_on >= first)
        .order_by(Document.number)
        .options(joinedload(Document.paper), selectinload(Document.acts))
    ).all()
    rows = []
    for one in found:
        ended = end_of(one)
        rows.append(
            (one.number, NAMES[PaperKind(one.kind)], one.starts_on, one.ends_on, _moment(one.issued_at),
             ENDS[ended.what] if ended else "valable", one.code, one.hash, one.previous_hash,
             one.paper.hash if one.paper else "")
        )  # fmt: skip
    files = tuple((f"documents/{one.number}.pdf", one.paper.hash) for one in found if one.paper is not None)
    heads = ("Numéro", "Document", "Du", "Au", "Fait le (UTC)", "État", "Code de contrôle", "Empreinte",
             "Empreinte d'avant", "Empreinte du PDF")  # fmt: skip
    return Part("documents", "Les documents", heads, rows, files)


MAKERS: tuple[Maker, ...] = (
    _identity, _fundings, partial(of_place, Register.POSITIONING), signed_by_place, _presence, _signatures, _absences,
    _sheets, _company, partial(of_place, Register.INTERVIEWS), _works, _awards, _documents,
)  # fmt: skip


def file_of(name: str) -> bytes | None:
    """Return a file of the store; None when retention has removed it."""
    try:
        return storage.read(name)
    except storage.FileMissing:
        return None


def place_at(enrolment_id: int) -> Enrolment:
    return db.session.scalars(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .options(joinedload(Enrolment.person), joinedload(Enrolment.cohort))
    ).one()


def _moment(at: datetime | None) -> str:
    return f"{at:%d/%m/%Y %H:%M:%S}" if at is not None else ""


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(0), UTC), datetime.combine(last + timedelta(days=1), time(0), UTC)


def whose(person: Person) -> str:
    return f"{person.last_name} {person.first_name}".strip()
