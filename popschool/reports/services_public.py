"""Public figures of a year: counted by school and programme, then hidden where they would be about too few people.

The year of a figure is that of the end of its cohort. A few queries, whatever the number of people.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, extract, func, select
from sqlalchemy.orm import joinedload

from popschool.completion import rules as completion
from popschool.completion.models_afterwards import Answer, Questionnaire, SurveyTotal
from popschool.completion.models_rules import ExamResult
from popschool.completion.rules_afterwards import LASTING, POSITIVE, Situation, When
from popschool.completion.rules_exams import Outcome
from popschool.courses.models import ProgrammeVersion
from popschool.db import db
from popschool.reports import rules_public as rules
from popschool.reports.rules_public import Cell, Count, Family, Group, Measure
from popschool.schools.models import Cohort, Enrolment, School

SATISFIED = 3
YEARS_SHOWN = 5


@dataclass(frozen=True)
class Line:
    """One group of one family: its count, or nothing when it is hidden. Names are empty for all of them."""

    family: Family
    group: Group
    school: School | None
    programme: ProgrammeVersion | None
    count: Count | None

    @property
    def rates(self) -> dict[Measure, Decimal | None]:
        """The rate of each measure; of a hidden group, none."""
        measures = rules.MEASURES[self.family]
        if self.count is None:
            return dict.fromkeys(measures)
        pairs = zip(measures, self.count.measured, strict=True)
        return {measure: rules.percent(part, self.count.people) for measure, part in pairs}

    @property
    def response_rate(self) -> Decimal | None:
        """How many of those asked have answered; nothing for what nobody was asked."""
        is_asked = self.family in (Family.SATISFACTION, Family.SIX_MONTHS)
        return rules.percent(self.count.people, self.count.asked) if is_asked and self.count is not None else None


def years(today: date) -> list[int]:
    """Return the years that are over and have cohorts, the last first. One query."""
    year = extract("year", Cohort.ends_on)
    asked = select(year).where(Cohort.ends_on < date(today.year, 1, 1)).distinct()
    return sorted({int(one) for one in db.session.scalars(asked)}, reverse=True)[:YEARS_SHOWN]


def figures(year: int, today: date) -> list[Line]:
    """Return the lines of a year, family after family, the whole network first. Six queries.

    A family whose answers are not all in is not there yet.
    """
    counted = {
        family: count(year)
        for family, count in COUNTED.items()
        if rules.opens_on(family, year) <= today
    }  # fmt: skip
    schools = {one.id: one for one in db.session.scalars(select(School))}
    programmes = {one.programme_id: one for one in db.session.scalars(_programmes())}
    lines = []
    for family, cells in counted.items():
        open_ones = rules.shown({cell: count.people for cell, count in cells.items()})
        for group in rules.groups_of(cell for cell, count in cells.items() if count.people):
            lines.append(
                Line(
                    family,
                    group,
                    schools.get(group.school),
                    programmes.get(group.programme),
                    rules.total(cells, group) if group in open_ones else None,
                )
            )
    return lines


def _programmes() -> Any:
    """Return the query of every programme as it was last taught."""
    last = select(func.max(ProgrammeVersion.id)).group_by(ProgrammeVersion.programme_id)
    return select(ProgrammeVersion).where(ProgrammeVersion.id.in_(last)).options(joinedload(ProgrammeVersion.programme))


def _in(year: int) -> Any:
    return Cohort.ends_on.between(date(year, 1, 1), date(year, 12, 31))


def _completion(year: int) -> dict[Cell, Count]:
    """How places ended. A move to another cohort is no end, and one who never came never entered."""
    has_left = Enrolment.left_on.is_not(None)
    rows = db.session.execute(
        select(Cohort.school_id, Cohort.programme_id, Enrolment.exit_reason, has_left, func.count())
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(_in(year))
        .group_by(Cohort.school_id, Cohort.programme_id, Enrolment.exit_reason, has_left)
    )
    found: dict[Cell, Count] = {}
    for school, programme, reason, left, number in rows:
        end = completion.exit_of(reason, bool(left), is_over=True)
        if end in (completion.Exit.MOVED, completion.Exit.NEVER_CAME):
            continue
        wanted = (completion.Exit.COMPLETED, completion.Exit.DROPPED, completion.Exit.POSITIVE)
        one = Count(number, number, tuple(number * (end is each) for each in wanted))
        found[school, programme] = found.get((school, programme), Count()) + one
    return found


def _titles(year: int) -> dict[Cell, Count]:
    """What juries decided of those who came: the last result of each exam, and the best of somebody's exams."""
    rows = db.session.execute(
        select(
            Cohort.school_id, Cohort.programme_id, ExamResult.enrolment_id, ExamResult.session_id, ExamResult.outcome
        )
        .join(Enrolment, Enrolment.id == ExamResult.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(_in(year))
        .order_by(ExamResult.id)
    )  # fmt: skip
    last = {(row.enrolment_id, row.session_id): row for row in rows}
    best: dict[int, tuple[Cell, set[str]]] = {}
    for row in last.values():
        best.setdefault(row.enrolment_id, ((row.school_id, row.programme_id), set()))[1].add(row.outcome)
    found: dict[Cell, Count] = {}
    for cell, outcomes in best.values():
        if outcomes == {Outcome.ABSENT}:
            continue
        has_title = Outcome.TITLE in outcomes
        one = Count(1, 1, (int(has_title), int(not has_title and Outcome.BLOCKS in outcomes)))
        found[cell] = found.get(cell, Count()) + one
    return found


def _satisfaction(year: int) -> dict[Cell, Count]:
    """What people said of their training when it ended."""
    found: dict[Cell, Count] = {}
    for row in _answers(year, When.EXIT):
        rated = row.rating is not None
        one = Count(int(rated), 1, (int(rated and row.rating >= SATISFIED),))
        found[row.school_id, row.programme_id] = found.get((row.school_id, row.programme_id), Count()) + one
    for cell, total in _nameless(year, When.EXIT):
        found[cell] = found.get(cell, Count()) + Count(total.rated, total.asked, (total.satisfied,))
    return found


def _six_months(year: int) -> dict[Cell, Count]:
    """What people do six months later, of those who answered."""
    found: dict[Cell, Count] = {}
    for row in _answers(year, When.SIX_MONTHS):
        said = row.situation is not None and row.situation != Situation.UNREACHED
        measured = (int(said and row.situation in POSITIVE), int(said and row.situation in LASTING))
        cell = (row.school_id, row.programme_id)
        found[cell] = found.get(cell, Count()) + Count(int(said), 1, measured)
    for cell, total in _nameless(year, When.SIX_MONTHS):
        found[cell] = found.get(cell, Count()) + Count(total.answered, total.asked, (total.positive, total.lasting))
    return found


def _answers(year: int, when: When) -> Sequence[Row]:
    """Return the answer that holds of each person asked at one of the three times; nothing for who said nothing."""
    last = (
        select(Answer.questionnaire_id, func.max(Answer.id).label("id")).group_by(Answer.questionnaire_id).subquery()
    )  # fmt: skip
    return db.session.execute(
        select(Cohort.school_id, Cohort.programme_id, Answer.situation, Answer.rating)
        .select_from(Questionnaire)
        .join(Cohort, Cohort.id == Questionnaire.cohort_id)
        .outerjoin(last, last.c.questionnaire_id == Questionnaire.id)
        .outerjoin(Answer, Answer.id == last.c.id)
        .where(_in(year), Questionnaire.moment == str(when))
    ).all()


def _nameless(year: int, when: When) -> list[tuple[Cell, SurveyTotal]]:
    """Return what is left of answers that no longer have a name."""
    rows = db.session.execute(
        select(SurveyTotal, Cohort.programme_id)
        .join(Cohort, Cohort.id == SurveyTotal.cohort_id)
        .where(_in(year), SurveyTotal.moment == str(when))
    )
    return [((total.school_id, programme_id), total) for total, programme_id in rows]


COUNTED = {
    Family.COMPLETION: _completion,
    Family.TITLE: _titles,
    Family.SATISFACTION: _satisfaction,
    Family.SIX_MONTHS: _six_months,
}


def tables(lines: Sequence[Line]) -> Mapping[Family, list[Line]]:
    """Return the lines by family."""
    found: dict[Family, list[Line]] = defaultdict(list)
    for line in lines:
        found[line.family].append(line)
    return found
