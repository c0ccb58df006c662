"""The yearly report whole: what the rows say with what was typed; kept as versions, and issued as a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from popschool import audit
from popschool.completion import rules_figures as rules
from popschool.completion import rules_papers
from popschool.completion.models import ReportFigures
from popschool.completion.models_papers import Document, holds
from popschool.completion.paper_parts import typeset
from popschool.completion.paper_report import Filled, report
from popschool.completion.rules_figures import Control, Identity, Money
from popschool.completion.rules_papers import PaperKind
from popschool.completion.rules_report import exercise, year_of
from popschool.completion.services_papers import keep
from popschool.completion.services_report_kept import network_sheet, school_sheet
from popschool.db import db, transaction
from popschool.rules_tables import Column, Kind
from popschool.schools.models import Network, Person, School

# What the papers of the whole network say instead of a school, and what their numbers begin with.
WHOLE_NETWORK, NETWORK_CODE = "Toutes les écoles du réseau", "RESEAU"
COLUMNS = (
    *(Column(head, head) for head in ("cadre", "ligne", "libellé")),
    Column("nombre", "nombre", Kind.WHOLE),
    Column("heures", "heures", Kind.HUNDREDTHS),
    Column("euros", "euros", Kind.WHOLE),
)


@dataclass(frozen=True)
class Report:
    """A report as it would be filed today: what it says, and the controls that do not hold."""

    filled: Filled
    controls: list[Control]
    issued: Document | None = None

    @property
    def is_ready(self) -> bool:
        return not rules.blocking(self.controls)


def of_school(school: School, year: int, today: date) -> Report:
    """Return a school's part of the report of a year. Four queries, mostly."""
    return _report(year, today, school)


def of_network(year: int, today: date) -> Report:
    """Return the report of the whole network: the sum of its schools, under its own name. Four queries, mostly."""
    return _report(year, today, None)


def _report(year: int, today: date, school: School | None) -> Report:
    network, schools, said, copies = _read(year, school.id if school else None)
    identity = Identity(
        name=network.legal_name or network.name,
        activity_number=(school.activity_number if school else "") or network.activity_number,
        siret=network.siret,
        address=network.address,
        phone=network.phone,
        mail=network.mail,
        said=said.get(None, {}),
    )
    money = rules.together(Money(said[one]) for one in schools if one in said)
    period = exercise(year, identity.first_month)
    sheet = school_sheet(school.id, *period, today) if school else network_sheet(*period, today)
    filled = Filled(sheet, money, identity, year)
    issued = next((one for one in copies if (one.starts_on, one.ends_on) == period), None)
    return Report(filled, rules.controls(filled.sheet, money, identity, period[1] < today), issued)


Read = tuple[Network, list[int], dict[int | None, dict[str, Any]], list[Document]]


def _read(year: int, school_id: int | None) -> Read:
    """Return the network, the school asked for or those with something, what was typed, by school, and the copies.

    None is the network itself, whose words hold until it says others. One query.
    """
    is_copy = and_(
        Document.kind == str(PaperKind.REPORT if school_id else PaperKind.NETWORK),
        Document.ends_on.between(date(year, 1, 1), date(year, 12, 31)),
        holds(),
    )
    typed_by = select(ReportFigures.school_id).where(ReportFigures.year == year)
    has_any = School.id.in_(typed_by) | School.id.in_(select(Document.school_id).where(is_copy))
    asked_for = has_any if school_id is None else School.id == school_id
    own = (ReportFigures.school_id == School.id) & (ReportFigures.year == year)
    asked = (
        select(Network, School.id, ReportFigures, Document)
        .select_from(Network)
        .outerjoin(School, (School.network_id == Network.id) & asked_for)
        .outerjoin(ReportFigures, or_(own, _of_the_network(year)))
        .outerjoin(Document, and_(is_copy, Document.school_id == School.id))
        .order_by(School.id, ReportFigures.year, ReportFigures.id)
    )
    rows = db.session.execute(asked).all()
    typed = [row.ReportFigures for row in rows if row.ReportFigures is not None]
    schools = list(dict.fromkeys(row.id for row in rows if row.id is not None))
    copies = {row.Document.id: row.Document for row in rows if row.Document is not None}
    return rows[0].Network, schools, {one.school_id: one.figures for one in typed}, list(copies.values())


