"""Keys of the API: made, found, counted, ended. A key is shown once; only its hash is kept."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, bindparam, case, select, update
from sqlalchemy.orm import contains_eager

from popschool import audit
from popschool.auth import codes
from popschool.auth.models import Account
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.portal import rules_api
from popschool.portal.models import ApiKey
from popschool.portal.rules_api import Allowance, Scope
from popschool.schools.models import Person, School

PREFIX, PURPOSE, LETTERS = "pop_", "api key", 28
PAGE = "/account/keys"


def key_from(nonce: str) -> str:
    """Return the key that belongs to a nonce: the page that shows it once keeps the nonce, never the key."""
    return PREFIX + codes.spelled(PURPOSE, nonce, LETTERS).replace("-", "")


def make_key(
    person: Person,
    name: str,
    scopes: Collection[Scope],
    offered: Collection[Scope],
    expires_at: datetime,
    nonce: str,
    now: datetime,
) -> ApiKey:
    """Make the key of a nonce, and tell its owner. Raises KeyWithoutScope, ScopeNotYours, KeyTooLong, TooManyKeys."""
    text = key_from(nonce)
    with transaction(lock=f"api-keys/{person.id}"):
        kept = [one for one in keys_of(person.id) if one.revoked_at is None and one.expires_at > now]
        rules_api.check_key(scopes, offered, len(kept), now, expires_at)
        key = ApiKey(
            person_id=person.id,
            name=name,
            hash=codes.fingerprint(PURPOSE, text),
            hint=text[-4:],
            scopes=sorted(map(str, scopes)),
            created_at=now,
            expires_at=expires_at,
        )
        db.session.add(key)
        audit.record("make_api_key", key, actor_id=person.id, now=now, scopes=key.scopes)
        tell(
            person,
            kind="account",
            title=_l("Une clé d'accès est faite"),
            body=_l("Un programme peut lire avec vos droits. Ce n'est pas vous ? Arrêtez cette clé, prévenez l'école."),
            url=PAGE,
            now=now,
        )
    return key


def keys_of(person_id: int) -> Sequence[ApiKey]:
    """Return a person's keys, the last first."""
    return db.session.scalars(select(ApiKey).where(ApiKey.person_id == person_id).order_by(ApiKey.id.desc())).all()


def end_key(key: ApiKey, by_id: int, now: datetime) -> None:
    """End a key; again, it does nothing."""
    with transaction(lock=f"api-keys/{key.person_id}"):
        if key.revoked_at is None:
            key.revoked_at = now
            db.session.add(key)
            audit.record("end_api_key", key, actor_id=by_id, now=now)


def key_that_opens(text: str, now: datetime) -> ApiKey | None:
    """Return the key with its owner; None when it is unknown, ended, or its owner's account closed. One query."""
    key = db.session.scalars(_opens(), {"hash": codes.fingerprint(PURPOSE, text)}).first()
    if key is None or key.revoked_at is not None or key.expires_at <= now:
        return None
    return key


@cache
def _opens() -> Select:
    return (
        select(ApiKey)
        .join(Person, Person.id == ApiKey.person_id)
        .join(Account, Account.person_id == Person.id)
        .outerjoin(School, School.id == Person.home_school_id)
        .where(ApiKey.hash == bindparam("hash"), Account.closed_at.is_(None))
        .options(contains_eager(ApiKey.person).contains_eager(Person.home_school))
    )


def count_call(key_id: int, now: datetime) -> Allowance:
    """Count one call of a key, and return what it has left: one statement, whatever the process that answers."""
    is_same = ApiKey.window_began_at > now - rules_api.WINDOW
    with transaction():
        row = db.session.execute(
            update(ApiKey)
            .where(ApiKey.id == key_id)
            .values(
                window_began_at=case((is_same, ApiKey.window_began_at), else_=now),
                window_used=case((is_same, ApiKey.window_used + 1), else_=1),
                last_used_at=now,
            )
            .returning(ApiKey.window_began_at, ApiKey.window_used)
            .execution_options(synchronize_session=False)
        ).one()
    return rules_api.allowance(row.window_began_at, row.window_used, now, rules_api.MOST_IN_WINDOW)
