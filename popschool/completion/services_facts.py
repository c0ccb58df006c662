"""All that the documents of a cohort say, read once: a bounded number of queries, whatever the number of people."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import monday_of
from popschool.attendance.rules_papers import prefect_region
from popschool.attendance.services_sheets import weeks_to_close
from popschool.completion import rules_papers, rules_settings
from popschool.completion.models import EnrolmentFunding, Funding, FundingSetting, Signatory, TrainingAction
from popschool.completion.models_papers import Document, DocumentAct
from popschool.completion.rules_papers import PaperKind
from popschool.completion.rules_settings import Saying, Scope, Value
from popschool.completion.services_codes import count_as_funders_do
from popschool.completion.services_hours import Counted, Stretch, hours_of
from popschool.completion.services_levels import Reached, levels_of
from popschool.completion.services_rules import asked_by
from popschool.courses import services as courses
from popschool.db import db
from popschool.schools.models import Cohort, Enrolment, Network, Person

WITH_LEVELS = (PaperKind.END, PaperKind.BOOKLET)


@dataclass
class CohortFacts:
    """What is the same for everybody in a cohort."""

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
    sheets: Sequence[Sheet] = ()
    weeks_open: Sequence[date] = ()

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

    @property
    def hours(self):
        return self.counted.hours

    @property
    def has_ended(self) -> bool:
        return self.enrolment.last_day < self.of.today


def cohort_facts(cohort: Cohort, first: date, last: date, today: date) -> CohortFacts:
    """Return what is the same for everybody. Seven queries."""
    school = cohort.school
    revision = courses.revision_at(cohort.revision_id)
    programme = courses.programme_at(cohort.programme_id, revision.number) if revision else None
    data = programme.data if programme else {}
    certification = data.get("certification") or {}
    monday = monday_of(first)
    return CohortFacts(
        cohort=cohort,
        network=db.session.get_one(Network, school.network_id),
        title=programme.title if programme else "",
        kind=programme.kind if programme else "",
        certification=certification.get("id", ""),
        level=certification.get("level"),
        blocks=data.get("blocks") or [],
        action=db.session.get(TrainingAction, cohort.id)
        or TrainingAction(cohort_id=cohort.id, school_id=school.id, nature="training", objectives=[], speciality=""),
        signatory=signatory_of(school.id, today),
        today=today,
        sheets=db.session.scalars(
            select(Sheet)
            .where(Sheet.cohort_id == cohort.id, Sheet.monday.between(monday, last))
            .order_by(Sheet.monday, Sheet.version)
            .options(joinedload(Sheet.content))
        ).all(),
        weeks_open=[week for _cohort, week in weeks_to_close([cohort.id], today) if monday <= week <= last],
    )


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
    rows = db.session.scalars(
        select(FundingSetting).where(FundingSetting.school_id == school_id).order_by(FundingSetting.id)
    )
    return [(row, _saying(row)) for row in rows]


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


def heard_by(sayings: Sequence[tuple[FundingSetting, Saying]], funding: Funding | None) -> list[Saying]:
    """Return what was said for a funding, from the widest place to the narrowest."""
    funder_id = funding.funder_id if funding else None
    funding_id = funding.id if funding else None
    return [
        saying
        for row, saying in sayings
        if (row.funder_id is None and row.funding_id is None)
        or (row.funding_id is None and row.funder_id == funder_id)
        or (row.funding_id is not None and row.funding_id == funding_id)
    ]


def shares_in(cohort_id: int) -> dict[int, list[EnrolmentFunding]]:
    """Return who pays for each place of a cohort, in order. One query."""
    rows = db.session.scalars(
        select(EnrolmentFunding)
        .join(Enrolment, Enrolment.id == EnrolmentFunding.enrolment_id)
        .where(Enrolment.cohort_id == cohort_id)
        .order_by(EnrolmentFunding.starts_on, EnrolmentFunding.id)
        .options(joinedload(EnrolmentFunding.funding).joinedload(Funding.funder))
    )
    found: dict[int, list[EnrolmentFunding]] = defaultdict(list)
    for share in rows:
        found[share.enrolment_id].append(share)
    return found


def people_facts(
    of: CohortFacts, kind: PaperKind, first: date, last: date, only: int | None = None
) -> list[PersonFacts]:
    """Return what each document of a kind would say, by name: one for each funding of each place that has a day there.

    The kinds that no funder asks for are made once for each place. Ten queries, and two when a funder refuses one.
    """
    asked = (
        select(Enrolment)
        .where(
            Enrolment.cohort_id == of.cohort.id,
            Enrolment.starts_on <= last,
            or_(Enrolment.left_on.is_(None), Enrolment.left_on >= first),
        )
        .join(Person, Person.id == Enrolment.person_id)
        .order_by(Person.last_name, Person.first_name, Enrolment.starts_on)
        .options(joinedload(Enrolment.person))
    )
    enrolments = db.session.scalars(asked if only is None else asked.where(Enrolment.id == only)).all()
    shares = shares_in(of.cohort.id)
    wanted: list[tuple[Enrolment, EnrolmentFunding | None, Stretch]] = []
    for enrolment in enrolments:
        whole = Stretch.of(enrolment, first, last)
        if whole.last < whole.first:
            continue
        paid = [one for one in shares.get(enrolment.id, ()) if _meets(one, whole)]
        if kind is not PaperKind.CERTIFICATE or not paid:
            wanted.append((enrolment, paid[0] if paid else None, whole))
            continue
        for share in paid:
            end = min(whole.last, share.ends_on or whole.last)
            wanted.append((enrolment, share, Stretch(enrolment, max(whole.first, share.starts_on), end)))
    counted = hours_of(of.cohort.id, [stretch for _enrolment, _share, stretch in wanted], of.today)
    counted = count_as_funders_do(of.cohort.school_id, of.cohort.id, wanted, counted)
    sayings = sayings_of(of.cohort.school_id)
    issued = issued_in(of.cohort.id, kind)
    levels = levels_of([one.person_id for one, *_more in wanted]) if kind in WITH_LEVELS else {}
    asked = asked_by(of.cohort)
    return [
        _person(of, enrolment, share, stretch, one, sayings, issued, levels.get(enrolment.person_id, {}), asked.level)
        for (enrolment, share, stretch), one in zip(wanted, counted, strict=True)
    ]


def _meets(share: EnrolmentFunding, stretch: Stretch) -> bool:
    return share.starts_on <= stretch.last and (share.ends_on is None or share.ends_on >= stretch.first)


def _person(of, enrolment, share, stretch, counted, sayings, issued, levels, level_asked) -> PersonFacts:
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
        level_asked=level_asked,
    )


def issued_in(cohort_id: int, kind: PaperKind) -> dict[tuple, Document]:
    """Return the documents of a kind that hold, by place, funding and period. One query."""
    ended = select(DocumentAct.document_id).where(DocumentAct.what.in_(("revoked", "replaced")))
    rows = db.session.scalars(
        select(Document)
        .where(Document.cohort_id == cohort_id, Document.kind == str(kind), Document.id.not_in(ended))
        .order_by(Document.id)
    )
    return {(one.enrolment_id, one.share_id, one.starts_on, one.ends_on): one for one in rows}
