"""The main menu, by role. A feature adds its entry here; one whose route does not exist is left out."""

from dataclasses import dataclass

from flask import current_app, request, url_for
from flask_babel import lazy_gettext as _l

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


ENTRIES: list[Entry] = [
    entry("portal.today", "day", _l("Aujourd'hui"), LEARNER),
    entry("projects.mine", "work", _l("Projets"), LEARNER, covers=("projects.", "courses.")),
    entry("grading.competences", "levels", _l("Compétences"), LEARNER),
    entry("grading.queue", "work", _l("Rendus"), TRAINER, covers=("grading.",)),
    entry("attendance.mine", "sign", _l("Présence"), LEARNER, covers=("attendance.",)),
    entry("attendance.today", "sign", _l("Présence"), TRAINER, SCHOOL, covers=("attendance.",)),
    entry("projects.help_queue", "hand", _l("Aide"), TRAINER, covers=("projects.help_request", "projects.answer_help")),
    entry("schools.cohorts", "team", _l("Promos"), TRAINER, SCHOOL, covers=("grading.board", "schools.cohort")),
    entry(
        "schools.people", "user", _l("Personnes"), TRAINER, SCHOOL, NETWORK, covers=("schools.person", "portal.file")
    ),
    entry("schools.network", "school", _l("Écoles"), NETWORK),
    entry("courses.sources", "branch", _l("Cours"), AUTHOR, TRAINER, covers=("courses.",)),
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
    """Return the entries of these roles whose routes exist."""
    return [one for one in ENTRIES if one.roles & roles and one.endpoint in current_app.view_functions]


def links(roles: frozenset[str]) -> list[Link]:
    """Return the menu of these roles; the entry that the current page belongs to says so."""
    shown = entries(roles)
    endpoint = request.endpoint or ""
    current = max(shown, key=lambda one: one.holds(endpoint), default=None)
    if current is not None and not current.holds(endpoint):
        current = None
    return [Link(url_for(one.endpoint), one.icon, one.label, one is current) for one in shown]
