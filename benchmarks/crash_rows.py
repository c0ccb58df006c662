"""What a crash test works on, and what it finds afterwards; each called in a process of its own by `crash`."""

from collections import Counter
from datetime import time, timedelta

from popschool import clock

PASSWORD = "une phrase longue pour les essais"


def seed(people: int) -> dict:
    """Fill an empty database: links to sign with, works to answer, learners who hand in, and their trainer."""
    from popschool.attendance import services, signing_links
    from popschool.auth.models import Account
    from popschool.auth.passwords import make_hash
    from popschool.db import db
    from tests import factories

    now, hashed = clock.now(), make_hash(PASSWORD)
    today = now.astimezone(clock.PARIS).date()
    cohort = factories.make_cohort(starts_on=today - timedelta(days=30), ends_on=today + timedelta(days=30))
    trainer = factories.make_trainer(cohort)
    window = {"opens_at": now - timedelta(days=7), "due_at": now + timedelta(days=2), "closes_at": now + timedelta(9)}
    deliverable = factories.make_assignment(cohort, **window, set_at=now).deliverables[0]
    deliverable.asks, deliverable.either = ["text", "files"], False
    writers = [factories.make_learner(cohort) for _ in range(2)]
    signers = [factories.make_learner(cohort) for _ in range(people)]
    works = [
        factories.make_submission(deliverable, [person], submitted_at=now - timedelta(hours=1)).id for person in signers
    ]
    factories.make_network_manager()
    half_day = factories.make_half_day(cohort, trainer, on=today, starts=time(0), ends=time(23, 59))
    factories.save()
    for person in (trainer, *writers):
        account = db.session.get(Account, person.id) or db.session.merge(
            Account(person_id=person.id, session_token=f"token-{person.id}", created_at=now)
        )
        account.password_hash = hashed
    db.session.commit()
    services.open_half_day(half_day, trainer.id, now)
    return {
        "links": {signing_links.path_of(half_day.id, person.id): person.id for person in signers},
        "works": works,
        "deliverable": deliverable.id,
        "writers": [person.mail for person in writers],
        "trainer": trainer.mail,
        "report": f"/cohorts/{cohort.id}/figures",
    }


def found() -> dict:
    """Return all that was kept: who signed and how often, the texts and files of works, answers, jobs, mails."""
    from sqlalchemy import func, select

    from popschool import storage
    from popschool.attendance.models import Entry
    from popschool.db import db
    from popschool.grading.models import Feedback
    from popschool.jobs import Job
    from popschool.messages.models import Notice
    from popschool.outbox import Outgoing
    from popschool.projects.models import Draft, Submission, SubmissionFile

    signed = Counter(db.session.scalars(select(Entry.person_id).where(Entry.kind == "signature")))
    works = select(Submission.id, Submission.text).where(Submission.key.is_not(None))
    files = list(db.session.scalars(select(SubmissionFile.hash).distinct()))
    drafts = list(db.session.scalars(select(Draft)))
    files += [file["hash"] for draft in drafts for file in draft.files]
    receipts = Counter(db.session.scalars(select(Notice.url).where(Notice.kind == "receipt")))
    return {
        "signatures": dict(signed),
        "texts": dict(Counter(text for _, text in db.session.execute(works))),
        "drafts": [draft.text for draft in drafts],
        "files": sorted(name for name in set(files) if storage.read(name)),
        "answers": dict(Counter(db.session.scalars(select(Feedback.comment).where(Feedback.undone_at.is_(None))))),
        "receipts": [receipts[f"/submissions/{number}/receipt"] for number, _ in db.session.execute(works)],
        "jobs_left": db.session.scalar(
            select(func.count()).select_from(Job).where(Job.done_at.is_(None), Job.run_at <= clock.now())
        ),
        "jobs_failed": db.session.scalar(select(func.count()).select_from(Job).where(Job.outcome == "failed")),
        "mails_due": db.session.scalar(
            select(func.count()).select_from(Outgoing).where(Outgoing.subject.startswith("Travail"))
        ),
        "mails_not_left": db.session.scalar(
            select(func.count())
            .select_from(Outgoing)
            .where(Outgoing.subject.startswith("Travail"), Outgoing.sent_at.is_(None))
        ),
    }
