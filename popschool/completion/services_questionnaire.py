"""A questionnaire in the hands of the person: its link, what they have typed, and their answer.

The link is worked out again for each message and kept nowhere: the row has its hash alone. So the first message opens
the same page as the last.
"""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from popschool.auth import codes
from popschool.completion import rules_afterwards as rules
from popschool.completion.models_afterwards import Answer, Questionnaire
from popschool.completion.rules_afterwards import Question, Source
from popschool.db import db, transaction
from popschool.schools.models import Cohort

PURPOSE = "questionnaire"
LETTERS = 20
HASH_LENGTH = 32  # 128 bits
# Links sent by versions that kept them as they are: 24 letters, without a hyphen.
PLAIN_LENGTH = 24


def link_of(one: Questionnaire) -> str:
    """Return the secret part of the address at which a person answers without an account."""
    return secret_of(one.enrolment_id, one.moment)


def secret_of(enrolment_id: int, moment: str) -> str:
    return codes.spelled(PURPOSE, f"{enrolment_id}/{moment}", LETTERS)


def hash_of(secret: str) -> str:
    return codes.fingerprint(PURPOSE, secret)[:HASH_LENGTH]


def hide_plain_links() -> None:
    """Put the hash of each link in the place of the link, where a version before kept it as it is."""
    with transaction():
        for one in db.session.scalars(
            select(Questionnaire).where(func.length(Questionnaire.link_hash) == PLAIN_LENGTH)
        ):
            one.link_hash = hash_of(one.link_hash)


def read_by_link(secret: str, today: date) -> Questionnaire | None:
    """Return the questionnaire that a link opens, with its answers; None when it opens nothing. Raises LinkEnded."""
    known = [hash_of(secret)]
    if len(secret) == PLAIN_LENGTH and "-" not in secret:
        known.append(secret)
    one = db.session.scalars(
        select(Questionnaire)
        .where(Questionnaire.link_hash.in_(known))
        .options(
            selectinload(Questionnaire.answers),
            joinedload(Questionnaire.person),
            joinedload(Questionnaire.cohort).joinedload(Cohort.school),
        )
    ).first()
    if one is not None and rules.link_ends_on(one.due_on) < today:
        raise rules.LinkEnded(rules.link_ends_on(one.due_on))
    return one


def keep_draft(one: Questionnaire, question: Question, said: str, now: datetime) -> None:
    """Keep what was answered to one question until it is sent; nothing said takes the answer away."""
    with transaction(lock=f"questionnaire/{one.id}"):
        db.session.refresh(one, ["draft"])
        one.draft = {**(one.draft or {}), str(question): said, "saved_at": now.isoformat()}


def send_draft(one: Questionnaire, now: datetime) -> Answer | None:
    """Send what was typed as the person's answer. Sent already: nothing more, and the answer that holds is returned.

    Raises SituationMissing.
    """
    with transaction(lock=f"questionnaire/{one.id}"):
        db.session.refresh(one, ["draft"])
        if one.draft is None:
            return one.answer
        said = {question: one.draft.get(question, "") for question in Question}
        if said[Question.SITUATION] not in rules.SAID_BY_PEOPLE:
            raise rules.SituationMissing
        made = Answer(
            questionnaire_id=one.id,
            situation=said[Question.SITUATION],
            source=str(Source.WRITTEN),
            rating=int(said[Question.RATING]) if said[Question.RATING] else None,
            comment=said[Question.COMMENT].strip(),
            said_at=now,
        )
        db.session.add(made)
        one.draft = None
    return made
