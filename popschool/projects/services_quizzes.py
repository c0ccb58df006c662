"""Answering a quiz, as often as one likes, and what a cohort's answers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from popschool.courses import rules as course_rules
from popschool.courses.models import Page, PageVersion, ProjectVersion, Quiz, Revision
from popschool.courses.services import holds
from popschool.courses.services_quizzes import QuizShown, questions_of
from popschool.db import db, transaction
from popschool.projects import rules_quizzes as rules
from popschool.projects.models_quizzes import QuizAnswer, QuizAttempt
from popschool.schools.models import Cohort, Enrolment, Person


@dataclass(frozen=True)
class Pinned:
    """The cohort in which somebody answers, and the revision that it reads."""

    cohort_id: int
    school_id: int
    revision_id: int


def pinned(cohorts: frozenset[int]) -> Pinned | None:
    """Return the cohort in which to answer: of several, the one at the latest revision."""
    query = select(Cohort.id, Cohort.school_id, Cohort.revision_id).where(Cohort.id.in_(cohorts))
    row = db.session.execute(query.order_by(Cohort.revision_id.desc()).limit(1)).first()
    return Pinned(*row) if row else None


def answer_quiz(
    quiz: QuizShown, given: Mapping[str, rules.Given], person_id: int, where: Pinned, key: str, now: datetime
) -> QuizAttempt:
    """Record one attempt; earlier ones stay, and the same `key` finds its own. Raises NothingAnswered."""
    marked = rules.mark_all(quiz.questions, given)
    with transaction(lock=f"quiz/{quiz.page.id}/{person_id}"):
        done = db.session.scalar(select(QuizAttempt).where(QuizAttempt.key == key, QuizAttempt.person_id == person_id))
        if done is not None:
            return done
        mine = select(func.count()).where(QuizAttempt.page_id == quiz.page.id, QuizAttempt.person_id == person_id)
        attempt = QuizAttempt(
            school_id=where.school_id,
            cohort_id=where.cohort_id,
            person_id=person_id,
            page_id=quiz.page.id,
            revision_id=where.revision_id,
            quiz_hash=quiz.hash,
            number=db.session.scalar(mine) + 1,
            right=rules.score(marked),
            asked=len(marked),
            key=key,
            answered_at=now,
            answers=[
                QuizAnswer(question=one.question["id"], position=rank, given=one.given, verdict=one.verdict)
                for rank, one in enumerate(marked)
            ],
        )
        db.session.add(attempt)
    return attempt


def attempts_of(page_id: int, person_id: int) -> list[QuizAttempt]:
    """Return a person's attempts at a quiz, the last first."""
    query = select(QuizAttempt).where(QuizAttempt.page_id == page_id, QuizAttempt.person_id == person_id)
    return list(db.session.scalars(query.order_by(QuizAttempt.number.desc())))


def marked_again(attempt: QuizAttempt) -> list[rules.Marked]:
    """Return each answer of an attempt with its explanations, by the questions as they were. Two queries."""
    questions = {one["id"]: one for one in questions_of([attempt.quiz_hash])[attempt.quiz_hash]}
    return [rules.mark(questions[one.question], one.given) for one in attempt.answers]


def title_at(page_id: int, revision_id: int) -> str:
    """Return the title that a page had at a revision."""
    query = select(PageVersion.title).join(Revision, Revision.id == revision_id)
    query = query.where(PageVersion.page_id == page_id, PageVersion.variant == "", PageVersion.since <= Revision.number)
    return db.session.scalar(query.order_by(PageVersion.since.desc()).limit(1)) or ""


@dataclass(frozen=True)
class QuizLine:
    """A quiz in a cohort's list: who tried it, and how often."""

    page_id: int
    title: str
    project: str
    people: int
    attempts: int
    last_at: datetime | None


