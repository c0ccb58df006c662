"""Lists that come back, and those that wait: prepared by a job, read by a manager, then approved or refused.

What is approved is a document, kept as it was issued, and told of to the funder's doors.
"""

from collections.abc import Sequence
from datetime import date, datetime
from random import Random

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs, mail
from popschool.completion import rules_papers, services_papers
from popschool.completion.models import Funder, Funding
from popschool.completion.models_papers import Document
from popschool.completion.services_papers import FUNDER, FUNDING
from popschool.db import db, transaction
from popschool.messages import services as messages
from popschool.messages.rules import mail_text
from popschool.reports import rules_lists as rules
from popschool.reports import services_lists as lists
from popschool.reports.models import Door
from popschool.reports.models_lists import ReportDue, ReportSchedule
from popschool.reports.rules_doors import DoorKind
from popschool.reports.rules_lists import ISSUED, Listed, Rhythm, Turn
from popschool.reports.services_doors import is_open, secret_of
from popschool.reports.services_layouts import LAYOUT, layout_for
from popschool.schools.models import Person, School

TASK = "popschool.reports.tasks:prepare_list"
APPROVED, REFUSED = "approved", "refused"


def ask(
    school: School, listed: Listed, funder: Funder, funding: Funding | None, first: date, last: date,
    by: Person | None, now: datetime, schedule: ReportSchedule | None = None,
) -> ReportDue:  # fmt: skip
    """Ask for a list of some days: a job prepares it, and it waits. One that waits for the same is that one.

    Raises PeriodInverted.
    """
    if first > last:
        raise rules.PeriodInverted
    funding_id = funding.id if funding is not None else None
    with transaction(lock=f"report-due/{school.id}"):
        same = db.session.scalars(
            select(ReportDue).where(
                ReportDue.school_id == school.id,
                ReportDue.listed == str(listed),
                ReportDue.funder_id == funder.id,
                ReportDue.funding_id == funding_id if funding_id is not None else ReportDue.funding_id.is_(None),
                ReportDue.first == first,
                ReportDue.last == last,
                ReportDue.decided_at.is_(None),
            )
        ).first()
        due = same or ReportDue(
            school_id=school.id,
            schedule_id=schedule.id if schedule is not None else None,
            listed=str(listed),
            funder_id=funder.id,
            funding_id=funding_id,
            first=first,
            last=last,
            asked_by_id=by.id if by is not None else None,
            asked_at=now,
            content={},
            anomalies=[],
        )
        if same is None:
            db.session.add(due)
            db.session.flush()
            audit.record("ask_report", due, actor_id=by.id if by is not None else None, now=now, listed=str(listed))
        jobs.enqueue(TASK, key=f"report-due/{due.id}", due_id=due.id)
    return due


def wanted_of(due: ReportDue) -> lists.Wanted:
    return lists.Wanted(Listed(due.listed), due.school, due.funder, due.funding, due.first, due.last)


def prepare(due: ReportDue, now: datetime, today: date) -> None:
    """Make what a list would say, and all that is wrong with it. Again, it says what the facts say then."""
    if due.decided_at is not None:
        return
    content, wrong = _made(due, today)
    with transaction(lock=f"report-due/{due.school_id}"):
        db.session.refresh(due)
        if due.decided_at is None:
            due.content, due.anomalies, due.prepared_at = content, wrong, now
            due.seen = lists.fingerprint(content) if content else ""


def _made(due: ReportDue, today: date) -> tuple[dict, list[dict]]:
    """Return what a list would say, and what is wrong. What a rule refuses is one of the things that are wrong."""
    wanted = wanted_of(due)
    made = lists.make(wanted, today)
    try:
        content = lists.content_of(wanted, made, layout_for(wanted.listed, due.funder_id), today)
    except rules.UnknownColumn as wrong:
        return {}, [_refusal("unknown_column", column=wrong.key, version=wrong.version)]
    except rules.DoesNotAddUp as wrong:
        return {}, [_refusal("does_not_add_up", who=wrong.who, column=wrong.column)]
    return content, lists.kept_wrong(made)


def _refusal(what: str, **facts: object) -> dict:
    return {"what": what, "who": "", "enrolment": None, "blocks": True, "facts": facts}


