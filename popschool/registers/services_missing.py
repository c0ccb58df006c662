"""What is missing in the registers of a school, and who acts. One query for all of them."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    union_all,
)

from popschool.db import db
from popschool.registers.models import HouseRules, Record, RecordAct, RulesReceipt, Survey, SurveyAsked
from popschool.registers.models_outside import OutsideAsked, OutsideSurvey
from popschool.registers.rules import Register
from popschool.registers.services import is_last
from popschool.schools.models import Enrolment

TODAY = bindparam("today", type_=Date)


def missing(school_id: int, today: date) -> Mapping[Register, int]:
    """Return how many lines of each register wait for somebody."""
    rows = db.session.execute(_statement(), {"school": school_id, "today": today}).all()
    return {Register(row.register): row.count for row in rows}


@cache
def _statement() -> CompoundSelect:
    here = Enrolment.school_id == bindparam("school")
    learning = and_(here, Enrolment.starts_on <= TODAY, func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= TODAY)
    places = select(func.count()).select_from(Enrolment)
    return union_all(
        _named(Register.POSITIONING, places.where(learning, unplaced(Enrolment))),
        _named(Register.RULES, places.where(learning, unsigned(Enrolment))),
        _named(Register.SURVEYS, select(_unanswered().scalar_subquery() + _unheard().scalar_subquery())),
        *(_named(one, _waiting(one)) for one in (Register.COMPLAINTS, Register.IMPROVEMENTS)),
    )


def _named(register: Register, counted: Select) -> Select:
    return select(literal(str(register), String).label("register"), counted.scalar_subquery().label("count"))


def _waiting(register: Register) -> Select:
    """Complaints without an answer; improvements whose day is past."""
    late = [Record.due_on < TODAY] if register is Register.IMPROVEMENTS else []
    return (
        select(func.count())
        .select_from(Record)
        .outerjoin(RecordAct, RecordAct.record_id == func.coalesce(Record.first_id, Record.id))
        .where(
            Record.school_id == bindparam("school"), Record.kind == str(register), is_last(), RecordAct.id.is_(None),
            *late,
        )
    )  # fmt: skip


def _unanswered() -> Select:
    return (
        select(func.count())
        .select_from(SurveyAsked)
        .join(Survey, Survey.id == SurveyAsked.survey_id)
        .where(
            Survey.school_id == bindparam("school"), Survey.opens_on <= TODAY, Survey.closes_on >= TODAY,
            SurveyAsked.has_answered.is_(False),
        )
    )  # fmt: skip


def _unheard() -> Select:
    return (
        select(func.count())
        .select_from(OutsideAsked)
        .join(OutsideSurvey, OutsideSurvey.id == OutsideAsked.survey_id)
        .where(
            OutsideSurvey.school_id == bindparam("school"), OutsideSurvey.opens_on <= TODAY,
            OutsideSurvey.closes_on >= TODAY, OutsideAsked.answered_at.is_(None),
        )
    )  # fmt: skip


def unplaced(place: Any) -> ColumnElement[bool]:
    """Say that a place has no positioning, and began since its school keeps that register."""
    own, first = Record.__table__.alias(), Record.__table__.alias()
    kind = str(Register.POSITIONING)
    columns = place.c if hasattr(place, "c") else place
    begun = select(func.min(first.c.on)).where(first.c.school_id == columns.school_id, first.c.kind == kind)
    return and_(
        ~exists(select(own.c.id).where(own.c.enrolment_id == columns.id, own.c.kind == kind).correlate_except(own)),
        columns.starts_on >= begun.correlate_except(first).scalar_subquery(),
    )


def unsigned(place: Any) -> ColumnElement[bool]:
    """Say that the last house rules of a place's school exist, and that its person has not signed them."""
    columns = place.c if hasattr(place, "c") else place
    text, later, receipt = HouseRules.__table__.alias(), HouseRules.__table__.alias(), RulesReceipt.__table__.alias()
    newest = select(func.max(later.c.version)).where(later.c.school_id == text.c.school_id)
    signed = select(receipt.c.id).where(receipt.c.rules_id == text.c.id, receipt.c.enrolment_id == columns.id)
    return exists(
        select(text.c.id)
        .where(
            text.c.school_id == columns.school_id,
            text.c.version == newest.correlate_except(later).scalar_subquery(),
            ~exists(signed.correlate_except(receipt)),
        )
        .correlate_except(text)
    )
