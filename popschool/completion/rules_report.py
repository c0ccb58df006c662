"""The copy sheet of the bilan pédagogique et financier: which line each person, action and agreement goes to.

Source: Cerfa 10443*17; the reference of funders' documents, 5. What has no line is an anomaly, never an "other".
"""

from collections import defaultdict
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

    def add(self, minutes: int) -> None:
        self.people += 1
        self.minutes += minutes


@dataclass
class Sheet:
    """What is copied into the form, frame by frame, and who has no line yet, by frame."""

    trainers: Count = field(default_factory=Count)
    is_distant: bool = False
    payers: dict[str, list[str]] = field(default_factory=dict)
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


def in_line(places: Sequence[Place], frame: str, line: str) -> list[Place]:
    """Return the places that a line counts, or the total of a frame: the rows that it is the sum of."""
    shown = codes_shown(places)
    if line == TOTALS.get(frame):
        return [place for place in places if any(found == frame for found, _line in lines_of(place, shown))]
    return [place for place in places if (frame, line) in lines_of(place, shown)]


def sheet(
    places: Sequence[Place], trainers: Mapping[int, int], payers: Mapping[str, list[str]], is_distant: bool = False
) -> Sheet:
    """Sort the places of a year. `trainers` are the minutes that each led; `payers` the agreements of each line of C.

    Somebody followed two actions: two places. Somebody who followed nothing is not there.
    """
    found = Sheet(
        trainers=Count(len(trainers), sum(trainers.values())),
        is_distant=is_distant,
        disagreeing=[place.name for place in places if not place.adds_up],
        payers=dict(payers),
        people={line: Count() for line in LINES_F1},
        goals={line: Count() for line in LINES_F3},
    )
    codes: dict[str, Count] = defaultdict(Count)
    unsorted: dict[str, list[str]] = defaultdict(list)
    for place in places:
        if place.is_entrusted:
            found.entrusted.add(place.minutes)
            continue
        found.total.add(place.minutes)
        line = line_of_person(place)
        if line is None:
            unsorted["F-1"].append(place.name)
        else:
            found.people[line].add(place.minutes)
        for goal in lines_of_goal(place):
            found.goals[goal].add(place.minutes)
        if place.speciality:
            codes[place.speciality].add(place.minutes)
        else:
            unsorted["F-4"].append(place.name)
    order = sorted(codes.items(), key=lambda one: (-one[1].minutes, one[0]))
    found.specialities = order[:SPECIALITIES_SHOWN]
    if order[SPECIALITIES_SHOWN:]:
        found.specialities.append(("", _sum(count for _code, count in order[SPECIALITIES_SHOWN:])))
    found.unsorted = dict(unsorted)
    return found