def quizzes_of(cohort: Cohort) -> list[QuizLine]:
    """Return the quizzes that a cohort can read, and what was done of them. One query."""
    number = select(Revision.number).where(Revision.id == cohort.revision_id).scalar_subquery()
    done = (
        select(
            QuizAttempt.page_id,
            func.count(func.distinct(QuizAttempt.person_id)).label("people"),
            func.count().label("attempts"),
            func.max(QuizAttempt.answered_at).label("last_at"),
        )
        .where(QuizAttempt.cohort_id == cohort.id)
        .group_by(QuizAttempt.page_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Page.id, PageVersion.title, ProjectVersion.title, done.c.people, done.c.attempts, done.c.last_at)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .outerjoin(ProjectVersion, (ProjectVersion.project_id == Page.project_id) & holds(ProjectVersion, number))
        .outerjoin(done, done.c.page_id == Page.id)
        .where(
            PageVersion.role == course_rules.QUIZ,
            PageVersion.variant == "",
            holds(PageVersion, number),
            (ProjectVersion.programme_id == cohort.programme_id) | (Page.programme_id == cohort.programme_id),
        )
        .order_by(ProjectVersion.position, PageVersion.position)
    )
    return [QuizLine(row[0], row[1], row[2] or "", row[3] or 0, row[4] or 0, row[5]) for row in rows]


@dataclass(frozen=True)
class Tried:
    """What one person did of a quiz: how often, and how many questions were right the first and the last time."""

    person: Person
    attempts: int = 0
    first: tuple[int, int] | None = None
    last: tuple[int, int] | None = None
    last_id: int | None = None
    last_at: datetime | None = None


@dataclass
class Asked:
    """One question in a cohort: how its first answers went. `missed` counts those that were not right."""

    title: str
    answered: int = 0
    missed: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Results:
    """A quiz in a cohort: each person, and each question, the most missed first."""

    people: list[Tried]
    questions: list[Asked]


def results_of(cohort: Cohort, page_id: int, today) -> Results:
    """Return what a cohort did of a quiz. Three queries, whatever their number."""
    query = select(QuizAttempt).where(QuizAttempt.cohort_id == cohort.id, QuizAttempt.page_id == page_id)
    attempts: dict[int, list[QuizAttempt]] = {}
    for attempt in db.session.scalars(query.order_by(QuizAttempt.number)):
        attempts.setdefault(attempt.person_id, []).append(attempt)
    here = select(Enrolment.person_id).where(
        Enrolment.cohort_id == cohort.id,
        Enrolment.starts_on <= today,
        func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today,
    )
    wanted = Person.id.in_(here) | Person.id.in_(attempts)
    people = db.session.scalars(select(Person).where(wanted).order_by(Person.last_name, Person.first_name)).all()
    return Results([_tried(person, attempts.get(person.id, [])) for person in people], _missed(cohort.id, page_id))


def _tried(person: Person, attempts: Sequence[QuizAttempt]) -> Tried:
    if not attempts:
        return Tried(person)
    first, last = attempts[0], attempts[-1]
    counts = {"first": (first.right, first.asked), "last": (last.right, last.asked)}
    return Tried(person, len(attempts), **counts, last_id=last.id, last_at=last.answered_at)


def _missed(cohort_id: int, page_id: int) -> list[Asked]:
    """Return how each question went at everybody's first attempt: later ones have read the answers."""
    rows = db.session.execute(
        select(QuizAnswer.question, QuizAnswer.verdict, func.count(), func.max(QuizAttempt.quiz_hash))
        .join(QuizAttempt, QuizAttempt.id == QuizAnswer.attempt_id)
        .where(QuizAttempt.cohort_id == cohort_id, QuizAttempt.page_id == page_id, QuizAttempt.number == 1)
        .group_by(QuizAnswer.question, QuizAnswer.verdict)
    ).all()
    titles = {
        question["id"]: question["title"]
        for questions in db.session.scalars(select(Quiz.questions).where(Quiz.hash.in_({row[3] for row in rows})))
        for question in questions
    } if rows else {}  # fmt: skip
    found: dict[str, Asked] = {}
    for key, verdict, count, _hash in rows:
        asked = found.setdefault(key, Asked(titles.get(key, key)))
        asked.answered += count
        asked.missed += 0 if verdict == rules.Verdict.RIGHT else count
        asked.verdicts[verdict] = count
    return sorted(found.values(), key=lambda one: (-one.missed, one.title))
