"""Who is looking at the page: a name, roles, a school to call. Nobody, when that cannot be known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, has_request_context
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from popschool.auth import guards

SHARED = "shared"  # in the session: others use this device too, it keeps nothing
NETWORK_CONTACT = "popschool.network_contact"
ROLE_NAMES = {
    "network_manager": _l("Réseau"),
    "school_manager": _l("Direction"),
    "trainer": _l("Formation"),
    "author": _l("Cours"),
    "disability_contact": _l("Handicap et accueil"),
    "funder": _l("Financeur"),
    "auditor": _l("Contrôle"),
}


@dataclass(frozen=True)
class Contact:
    """Who helps: the person's school, or the network when there is none."""

    school: str = ""
    phone: str = ""
    mail: str = ""

    @property
    def phone_link(self) -> str:
        """The number as a phone dials it: "+33353010012"."""
        digits = "".join(character for character in self.phone if character.isdigit() or character == "+")
        return f"+33{digits[1:]}" if digits.startswith("0") else digits


def person() -> Any | None:
    """Return the person signed in. None outside a request, or on a page that must not touch the database."""
    if not has_request_context() or not hasattr(current_app, "login_manager") or g.get("without_database"):
        return None
    found = current_user._get_current_object()
    return found if found.is_authenticated else None


def roles() -> frozenset[str]:
    """Return the roles of the person signed in, in any school."""
    return frozenset(map(str, guards.actor().all_roles)) if person() is not None else frozenset()


def role_name(held: frozenset[str]) -> str:
    """Return what a member of staff does, in a word; nothing for a learner, whose name says their cohort."""
    return next((str(name) for role, name in ROLE_NAMES.items() if role in held), "")


def call_network(app: Flask, read: Callable[[], tuple[str, str]]) -> None:
    """Let pages ask `read` for the phone and the mail of the network."""
    app.extensions[NETWORK_CONTACT] = {"read": read, "last": ("", "")}


def contact() -> Contact:
    """Return whom to call: the person's own school, and the network for what a school does not say."""
    if "contact" not in g:
        g.contact = _find_contact()
    return g.contact


def _find_contact() -> Contact:
    school = getattr(person(), "home_school", None)
    if school is not None and school.phone:
        return Contact(school.name, school.phone, school.mail)
    network = _network()
    return Contact(school.name, network.phone, school.mail or network.mail) if school is not None else network


def _network() -> Contact:
    """Return whom to call in the network; what was last read of it, on a page that must not touch the database."""
    asked = current_app.extensions[NETWORK_CONTACT]
    if not g.get("without_database"):
        asked["last"] = asked["read"]()
    return Contact("", *asked["last"])
