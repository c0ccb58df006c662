"""All that the documents of a cohort say, read once: a bounded number of queries, whatever the number of people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from sqlalchemy import Date, Row, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from popschool.attendance.models import CompanyPeriod
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import monday_of
from popschool.attendance.rules_papers import prefect_region
from popschool.completion import rules_papers, rules_settings
from popschool.completion.models import EnrolmentFunding, Funder, Funding, FundingSetting, Signatory, TrainingAction
from popschool.completion.models_codes import FunderCode
from popschool.completion.models_papers import Document, DocumentSource, holds
from popschool.completion.rules_papers import PaperKind
from popschool.completion.rules_settings import Saying, Scope, Value
from popschool.completion.services_codes import count_as_funders_do
from popschool.completion.services_company import Told, told_of
from popschool.completion.services_hours import Calendar, Counted, Stretch, calendar_of, hours_in
from popschool.completion.services_levels import Reached, levels_of
from popschool.completion.services_rules import plan_from, with_plan
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Network, Person, School

WITH_LEVELS = (PaperKind.END, PaperKind.BOOKLET)
# The subject of the row that names the funder of a statement.
FUNDER = "funder"
WITH_WORDS = (PaperKind.EVALUATION, PaperKind.VISIT)


@dataclass
class CohortFacts:
    """What is the same for everybody in a cohort. `has_refusals`: a funder of the school refused a motive one day.

    `statements` are those of the month that hold already, by the funder that each names.
    """

    cohort: Cohort
    network: Network
    title: str
    kind: str
    certification: str
    level: int | None
    blocks: list[dict]
    action: TrainingAction
    signatory: Signatory | None
    today: date
    level_asked: int
    calendar: Calendar
    has_refusals: bool = True
    sheets: Sequence[Sheet] = ()
    weeks_open: Sequence[date] = ()
    statements: dict[int | None, Document] = field(default_factory=dict)

    @property
    def activity_number(self) -> str:
        return self.cohort.school.activity_number or self.network.activity_number

    @property
    def region(self) -> str:
        return prefect_region(self.activity_number) or self.cohort.school.region

    @property
    def legal_name(self) -> str:
        return self.network.legal_name or self.network.name


@dataclass
class PersonFacts:
    """What a document of one person says: their place, what was counted, who pays, under which rules.

    `share` is the funding that the document is for; None when nothing pays for the place, or when it is for nobody in
    particular.
    """

    of: CohortFacts
    enrolment: Enrolment
    person: Person
    share: EnrolmentFunding | None
    stretch: Stretch
    counted: Counted
    settings: dict[str, Value]
    changed: dict[str, list[date]] = field(default_factory=dict)
    issued: Document | None = None
    levels: dict[str, Reached] = field(default_factory=dict)
    level_asked: int = 2
    told: Told = field(default_factory=Told)

    @property
    def hours(self):
        return self.counted.hours

    @property
    def has_ended(self) -> bool:
        return self.enrolment.last_day < self.of.today


def cohort_row(cohort_id: int, today: date) -> Row | None:
    """Return a cohort with its school and network, its plan, its action, and who signs today. One query."""
    return db.session.execute(_cohort_row(), {"cohort": cohort_id, "today": today}).first()


def cohort_facts(cohort: Cohort, first: date, last: date, today: date, row: Row | None = None) -> CohortFacts:
    """Return what is the same for everybody. Four queries; three for whoever has its `cohort_row` already."""
    row = row or cohort_row(cohort.id, today)
    plan, monday = plan_from(row), monday_of(first)
    certification = plan.data.get("certification") or {}
    sheets = db.session.scalars(
        select(Sheet)
        .where(Sheet.cohort_id == cohort.id, Sheet.monday.between(monday, last))
        .order_by(Sheet.monday, Sheet.version)
        .options(joinedload(Sheet.content))
    ).all()
    calendar = calendar_of(cohort.id, monday, monday_of(last) + timedelta(days=6), has_periods=row.has_periods)
    weeks = {monday_of(one.on) for one in calendar.half_days if one.on < today}
    return CohortFacts(
        cohort=cohort,
        network=row.Network,
        title=plan.title,
        kind=plan.programme.kind if plan.programme else "",
        certification=certification.get("id", ""),
        level=certification.get("level"),
        blocks=plan.blocks,
        action=row.TrainingAction
        or TrainingAction(
            cohort_id=cohort.id, school_id=cohort.school_id, nature="training", objectives=[], speciality=""
        ),
        signatory=row.Signatory,
        today=today,
        level_asked=plan.asked.level,
        calendar=calendar,
        has_refusals=row.has_refusals,
        sheets=sheets,
        weeks_open=sorted(weeks - {one.monday for one in sheets}),
    )


@cache
def _cohort_row() -> Select:
    """Built once: making it costs several times what running it does."""
    said = aliased(Signatory)
    signatory = (
        select(said.id)
        .where(said.school_id == Cohort.school_id, said.since <= bindparam("today", type_=Date))
        .order_by(said.since.desc(), said.id.desc())
        .limit(1)
        .correlate(Cohort)
        .scalar_subquery()
    )
    has_refusals = exists().where(FunderCode.school_id == Cohort.school_id, FunderCode.is_accepted.is_(False))
    has_periods = exists().where(CompanyPeriod.cohort_id == Cohort.id)
    asked = (
        select(
            Cohort, School, Network, TrainingAction, Signatory, has_refusals.label("has_refusals"),
            has_periods.label("has_periods"),
        )
        .select_from(Cohort)
        .join(School, School.id == Cohort.school_id)
        .join(Network, Network.id == School.network_id)
        .outerjoin(TrainingAction, TrainingAction.cohort_id == Cohort.id)
        .outerjoin(Signatory, Signatory.id == signatory)
        .where(Cohort.id == bindparam("cohort"))
    )  # fmt: skip
    return with_plan(asked)


def signatory_of(school_id: int, on: date) -> Signatory | None:
    """Return who signs the papers of a school on a day: the last said."""
    return db.session.scalars(
        select(Signatory)
        .where(Signatory.school_id == school_id, Signatory.since <= on)
        .order_by(Signatory.since.desc(), Signatory.id.desc())
        .limit(1)
    ).first()


def sayings_of(school_id: int) -> list[tuple[FundingSetting, Saying]]:
    """Return all that a school said of its settings, oldest first. One query."""
    rows = db.session.scalars(_said(), {"school": school_id})
    return [(row, _saying(row)) for row in rows]


@cache
def _said() -> Select:
    asked = select(FundingSetting).where(FundingSetting.school_id == bindparam("school"))
    return asked.order_by(FundingSetting.id)


def sayings_of_all(schools: Sequence[int]) -> dict[int, list[tuple[FundingSetting, Saying]]]:
    """Return the same for several schools, by school. One query."""
    rows = db.session.scalars(
        select(FundingSetting).where(FundingSetting.school_id.in_(schools)).order_by(FundingSetting.id)
    )
    found: dict[int, list[tuple[FundingSetting, Saying]]] = defaultdict(list)
    for row in rows:
        found[row.school_id].append((row, _saying(row)))
    return found


def _saying(row: FundingSetting) -> Saying:
    scope = Scope.FUNDING if row.funding_id else Scope.FUNDER if row.funder_id else Scope.SCHOOL
    return Saying(row.id, row.key, scope, row.value, row.since, row.is_confirmed)


def heard_by(
    sayings: Sequence[tuple[FundingSetting, Saying]], funding: Funding | None, funder_id: int | None = None
) -> list[Saying]:
    """Return what was said for a funding, for a funder or for the school, from the widest place to the narrowest."""
    funder_id = funding.funder_id if funding else funder_id
    funding_id = funding.id if funding else None
    return [
        saying
        for row, saying in sayings
        if (row.funder_id is None and row.funding_id is None)
        or (row.funding_id is None and row.funder_id is not None and row.funder_id == funder_id)
        or (row.funding_id is not None and row.funding_id == funding_id)
    ]


def people_facts(
    of: CohortFacts, kind: PaperKind, first: date, last: date, only: int | None = None
) -> list[PersonFacts]:
    """Return what each document of a kind would say, by name: one for each funding of each place that has a day there.

    The statement of a month has one line for each funder of a place. The kinds that no funder asks for are made once
    for each place. Two queries, one more for the kinds with levels,
    two for what is said in companies, two when a funder refuses a motive.
    """
    enrolments, shares, issued = _paid_places(of, kind, first, last, only)
    wanted: list[tuple[Enrolment, EnrolmentFunding | None, Stretch]] = []
    for enrolment in enrolments:
        whole = Stretch.of(enrolment, first, last)
        if whole.last < whole.first:
            continue
        paid = [one for one in shares.get(enrolment.id, ()) if _meets(one, whole)]
        if kind is PaperKind.MONTH and paid:
            by_funder = {one.funding.funder_id: one for one in reversed(paid)}
            wanted += [(enrolment, one, whole) for one in paid if by_funder[one.funding.funder_id] is one]
            continue
        if kind is not PaperKind.CERTIFICATE or not paid:
            wanted.append((enrolment, paid[0] if paid else None, whole))
            continue
        for share in paid:
            end = min(whole.last, share.ends_on or whole.last)
            wanted.append((enrolment, share, Stretch(enrolment, max(whole.first, share.starts_on), end)))
    counted = hours_in(of.calendar, [stretch for _enrolment, _share, stretch in wanted], of.today)
    if of.has_refusals:
        counted = count_as_funders_do(of.cohort.school_id, of.cohort.id, wanted, counted)
    sayings = sayings_of(of.cohort.school_id)
    levels = levels_of([one.person_id for one, *_more in wanted]) if kind in WITH_LEVELS else {}
    told = told_of([one.id for one, *_more in wanted]) if kind in WITH_WORDS else {}
    return [
        _person(of, enrolment, share, stretch, one, sayings, issued, levels.get(enrolment.person_id, {}), told)
        for (enrolment, share, stretch), one in zip(wanted, counted, strict=True)
    ]


def _meets(share: EnrolmentFunding, stretch: Stretch) -> bool:
    return share.starts_on <= stretch.last and (share.ends_on is None or share.ends_on >= stretch.first)


def _person(of, enrolment, share, stretch, counted, sayings, issued, levels, told) -> PersonFacts:
    heard = heard_by(sayings, share.funding if share else None)
    same = issued.get((enrolment.id, share.id if share else None, stretch.first, stretch.last))
    same = same or issued.get((enrolment.id, None, stretch.first, stretch.last))
    return PersonFacts(
        of=of,
        enrolment=enrolment,
        person=enrolment.person,
        share=share,
        stretch=stretch,
        counted=counted,
        settings=rules_settings.resolve_all(heard, stretch.last),
        changed={
            key: days
            for key in rules_papers.RULES_PRINTED
            if (days := rules_settings.changed_within(heard, key, stretch.first, stretch.last))
        },
        issued=same,
        levels=levels,
        level_asked=of.level_asked,
        told=told.get(enrolment.id, Told()),
    )


Paid = tuple[list[Enrolment], dict[int, list[EnrolmentFunding]], dict[tuple, Document]]


def _paid_places(of: CohortFacts, kind: PaperKind, first: date, last: date, only: int | None) -> Paid:
    """Return the places that have a day in a period, by name; who pays for each, in order; and what was made.

    The documents of the kind that hold are told by place, funding and days; the statements of a month, which are of no
    place, by funder in `of`. One query.
    """
    given = {"cohort": of.cohort.id, "kind": str(kind), "first": first, "last": last}
    asked = _places(kind is PaperKind.MONTH)
    asked = asked if only is None else asked.where(Enrolment.id == only)
    enrolments: dict[int, Enrolment] = {}
    shares: dict[int, dict[int, EnrolmentFunding]] = defaultdict(dict)
    documents: dict[int, Document] = {}
    for enrolment, share, document, funder_id in db.session.execute(asked, given).all():
        enrolments[enrolment.id] = enrolment
        if share is not None:
            shares[enrolment.id][share.id] = share
        if document is not None:
            documents[document.id] = document
            if kind is PaperKind.MONTH:
                of.statements[funder_id] = document
    issued = {
        (one.enrolment_id, one.share_id, one.starts_on, one.ends_on): one for _id, one in sorted(documents.items())
    }
    return list(enrolments.values()), {key: list(own.values()) for key, own in shares.items()}, issued


@cache
def _places(of_month: bool = False) -> Select:
    """Built once. Only the documents that begin and end with the days of a place, or of a funding, are joined.

    Of a month, they are the statements of the whole cohort, each with the funder that it names.
    """
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    is_made = and_(
        Document.enrolment_id == Enrolment.id,
        Document.cohort_id == Enrolment.cohort_id,
        Document.kind == bindparam("kind"),
        Document.starts_on.in_((first, Enrolment.starts_on, EnrolmentFunding.starts_on)),
        Document.ends_on.in_((last, last_day, EnrolmentFunding.ends_on)),
        holds(),
    )
    is_statement = and_(
        Document.cohort_id == Enrolment.cohort_id,
        Document.enrolment_id.is_(None),
        Document.kind == bindparam("kind"),
        Document.starts_on == first,
        Document.ends_on == last,
        holds(),
    )
    names = and_(DocumentSource.document_id == Document.id, DocumentSource.subject == FUNDER)
    return (
        select(Enrolment, EnrolmentFunding, Document, DocumentSource.subject_id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(EnrolmentFunding, EnrolmentFunding.enrolment_id == Enrolment.id)
        .outerjoin(Funding, Funding.id == EnrolmentFunding.funding_id)
        .outerjoin(Funder, Funder.id == Funding.funder_id)
        .outerjoin(Document, is_statement if of_month else is_made)
        .outerjoin(DocumentSource, names)
        .where(
            Enrolment.cohort_id == bindparam("cohort"),
            Enrolment.starts_on <= last,
            or_(Enrolment.left_on.is_(None), Enrolment.left_on >= first),
        )
        .order_by(
            Person.last_name, Person.first_name, Enrolment.starts_on, EnrolmentFunding.starts_on, EnrolmentFunding.id
        )
        .options(
            contains_eager(Enrolment.person),
            contains_eager(EnrolmentFunding.funding).contains_eager(Funding.funder),
        )
    )
