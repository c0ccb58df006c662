"""What a board says: its figures, what is missing and who acts, added up from counts that the database made."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from popschool.completion.rules import Exit, exit_of
from popschool.completion.rules_hours import Hours, attendance_rate, unjustified_rate
from popschool.errors import RuleBroken

USUAL_PERIOD = timedelta(days=365)
LONGEST_PERIOD = timedelta(days=3 * 366)


@dataclass
class EmptyBoard(RuleBroken):
    """Nobody has a day between these dates, with these choices: there is nothing to print."""


@dataclass
class HoursDisagree(RuleBroken):
    """The hours planned of some lines are not those followed, missed and not said together."""

    names: Sequence[str]


class Figure(StrEnum):
    """What a board measures."""

    PEOPLE = "people"
    PRESENCE = "presence"
    HOURS = "hours"
    ABSENCES = "absences"
    WORKS = "works"
    COMPETENCES = "competences"
    COMPLETED = "completed"
    DROPPED = "dropped"
    POSITIVE = "positive"


class Gap(StrEnum):
    """What is missing, and waits for somebody."""

    UNSAID = "unsaid"
    UNSIGNED = "unsigned"
    WEEKS = "weeks"
    DISPUTES = "disputes"
    EXCUSES = "excuses"
    COMPANY = "company"
    UNPAID = "unpaid"
    PAPERS = "papers"
    QUESTIONNAIRES = "questionnaires"
    POSITIONING = "positioning"
    HOUSE_RULES = "house_rules"


class Acts(StrEnum):
    """Who acts on what is missing."""

    TEAM = "team"
    MANAGERS = "managers"
    TUTORS = "tutors"
    LEARNERS = "learners"


WHO_ACTS = {
    Gap.UNSAID: Acts.TEAM,
    Gap.UNSIGNED: Acts.TEAM,
    Gap.WEEKS: Acts.MANAGERS,
    Gap.DISPUTES: Acts.TEAM,
    Gap.EXCUSES: Acts.TEAM,
    Gap.COMPANY: Acts.TUTORS,
    Gap.UNPAID: Acts.MANAGERS,
    Gap.PAPERS: Acts.MANAGERS,
    Gap.QUESTIONNAIRES: Acts.MANAGERS,
    Gap.POSITIONING: Acts.TEAM,
    Gap.HOUSE_RULES: Acts.LEARNERS,
}
# Those of a whole cohort: no person has them.
OF_THE_COHORT = frozenset({Gap.UNSIGNED, Gap.WEEKS})


@dataclass(frozen=True)
class Selection:
    """Whom a board looks at: the places that have a day in a period, in the network, a school or a cohort.

    `funder` is a name, the same in several schools; `funder_id` one payer of one school. With either, only the days
    that it pays for are counted. `schools` are those of a network that are counted together.
    """

    first: date
    last: date
    today: date
    school_id: int | None = None
    cohort_id: int | None = None
    region: str = ""
    funder: str = ""
    funder_id: int | None = None
    programme_id: int | None = None
    enrolment_id: int | None = None
    schools: tuple[int, ...] = ()

    @property
    def narrowed(self) -> tuple[str, ...]:
        """Return the names of what is chosen, besides the period: a statement is built once for each."""
        names = ("school_id", "cohort_id", "region", "funder", "funder_id", "programme_id", "enrolment_id",
                 "schools")  # fmt: skip
        return tuple(name for name in names if getattr(self, name))

    @property
    def values(self) -> dict[str, object]:
        given = {name: getattr(self, name) for name in self.narrowed}
        return given | {"first": self.first, "last": self.last, "today": self.today}


@dataclass(frozen=True)
class Counted:
    """One row that the database added up: of what, for which key, under which word, and its numbers."""

    what: str
    key: int
    word: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Wanted:
    """What the programme of a cohort asks: its competences, the level of each, how many deliverables were set."""

    competences: Mapping[str, str] = field(default_factory=dict)
    level: int = 2


@dataclass
class Sums:
    """What is known of a network, a school, a cohort or a person in a period."""

    hours: Hours = field(default_factory=Hours)
    exits: Counter[Exit] = field(default_factory=Counter)
    validated: int = 0
    works_asked: int = 0
    reached: int = 0
    competences_asked: int = 0
    gaps: Counter[Gap] = field(default_factory=Counter)

    @property
    def entered(self) -> int:
        """Everybody who began, apart from those who went on in another cohort: they are counted there."""
        return sum(count for exit, count in self.exits.items() if exit is not Exit.MOVED)

    @property
    def presence(self) -> Decimal | None:
        return attendance_rate(self.hours)

    @property
    def absences(self) -> Decimal | None:
        return unjustified_rate(self.hours)

    @property
    def works(self) -> Decimal | None:
        return percent(self.validated, self.works_asked)

    @property
    def competences(self) -> Decimal | None:
        return percent(self.reached, self.competences_asked)

    @property
    def dropped(self) -> Decimal | None:
        return percent(self.exits[Exit.DROPPED], self.entered)

    @property
    def missing(self) -> int:
        return sum(self.gaps.values())


def percent(part: int, whole: int) -> Decimal | None:
    """Return a share with one decimal; of nothing, nothing: never 0 or 100.

    >>> percent(1, 3), percent(0, 0)
    (Decimal('33.3'), None)
    """
    if whole <= 0:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def add_hours(one: Hours, other: Hours) -> Hours:
    return replace(one, **{part.name: getattr(one, part.name) + getattr(other, part.name) for part in fields(Hours)})


def hours_from(numbers: Sequence[int]) -> Hours:
    """Return a sum of daily summaries: due, attended, at a distance, justified, unjustified, not said."""
    due, attended, distance, justified, unjustified, missing = numbers[:6]
    return Hours(
        planned=due, due=due, attended=attended, distance=distance, justified=justified, unjustified=unjustified,
        missing=missing,
    )  # fmt: skip


def gather(
    rows: Iterable[Counted], wanted: Mapping[int, Wanted], cohort_of: Mapping[int, int], positive: str
) -> dict[int, Sums]:
    """Add up what the database counted, by key: a cohort's, or a place's when `cohort_of` says its cohort.

    `wanted` is what each cohort's programme asks. A key with nothing but what is missing is there too.
    """
    found: dict[int, Sums] = {}
    nothing = Wanted()
    for row in rows:
        sums = found.setdefault(row.key, Sums())
        asked = wanted.get(cohort_of.get(row.key, row.key), nothing)
        if row.what == "hours":
            sums.hours = add_hours(sums.hours, hours_from(row.numbers))
        elif row.what == "places":
            count, has_left, is_over, *_rest = row.numbers
            exit = exit_of(row.word or None, bool(has_left), bool(is_over), positive)
            sums.exits[exit] += count
            if exit is not Exit.MOVED:
                sums.competences_asked += count * len(asked.competences)
        elif row.what == "works":
            sums.validated += row.numbers[0]
            sums.works_asked += row.numbers[1]
        elif row.what == "levels":
            level, count, *_rest = row.numbers
            if row.word in asked.competences and level >= asked.level:
                sums.reached += count
        else:
            sums.gaps[Gap(row.what)] += row.numbers[0]
    return found


def competence_lines(rows: Iterable[Counted], asked: Wanted, people: int) -> list[tuple[str, int, int]]:
    """Return each competence of a programme with how many people have it at the level asked, of how many."""
    counts: Counter[str] = Counter()
    for row in rows:
        if row.what == "levels" and row.numbers[0] >= asked.level:
            counts[row.word] += row.numbers[1]
    return [(title, counts[key], people) for key, title in asked.competences.items()]


def total_of(some: Iterable[Sums]) -> Sums:
    """Add up several schools, cohorts or people."""
    total = Sums()
    for one in some:
        total.hours = add_hours(total.hours, one.hours)
        total.exits.update(one.exits)
        total.gaps.update(one.gaps)
        total.validated += one.validated
        total.works_asked += one.works_asked
        total.reached += one.reached
        total.competences_asked += one.competences_asked
    return total


def rows_counted(sums: Sums, asked: Figure | Gap) -> int:
    """Return how many rows a figure over places opens to."""
    if isinstance(asked, Gap):
        return sums.gaps[asked]
    if asked in (Figure.PEOPLE, Figure.WORKS, Figure.COMPETENCES):
        return sums.entered
    if asked in (Figure.COMPLETED, Figure.DROPPED, Figure.POSITIVE):
        return sums.exits[Exit(str(asked))]
    return sum(sums.exits.values())


def period_of(
    first: date | None, last: date | None, today: date, usual: tuple[date, date] | None = None
) -> tuple[date, date, bool]:
    """Return the days that a board looks at, and whether those asked for make a period. A year by default.

    Without an end, until today; days to come have nothing to count.
    """
    usual = usual or (today - USUAL_PERIOD, today)
    begins, ends = first or usual[0], last or usual[1]
    if begins > ends or ends - begins > LONGEST_PERIOD:
        return (*usual, False)
    return begins, ends, True
