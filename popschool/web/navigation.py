"""The main menu, by role. A feature adds its entry here; one whose route does not exist is left out."""

from dataclasses import dataclass

from flask import current_app, request
from flask_babel import lazy_gettext as _l

from popschool.web.addresses import url_for

LEARNER, TRAINER, AUTHOR = "learner", "trainer", "author"
SCHOOL, NETWORK = "school_manager", "network_manager"
DISABILITY, FUNDER, AUDITOR = "disability_contact", "funder", "auditor"


@dataclass(frozen=True)
class Entry:
    """One place of the menu. `covers` names other endpoints, or whole blueprints ("review."), that belong to it."""

    endpoint: str
    icon: str
    label: str
    roles: frozenset[str]
    covers: tuple[str, ...] = ()

    def holds(self, endpoint: str) -> int:
        """Say how well a page belongs here: 3 it is this page, 2 named, 1 by its blueprint, 0 not at all."""
        if endpoint == self.endpoint:
            return 3
        if endpoint in self.covers:
            return 2
        return int(any(prefix.endswith(".") and endpoint.startswith(prefix) for prefix in self.covers))


def entry(endpoint: str, icon: str, label: str, *roles: str, covers: tuple[str, ...] = ()) -> Entry:
    return Entry(endpoint, icon, label, frozenset(roles), covers)


COHORT_PAGES = (
    "grading.board",
    "projects.cohort_assignments",
    "projects.move_revision",
    "auth.cohort_invitations",
    "auth.cohort_cards",
    "auth.post_trainer",
    "schools.",
    "projects.",
    "completion.",
    "review.",
)
PERSON_PAGES = (
    "schools.person",
    "schools.edit_person",
    "schools.arrange",
    "schools.end_accommodation",
    "grading.competences_of",
    "portal.file",
    "portal.readers",
    "auth.invite_person",
    "auth.print_card",
    "auth.close_account",
    "auth.stop_second_of",
)
SCHOOL_PAGES = (
    "schools.school",
    "schools.open_school",
    "schools.edit_school",
    "schools.network_papers",
    "portal.open_cohort",
    "portal.network_log",
    "portal.school_log",
    "auth.school_staff",
    "auth.network_staff",
    "auth.invite_school_staff",
    "auth.invite_network_staff",
    "auth.end_role",
)
WORK_PAGES = ("projects.submission", "projects.project_as_read", "grading.")
ARRANGED_PAGES = (
    "schools.accommodations",
    "schools.notes",
    "schools.erase_note",
    "portal.barriers",
    "portal.answer_barrier",
)
ENTRIES: list[Entry] = [
    entry("portal.today", "day", _l("Aujourd'hui"), LEARNER),
    entry("projects.mine", "work", _l("Projets"), LEARNER, covers=("projects.", "courses.", "review.")),
    entry("grading.competences", "levels", _l("Compétences"), LEARNER, covers=("completion.",)),
    entry("grading.queue", "work", _l("Rendus"), TRAINER, covers=WORK_PAGES),
    entry("attendance.mine", "sign", _l("Présence"), LEARNER, covers=("attendance.",)),
    entry("attendance.today", "sign", _l("Présence"), TRAINER, SCHOOL, covers=("attendance.",)),
    entry("projects.help_queue", "hand", _l("Aide"), TRAINER, covers=("projects.help_request", "projects.answer_help")),
    entry("schools.cohorts", "team", _l("Promos"), TRAINER, SCHOOL, covers=COHORT_PAGES),
    entry("schools.people", "user", _l("Personnes"), TRAINER, SCHOOL, NETWORK, covers=PERSON_PAGES),
    entry("schools.own_accommodations", "hand", _l("Aménagements"), DISABILITY, covers=ARRANGED_PAGES),
    entry("portal.home", "school", _l("École"), SCHOOL, covers=SCHOOL_PAGES),
    entry("schools.network", "school", _l("Écoles"), NETWORK, covers=SCHOOL_PAGES),
    entry("reports.mine", "file", _l("Vos dossiers"), FUNDER, AUDITOR, covers=("reports.",)),
    entry("reports.boards", "chart", _l("Suivi"), SCHOOL, NETWORK, covers=("reports.", "registers.")),
    entry("courses.search", "search", _l("Chercher"), LEARNER, TRAINER, AUTHOR),
    entry("courses.sources", "branch", _l("Cours"), AUTHOR, TRAINER, NETWORK, covers=("courses.",)),
    entry("portal.network_log", "work", _l("Journal"), AUDITOR, NETWORK),
    entry("messages.kept", "mail", _l("Messages"), SCHOOL, NETWORK),
]


@dataclass(frozen=True)
class Link:
    """An entry as this page shows it."""

    url: str
    icon: str
    label: str
    is_current: bool


def entries(roles: frozenset[str]) -> list[Entry]:
    """Return the entries of these roles whose routes exist; the network has all its schools in one of them."""
    shown = [one for one in ENTRIES if one.roles & roles and one.endpoint in current_app.view_functions]
    return [one for one in shown if one.endpoint != "portal.home"] if NETWORK in roles else shown


def links(roles: frozenset[str]) -> list[Link]:
    """Return the menu of these roles; the entry that the current page belongs to says so."""
    shown = entries(roles)
    endpoint = request.endpoint or ""
    current = max(shown, key=lambda one: one.holds(endpoint), default=None)
    if current is not None and not current.holds(endpoint):
        current = None
    return [Link(url_for(one.endpoint), one.icon, one.label, one is current) for one in shown]