def approve(
    due: ReportDue, seen: str, by: Person, now: datetime, today: date, reason: str = "",
    chance: Random = rules_papers.UNGUESSABLE,
) -> Document:  # fmt: skip
    """Issue a list as it was read, and tell its funder. One that was issued before is replaced, with the reason.

    Raises AlreadyDecided, FactsChanged when the facts are no longer those that were read (they are prepared anew),
    NotReady when something keeps it back, or as any document does.
    """
    _check_waits(due)
    content, wrong = _made(due, today)
    if not content or lists.fingerprint(content) != seen:
        prepare(due, now, today)
        raise rules.FactsChanged
    blocking = sum(one["blocks"] for one in wrong)
    if blocking:
        raise rules_papers.NotReady(blocking)
    kind = ISSUED[Listed(due.listed)]
    sources = [(FUNDER, due.funder_id), *([(FUNDING, due.funding_id)] if due.funding_id is not None else [])]
    sources += lists.make(wanted_of(due), today).sources
    if content["table"]["layout_id"] is not None:
        sources.append((LAYOUT, content["table"]["layout_id"]))
    with transaction(lock=f"report-due/{due.school_id}"):
        _check_waits(due)
        document = services_papers.keep(
            kind, _place(due), (due.first, due.last), content, sources, due.school.code, by, now, issued_before(due),
            reason, chance,
        )  # fmt: skip
        due.document_id = document.id
        _decide(due, APPROVED, reason, by, now)
        told = _tell(due, document, now, today)
        if told:
            services_papers.act(document, "sent", by.id, now, to=told)
    return document


def _place(due: ReportDue) -> dict:
    return {"school_id": due.school_id, "cohort_id": None, "enrolment_id": None, "share_id": None, "person_id": None}


def issued_before(due: ReportDue) -> Document | None:
    """Return the list of the same days that was issued before and still holds. One query."""
    kind = ISSUED[Listed(due.listed)]
    return services_papers.holding(_place(due), kind, due.first, due.last, due.funder_id, due.funding_id)


def refuse(due: ReportDue, reason: str, by: Person, now: datetime) -> None:
    """Refuse a list, with a reason: it is issued to nobody. Raises ChangeReasonMissing or AlreadyDecided."""
    reason = rules_papers.check_reason(reason)
    with transaction(lock=f"report-due/{due.school_id}"):
        _check_waits(due)
        _decide(due, REFUSED, reason, by, now)


def _check_waits(due: ReportDue) -> None:
    db.session.refresh(due)
    if due.decided_at is not None:
        raise rules.AlreadyDecided


def _decide(due: ReportDue, decision: str, reason: str, by: Person, now: datetime) -> None:
    """What was read is emptied: an approved list is a document, of which retention takes care."""
    due.decision, due.reason, due.decided_by_id, due.decided_at = decision, reason, by.id, now
    due.content, due.anomalies = {}, []
    audit.record(f"{decision}_report", due, actor_id=by.id, now=now, listed=due.listed)


def _tell(due: ReportDue, document: Document, now: datetime, today: date) -> list[int]:
    """Write to each open door of the funder that a list is there: a link, never the list. Returns the doors."""
    doors = db.session.scalars(
        select(Door)
        .where(Door.kind == str(DoorKind.FUNDER), Door.funder_id == due.funder_id, Door.closed_at.is_(None))
        .where(Door.school_id.is_(None) | (Door.school_id == due.school_id))
        .order_by(Door.id)
        .options(joinedload(Door.person))
    ).all()
    told = []
    for door in doors:
        is_shown = (door.covers_from is None or door.covers_from <= due.first) and (
            door.covers_to is None or due.last <= door.covers_to
        )
        if not is_open(door, today) or not is_shown:
            continue
        if door.person is not None:
            messages.tell(
                door.person, kind="document", title=_l("Un document de l'école est prêt"), body=document.number,
                url=f"/doors/{door.id}/documents/{document.id}", now=now,
            )  # fmt: skip
        elif door.mail:
            with force_locale("fr"):
                title = _("Un document de l'école est prêt")
                link = f"{current_app.config['POPSCHOOL'].base_url}/d/{secret_of(door)}/documents/{document.id}"
                written = mail_text(_("Bonjour,"), title, document.number, link, _("L'équipe de Pop School"))
                mail.send(door.mail, title, written, school_id=due.school_id, run_at=messages.polite_moment(now))
        else:
            continue
        told.append(door.id)
    return told


