"""Coming in with the account of one's school: what an outside service of sign-in may open, and what it proves."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from popschool.auth.rules import NEED_SECOND_FACTOR, Actor, Role
from popschool.auth.rules_devices import PROOF_LASTS
from popschool.auth.rules_granting import may_vouch
from popschool.errors import RuleBroken
from popschool.schools.rules import normalise_mail

MOST_DOMAINS = 20
# RFC 8176, the profile of REFEDS, and the two levels of OpenID EAP: each says that more than a password was asked for.
SECOND_AMR = "mfa"
SECOND_ACR = frozenset({"phr", "phrh", "https://refeds.org/profile/mfa"})
DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@dataclass
class ProviderRefused(RuleBroken):
    """What came back is not what was asked a moment ago in this browser, or is not signed as it should be."""

    why: str


@dataclass
class ProviderStopped(RuleBroken):
    """The person turned back at their service, or it did not let them through."""


@dataclass
class ProviderAway(RuleBroken):
    """The service does not answer, or not as a service of sign-in does."""

    why: str


@dataclass
class MailUnproved(RuleBroken):
    """The service does not say that the mail is really this person's."""


@dataclass
class DomainRefused(RuleBroken):
    """The mail is not one of those that this school takes from its service."""

    domain: str


@dataclass
class StrangerHere(RuleBroken):
    """Nobody whom this school lets in by its service has this mail. Which of the reasons it is is not said."""


@dataclass
class LinkedElsewhere(RuleBroken):
    """This mail came with another account of the service before: it may be somebody else's by now."""


@dataclass
class DomainsUnreadable(RuleBroken):
    """A domain is not written as in a mail address."""

    written: str


@dataclass
class ProviderSecretMissing(RuleBroken):
    """Without its secret, the service would not answer us."""


@dataclass(frozen=True)
class Identity:
    """What a service says of somebody, once its signature was checked."""

    subject: str
    mail: str
    is_mail_proved: bool
    is_proved_twice: bool
    proved_at: datetime | None

    @classmethod
    def of(cls, claims: Mapping[str, Any]) -> "Identity":
        """Read claims. Only a plain `true` proves a mail: a text that says so is a text."""
        methods, moment = claims.get("amr"), claims.get("auth_time")
        is_second = isinstance(methods, list) and SECOND_AMR in methods
        is_moment = isinstance(moment, int | float) and not isinstance(moment, bool) and 0 < moment < 1e11
        return cls(
            subject=str(claims.get("sub") or ""),
            mail=normalise_mail(str(claims.get("email") or "")),
            is_mail_proved=claims.get("email_verified") is True,
            is_proved_twice=is_second or str(claims.get("acr") or "") in SECOND_ACR,
            proved_at=datetime.fromtimestamp(moment, UTC) if is_moment else None,
        )

    def was_proved_just_now(self, now: datetime) -> bool:
        """Say whether the person proved who they are a moment ago, rather than being signed in there since long."""
        return self.proved_at is not None and 0 <= (now - self.proved_at).total_seconds() < PROOF_LASTS.total_seconds()


def read_domains(written: str) -> list[str]:
    """Return the domains of mail that were written, each once. Raises DomainsUnreadable.

    >>> read_domains("Ecole.fr, @campus.example")
    ['ecole.fr', 'campus.example']
    """
    found = list(dict.fromkeys(one.removeprefix("@").lower() for one in re.split(r"[\s,;]+", written) if one))
    for one in found:
        if not DOMAIN.fullmatch(one) or len(one) > 253:
            raise DomainsUnreadable(one)
    if not found or len(found) > MOST_DOMAINS:
        raise DomainsUnreadable(written.strip()[:80])
    return found


def check_mail(identity: Identity, domains: Collection[str]) -> None:
    """Take a mail that its service proved, in a domain of the school. Raises MailUnproved or DomainRefused."""
    name, _, domain = identity.mail.rpartition("@")
    if not identity.is_mail_proved or not name or not identity.subject:
        raise MailUnproved
    if domain not in domains:
        raise DomainRefused(domain)


def may_open(school_id: int, other: Actor, home_school_id: int | None) -> bool:
    """Say whether the service of a school may open the account of a person.

    It opens what its managers could hand a way in to, who choose it: people of the school alone, and nobody with a role
    in the network or elsewhere. A service that lies reaches no further.
    """
    is_here = school_id in {home_school_id, *other.learns_at, *other.schools_learnt} or bool(other.roles.get(school_id))
    return is_here and may_vouch(Actor(0, {school_id: frozenset({Role.SCHOOL_MANAGER})}), other)


def may_begin(other: Actor) -> bool:
    """Say whether a first visit may be by a service: whoever manages comes in by their invitation first."""
    return not other.all_roles & NEED_SECOND_FACTOR
