"""The devices on which a person is signed in: each is remembered, a new one is told, any can be signed out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from popschool import audit
from popschool.audit import rough_network
from popschool.auth import codes, letters
from popschool.auth.models import Account, DeviceSession
from popschool.auth.rules_devices import DEVICES_REMEMBERED, name_device
from popschool.auth.rules_signing import SESSION_LIFE
from popschool.db import db, transaction
from popschool.schools.models import Person


def begin_session(account: Account, person: Person, device: str, user_agent: str, address: str, now: datetime) -> int:
    """Remember a sign-in; tell the person when they have signed in before, and never on this device."""
    browser, system = name_device(user_agent)
    begun = DeviceSession(
        person_id=account.person_id,
        device_hash=codes.fingerprint("device", device),
        token_hash=token_hash(account),
        browser=browser,
        system=system,
        network=rough_network(address),
        began_at=now,
    )
    with transaction():
        devices = db.session.scalars(
            select(DeviceSession.device_hash).where(DeviceSession.person_id == account.person_id).distinct()
        ).all()
        db.session.add(begun)
        db.session.flush()
        if devices and begun.device_hash not in devices:
            letters.tell_new_device(person, begun.browser, begun.system, now)
        audit.record("session.began", person, actor_id=person.id, now=now, session=begun.id)
    return begun.id


def token_hash(account: Account) -> str:
    return codes.fingerprint("session", account.session_token)


def open_sessions(account: Account, now: datetime) -> Sequence[DeviceSession]:
    """Read where a person is signed in now, the latest first. One query."""
    return db.session.scalars(
        select(DeviceSession)
        .where(
            DeviceSession.person_id == account.person_id,
            DeviceSession.token_hash == token_hash(account),
            DeviceSession.ended_at.is_(None),
            DeviceSession.began_at > now - SESSION_LIFE,
        )
        .order_by(DeviceSession.began_at.desc(), DeviceSession.id.desc())
    ).all()


def end_session(session_id: int, person_id: int, now: datetime) -> bool:
    """Sign a person out of one of their devices. Says whether there was one; ended twice, it was the first time."""
    with transaction(lock=f"DeviceSession/{session_id}"):
        found = db.session.get(DeviceSession, session_id, populate_existing=True)
        if found is None or found.person_id != person_id:
            return False
        if found.ended_at is None:
            found.ended_at = now
            person = db.session.get_one(Person, person_id)
            audit.record("session.ended", person, actor_id=person_id, now=now, session=session_id)
    return True


def forget_devices(now: datetime) -> None:
    """Remove what is known of the devices of long ago."""
    with transaction():
        db.session.execute(delete(DeviceSession).where(DeviceSession.began_at < now - DEVICES_REMEMBERED))