def schedule(
    school: School, listed: Listed, funder: Funder, funding: Funding | None, rhythm: Rhythm, turn: Turn, by: Person,
    now: datetime,
) -> ReportSchedule:  # fmt: skip
    """Have a list prepared on a day, and again when its rhythm says so."""
    with transaction():
        made = ReportSchedule(
            school_id=school.id,
            listed=str(listed),
            funder_id=funder.id,
            funding_id=funding.id if funding is not None else None,
            rhythm=str(rhythm),
            next_on=turn.on,
            next_first=turn.first,
            next_last=turn.last,
            asked_by_id=by.id,
            asked_at=now,
        )
        db.session.add(made)
        audit.record("schedule_report", made, actor_id=by.id, now=now, listed=str(listed), rhythm=str(rhythm))
    return made


def end_schedule(one: ReportSchedule, by: Person, now: datetime) -> None:
    """Prepare a list no more; what waits already waits on."""
    with transaction(lock=f"report-schedule/{one.id}"):
        db.session.refresh(one)
        if one.ended_at is None:
            one.ended_by_id, one.ended_at = by.id, now
            audit.record("end_report_schedule", one, actor_id=by.id, now=now)


def prepare_those_due(now: datetime, today: date) -> int:
    """Ask for each list whose day has come, once for each of its periods, and say when the next is."""
    asked = 0
    found = db.session.scalars(
        select(ReportSchedule.id)
        .where(ReportSchedule.ended_at.is_(None), ReportSchedule.next_on <= today)
        .order_by(ReportSchedule.id)
    ).all()
    for schedule_id in found:
        with transaction(lock=f"report-schedule/{schedule_id}"):
            one = db.session.get_one(ReportSchedule, schedule_id, populate_existing=True)
            while one.ended_at is None and one.next_on <= today:
                _turn(one, now)
                asked += 1
    return asked


def _turn(one: ReportSchedule, now: datetime) -> None:
    ask(one.school, Listed(one.listed), one.funder, one.funding, one.next_first, one.next_last, None, now, one)
    after = rules.following(Turn(one.next_on, one.next_first, one.next_last), Rhythm(one.rhythm))
    if after is None:
        one.ended_at = now
    else:
        one.next_on, one.next_first, one.next_last = after.on, after.first, after.last


def read_due(due_id: int) -> ReportDue | None:
    """Return a list that waits or was decided, with whom it is for. One query."""
    return db.session.get(
        ReportDue,
        due_id,
        options=[
            joinedload(ReportDue.school),
            joinedload(ReportDue.funder),
            joinedload(ReportDue.funding),
            joinedload(ReportDue.decided_by),
            joinedload(ReportDue.document),
        ],
    )


def due_of(school_id: int, offset: int, limit: int) -> tuple[Sequence[ReportDue], int]:
    """Return the lists of a school, those that wait first, without what they say, and how many. Two queries."""
    own = ReportDue.school_id == school_id
    total = db.session.scalar(select(func.count()).select_from(ReportDue).where(own)) or 0
    found = db.session.scalars(
        select(ReportDue)
        .where(own)
        .order_by(ReportDue.decided_at.is_not(None), ReportDue.id.desc())
        .offset(offset)
        .limit(limit)
        .options(joinedload(ReportDue.funder), joinedload(ReportDue.funding), joinedload(ReportDue.document))
    ).all()
    return found, total


def schedules_of(school_id: int) -> Sequence[ReportSchedule]:
    """Return the lists that come back in a school, the next one first. One query."""
    return db.session.scalars(
        select(ReportSchedule)
        .where(ReportSchedule.school_id == school_id, ReportSchedule.ended_at.is_(None))
        .order_by(ReportSchedule.next_on, ReportSchedule.id)
        .options(joinedload(ReportSchedule.funder), joinedload(ReportSchedule.funding))
    ).all()