def _of_the_network(year: int) -> ColumnElement[bool]:
    return ReportFigures.school_id.is_(None) & (ReportFigures.year <= year)


def identity_of(year: int) -> dict[str, Any]:
    """Return what the network says of itself that holds for a year. One query."""
    said = db.session.scalars(
        select(ReportFigures)
        .where(_of_the_network(year))
        .order_by(ReportFigures.year.desc(), ReportFigures.id.desc())
        .limit(1)
    ).first()
    return said.figures if said else {}


def period_of(year: int) -> tuple[date, date]:
    """Return the days of the network's financial year that closes in a year. One query."""
    return exercise(year, int(identity_of(year).get("first_month") or 1))


def years_held(first: date, last: date) -> list[int]:
    """Return the financial years that some days are of, named by the year in which each closes. One query."""
    first_month = int(identity_of(last.year).get("first_month") or 1)
    return list(range(year_of(first, first_month), year_of(last, first_month) + 1))


def versions_of(school_id: int | None, year: int) -> Sequence[ReportFigures]:
    """Return what was typed of a year, the last first, with who typed it. One query."""
    here = ReportFigures.school_id.is_(None) if school_id is None else ReportFigures.school_id == school_id
    return db.session.scalars(
        select(ReportFigures)
        .where(here, ReportFigures.year == year)
        .order_by(ReportFigures.id.desc())
        .options(joinedload(ReportFigures.said_by))
    ).all()


def say_figures(
    school_id: int | None, year: int, figures: Mapping[str, Any], by: Person, now: datetime
) -> ReportFigures:
    """Keep what was typed of a year, in whole; what was typed before stays. Empty lines are left out."""
    said = ReportFigures(
        school_id=school_id,
        year=year,
        figures={key: value for key, value in figures.items() if value not in (None, "")},
        said_by_id=by.id,
        said_at=now,
    )
    with transaction():
        db.session.add(said)
        audit.record("say_report_figures", said, actor_id=by.id, now=now, school_id=school_id, year=year)
    return said


def content_of(one: Report, school: School | None, today: date) -> dict[str, Any]:
    """Return what the paper of a report says, as it is kept: a school's, or the whole network's."""
    name = school.name if school else WHOLE_NETWORK
    said = report(one.filled, name)
    return typeset(
        {
            "kind": rules_papers.NAMES[PaperKind.REPORT if school else PaperKind.NETWORK],
            "heading": said.heading,
            "network": one.filled.identity.name,
            "school": name,
            "dated": f"établi le {today:%d/%m/%Y}",
            "blocks": said.blocks,
            "check": said.check,
            "figures": said.figures,
        }
    )


def _place(school_id: int) -> dict[str, Any]:
    return {"school_id": school_id, "cohort_id": None, "enrolment_id": None, "share_id": None, "person_id": None}


def issue(
    one: Report, school: School | None, content: dict[str, Any], by: Person, now: datetime,
    replaces: Document | None = None, reason: str = "", chance: Random = rules_papers.UNGUESSABLE,
) -> Document:  # fmt: skip
    """Keep a report for ever: a school's, or the network's, which goes to the chain of its first school.

    Raises as any document does: NotReady, AlreadyIssued, AlreadyRevoked.
    """
    wrong = rules.blocking(one.controls)
    if wrong:
        raise rules_papers.NotReady(len(wrong))
    kind = PaperKind.REPORT if school else PaperKind.NETWORK
    school_id = school.id if school else db.session.scalars(select(func.min(School.id))).one()
    code = school.code if school else NETWORK_CODE
    return keep(kind, _place(school_id), one.filled.period, content, [], code, by, now, replaces, reason, chance)
