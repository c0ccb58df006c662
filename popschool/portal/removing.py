"""What goes of one person, kind by kind. Rows that are counted stay; what they say of somebody is emptied or deleted.

Chains stay whole: an entry of the ledger keeps the hash of its content, and a row says that the content was removed.
"""

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from popschool.attendance.models import (
    CompanyPeriod,
    CompanyWeek,
    ContentRemoval,
    Entry,
    EntryContent,
    PaperScan,
    SigningPin,
)
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.models_planning import CalendarFeed
from popschool.auth.models import Account, DeviceSession, Invitation, Passkey, ProviderLink, SignInCode
from popschool.auth.models_decisions import Proposal, ProposalContent
from popschool.completion.models_company import CompanyEvaluation, CompanyVisit
from popschool.db import Base, db
from popschool.grading.models import Feedback, FeedbackDraft
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.portal.models import ApiKey, Barrier, DataCopy
from popschool.portal.models_retention import RetentionRemoval
from popschool.portal.rules_retention import Kept
from popschool.projects.models import Draft, Extension, Submission, SubmissionFile, SubmissionOwner
from popschool.projects.models_help import HelpRequest, HelpTurn
from popschool.registers.models import Record, RecordAct
from popschool.reports.models import Answered, Question
from popschool.review.models import Reaction, Review, ReviewAnswer, Reviewer, RoundEvent, Work
from popschool.review.models_copies import ReviewCopy
from popschool.schools.models import Accommodation, ContactNote, Enrolment, Person
from popschool.schools.rules import search_key
from popschool.stored_names import named_in_rows


@dataclass
class Removed:
    """How many rows were emptied or deleted, and the files that nothing names any more."""

    rows: int = 0
    files: list[str] = field(default_factory=list)

    def run(self, statement: Any) -> None:
        self.rows += db.session.execute(statement).rowcount


def remove(person: Person, kept: Kept, rule: str, now: datetime, today: date) -> Removed:
    """Remove a kind of data of somebody, inside the caller's transaction. The files are deleted after it."""
    removed = Removed()
    REMOVERS[kept](person, rule, now, today, removed)
    db.session.add(
        RetentionRemoval(
            person_id=person.id, kept=str(kept), rule=rule, rows=removed.rows, files=len(removed.files), at=now
        )
    )
    return removed


def _needs(person: Person, rule: str, now: datetime, today: date, removed: Removed) -> None:
    """What was arranged and noted, why they were away or left, what blocked them, their papers of absence."""
    mine = Excuse.person_id == person.id
    held = select(Excuse.file_hash).where(Excuse.person_id != person.id)
    papers = select(Excuse.file_hash).where(mine, Excuse.file_hash != "", Excuse.file_hash.not_in(held))
    removed.files += db.session.scalars(papers).all()
    removed.run(update(Excuse).where(mine).values(note="", answer="", file_hash="", file_name="", file_type=""))
    for model in (Accommodation, ContactNote):
        removed.run(delete(model).where(model.person_id == person.id))
    removed.run(update(Barrier).where(Barrier.person_id == person.id).values(what="", where="", answer=""))
    removed.run(update(Enrolment).where(Enrolment.person_id == person.id).values(exit_note=""))
    asked = select(HelpRequest.id).where(HelpRequest.person_id == person.id)
    removed.run(update(HelpTurn).where(HelpTurn.request_id.in_(asked)).values(words=""))
    removed.run(update(HelpRequest).where(HelpRequest.person_id == person.id).values(words=""))
    removed.run(update(Extension).where(Extension.person_id == person.id).values(reason=""))


def _account(person: Person, rule: str, now: datetime, today: date, removed: Removed) -> None:
    """The way in, where to write to them, their devices, what they were told. The record of acts stays."""
    copies = select(DataCopy.archive_hash).where(DataCopy.person_id == person.id, DataCopy.archive_hash != "")
    removed.files += db.session.scalars(copies).all()
    for model in (
        DeviceSession,
        Passkey,
        ProviderLink,
        SigningPin,
        ApiKey,
        SignInCode,
        Invitation,
        Notice,
        DataCopy,
        Outgoing,
    ):
        removed.run(delete(model).where(model.person_id == person.id))
    removed.run(delete(CalendarFeed).where(CalendarFeed.owner_id == person.id))
    account = db.session.get(Account, person.id)
    if account is not None:
        account.password_hash = account.totp_secret_encrypted = None
        account.recovery_code_hashes, account.session_token = [], secrets.token_hex(16)
        account.closed_at = account.closed_at or now
    person.mail = person.phone = None
    person.learner_number = person.learner_number or f"X{person.id}"
    person.preferences, person.message_choices = {}, {}
    _index(person)
    removed.rows += 1


def _index(person: Person) -> None:
    person.search_key = search_key(f"{person.first_name} {person.last_name} {person.learner_number}")


