"""How long documents are kept, and for how long answers have a name.

What a document says and its PDF go once the years of its agreement are over. The row stays, with its number and its
hashes, so that the chain can still be checked; the act that removed the content says when, and under which rule. What
people said of themselves is added to the figures of their cohort some months after the last question, then goes.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from popschool import audit, jobs, storage
from popschool.completion import rules_settings
from popschool.completion.models import EnrolmentFunding
from popschool.completion.models_afterwards import Questionnaire, SurveyTotal
from popschool.completion.models_papers import Document, DocumentBatch, DocumentContent, DocumentPaper
from popschool.completion.rules_afterwards import Figures, figures, named_until
from popschool.completion.rules_papers import kept_until
from popschool.completion.services_facts import heard_by, sayings_of_all
from popschool.completion.services_papers import act, chain_name
from popschool.db import db, transaction
from popschool.schools.models import Enrolment

SETTING = "retention_years"
NAMED_SETTING = "survey_months"
DAYS_TO_THE_LAST_QUESTION = 180


# Removes step by step, each in transactions of its own, and yields how many went in each.
Remover = Callable[[datetime, date], Iterator[int]]
# What other features keep for a time: its name, and what removes it. Each says so where it keeps it.
REMOVERS: dict[str, Remover] = {}


def removes(what: str) -> Callable[[Remover], Remover]:
    """Declare that a function removes, each night, what has been kept for long enough."""

    def declare(remover: Remover) -> Remover:
        REMOVERS[what] = remover
        return remover

    return declare


def run(now: datetime, today: date) -> Iterator[tuple[str, int]]:
    """Remove all that has been kept for long enough; yield each kind, first with 0, then with what each step removed.

    Again, it does nothing.
    """
    own: dict[str, Remover] = {"documents": remove_expired, "questionnaires": forget_answers}
    for what, remover in (own | REMOVERS).items():
        yield what, 0
        for removed in remover(now, today):
            yield what, removed


def remove_expired(now: datetime, today: date) -> Iterator[int]:
    """Remove the content and the PDF of the documents whose years are over, one by one. Again, it does nothing."""
    least = rules_settings.SETTINGS[SETTING].least
    old = db.session.scalars(
        select(Document)
        .join(DocumentContent, DocumentContent.document_id == Document.id)
        .where(Document.ends_on < date(today.year - least, 1, 1))
        .order_by(Document.id)
        .options(joinedload(Document.content), joinedload(Document.paper))
    ).all()
    if not old:
        return
    sayings = sayings_of_all(sorted({one.school_id for one in old}))
    shares = _shares([one.enrolment_id for one in old if one.enrolment_id])
    for document in jobs.stoppable(old):
        share = shares.get(document.enrolment_id or 0)
        heard = heard_by(sayings.get(document.school_id, []), share.funding if share else None)
        years = rules_settings.resolve(heard, SETTING, today).number
        if kept_until(document.ends_on, years) < today:
            _remove(document, years, now)
            yield 1


def _shares(enrolments: Sequence[int]) -> dict[int, EnrolmentFunding]:
    rows = db.session.scalars(
        select(EnrolmentFunding)
        .where(EnrolmentFunding.enrolment_id.in_(enrolments))
        .order_by(EnrolmentFunding.starts_on)
        .options(joinedload(EnrolmentFunding.funding))
    )
    return {row.enrolment_id: row for row in rows}


def _remove(document: Document, years: int, now: datetime) -> None:
    file = document.paper.hash if document.paper else ""
    _forget_archives(document)
    with transaction(lock=chain_name(document.school_id)):
        for model in (DocumentPaper, DocumentContent):
            kept = db.session.get(model, document.id)
            if kept is not None:
                db.session.delete(kept)
        act(document, "removed", None, now, f"{SETTING}: {years}")
    if file:
        storage.delete(file)


def _forget_archives(document: Document) -> None:
    """Remove the archives of the cohort that may hold a document: each can be made again from what is kept."""
    for batch in db.session.scalars(
        select(DocumentBatch).where(DocumentBatch.cohort_id == document.cohort_id, DocumentBatch.archive_hash != "")
    ).all():
        if document.id in batch.documents:
            file = batch.archive_hash
            with transaction():
                batch.archive_hash, batch.archive_size = "", 0
            storage.delete(file)


def forget_answers(now: datetime, today: date) -> Iterator[int]:
    """Add to the figures of each cohort the answers that have had a name for long enough, then remove them.

    Yields how many questionnaires went of each place, its own transaction. Again, it does nothing.
    """
    least = rules_settings.SETTINGS[NAMED_SETTING].least
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    soonest = today - timedelta(days=DAYS_TO_THE_LAST_QUESTION + 28 * least)
    asked = select(Questionnaire.enrolment_id).where(Questionnaire.enrolment_id == Enrolment.id)
    places = db.session.scalars(
        select(Enrolment).where(last_day < soonest, asked.exists()).order_by(Enrolment.id)
    ).all()
    if not places:
        return
    sayings = sayings_of_all(sorted({one.school_id for one in places}))
    for place in jobs.stoppable(places):
        heard = heard_by(sayings.get(place.school_id, []), None)
        months = rules_settings.resolve(heard, NAMED_SETTING, today).number
        if named_until(place.last_day, months) < today:
            yield _forget(place, months, now)


def _forget(place: Enrolment, months: int, now: datetime) -> int:
    with transaction(lock=f"survey/{place.cohort_id}"):
        asked = db.session.scalars(
            select(Questionnaire)
            .where(Questionnaire.enrolment_id == place.id)
            .options(selectinload(Questionnaire.answers))
        ).all()
        for one in asked:
            said = (one.answer.situation, one.answer.rating) if one.answer else (None, None)
            _add_to_total(one, figures([said]))
            for answer in one.answers:
                db.session.delete(answer)
        db.session.flush()
        for one in asked:
            db.session.delete(one)
        audit.record(
            "forget_answers", place, actor_id=None, now=now, count=len(asked), rule=f"{NAMED_SETTING}: {months}"
        )
    return len(asked)


def _add_to_total(one: Questionnaire, found: Figures) -> None:
    total = db.session.scalars(
        select(SurveyTotal).where(SurveyTotal.cohort_id == one.cohort_id, SurveyTotal.moment == one.moment)
    ).first()
    if total is None:
        total = SurveyTotal(school_id=one.school_id, cohort_id=one.cohort_id, moment=one.moment, **vars(Figures()))
        db.session.add(total)
    for name, value in vars(total.figures + found).items():
        setattr(total, name, value)
    db.session.flush()
