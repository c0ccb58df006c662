"""The tables that prove an indicator: rows of a school in a year. No motive, no health, no small count."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Select, distinct, func, select

from popschool.attendance.models import CompanyPeriod, CompanyWeek, HalfDay, HalfDayTrainer
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.models_planning import Room
from popschool.completion.models import TrainingAction
from popschool.completion.models_afterwards import Answer, Questionnaire
from popschool.completion.models_papers import Document, DocumentPaper
from popschool.completion.models_rules import ExamResult, ExamSession
from popschool.completion.rules_papers import NAMES, OF_THE_NETWORK, PaperKind
from popschool.courses.models import Competence
from popschool.db import db
from popschool.grading.models import Award
from popschool.projects.models import Assignment, Submission
from popschool.reports import evidence_registers as registers
from popschool.reports.rules_evidence import INDICATORS, Indicator
from popschool.reports.whole_file_part import Part
from popschool.schools.models import Accommodation, Cohort, Enrolment, Person, School

SMALL = 5
MOST_PAPERS = 500
EXITS = {
    "completed": "formation terminée", "employment": "emploi", "other_training": "autre formation",
    "moved_cohort": "autre promo", "dropped_out": "abandon", "never_came": "jamais venue", "other": "autre",
}  # fmt: skip
RESULTS = {"title": "titre", "blocks": "une partie", "none": "pas obtenu", "absent": "absent"}
MOMENTS = {"exit": "à la sortie", "three_months": "à 3 mois", "six_months": "à 6 mois"}
NATURES = {"training": "formation", "assessment": "bilan", "vae": "VAE", "apprenticeship": "apprentissage"}
Maker = Callable[[School, date, date], Part]


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(0), UTC), datetime.combine(last + timedelta(days=1), time(0), UTC)


def _running(school: School, first: date, last: date) -> Select:
    return select(Cohort.id).where(Cohort.school_id == school.id, Cohort.starts_on <= last, Cohort.ends_on >= first)


def _rows(statement: Select) -> list[tuple[Any, ...]]:
    return [tuple("" if cell is None else cell for cell in row) for row in db.session.execute(statement)]


def _actions(school: School, first: date, last: date) -> Part:
    found = db.session.execute(
        select(Cohort, TrainingAction)
        .outerjoin(TrainingAction, TrainingAction.cohort_id == Cohort.id)
        .where(Cohort.id.in_(_running(school, first, last)))
        .order_by(Cohort.starts_on, Cohort.code)
    )
    lines = [
        (cohort.code, cohort.starts_on, cohort.ends_on, NATURES[action.nature] if action else "",
         action.speciality if action else "", action.prerequisites if action else "",
         " / ".join(action.objectives) if action else "")
        for cohort, action in found
    ]  # fmt: skip
    heads = ("Promo", "Du", "Au", "Nature", "NSF", "Prérequis", "Objectifs")
    return Part("actions", "Les actions de formation", heads, lines)


def _figures(school: School, first: date, last: date) -> Part:
    def of(reason: str) -> Any:
        return func.count(Enrolment.id).filter(Enrolment.exit_reason == reason)

    lines = _rows(
        select(Cohort.code, func.count(Enrolment.id), of("completed"), of("employment"), of("dropped_out"))
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Cohort.id.in_(_running(school, first, last)), func.coalesce(Enrolment.exit_reason, "") != "never_came")
        .group_by(Cohort.code)
        .order_by(Cohort.code)
    )
    heads = ("Promo", "Entrées", "Terminées", "Parties pour un emploi", "Abandons")
    return Part("figures", "Les chiffres de chaque promo", heads, lines)


def _answers(school: School, first: date, last: date) -> Part:
    asked, said = func.count(distinct(Questionnaire.id)), func.count(distinct(Answer.questionnaire_id))
    found = db.session.execute(
        select(Cohort.code, Questionnaire.moment, asked, said)
        .join(Cohort, Cohort.id == Questionnaire.cohort_id)
        .outerjoin(Answer, Answer.questionnaire_id == Questionnaire.id)
        .where(Questionnaire.school_id == school.id, Questionnaire.due_on.between(first, last))
        .group_by(Cohort.code, Questionnaire.moment)
        .order_by(Cohort.code, Questionnaire.moment)
    )
    lines = [(code, MOMENTS[moment], sent, got, got * 100 / sent) for code, moment, sent, got in found]
    heads = ("Promo", "Moment", "Interrogés", "Réponses", "Taux de réponse (%)")
    return Part("answers", "Les questionnaires et leurs réponses", heads, lines)


def _exams(school: School, first: date, last: date) -> Part:
    found = db.session.execute(
        select(Cohort.code, ExamSession.title, ExamSession.on, ExamResult.outcome, func.count(ExamResult.id))
        .join(Cohort, Cohort.id == ExamSession.cohort_id)
        .outerjoin(ExamResult, ExamResult.session_id == ExamSession.id)
        .where(ExamSession.school_id == school.id, ExamSession.on.between(first, last))
        .group_by(Cohort.code, ExamSession.title, ExamSession.on, ExamResult.outcome)
        .order_by(ExamSession.on, Cohort.code)
    )
    lines = [(code, title, on, RESULTS.get(said or "", "pas encore"), count) for code, title, on, said, count in found]
    return Part("exams", "Les examens et leurs résultats", ("Promo", "Session", "Jour", "Résultat", "Nombre"), lines)


def _places(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(Person.last_name, Person.first_name, Cohort.code, Enrolment.starts_on, Enrolment.ends_on)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.school_id == school.id, Enrolment.starts_on.between(first, last))
        .order_by(Enrolment.starts_on, Person.last_name, Enrolment.id)
    )
    return Part("places", "Les places", ("Nom", "Prénom", "Promo", "Entrée", "Fin prévue"), lines)


def _plan(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(Cohort.code, HalfDay.module, func.count(HalfDay.id), func.min(HalfDay.on), func.max(HalfDay.on))
        .join(Cohort, Cohort.id == HalfDay.cohort_id)
        .where(HalfDay.school_id == school.id, HalfDay.on.between(first, last), HalfDay.cancelled_at.is_(None))
        .group_by(Cohort.code, HalfDay.module)
        .order_by(Cohort.code, HalfDay.module)
    )
    return Part("plan", "Les demi-journées prévues", ("Promo", "Module", "Demi-journées", "De", "À"), lines)


def _awards(school: School, first: date, last: date) -> Part:
    since, until = _moments(first, last)
    lines = _rows(
        select(Competence.key, Competence.title, func.count(distinct(Award.person_id)), func.count(Award.id))
        .join(Award, Award.competence_id == Competence.id)
        .where(Award.school_id == school.id, Award.awarded_at >= since, Award.awarded_at < until, Award.level > 0)
        .group_by(Competence.id, Competence.key, Competence.title)
        .order_by(Competence.key)
    )
    heads = ("Compétence", "Intitulé", "Personnes", "Niveaux donnés")
    return Part("awards", "Les compétences données, sur la preuve d'un travail", heads, lines)


def _works(school: School, first: date, last: date) -> Part:
    since, until = _moments(first, last)
    lines = _rows(
        select(Cohort.code, func.count(distinct(Submission.assignment_id)), func.count(Submission.id))
        .join(Cohort, Cohort.id == Submission.cohort_id)
        .where(Submission.school_id == school.id, Submission.submitted_at >= since, Submission.submitted_at < until)
        .group_by(Cohort.code)
        .order_by(Cohort.code)
    )
    return Part("works", "Les travaux rendus", ("Promo", "Projets", "Versions rendues"), lines)


def _courses(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(Cohort.code, func.count(Assignment.id), func.min(Assignment.opens_at), func.max(Assignment.closes_at))
        .join(Assignment, Assignment.cohort_id == Cohort.id)
        .where(Cohort.id.in_(_running(school, first, last)), Assignment.withdrawn_at.is_(None))
        .group_by(Cohort.code)
        .order_by(Cohort.code)
    )
    return Part("courses", "Les projets donnés", ("Promo", "Projets", "Premier (UTC)", "Dernier (UTC)"), lines)


def _arrangements(school: School, first: date, last: date) -> Part:
    """Only how many people; under five, not even that."""
    people = db.session.scalar(
        select(func.count(distinct(Accommodation.person_id))).where(
            Accommodation.school_id == school.id,
            Accommodation.starts_on <= last,
            (Accommodation.ends_on.is_(None)) | (Accommodation.ends_on >= first),
        )
    )
    said = people if people and people >= SMALL else f"moins de {SMALL}"
    return Part("arrangements", "Les aménagements", ("Quoi", "Personnes"), [("Parcours aménagés dans l'année", said)])


def _exits(school: School, first: date, last: date) -> Part:
    found = db.session.execute(
        select(Cohort.code, Enrolment.exit_reason, func.count(Enrolment.id))
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.school_id == school.id, Enrolment.left_on.between(first, last))
        .group_by(Cohort.code, Enrolment.exit_reason)
        .order_by(Cohort.code, Enrolment.exit_reason)
    )
    lines = [(code, EXITS.get(reason or "", "pas dit"), count) for code, reason, count in found]
    return Part("exits", "Les sorties", ("Promo", "Motif", "Personnes"), lines)


def _absences(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(
            Cohort.code,
            func.count(Excuse.id),
            func.count(Excuse.id).filter(Excuse.is_accepted.is_(True)),
            func.count(Excuse.id).filter(Excuse.decided_at.is_(None)),
        )
        .join(Cohort, Cohort.id == Excuse.cohort_id)
        .where(Excuse.school_id == school.id, Excuse.starts_on.between(first, last))
        .group_by(Cohort.code)
        .order_by(Cohort.code)
    )
    heads = ("Promo", "Absences expliquées", "Acceptées", "Sans réponse")
    return Part("absences", "Les absences et ce qui a été décidé", heads, lines)


def _company(school: School, first: date, last: date) -> Part:
    signed = func.count(CompanyWeek.id).filter(CompanyWeek.tutor_signed_at.is_not(None))
    lines = _rows(
        select(CompanyPeriod.company, CompanyPeriod.siret, func.min(CompanyPeriod.starts_on),
               func.max(CompanyPeriod.ends_on), func.count(distinct(CompanyPeriod.id)), signed)
        .outerjoin(CompanyWeek, CompanyWeek.period_id == CompanyPeriod.id)
        .where(CompanyPeriod.school_id == school.id, CompanyPeriod.starts_on <= last, CompanyPeriod.ends_on >= first)
        .group_by(CompanyPeriod.company, CompanyPeriod.siret)
        .order_by(CompanyPeriod.company)
    )  # fmt: skip
    heads = ("Entreprise", "SIRET", "De", "À", "Périodes", "Semaines signées par le tuteur")
    return Part("company", "Les entreprises", heads, lines)


def _rooms(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(Room.name, Room.capacity)
        .where(Room.school_id == school.id, Room.retired_at.is_(None))
        .order_by(Room.name)
    )
    return Part("rooms", "Les salles", ("Salle", "Places"), lines)


def _team(school: School, first: date, last: date) -> Part:
    lines = _rows(
        select(Person.last_name, Person.first_name, func.count(HalfDay.id), func.min(HalfDay.on), func.max(HalfDay.on))
        .join(HalfDayTrainer, HalfDayTrainer.person_id == Person.id)
        .join(HalfDay, HalfDay.id == HalfDayTrainer.half_day_id)
        .where(
            HalfDay.school_id == school.id,
            HalfDay.on.between(first, last),
            HalfDay.cancelled_at.is_(None),
            HalfDayTrainer.replaced_at.is_(None),
        )
        .group_by(Person.id, Person.last_name, Person.first_name)
        .order_by(Person.last_name, Person.first_name, Person.id)
    )
    return Part("team", "Qui a formé", ("Nom", "Prénom", "Demi-journées", "De", "À"), lines)


def _disputes(school: School, first: date, last: date) -> Part:
    since, until = _moments(first, last)
    lines = _rows(
        select(func.count(Dispute.id), func.count(Dispute.answered_at)).where(
            Dispute.school_id == school.id, Dispute.sent_at >= since, Dispute.sent_at < until
        )
    )
    return Part("disputes", "Les contestations de présence", ("Reçues", "Répondues"), lines)


def _documents(school: School, first: date, last: date) -> Part:
    """The papers of a school issued in the days, with their files: the last ones when there are very many.

    A paper of the whole network, kept in the chain of this school, says what happens in the others: it stays out.
    """
    since, until = _moments(first, last)
    found = db.session.execute(
        select(Document, DocumentPaper.hash)
        .outerjoin(DocumentPaper, DocumentPaper.document_id == Document.id)
        .where(Document.school_id == school.id, Document.kind.not_in([str(kind) for kind in OF_THE_NETWORK]))
        .where(Document.issued_at >= since, Document.issued_at < until)
        .order_by(Document.id.desc())
        .limit(MOST_PAPERS)
    ).all()
    lines = [
        (one.number, NAMES[PaperKind(one.kind)], one.starts_on, one.ends_on, f"{one.issued_at:%d/%m/%Y}", one.hash)
        for one, _paper in found
    ]
    files = tuple((f"papiers/{one.number}.pdf", paper) for one, paper in found if paper)
    heads = ("Numéro", "Papier", "Du", "Au", "Fait le", "Empreinte")
    return Part("documents", "Les papiers faits", heads, lines, files)


MAKERS: dict[str, Maker] = {
    "actions": _actions, "figures": _figures, "answers": _answers, "exams": _exams, "places": _places, "plan": _plan,
    "competences": _awards, "awards": _awards, "works": _works, "courses": _courses, "arrangements": _arrangements,
    "exits": _exits, "absences": _absences, "company": _company, "rooms": _rooms, "team": _team,
    "disputes": _disputes, "documents": _documents, "house_rules": registers.signed, "surveys": registers.surveyed,
    "outside": registers.outside,
} | {str(one): partial(registers.written, one) for one in registers.TOLD}  # fmt: skip


def tables_of(one: Indicator, school: School, first: date, last: date) -> list[Part]:
    """Return the tables of an indicator. A query for each."""
    return [MAKERS[name](school, first, last) for name in one.tables]


def parts_of(
    school: School, first: date, last: date, pieces: dict[int, Sequence[Any]]
) -> Iterator[tuple[Indicator, list[Part]]]:
    """Yield each indicator with its parts, their files in a folder of its own: proofs, then what was brought."""
    for one in INDICATORS:
        parts = [
            Part(
                f"{one.folder}/{part.key}", f"Indicateur {one.number} : {part.title}", part.heads, part.rows,
                tuple((f"{one.folder}/{name}", kept) for name, kept in part.files),
            )
            for part in tables_of(one, school, first, last)
        ]  # fmt: skip
        brought = pieces.get(one.number, ())
        rows = [
            (piece.title, piece.dated_on, piece.file_name, piece.by.name, f"{piece.at:%d/%m/%Y}") for piece in brought
        ]
        files = tuple((f"{one.folder}/pieces/{piece.id}-{piece.file_name}", piece.file_hash) for piece in brought)
        heads = ("Pièce", "Datée du", "Fichier", "Apportée par", "Le")
        parts.append(Part(f"{one.folder}/pieces", f"Indicateur {one.number} : pièces apportées", heads, rows, files))
        yield one, parts