def _work(person: Person, rule: str, now: datetime, today: date, removed: Removed) -> None:
    """What they handed in, and what was answered. The work of a team goes with the last of its people."""
    other = aliased(SubmissionOwner)
    gone = exists().where(RetentionRemoval.person_id == other.person_id, RetentionRemoval.kept == str(Kept.WORK))
    others = exists().where(other.submission_id == SubmissionOwner.submission_id, other.person_id != person.id, ~gone)
    own = select(SubmissionOwner.submission_id).where(SubmissionOwner.person_id == person.id, ~others)
    works = db.session.scalars(own).all()
    removed.run(update(Submission).where(Submission.id.in_(works)).values(text="", link="", repository="", note=""))
    removed.run(update(SubmissionFile).where(SubmissionFile.submission_id.in_(works)).values(name=""))
    removed.run(update(Feedback).where(Feedback.submission_id.in_(works)).values(comment=""))
    removed.run(delete(FeedbackDraft).where(FeedbackDraft.submission_id.in_(works)))
    removed.run(delete(Draft).where(Draft.person_id == person.id))
    _reviews(person, works, removed)
    names = select(SubmissionFile.hash).where(SubmissionFile.submission_id.in_(works)).distinct()
    held = select(SubmissionFile.hash).where(SubmissionFile.submission_id.not_in(works), SubmissionFile.name != "")
    removed.files += set(db.session.scalars(names)) - set(
        db.session.scalars(held.where(SubmissionFile.hash.in_(names)))
    )


def _reviews(person: Person, works: Sequence[int], removed: Removed) -> None:
    """The words of reviews, of these works and by this person, and what reviewers were given. Marks and plans stay."""
    read = select(Work.id).where(Work.submission_id.in_(works))
    reviewing = select(Reviewer.id).where(Reviewer.person_id == person.id)
    said = or_(Review.work_id.in_(read), Review.reviewer_id.in_(reviewing))
    reviews = db.session.scalars(select(Review.id).where(said)).all()
    nothing = {"good": "", "good_quote": "", "idea": "", "idea_quote": ""}
    removed.run(update(ReviewAnswer).where(ReviewAnswer.review_id.in_(reviews)).values(nothing))
    removed.run(update(Review).where(Review.id.in_(reviews)).values(draft={}))
    reacted = or_(Reaction.review_id.in_(reviews), Reaction.person_id == person.id)
    removed.run(update(Reaction).where(reacted).values(reason="", change=""))
    moved = or_(RoundEvent.work_id.in_(read), RoundEvent.reviewer_id.in_(reviewing))
    removed.run(update(RoundEvent).where(moved, RoundEvent.words != "").values(words=""))
    given = ReviewCopy.submission_id.in_(works)
    removed.files += db.session.scalars(select(ReviewCopy.hash).where(given, ReviewCopy.hash != "")).all()
    removed.run(delete(ReviewCopy).where(given))


def _evidence(person: Person, rule: str, now: datetime, today: date, removed: Removed) -> None:
    """What each signature and mark says in words. The lines of the ledger stay, chained, with their minutes."""
    own = (
        select(EntryContent.entry_id).join(Entry, Entry.id == EntryContent.entry_id).where(Entry.person_id == person.id)
    )
    entries = db.session.scalars(own).all()
    db.session.add_all(ContentRemoval(entry_id=entry_id, removed_on=today, rule=rule) for entry_id in entries)
    db.session.flush()
    removed.run(delete(EntryContent).where(EntryContent.entry_id.in_(entries)))
    removed.run(update(Dispute).where(Dispute.person_id == person.id).values(text="", answer=""))
    for model in (CompanyEvaluation, CompanyVisit):
        removed.run(delete(model).where(model.person_id == person.id))
    removed.run(update(CompanyWeek).where(CompanyWeek.person_id == person.id).values(tutor_name=""))
    removed.run(update(CompanyPeriod).where(CompanyPeriod.person_id == person.id).values(tutor_name="", tutor_mail=""))
    _registers(person, removed)
    proposed = select(Proposal.id).where((Proposal.person_id == person.id) | (Proposal.by_id == person.id))
    removed.run(delete(ProposalContent).where(ProposalContent.proposal_id.in_(proposed)))


def _registers(person: Person, removed: Removed) -> None:
    """What interviews, positionings and complaints of theirs say, and what was asked of their places through doors."""
    places = select(Enrolment.id).where(Enrolment.person_id == person.id)
    theirs = or_(Record.person_id == person.id, Record.enrolment_id.in_(places))
    lines = db.session.scalars(select(Record.id).where(theirs)).all()
    removed.run(update(Record).where(Record.id.in_(lines)).values(facts={}, search="", reason=""))
    removed.run(update(RecordAct).where(RecordAct.record_id.in_(lines)).values(text=""))
    asked = db.session.scalars(select(Question.id).where(Question.enrolment_id.in_(places))).all()
    removed.run(update(Question).where(Question.id.in_(asked)).values(text=""))
    removed.run(update(Answered).where(Answered.question_id.in_(asked)).values(text=""))


def _name(person: Person, rule: str, now: datetime, today: date, removed: Removed) -> None:
    """Who it was. From now on, a number that leads to nobody."""
    person.first_name, person.last_name, person.learner_number = "Personne", f"n° {person.id}", f"X{person.id}"
    _index(person)
    removed.rows += 1


REMOVERS: dict[Kept, Callable[[Person, str, datetime, date, Removed], None]] = {
    Kept.NEEDS: _needs, Kept.ACCOUNT: _account, Kept.WORK: _work, Kept.EVIDENCE: _evidence, Kept.NAME: _name,
}  # fmt: skip


def still_named(names: Collection[str]) -> set[str]:
    """Return those of these files that somebody has a use for: the same content is kept once, whoever sent it.

    A row that was emptied keeps the hash of its file, and so do the job that deletes it and the record of acts.
    """
    aside: list[Column] = [column for name in ("job", "audit_entry") for column in Base.metadata.tables[name].columns]
    found: set[str] = set()
    for model in (SubmissionFile, PaperScan):
        aside.append(model.__table__.c.hash)
        found.update(db.session.scalars(select(model.hash).where(model.hash.in_(names), model.name != "")))
    return found | named_in_rows(set(names) - found, besides=aside)
