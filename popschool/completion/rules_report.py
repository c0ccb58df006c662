"""The copy sheet of the bilan pédagogique et financier: which line each person, action and agreement goes to.

Source: Cerfa 10443*17; the reference of funders' documents, 5. What has no line is an anomaly, never an "other".
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from popschool.completion.rules_funding import FunderKind

FORM = "10443*17"
LINES_C = {
    "1": "Entreprises, pour la formation de leurs salariés",
    "2a": "Contrats d'apprentissage",
    "2b": "Contrats de professionnalisation",
    "2c": "Promotion ou reconversion par alternance",
    "2d": "Projets de transition professionnelle",
    "2e": "Compte personnel de formation",
    "2f": "Dispositifs spécifiques pour les personnes en recherche d'emploi",
    "2g": "Dispositifs spécifiques pour les travailleurs non-salariés",
    "2h": "Plan de développement des compétences ou autres dispositifs",
    "3": "Pouvoirs publics, pour la formation de leurs agents",
    "4": "Instances européennes",
    "5": "État",
    "6": "Conseils régionaux",
    "7": "France Travail",
    "8": "Autres ressources publiques",
    "9": "Personnes à titre individuel et à leurs frais",
    "10": "Autres organismes de formation",
    "11": "Autres produits",
}
LINES_E = {"own": "Personnes de votre organisme", "outside": "Personnes extérieures (sous-traitance)"}
LINES_F1 = {
    "a": "Salariés d'employeurs privés, hors apprentis",
    "b": "Apprentis",
    "c": "Personnes en recherche d'emploi formées par votre organisme",
    "d": "Particuliers à leurs propres frais",
    "e": "Autres stagiaires",
}
LINES_F3 = {
    "a": "Certification du RNCP",
    "a6": "dont niveaux 6 à 8",
    "a5": "dont niveau 5",
    "a4": "dont niveau 4",
    "a3": "dont niveau 3",
    "a2": "dont niveau 2",
    "b": "Certification du répertoire spécifique (RS)",
    "c": "CQP non enregistré",
    "d": "Autres formations",
    "e": "Bilans de compétences",
    "f": "Accompagnement à la VAE",
}


def exercise(year: int, first_month: int = 1) -> tuple[date, date]:
    """Return the days of the financial year that closes in a year; one may begin in another month than January.

    >>> exercise(2027, 9)
    (datetime.date(2026, 9, 1), datetime.date(2027, 8, 31))
    """
    first = date(year if first_month == 1 else year - 1, first_month, 1)
    return first, first.replace(year=first.year + 1) - timedelta(days=1)


def year_of(day: date, first_month: int = 1) -> int:
    """Return the year in which the financial year that holds a day closes.

    >>> year_of(date(2026, 9, 1), 9), year_of(date(2026, 8, 31), 9), year_of(date(2026, 12, 31))
    (2027, 2026, 2026)
    """
    return day.year if day <= exercise(day.year, first_month)[1] else day.year + 1


SPECIALITIES_SHOWN = 5
# The payers of a line that are named; a network has thousands.
PAYERS_SHOWN = 6
OTHERS = "autres"
OTHER_LINES = {
    "C": {"2": "Total des lignes 2a à 2h", "total": "Total des produits, lignes 1 à 11"},
    "F-2": {"(2)": "Dont action confiée à un autre organisme"},
    "G": {"(5)": "Formations confiées à votre organisme par un autre"},
}
TOTALS = {"F-1": "(1)", "F-3": "(3)", "F-4": "(4)"}


def label_of(frame: str, line: str) -> str | None:
    """Return what the form calls a line; None for one that it does not have."""
    if line == TOTALS.get(frame):
        return "Total"
    if frame == "F-4":
        return "Autres spécialités" if line == OTHERS else "Code NSF" if line.isdigit() else None
    own = {"C": LINES_C, "E": LINES_E, "F-1": LINES_F1, "F-3": LINES_F3}.get(frame, {})
    return (own | OTHER_LINES.get(frame, {})).get(line)


_SEEKERS = frozenset(
    {
        FunderKind.STATE, FunderKind.REGION, FunderKind.FRANCE_TRAVAIL, FunderKind.EUROPE, FunderKind.OTHER_PUBLIC,
    }
)  # fmt: skip
_EMPLOYERS = frozenset({FunderKind.COMPANY, FunderKind.OPCO})


@dataclass(frozen=True)
class Place:
    """One place followed in a year: who it is, its minutes, and what each frame asks about it. None: not known.

    It does not add up when a day of it has other minutes planned than followed, missed and not said together.
    """

    enrolment_id: int
    name: str
    minutes: int
    funder: str | None
    employer: str = ""
    certification: str = ""
    level: int | None = None
    nature: str = "training"
    speciality: str = ""
    school_id: int = 0
    adds_up: bool = True

    @property
    def is_entrusted(self) -> bool:
        """Another training body entrusted it to this one: it goes to frame G, and not to F."""
        return self.funder == FunderKind.TRAINING_BODY


@dataclass
class Count:
    """How many people and minutes a line holds."""

    people: int = 0
    minutes: int = 0

    def add(self, minutes: int, people: int = 1) -> None:
        self.people += people
        self.minutes += minutes


@dataclass(frozen=True)
class Agreement:
    """One agreement of a year: its line of frame C, its number, and what is shown of it."""

    line: str
    number: str
    funding_id: int
    label: str


@dataclass
class Part:
    """What some schools bring to a sheet; parts add up. Places go by their enrolment, trainers by their person.

    `others` are how many agreements a line has beside `agreements`, once `named_few` left them out.
    """

    trainers: dict[int, int] = field(default_factory=dict)
    is_distant: bool = False
    agreements: list[Agreement] = field(default_factory=list)
    others: dict[str, int] = field(default_factory=dict)
    people: dict[str, Count] = field(default_factory=dict)
    goals: dict[str, Count] = field(default_factory=dict)
    specialities: dict[str, Count] = field(default_factory=dict)
    entrusted: Count = field(default_factory=Count)
    total: Count = field(default_factory=Count)
    unsorted: dict[str, list[int]] = field(default_factory=dict)
    disagreeing: list[int] = field(default_factory=list)

    @property
    def named(self) -> set[int]:
        """The places whose names are shown."""
        return {one for some in self.unsorted.values() for one in some} | set(self.disagreeing)


@dataclass
class Sheet:
    """What is copied into the form, frame by frame, and who has no line yet, by frame.

    `payers` are the first agreements of a line, `other_payers` how many more it has.
    """

    trainers: Count = field(default_factory=Count)
    is_distant: bool = False
    payers: dict[str, list[str]] = field(default_factory=dict)
    other_payers: dict[str, int] = field(default_factory=dict)
    people: dict[str, Count] = field(default_factory=dict)
    goals: dict[str, Count] = field(default_factory=dict)
    specialities: list[tuple[str, Count]] = field(default_factory=list)
    entrusted: Count = field(default_factory=Count)
    total: Count = field(default_factory=Count)
    unsorted: dict[str, list[str]] = field(default_factory=dict)
    disagreeing: list[str] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, Count]:
        """Return totals (1), (3) and (4), which the form wants equal."""
        goals = [count for line, count in self.goals.items() if len(line) == 1]
        return {
            "1": _sum(self.people.values()),
            "3": _sum(goals),
            "4": _sum(count for _code, count in self.specialities),
        }

    @property
    def agrees(self) -> bool:
        found = [(one.people, one.minutes) for one in self.totals.values()]
        return all(one == found[0] for one in found)


def _sum(some: Iterable[Count]) -> Count:
    found = list(some)
    return Count(sum(one.people for one in found), sum(one.minutes for one in found))


def line_of_person(place: Place) -> str | None:
    """Return the line of F-1, or None when the facts do not say."""
    if place.employer or place.funder in _EMPLOYERS:
        return "a"
    if place.nature == "apprenticeship":
        return "b"
    if place.funder in _SEEKERS:
        return "c"
    return "d" if place.funder == FunderKind.PERSON else None


def lines_of_goal(place: Place) -> list[str]:
    """Return the lines of F-3: that of the certification, and that of its level."""
    if place.nature in ("assessment", "vae"):
        return ["e" if place.nature == "assessment" else "f"]
    if place.certification.startswith("RNCP"):
        return ["a", f"a{min(place.level, 6)}"] if place.level else ["a"]
    return ["b"] if place.certification.startswith("RS") else ["d"]


def codes_shown(places: Iterable[Place]) -> list[str]:
    """Return the specialities that have a line of their own: those with most minutes, then by code."""
    minutes: dict[str, int] = defaultdict(int)
    for place in places:
        if place.speciality and not place.is_entrusted:
            minutes[place.speciality] += place.minutes
    return sorted(minutes, key=lambda code: (-minutes[code], code))[:SPECIALITIES_SHOWN]


def lines_of(place: Place, shown: Sequence[str]) -> list[tuple[str, str]]:
    """Return every line, as (frame, line), that a place is counted on. `shown` are the specialities with their line.

    The line of F-4 that has no code is "autres"; a place without a line in a frame has none of that frame.
    """
    if place.is_entrusted:
        return [("G", "(5)")]
    person = line_of_person(place)
    found = [("F-1", person)] if person else []
    found += [("F-3", goal) for goal in lines_of_goal(place)]
    if place.speciality:
        found.append(("F-4", place.speciality if place.speciality in shown else OTHERS))
    return found


def in_line(places: Sequence[Place], frame: str, line: str, shown: Sequence[str] | None = None) -> list[Place]:
    """Return the places that a line counts, or the total of a frame: the rows that it is the sum of.

    `shown` are the specialities that have their line, when others than these places say so.
    """
    shown = codes_shown(places) if shown is None else shown
    if line == TOTALS.get(frame):
        return [place for place in places if any(found == frame for found, _line in lines_of(place, shown))]
    return [place for place in places if (frame, line) in lines_of(place, shown)]


def part_of(
    places: Sequence[Place], trainers: Mapping[int, int], agreements: Iterable[Agreement] = (), is_distant: bool = False
) -> Part:
    """Sort the places of a year. `trainers` are the minutes that each led.

    Somebody followed two actions: two places. Somebody who followed nothing is not there.
    """
    found = Part(dict(trainers), is_distant, list(agreements))
    found.disagreeing = [place.enrolment_id for place in places if not place.adds_up]
    for place in places:
        if place.is_entrusted:
            found.entrusted.add(place.minutes)
            continue
        found.total.add(place.minutes)
        line = line_of_person(place)
        if line is None:
            found.unsorted.setdefault("F-1", []).append(place.enrolment_id)
        else:
            found.people.setdefault(line, Count()).add(place.minutes)
        for goal in lines_of_goal(place):
            found.goals.setdefault(goal, Count()).add(place.minutes)
        if place.speciality:
            found.specialities.setdefault(place.speciality, Count()).add(place.minutes)
        else:
            found.unsorted.setdefault("F-4", []).append(place.enrolment_id)
    return found


def codes_of(part: Part) -> list[str]:
    """Return the specialities that have a line of their own, as `codes_shown` does."""
    order = sorted(part.specialities.items(), key=lambda one: (-one[1].minutes, one[0]))
    return [code for code, _count in order[:SPECIALITIES_SHOWN]]


def count_of(part: Part, frame: str, line: str, shown: Sequence[str]) -> Count:
    """Return what a part brings to a line, or to the total of a frame: as many as `in_line` has places.

    `shown` are the specialities that have their line.
    """
    if frame == "E":
        return Count(len(part.trainers), sum(part.trainers.values()))
    if frame == "G":
        return part.entrusted
    if frame == "F-3" and line == TOTALS[frame]:
        return part.total  # each place has a goal; its level is a second line
    counts = {"F-1": part.people, "F-3": part.goals, "F-4": part.specialities}.get(frame, {})
    if line == TOTALS.get(frame):
        return _sum(counts.values())
    if frame == "F-4":
        lines = [line] if line in shown else [one for one in counts if one not in shown] if line == OTHERS else []
        return _sum(counts.get(one, Count()) for one in lines)
    return counts.get(line, Count())


def added(parts: Iterable[Part]) -> Part:
    """Return what parts bring together. A trainer who led in two schools is one."""
    found = Part()
    for part in parts:
        for person, minutes in part.trainers.items():
            found.trainers[person] = found.trainers.get(person, 0) + minutes
        found.is_distant |= part.is_distant
        found.agreements += part.agreements
        for line, count in part.others.items():
            found.others[line] = found.others.get(line, 0) + count
        _add(found.people, part.people)
        _add(found.goals, part.goals)
        _add(found.specialities, part.specialities)
        found.entrusted.add(part.entrusted.minutes, part.entrusted.people)
        found.total.add(part.total.minutes, part.total.people)
        for frame, some in part.unsorted.items():
            found.unsorted.setdefault(frame, []).extend(some)
        found.disagreeing += part.disagreeing
    return found


def _add(counts: dict[str, Count], more: Mapping[str, Count]) -> None:
    for line, count in more.items():
        counts.setdefault(line, Count()).add(count.minutes, count.people)


def named_few(agreements: Iterable[Agreement], others: Mapping[str, int]) -> tuple[list[Agreement], dict[str, int]]:
    """Return the first agreements of each line, in their order, and how many more there are, with `others`."""
    found: list[Agreement] = []
    counts, more = Counter[str](), Counter[str](others)
    for one in sorted(agreements, key=lambda one: (one.line, one.number, one.funding_id)):
        counts[one.line] += 1
        if counts[one.line] <= PAYERS_SHOWN:
            found.append(one)
        else:
            more[one.line] += 1
    return found, dict(more)


def sheet_of(part: Part, names: Mapping[int, str]) -> Sheet:
    """Return what is copied into the form. `names` are those of the places that are named, in their order."""

    def named(some: Iterable[int]) -> list[str]:
        wanted = set(some)
        return [name for place, name in names.items() if place in wanted]

    order = sorted(part.specialities.items(), key=lambda one: (-one[1].minutes, one[0]))
    specialities = order[:SPECIALITIES_SHOWN]
    if order[SPECIALITIES_SHOWN:]:
        specialities.append(("", _sum(count for _code, count in order[SPECIALITIES_SHOWN:])))
    payers: dict[str, list[str]] = defaultdict(list)
    agreements, other_payers = named_few(part.agreements, part.others)
    for one in agreements:
        payers[one.line].append(one.label)
    return Sheet(
        trainers=Count(len(part.trainers), sum(part.trainers.values())),
        is_distant=part.is_distant,
        payers=dict(payers),
        other_payers=other_payers,
        people={line: part.people.get(line, Count()) for line in LINES_F1},
        goals={line: part.goals.get(line, Count()) for line in LINES_F3},
        specialities=specialities,
        entrusted=part.entrusted,
        total=part.total,
        unsorted={frame: named(some) for frame, some in part.unsorted.items() if some},
        disagreeing=named(part.disagreeing),
    )
