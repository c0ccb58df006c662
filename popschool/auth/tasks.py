"""What the job process does for signing in: it sends codes, and forgets old tries."""

from datetime import time

from popschool import audit, clock, jobs
from popschool.auth import letters, services_devices, services_passkeys, services_signing
from popschool.auth.models import SignInCode
from popschool.auth.rules_devices import DEVICES_REMEMBERED
from popschool.auth.rules_signing import ATTEMPTS_KEPT
from popschool.db import db, transaction
from popschool.schools.models import Person


def send_code(code_id: int, code: str, by: str) -> None:
    """Send a code to whoever it was asked for. For an unknown handle there is nobody, and it ends there."""
    sent = db.session.get(SignInCode, code_id)
    if sent is None or sent.person_id is None or sent.expires_at <= clock.now():
        return
    with transaction():
        letters.send_code(db.session.get_one(Person, sent.person_id), code, by)


def forget_tries() -> None:
    services_signing.forget_tries(clock.now())
    services_passkeys.forget_challenges(clock.now() - ATTEMPTS_KEPT)
    services_devices.forget_devices(clock.now())
    audit.forget_readings(clock.now() - DEVICES_REMEMBERED)


jobs.recur("auth.forget_tries", "popschool.auth.tasks:forget_tries", at=time(3, 50))
