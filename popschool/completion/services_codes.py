"""What each funder says of the motives of absence of a school, and what that changes on what it is sent."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.attendance.services_codes import Motive, motives_of
from popschool.attendance.services_missed import missed
from popschool.completion import rules_codes
from popschool.completion.models import EnrolmentFunding, Funder, Funding
from popschool.completion.models_codes import FunderCode
from popschool.completion.rules_codes import Missed, Saying
from popschool.completion.services_hours import Counted, Stretch
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.rules_tables import Column, Kind
from popschool.schools.models import Enrolment, Person

COLUMNS = (
    Column("last_name", "Nom"),
    Column("first_name", "Prénom"),
    Column("number", "Numéro"),
    Column("file_number", "Numéro de dossier"),
    Column("on", "Date", Kind.DAY),
    Column("half", "Demi-journée"),
    Column("minutes", "Minutes", Kind.WHOLE),
    Column("code", "Code"),
    Column("words", "Libellé"),
    Column("is_justified", "Justifiée pour le financeur"),
)
HALVES = {"am": "matin", "pm": "après-midi"}


@dataclass
class NoAbsence(RuleBroken):
    """Nobody that this funder pays for missed a half-day that month: there is no list to give."""


@dataclass(frozen=True)
class Line:
    """A motive of a school as a funder sees it today, and what it said before, the last first."""

    motive: Motive
    said: Saying | None
    history: Sequence[Saying]

    @property
    def is_accepted(self) -> bool:
        return self.said is None or self.said.is_accepted


def sayings_of(school_id: int) -> dict[int, list[Saying]]:
    """Return what the funders of a school said of its motives, by funder. One query."""
    found: dict[int, list[Saying]] = defaultdict(list)
    asked = select(FunderCode).where(FunderCode.school_id == school_id).order_by(FunderCode.id)
    for row in db.session.scalars(asked):
        found[row.funder_id].append(row.saying)
    return found


def lines_of(school_id: int, funder_id: int, today: date) -> list[Line]:
    """Return each motive that a school uses as a funder sees it. Two queries."""
    sayings = sayings_of(school_id).get(funder_id, [])
    return [
        Line(
            motive,
            rules_codes.said_of(sayings, motive.code, today),
            [one for one in reversed(sayings) if one.code == motive.code],
        )
        for motive in motives_of(school_id).values()
        if motive.is_used or any(one.code == motive.code for one in sayings)
    ]


def say_code(
    school_id: int, funder: Funder, code: str, is_accepted: bool, funder_code: str, words: str, since: date,
    by: Person, now: datetime,
) -> FunderCode:  # fmt: skip
    """Say what a funder thinks of a motive, from a day on; what was said before stays."""
    with transaction():
        saying = FunderCode(
            school_id=school_id,
            funder_id=funder.id,
            code=code,
            funder_code=funder_code.strip(),
            words=words.strip(),
            is_accepted=is_accepted,
            since=since,
            said_by_id=by.id,
            said_at=now,
        )
        db.session.add(saying)
        audit.record(
            "say_funder_code", saying, actor_id=by.id, now=now, school_id=school_id, code=code, accepted=is_accepted
        )
    return saying


def count_as_funders_do(
    school_id: int,
    cohort_id: int,
    wanted: Sequence[tuple[Enrolment, EnrolmentFunding | None, Stretch]],
    counted: Sequence[Counted],
) -> list[Counted]:
    """Return what was counted with the minutes that each one's funder refuses as unjustified.

    Nothing is read of the ledger as long as no funder refuses a motive: one query, then two.
    """
    paid = {share.funding.funder_id for _enrolment, share, _stretch in wanted if share is not None}
    heard = {funder: said for funder, said in sayings_of(school_id).items() if funder in paid} if paid else {}
    if all(one.is_accepted for said in heard.values() for one in said):
        return list(counted)
    first, last = (min(one.first for *_, one in wanted), max(one.last for *_, one in wanted))
    justified: dict[int, list[Missed]] = defaultdict(list)
    for one in missed([cohort_id], first, last):
        if one.standing.justified:
            justified[one.person_id].append(Missed(one.half_day.on, one.standing.justified, one.code))
    return [
        _as_the_funder_does(one, share, stretch, heard, justified[enrolment.person_id])
        for (enrolment, share, stretch), one in zip(wanted, counted, strict=True)
    ]


def _as_the_funder_does(
    counted: Counted,
    share: EnrolmentFunding | None,
    stretch: Stretch,
    heard: dict[int, list[Saying]],
    justified: Iterable[Missed],
) -> Counted:
    sayings = heard.get(share.funding.funder_id, []) if share is not None else []
    refused = rules_codes.refused(sayings, (one for one in justified if stretch.holds(one.on)))
    if not refused:
        return counted
    by_month: dict[date, int] = defaultdict(int)
    for one in refused:
        by_month[one.on.replace(day=1)] += one.minutes
    total = sum(by_month.values())
    return replace(
        counted,
        hours=rules_codes.without(counted.hours, total),
        months=[(first, rules_codes.without(hours, by_month.get(first, 0))) for first, hours in counted.months],
        minutes_refused=total,
    )


def absences_for(school_id: int, funder: Funder, first: date, last: date) -> tuple[list[tuple], set[int]]:
    """Return the absences of those whom a funder pays for, with its own codes, and who they are. Four queries.

    A motive without a code of the funder is said AJ or AI, as on the sheets: it stays with the school.
    Raises NoAbsence.
    """
    shares = _shares(school_id, funder.id, first, last)
    sayings, rows = sayings_of(school_id).get(funder.id, []), []
    people: set[int] = set()
    for one in missed({share.enrolment.cohort_id for share in shares}, first, last):
        on = one.half_day.on
        share = next((share for share in shares if _pays(share, one.person_id, one.half_day.cohort_id, on)), None)
        if share is None:
            continue
        said = rules_codes.said_of(sayings, one.code, on) if one.code else None
        is_justified = bool(one.standing.justified) and (said is None or said.is_accepted)
        person = share.enrolment.person
        people.add(person.id)
        rows.append(
            (
                person.last_name,
                person.first_name,
                person.learner_number or "",
                share.file_number,
                on,
                HALVES[one.half_day.half],
                one.standing.justified + one.standing.unjustified,
                said.funder_code if said and said.funder_code else "AJ" if is_justified else "AI",
                said.words if said and said.funder_code else "",
                "oui" if is_justified else "non",
            )
        )
    if not rows:
        raise NoAbsence
    return sorted(rows, key=lambda row: row[:2]), people


def _shares(school_id: int, funder_id: int, first: date, last: date) -> Sequence[EnrolmentFunding]:
    return db.session.scalars(
        select(EnrolmentFunding)
        .join(Funding, Funding.id == EnrolmentFunding.funding_id)
        .where(
            EnrolmentFunding.school_id == school_id,
            Funding.funder_id == funder_id,
            EnrolmentFunding.starts_on <= last,
            or_(EnrolmentFunding.ends_on.is_(None), EnrolmentFunding.ends_on >= first),
        )
        .order_by(EnrolmentFunding.starts_on, EnrolmentFunding.id)
        .options(joinedload(EnrolmentFunding.enrolment).joinedload(Enrolment.person))
    ).all()


def _pays(share: EnrolmentFunding, person_id: int, cohort_id: int, on: date) -> bool:
    own = share.enrolment
    ends_on = share.ends_on or own.last_day
    return own.person_id == person_id and own.cohort_id == cohort_id and share.starts_on <= on <= ends_on
