"""Signing in with the account of one's school: who sets a service up, who comes in by it, whose account it opens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Row, Select, select

from popschool import audit, outbound
from popschool.auth import codes, openid
from popschool.auth import rules_providers as rules
from popschool.auth.actors import read_actor
from popschool.auth.models import Account, IdentityProvider, ProviderLink, SpentChallenge
from popschool.auth.rules_providers import Identity, LinkedElsewhere, ProviderRefused, StrangerHere
from popschool.auth.rules_signing import MAIL, Handle, Way
from popschool.auth.services_signing import close_attempt, ensure_account, find, note_refused, open_attempt
from popschool.db import db, transaction
from popschool.errors import RuleBroken
from popschool.schools.models import Person, School


@dataclass(frozen=True)
class Wanted:
    """What a manager says of the service of their school. Without a secret, the one that is kept stays."""

    name: str
    issuer: str
    client_id: str
    secret: str
    domains: str
    proves_twice: bool


@dataclass(frozen=True)
class Entered:
    """Whose account was opened, and how well the service knows that it is them."""

    account: Account
    is_proved_twice: bool
    is_proved_just_now: bool


@cache
def _offered() -> Select:
    """Ask the table and not the model: models are prepared for whoever has come in."""
    kept = IdentityProvider.__table__.c
    return select(kept.school_id, kept.name).where(kept.ended_at.is_(None)).order_by(kept.name, kept.id)


def offered() -> Sequence[Row]:
    """Return the schools that have a service, and its name. One query."""
    return db.session.execute(_offered()).all()


def of_school(school_id: int) -> IdentityProvider | None:
    """Return the service of a school, also one that was stopped."""
    return db.session.scalars(select(IdentityProvider).where(IdentityProvider.school_id == school_id)).first()


def open_of(school_id: int) -> IdentityProvider | None:
    """Return the service of a school, when people may come in by it."""
    found = of_school(school_id)
    return found if found is not None and found.ended_at is None else None


def save(school: School, wanted: Wanted, by_id: int, now: datetime) -> IdentityProvider:
    """Let people come in by a service, which is called to see that it answers.

    Raises DomainsUnreadable, ProviderSecretMissing, ProviderAway or a child of OutboundRefused.
    """
    domains = rules.read_domains(wanted.domains)
    outbound.check_url(wanted.issuer, schemes=("https",))
    openid.forget()
    openid.find(wanted.issuer)
    with transaction(lock=f"provider/{school.id}"):
        found = of_school(school.id)
        if found is None:
            found = IdentityProvider(school_id=school.id, secret="")
            db.session.add(found)
        if not wanted.secret and (not found.secret or found.issuer != wanted.issuer):
            raise rules.ProviderSecretMissing  # the secret of one service is never sent to another
        found.name, found.issuer, found.client_id = wanted.name, wanted.issuer, wanted.client_id
        found.domains, found.proves_twice = domains, wanted.proves_twice
        found.secret = wanted.secret or found.secret
        found.changed_at, found.ended_at = now, None
        db.session.flush()
        facts = {"issuer": wanted.issuer, "domains": domains, "proves_twice": wanted.proves_twice}
        audit.record("provider.set", found, actor_id=by_id, school_id=school.id, now=now, **facts)
    return found


def end(provider: IdentityProvider, by_id: int, now: datetime) -> None:
    """Let nobody come in by a service any more. Ended twice, it ended the first time."""
    with transaction(lock=f"provider/{provider.school_id}"):
        db.session.refresh(provider)
        if provider.ended_at is None:
            provider.ended_at = now
            audit.record("provider.ended", provider, actor_id=by_id, school_id=provider.school_id, now=now)


def unlink(provider: IdentityProvider, handle: Handle, by_id: int, now: datetime) -> bool:
    """Let a person come in with another account of the service. Says whether they had come in with one."""
    person = find(handle).person
    with transaction(lock=f"provider/{provider.school_id}"):
        link = _link(provider, person.id) if person is not None else None
        if link is None:
            return False
        link.ended_at = now
        audit.record("provider.unlinked", person, actor_id=by_id, school_id=provider.school_id, now=now)
    return True


def begin(provider: IdentityProvider, back: str) -> tuple[str, openid.Asked]:
    """Return where the browser goes, and what it must bring back. Raises ProviderAway."""
    client = _client(provider, back)
    db.session.commit()  # no transaction stays open while another machine thinks
    return openid.begin(client)


def _client(provider: IdentityProvider, back: str, secret: Callable[[], str] = lambda: "") -> openid.Client:
    return openid.Client(provider.issuer, provider.client_id, back, secret)


def enter(
    provider: IdentityProvider, asked: openid.Asked, code: str, back: str, address: str, now: datetime
) -> Entered:  # fmt: skip
    """Return the account that an answer of a service opens; each answer is taken once, whatever becomes of it.

    Raises TooManyAttempts, ProviderAway, ProviderRefused, MailUnproved, DomainRefused, StrangerHere or LinkedElsewhere.
    """
    mark = codes.fingerprint("provider state", asked.state)
    attempt_id = open_attempt(mark, Way.PROVIDER, address, now)
    with transaction(lock=f"sign-in/{mark}"):
        if db.session.get(SpentChallenge, mark, populate_existing=True) is not None:
            raise ProviderRefused("the answer was used before")
        db.session.add(SpentChallenge(challenge_hash=mark, at=now))
    secret = provider.secret
    client = _client(provider, back, lambda: secret)
    db.session.commit()
    known_id = None
    try:
        identity = openid.finish(client, asked, code, now)
        known_id, account = _opened(provider, identity, now)
        if account is None:
            raise StrangerHere
    except RuleBroken:
        note_refused(known_id, Way.PROVIDER, now)
        raise
    with transaction():
        close_attempt(attempt_id)
    return Entered(
        account, provider.proves_twice and identity.is_proved_twice, identity.was_proved_just_now(now)
    )  # fmt: skip


def _opened(provider: IdentityProvider, identity: Identity, now: datetime) -> tuple[int | None, Account | None]:
    """Return whose mail it is, and the account when the service may open it."""
    rules.check_mail(identity, provider.domains)
    known = find(Handle(MAIL, identity.mail))
    if known.person is None:
        return None, None
    person, other = known.person, read_actor(known.person.id, now.astimezone(provider.school.zone).date())
    if not rules.may_open(provider.school_id, other, person.home_school_id):
        return person.id, None
    if known.account is None and not rules.may_begin(other):
        return person.id, None
    with transaction(lock=f"provider/{provider.school_id}"):
        account = ensure_account(person.id, now)
        if account.closed_at is not None:
            return person.id, None
        _hold(provider, person, identity.subject, now)
    return person.id, account


def _hold(provider: IdentityProvider, person: Person, subject: str, now: datetime) -> None:
    """Keep one person and one account of the service together, from the first time on. Raises LinkedElsewhere."""
    mark = codes.fingerprint("provider subject", provider.issuer, subject)
    others = select(ProviderLink).where(
        ProviderLink.provider_id == provider.id, ProviderLink.subject_hash == mark, ProviderLink.ended_at.is_(None)
    )
    held, taken = _link(provider, person.id), db.session.scalars(others).first()
    if (held is not None and held.subject_hash != mark) or (taken is not None and taken.person_id != person.id):
        raise LinkedElsewhere
    if held is None:
        db.session.add(
            ProviderLink(provider_id=provider.id, person_id=person.id, subject_hash=mark, made_at=now)
        )  # fmt: skip


def _link(provider: IdentityProvider, person_id: int) -> ProviderLink | None:
    return db.session.scalars(
        select(ProviderLink).where(
            ProviderLink.provider_id == provider.id,
            ProviderLink.person_id == person_id,
            ProviderLink.ended_at.is_(None),
        )
    ).first()
