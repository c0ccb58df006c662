"""House rules: their versions, who signed the last one, who has yet to."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from popschool import audit
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.registers import rules
from popschool.registers.models import HouseRules, RulesReceipt
from popschool.registers.services import Asked
from popschool.schools.models import Cohort, Enrolment, Person, School
from popschool.schools.rules import search_key

SIGNED, UNSIGNED = "signed", "unsigned"


@dataclass(frozen=True)
class Receipt:
    """Somebody in training, and their receipt of the last version when there is one."""

    enrolment: Enrolment
    receipt: RulesReceipt | None


def last_rules(school_id: int) -> HouseRules | None:
    """Return the house rules that hold at a school."""
    return db.session.scalars(
        select(HouseRules).where(HouseRules.school_id == school_id).order_by(HouseRules.version.desc()).limit(1)
    ).first()


def versions_of(school_id: int) -> Sequence[HouseRules]:
    return db.session.scalars(
        select(HouseRules)
        .where(HouseRules.school_id == school_id)
        .order_by(HouseRules.version.desc())
        .options(joinedload(HouseRules.by))
    ).all()


def publish(school_id: int, text: str, by: Person, now: datetime, today: date) -> HouseRules:
    """Add a version of the house rules: everybody in training is told, and signs again.

    Raises TextMissing or RulesUnchanged.
    """
    said = text.replace("\r\n", "\n").strip()
    if not said:
        raise rules.TextMissing("text")
    with transaction(lock=f"house-rules/{school_id}"):
        last = last_rules(school_id)
        digest = hashlib.sha256(said.encode()).hexdigest()
        if last is not None and last.hash == digest:
            raise rules.RulesUnchanged
        made = HouseRules(
            school_id=school_id, version=last.version + 1 if last else 1, text=said, hash=digest, by_id=by.id, at=now
        )
        db.session.add(made)
        db.session.flush()
        audit.record("publish_house_rules", made, actor_id=by.id, now=now, school_id=school_id, version=made.version)
        learning = select(Enrolment.person_id).where(Enrolment.school_id == school_id, in_training(today))
        for person in db.session.scalars(select(Person).where(Person.id.in_(learning)).order_by(Person.id)):
            messages.tell(
                person,
                kind="house_rules",
                title=_l("Le règlement intérieur, à lire et à signer"),
                url="/my/records",
                now=now,
                key=f"house-rules/{made.id}/{person.id}",
            )
    return made


def sign(text: HouseRules, enrolment: Enrolment, now: datetime) -> RulesReceipt:
    """Keep that somebody read the house rules. Again, it is the same receipt. Raises NotTheLast."""
    with transaction(lock=f"house-rules/{text.school_id}"):
        if last_rules(text.school_id).id != text.id:
            raise rules.NotTheLast
        made = receipt_of(text.id, enrolment.id)
        if made is None:
            made = RulesReceipt(
                rules_id=text.id, enrolment_id=enrolment.id, person_id=enrolment.person_id, hash=text.hash, at=now
            )
            db.session.add(made)
            audit.record(
                "sign_house_rules", text, actor_id=enrolment.person_id, now=now, school_id=text.school_id,
                concerns=[enrolment.person_id], version=text.version,
            )  # fmt: skip
    return made


def receipt_of(rules_id: int, enrolment_id: int) -> RulesReceipt | None:
    return db.session.scalars(
        select(RulesReceipt).where(RulesReceipt.rules_id == rules_id, RulesReceipt.enrolment_id == enrolment_id)
    ).first()


def receipts(text: HouseRules, asked: Asked, today: date, offset: int, limit: int) -> tuple[list[Receipt], int]:
    """Return the people in training, those who have not signed first, and how many there are. One query."""
    own = and_(RulesReceipt.enrolment_id == Enrolment.id, RulesReceipt.rules_id == text.id)
    found = (
        select(Enrolment, RulesReceipt, func.count().over().label("total"))
        .join(Person, Person.id == Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(RulesReceipt, own)
        .where(Enrolment.school_id == text.school_id, in_training(today))
        .order_by(RulesReceipt.id.is_not(None), Person.last_name, Person.first_name, Enrolment.id)
        .options(contains_eager(Enrolment.person), contains_eager(Enrolment.cohort))
    )
    if asked.text:
        found = found.where(Person.search_key.contains(search_key(asked.text), autoescape=True))
    if asked.state in (SIGNED, UNSIGNED):
        found = found.where(RulesReceipt.id.is_not(None) if asked.state == SIGNED else RulesReceipt.id.is_(None))
    rows = db.session.execute(found.limit(limit).offset(offset)).all()
    return [Receipt(row.Enrolment, row.RulesReceipt) for row in rows], rows[0].total if rows else 0


def in_training(today: date) -> ColumnElement[bool]:
    """Say that a place has begun and is not over."""
    return and_(Enrolment.starts_on <= today, func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today)


def to_sign(person_id: int, today: date) -> Sequence[tuple[Enrolment, HouseRules, RulesReceipt | None]]:
    """Return the house rules of each school where somebody is in training, with their receipt. One query."""
    newest = (
        select(HouseRules.school_id, func.max(HouseRules.version).label("version"))
        .group_by(HouseRules.school_id)
        .subquery()
    )
    is_last = and_(newest.c.school_id == HouseRules.school_id, newest.c.version == HouseRules.version)
    own = and_(RulesReceipt.enrolment_id == Enrolment.id, RulesReceipt.rules_id == HouseRules.id)
    rows = db.session.execute(
        select(Enrolment, HouseRules, RulesReceipt)
        .join(HouseRules, HouseRules.school_id == Enrolment.school_id)
        .join(newest, is_last)
        .outerjoin(RulesReceipt, own)
        .where(Enrolment.person_id == person_id, in_training(today))
        .order_by(Enrolment.id.desc())
    ).all()
    return [(row.Enrolment, row.HouseRules, row.RulesReceipt) for row in rows]


def signed_between(school: School, first: date, last: date) -> list[tuple[str, str, str, date, str]]:
    """Return who signed which version between two days of the school: version, person, cohort, day, text's hash."""
    since = datetime.combine(first, time(0), school.zone)
    until = datetime.combine(last + timedelta(days=1), time(0), school.zone)
    rows = db.session.execute(
        select(RulesReceipt, HouseRules.version, Person, Cohort.code)
        .join(HouseRules, HouseRules.id == RulesReceipt.rules_id)
        .join(Enrolment, Enrolment.id == RulesReceipt.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(HouseRules.school_id == school.id, RulesReceipt.at >= since, RulesReceipt.at < until)
        .order_by(RulesReceipt.at, RulesReceipt.id)
    ).all()
    return [
        (str(row.version), row.Person.name, row.code, row.RulesReceipt.at.astimezone(school.zone).date(),
         row.RulesReceipt.hash)
        for row in rows
    ]  # fmt: skip
