"""What the demonstration network is made of: fifteen schools, role labels, a calendar laid around a day. No database.

No person is invented: the first name is the role, the last name a number and the cohort or school.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from popschool.attendance.rules_holidays import public_holidays
from popschool.projects.rules import Window

PARIS = ZoneInfo("Europe/Paris")
OPENING, CLOSING = time(9, 0), time(17, 0)
MORNING_OF_DEMO = time(9, 5)
COHORT_SIZE = 24
MOST_IN_A_SCHOOL = 10 * COHORT_SIZE


@dataclass(frozen=True)
class DemoSchool:
    """A school of the demonstration: where it is, which programme its cohort follows, and how many people it has."""

    code: str
    name: str
    region: str
    programme: str
    size: int = COHORT_SIZE
    cohorts: int = 1


SCHOOLS = (
    DemoSchool("VAL", "Valenciennes", "Hauts-de-France", "dwwm", cohorts=2),
    DemoSchool("LEN", "Lens", "Hauts-de-France", "dwwm", cohorts=2),
    DemoSchool("ROU", "Roubaix", "Hauts-de-France", "dwwm"),
    DemoSchool("STO", "Saint-Omer", "Hauts-de-France", "dwwm", 18),
    DemoSchool("WIL", "Willems", "Hauts-de-France", "fabnum", 16),
    DemoSchool("LIL", "Lille", "Hauts-de-France", "pop-cafe", 8),
    DemoSchool("AMI", "Amiens", "Hauts-de-France", "dwwm"),
    DemoSchool("ELA", "Élancourt", "Île-de-France", "dwwm", 20, cohorts=2),
    DemoSchool("GON", "Gonesse", "Île-de-France", "fabnum", 16),
    DemoSchool("MTR", "Montreuil", "Île-de-France", "dwwm"),
    DemoSchool("RUN", "Rouen", "Normandie", "dwwm", 0, cohorts=0),
    DemoSchool("HAV", "Le Havre", "Normandie", "dwwm", 20),
    DemoSchool("REI", "Reims", "Grand Est", "dwwm", 22),
    DemoSchool("CHM", "Charleville-Mézières", "Grand Est", "fabnum", 8),
    DemoSchool("MRS", "Marseille", "Provence-Alpes-Côte d'Azur", "dwwm"),
)


def schools_for(learners: int | None) -> tuple[DemoSchool, ...]:
    """Return the fifteen schools, and as many more as it takes for none to have more than ten cohorts."""
    taught = sum(one.cohorts > 0 for one in SCHOOLS)
    more = max(0, -(-(learners or 0) // MOST_IN_A_SCHOOL) - taught)
    return SCHOOLS + tuple(
        replace(SCHOOLS[number % 10], code=f"E{number:05}", name=f"École {number}", cohorts=1)
        for number in range(len(SCHOOLS) + 1, len(SCHOOLS) + more + 1)
    )


# Of a long programme, what a cohort five weeks in has been given.
PROJECTS = {
    "dwwm": (
        "p01-page-du-comptoir",
        "p02-carnet-de-l-atelier",
        "p03-boulangerie-dans-la-poche",
        "p04-bulletin-d-adhesion",
        "p07-menu-du-jour",
    ),
    "fabnum": ("f01-mon-badge", "f02-mes-cles", "f06-vrai-faux-pas-sur"),
    "pop-cafe": ("a3-mots-de-passe",),
}


def is_open_day(day: date) -> bool:
    """Say whether schools are open: a weekday that is not a public holiday."""
    return day.weekday() < 5 and not public_holidays(day, day)


def last_open_day(day: date) -> date:
    """Return this day, or the last one on which schools were open."""
    while not is_open_day(day):
        day -= timedelta(days=1)
    return day


def clock_for(day: date, now: datetime) -> datetime | None:
    """Return the moment that a demonstration of `day` should show, None when the real time will do."""
    local = now.astimezone(PARIS)
    if local.date() == day and OPENING <= local.time() < CLOSING:
        return None
    return morning_of(day)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day in Paris, in UTC."""
    return datetime.combine(day, time(hour, minute), PARIS).astimezone(UTC)


def morning_of(day: date) -> datetime:
    """Return the moment that a demonstration of this day is laid around, whatever the hour it is made at."""
    return datetime.combine(day, MORNING_OF_DEMO, PARIS).astimezone(UTC)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def windows(day: date, projects: int, ends_on: date) -> list[Window]:
    """Lay one project a week so that about two thirds are past, one is due this week, and the rest is to come.

    A project is given on the last open afternoon before its week, and is due on the evening of the week's last open
    day. `day` is an open day.
    """
    current = max(0, min(projects - 1, projects * 2 // 3))
    laid = []
    for place in range(projects):
        monday = monday_of(day) + timedelta(weeks=place - current)
        given, due = last_open_day(monday - timedelta(days=1)), last_open_day(monday + timedelta(days=4))
        laid.append(Window(at(given, 14), at(due, 18), at(max(ends_on, due), 18)))
    return laid


def gendered(random: Random, feminine: str, masculine: str) -> str:
    return feminine if random.random() < 0.5 else masculine


COMMENTS_GOOD = (
    "Le travail est clair et complet. Vous expliquez bien vos choix. Pour la suite, essayez sur un autre téléphone.",
    "Tout marche. Les titres sont dans l'ordre. Une idée : relisez votre page à voix haute.",
    "Très lisible. Continuez comme cela. La prochaine fois, faites un commit par étape.",
)
COMMENTS_TO_COMPLETE = (
    "C'est bien parti. Il manque le texte de remplacement des images. Ajoutez-le, puis envoyez à nouveau.",
    "La structure est bonne. Le tableau des horaires n'a pas d'en-têtes. Corrigez ce point et renvoyez.",
    "Presque ! La page déborde sur un petit écran. Regardez la largeur de l'image.",
)
NOTES = (
    "La première étape était facile. J'ai eu du mal avec les liens.",
    "J'ai testé sur mon téléphone.",
    "Je ne sais pas si le contraste suffit.",
    "",
)
TEXTS = (
    "J'ai installé l'éditeur et deux navigateurs.\nJ'ai créé le dossier du projet.\nPuis j'ai vérifié les liens.",
    "Chaque plat est dans une liste.\nLa boucle prend les plats un par un.\nElle écrit le nom et le prix.",
    "1. J'ouvre un terminal.\n2. Je me place dans le dossier.\n3. Je fais un commit.\n4. J'envoie vers le dépôt.",
)
