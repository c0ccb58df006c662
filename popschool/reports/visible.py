"""What a door shows: the days, the places and the documents of whoever holds it, and nothing of another's."""

from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from popschool.completion.models import EnrolmentFunding, Funding
from popschool.completion.models_papers import Document, DocumentSource
from popschool.completion.rules_papers import BOARDS, OF_THE_NETWORK, PaperKind
from popschool.completion.services_papers import FUNDER
from popschool.reports.models import Door
from popschool.reports.rules_board import Selection
from popschool.reports.rules_doors import FOR_FUNDERS
from popschool.reports.rules_lists import ISSUED
from popschool.schools.models import Enrolment
from popschool.schools.rules import ExitReason

LONG_AGO = date(2000, 1, 1)


def selection_of(door: Door, today: date, enrolment_id: int | None = None) -> Selection:
    """Return what a door looks at: the days that it covers, those of its funder or of its schools."""
    return Selection(
        first=door.covers_from or LONG_AGO,
        last=door.covers_to or today,
        today=today,
        school_id=door.school_id,
        funder_id=door.funder_id,
        enrolment_id=enrolment_id,
    )


def shown(door: Door) -> ColumnElement[bool]:
    """Say, in SQL, that a document is shown through a door."""
    return _of_a_funder(door) if door.funder_id is not None else _of_a_period(door)


def _of_a_period(door: Door) -> ColumnElement[bool]:
    """Those of some days; a board says where a school stood for itself, and what is the network's is no school's."""
    asked = and_(
        Document.starts_on <= door.covers_to, Document.ends_on >= door.covers_from,
        Document.kind.not_in([str(kind) for kind in BOARDS]),
    )  # fmt: skip
    if door.school_id is None:
        return asked
    return and_(asked, Document.school_id == door.school_id,
                Document.kind.not_in([str(kind) for kind in OF_THE_NETWORK]))  # fmt: skip


def _of_a_funder(door: Door) -> ColumnElement[bool]:
    """Those made for one of its fundings; those of no funding whose days it pays for, all of them.

    The statement of a month names a whole cohort: it is shown when it was made for this funder among several, or when
    the funder pays for everybody, all along.
    """
    own = aliased(EnrolmentFunding)
    made_for = select(own.id).where(_is_of(own, door))
    named = select(DocumentSource.document_id).where(
        DocumentSource.subject == FUNDER, DocumentSource.subject_id == door.funder_id
    )
    whole = exists(
        select(own.id).where(
            _is_of(own, door),
            own.enrolment_id == Document.enrolment_id,
            own.starts_on <= Document.starts_on,
            or_(own.ends_on.is_(None), own.ends_on >= Document.ends_on),
        )
    )
    asked = and_(
        Document.kind.in_([str(kind) for kind in FOR_FUNDERS]),
        or_(
            Document.share_id.in_(made_for),
            and_(Document.share_id.is_(None), Document.enrolment_id.is_not(None), whole),
            and_(
                Document.enrolment_id.is_(None),
                Document.kind == str(PaperKind.MONTH),
                or_(Document.id.in_(named), _pays_for_all(door)),
            ),
            and_(Document.kind.in_([str(kind) for kind in ISSUED.values()]), Document.id.in_(named)),
        ),
    )
    if door.covers_from is not None:
        asked = and_(asked, Document.starts_on >= door.covers_from)
    if door.covers_to is not None:
        asked = and_(asked, Document.ends_on <= door.covers_to)
    return asked if door.school_id is None else and_(asked, Document.school_id == door.school_id)


def _is_of(own, door: Door) -> ColumnElement[bool]:
    return own.funding_id.in_(select(Funding.id).where(Funding.funder_id == door.funder_id))


def _pays_for_all(door: Door) -> ColumnElement[bool]:
    """Say that everybody who has a day in a document's cohort and period is paid for by this funder on all of them."""
    place, own = aliased(Enrolment), aliased(EnrolmentFunding)
    last_day = func.coalesce(place.left_on, place.ends_on)
    begins = case((place.starts_on > Document.starts_on, place.starts_on), else_=Document.starts_on)
    ends = case((last_day < Document.ends_on, last_day), else_=Document.ends_on)
    here = and_(
        place.cohort_id == Document.cohort_id,
        place.starts_on <= Document.ends_on,
        last_day >= Document.starts_on,
        last_day >= place.starts_on,
        func.coalesce(place.exit_reason, "") != ExitReason.NEVER_CAME,
    )
    covered = exists(
        select(own.id)
        .where(
            _is_of(own, door),
            own.enrolment_id == place.id,
            own.starts_on <= begins,
            or_(own.ends_on.is_(None), own.ends_on >= ends),
        )
        .correlate(place, Document)
    )
    return and_(
        exists(select(place.id).where(here).correlate(Document)),
        ~exists(select(place.id).where(here, ~covered).correlate(Document)),
    )
