"""What pages ask of quizzes: the questions as a revision has them. One query each."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select

from popschool.courses import rules
from popschool.courses.models import Page, PageVersion, Quiz, Rendered
from popschool.courses.services import holds, ordered_variants
from popschool.db import db


@dataclass(frozen=True)
class QuizShown:
    """A quiz in one variant. `hash` names its questions, `sections` its introduction."""

    page: Page
    version: PageVersion
    hash: str
    sections: list[dict]
    questions: list[dict]
    variants: tuple[str, ...]


def quiz_at(page_id: int, number: int, variant: str = "", hash_asked: str = "") -> QuizShown | None:
    """Return a quiz at a revision, in the variant asked for or else the page itself.

    With `hash_asked`, return the quiz of that name if this page has it at that revision or had it before: what
    somebody was answering while their cohort moved.
    """
    when = PageVersion.since <= number if hash_asked else holds(PageVersion, number)
    wanted = PageVersion.rendered_hash == hash_asked if hash_asked else PageVersion.variant.in_(("", variant))
    rows = db.session.execute(
        select(Page, PageVersion, Rendered.sections, Quiz.questions)
        .join(PageVersion, PageVersion.page_id == Page.id)
        .outerjoin(Rendered, and_(Rendered.hash == PageVersion.rendered_hash, wanted))
        .outerjoin(Quiz, Quiz.hash == Rendered.hash)
        .where(Page.id == page_id, when, PageVersion.role == rules.QUIZ)
        .order_by(PageVersion.since)
    ).all()
    found = {version.rendered_hash if hash_asked else version.variant: (page, version, sections, asked)
             for page, version, sections, asked in rows}  # fmt: skip
    shown = found.get(hash_asked) if hash_asked else found.get(variant) or found.get("")
    if shown is None or shown[3] is None:
        return None
    page, version, sections, questions = shown
    variants = ordered_variants(one[1].variant for one in rows)
    return QuizShown(page, version, version.rendered_hash, sections or [], questions, variants)


def questions_of(hashes: Collection[str]) -> dict[str, list[dict]]:
    """Return the questions of some quizzes, by their hash."""
    if not hashes:
        return {}
    rows = db.session.execute(select(Quiz.hash, Quiz.questions).where(Quiz.hash.in_(hashes)))
    return {name: questions for name, questions in rows}
