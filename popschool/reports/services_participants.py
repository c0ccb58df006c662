"""Operations and their participants: who they are by the rows, what they said, what is missing; answers by a link.

A link is worked out again each time and kept nowhere: the row has its hash alone. What is typed goes to the school with
the last page only; until then it lies under lock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.auth import codes
from popschool.completion.models import EnrolmentFunding, Funding
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.reports import rules_participants as rules
from popschool.reports.models_participants import (
    Operation,
    OperationFunding,
    OperationTerms,
    ParticipantAnswer,
    ParticipantForm,
    ParticipantLocked,
)
from popschool.reports.rules_participants import Moment, Participant, Said, Standing, Terms
from popschool.schools.models import Enrolment, Person, School
from popschool.schools.rules import ExitReason, check_dates

PURPOSE = "participant"
LETTERS = 20
HASH_LENGTH = 32


def operations_of(school_id: int) -> Sequence[Operation]:
    return db.session.scalars(
        select(Operation).where(Operation.school_id == school_id).order_by(Operation.starts_on.desc(), Operation.id)
    ).all()


def fundings_to_choose(school_id: int) -> Sequence[Funding]:
    return db.session.scalars(
        select(Funding)
        .where(Funding.school_id == school_id)
        .order_by(Funding.is_funded_by_union.desc(), Funding.starts_on.desc(), Funding.id)
        .options(joinedload(Funding.funder))
    ).all()


def fundings_in(operation_id: int) -> Sequence[Funding]:
    return db.session.scalars(
        select(Funding)
        .join(OperationFunding, OperationFunding.funding_id == Funding.id)
        .where(OperationFunding.operation_id == operation_id)
        .order_by(Funding.id)
        .options(joinedload(Funding.funder))
    ).all()


def save_operation(
    school: School, operation: Operation | None, values: dict[str, Any], fundings: Sequence[int], by: Person,
    now: datetime,
) -> Operation:  # fmt: skip
    """Write an operation down, or correct it, with the agreements whose people it counts.

    Raises DatesInverted, OperationTooShort or FundingElsewhere.
    """
    check_dates(values["starts_on"], values["ends_on"])
    if values["starts_on"] == values["ends_on"]:
        raise rules.OperationTooShort
    with transaction(lock=f"operations/{school.id}"):
        made = operation or Operation(school_id=school.id, created_at=now)
        for name, value in values.items():
            setattr(made, name, value)
        db.session.add(made)
        db.session.flush()
        _check_free(made, fundings)
        db.session.execute(delete(OperationFunding).where(OperationFunding.operation_id == made.id))
        db.session.add_all(OperationFunding(operation_id=made.id, funding_id=one) for one in sorted(set(fundings)))
        if operation is None:
            usual = Terms.usual(made.starts_on)
            _add_terms(made, usual, by, now)
        audit.record("save_operation", made, actor_id=by.id, now=now, fundings=sorted(set(fundings)))
    return made


def _check_free(made: Operation, fundings: Sequence[int]) -> None:
    other = db.session.scalars(
        select(Operation)
        .join(OperationFunding, OperationFunding.operation_id == Operation.id)
        .where(OperationFunding.funding_id.in_(fundings), Operation.id != made.id)
        .limit(1)
    ).first()
    if other is not None:
        raise rules.FundingElsewhere(other.name)


def _add_terms(operation: Operation, terms: Terms, by: Person, now: datetime) -> None:
    db.session.add(
        OperationTerms(
            operation_id=operation.id, since=terms.since, exit_days=terms.exit_days, asks=sorted(terms.asks),
            said_by_id=by.id, said_at=now,
        )
    )  # fmt: skip


def say_terms(operation: Operation, terms: Terms, by: Person, now: datetime) -> None:
    """Change what an operation asks, from a day on; who came before was asked what held then."""
    with transaction(lock=operation):
        _add_terms(operation, terms, by, now)
        audit.record(
            "say_operation_terms", operation, actor_id=by.id, now=now, since=terms.since.isoformat(),
            exit_days=terms.exit_days, asks=sorted(terms.asks),
        )  # fmt: skip


def terms_of(operation: Operation) -> list[Terms]:
    """Return what an operation has asked, in order of the day from which it holds."""
    rows = db.session.scalars(
        select(OperationTerms)
        .where(OperationTerms.operation_id == operation.id)
        .order_by(OperationTerms.since, OperationTerms.id)
    )
    return [one.terms for one in rows]


@dataclass(frozen=True)
class Known:
    """A participant with the rows behind them."""

    participant: Participant
    person: Person
    reason: str
    cohorts: tuple[str, ...]
    answers: Mapping[Moment, ParticipantAnswer]


def known_in(operation: Operation, today: date, person_id: int | None = None) -> list[Known]:
    """Return the participants of an operation, by name: those whom its agreements pay for. Two queries."""
    asked = (
        select(Enrolment)
        .join(EnrolmentFunding, EnrolmentFunding.enrolment_id == Enrolment.id)
        .join(OperationFunding, OperationFunding.funding_id == EnrolmentFunding.funding_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            OperationFunding.operation_id == operation.id,
            Enrolment.starts_on <= today,
            func.coalesce(Enrolment.exit_reason, "") != str(ExitReason.NEVER_CAME),
        )
        .order_by(Person.last_name, Person.first_name, Person.id, Enrolment.starts_on, Enrolment.id)
        .options(joinedload(Enrolment.person), joinedload(Enrolment.cohort))
    )
    said = select(ParticipantAnswer).where(ParticipantAnswer.operation_id == operation.id)
    if person_id is not None:
        asked = asked.where(Enrolment.person_id == person_id)
        said = said.where(ParticipantAnswer.person_id == person_id)
    places: dict[int, list[Enrolment]] = defaultdict(list)
    for one in db.session.scalars(asked).unique():
        places[one.person_id].append(one)
    answers: dict[int, dict[Moment, ParticipantAnswer]] = defaultdict(dict)
    for answer in db.session.scalars(said.order_by(ParticipantAnswer.id)):
        answers[answer.person_id][Moment(answer.moment)] = answer
    return [_known(own, answers[number], today) for number, own in places.items()]


def _known(places: list[Enrolment], answers: dict[Moment, ParticipantAnswer], today: date) -> Known:
    person, last = places[0].person, max(places, key=lambda one: (one.last_day, one.id))
    has_left = all(one.last_day < today for one in places)
    said = {moment: Said(one.facts, frozenset(one.asked), one.said_on) for moment, one in answers.items()}
    return Known(
        Participant(
            person.id, person.name, bool(person.mail or person.phone), min(one.starts_on for one in places),
            last.last_day if has_left else None, said,
        ),
        person,
        (last.exit_reason or "") if has_left else "",
        tuple(sorted({one.cohort.code for one in places})),
        answers,
    )  # fmt: skip


@dataclass(frozen=True)
class Overview:
    """An operation as it stands: its people, its terms, and what is wrong."""

    known: list[Known]
    standings: list[Standing]
    terms: list[Terms]
    fundings: Sequence[Funding]
    anomalies: list[rules.Anomaly]

    @property
    def incomplete_share(self) -> int | None:
        return rules.incomplete_share(self.standings)

    @property
    def by_cohort(self) -> list[tuple[str, int, int]]:
        """How many participants of each cohort, and how many of them are complete."""
        found: dict[str, list[bool]] = defaultdict(list)
        for known, one in zip(self.known, self.standings, strict=True):
            for code in known.cohorts:
                found[code].append(one.is_complete)
        return [(code, len(all_), sum(all_)) for code, all_ in sorted(found.items())]


def overview(operation: Operation, today: date) -> Overview:
    """Return an operation with who is missing what. Four queries."""
    known, terms, fundings = known_in(operation, today), terms_of(operation), fundings_in(operation.id)
    found = [rules.standing(one.participant, terms, today) for one in known]
    told = rules.anomalies(
        found, terms, operation.starts_on, operation.ends_on,
        [
            (" ".join(part for part in (one.funder.name, one.agreement) if part), one.is_funded_by_union,
             one.starts_on, one.ends_on)
            for one in fundings
        ],
    )  # fmt: skip
    return Overview(known, found, terms, fundings, told)


def form_for(operation: Operation, person_id: int, moment: Moment, now: datetime) -> ParticipantForm:
    """Return what a participant is asked at a moment, made the first time."""
    where = (
        ParticipantForm.operation_id == operation.id,
        ParticipantForm.person_id == person_id,
        ParticipantForm.moment == str(moment),
    )
    found = db.session.scalars(select(ParticipantForm).where(*where)).first()
    if found is not None:
        return found
    with transaction(lock=f"participant/{operation.id}/{person_id}"):
        found = db.session.scalars(select(ParticipantForm).where(*where)).first()
        if found is None:
            found = ParticipantForm(
                school_id=operation.school_id, operation_id=operation.id, person_id=person_id, moment=str(moment),
                link_hash=_hash(_secret(operation.id, person_id, moment)), made_at=now,
            )  # fmt: skip
            db.session.add(found)
    return found


def link_of(form: ParticipantForm) -> str:
    return _secret(form.operation_id, form.person_id, form.moment)


def _secret(operation_id: int, person_id: int, moment: str) -> str:
    return codes.spelled(PURPOSE, f"{operation_id}/{person_id}/{moment}", LETTERS)


def _hash(secret: str) -> str:
    return codes.fingerprint(PURPOSE, secret)[:HASH_LENGTH]


def send_link(form: ParticipantForm, by: Person, now: datetime) -> None:
    """Write to a participant; the message opens the questions without an account."""
    with transaction(lock=f"participant-form/{form.id}"):
        form.sent_at = now
        messages.tell(
            form.person,
            kind="participant",
            title=_l("Quelques questions sur votre parcours"),
            body=_l("Répondez sur votre téléphone. Cela prend cinq minutes."),
            url=f"/my/participations/{form.id}",
            twin_url=f"/eu/{link_of(form)}",
            now=now,
            key=f"participant/{form.id}/{now.date()}",
        )
        audit.record("ask_participant", form, actor_id=by.id, now=now, moment=form.moment)


def read_by_link(secret: str) -> ParticipantForm | None:
    return db.session.scalars(
        select(ParticipantForm)
        .where(ParticipantForm.link_hash == _hash(secret))
        .options(joinedload(ParticipantForm.person), joinedload(ParticipantForm.operation).joinedload(Operation.school))
    ).first()


def terms_for(form: ParticipantForm, today: date) -> Terms | None:
    """Return the terms under which a form is answered; nothing once its person is no participant any more."""
    known = known_in(form.operation, today, form.person_id)
    if not known:
        return None
    one = known[0].participant
    day = one.first_on if form.moment == Moment.ENTRY else one.last_on or today
    return rules.terms_on(terms_of(form.operation), day)


def keep_draft(form: ParticipantForm, key: str, said: str, today: date) -> None:
    """Keep one answer, under lock, until all are sent. Raises AnswerWrong."""
    kept = rules.check(rules.BY_KEY[key], said, today)
    with transaction(lock=f"participant-form/{form.id}"):
        db.session.refresh(form, ["draft"])
        form.draft = {**(form.draft or {}), key: kept}


def send_draft(form: ParticipantForm, terms: Terms, now: datetime, today: date) -> ParticipantAnswer | None:
    """Send what was typed. Sent already: nothing more. Raises AnswersMissing."""
    with transaction(lock=f"participant-form/{form.id}"):
        db.session.refresh(form, ["draft"])
        if form.draft is None:
            return None
        wanted = rules.asked(Moment(form.moment), terms, form.draft)
        missing = tuple(one.key for one in wanted if one.key not in form.draft)
        if missing:
            raise rules.AnswersMissing(missing)
        made = ParticipantAnswer(
            school_id=form.school_id, operation_id=form.operation_id, person_id=form.person_id, moment=form.moment,
            asked=sorted(one.key for one in wanted),
            facts={one.key: form.draft[one.key] for one in wanted if not one.is_locked},
            said_on=today, said_at=now,
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        under_lock = {one.key: form.draft[one.key] for one in wanted if one.is_locked}
        if under_lock:
            db.session.add(ParticipantLocked(answer_id=made.id, school_id=made.school_id, said=under_lock))
        form.draft = None
        audit.record("answer_participant", form, actor_id=None, now=now, moment=form.moment, asked=made.asked)
    return made


def last_answer(form: ParticipantForm) -> ParticipantAnswer | None:
    return db.session.scalars(
        select(ParticipantAnswer)
        .where(
            ParticipantAnswer.operation_id == form.operation_id,
            ParticipantAnswer.person_id == form.person_id,
            ParticipantAnswer.moment == form.moment,
        )
        .order_by(ParticipantAnswer.id.desc())
        .limit(1)
    ).first()


def under_lock(answers: Sequence[ParticipantAnswer]) -> dict[int, dict[str, str]]:
    """Return the sensitive answers of some participants. Raises LockedAway or KeysMissing when a key is not here."""
    rows = db.session.scalars(
        select(ParticipantLocked).where(ParticipantLocked.answer_id.in_([one.id for one in answers]))
    )
    return {one.answer_id: one.said for one in rows}
