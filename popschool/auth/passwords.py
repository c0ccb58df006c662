"""argon2id, wrapped: one hash per question whatever the answer, and never more at once than there are cores."""

import os
import threading
from functools import cache
from importlib.resources import files
from typing import Any

from popschool.auth.rules_signing import normalise_password

_at_once = threading.BoundedSemaphore(os.cpu_count() or 1)

# The hash of a password that nobody knows: it is checked when there is none, so that the answer takes as long.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$U8p+ttIjYL1iBhw8g7aC4w$59av2AHRd/PhSDA7DZHbt4qEh9kj2s1pT/rtZAzdBE4"


@cache
def _hasher() -> Any:
    """Return what hashes. Loaded by the first who has a password: few pages do."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def make_hash(password: str, salt: bytes | None = None) -> str:
    """Return what is kept of a password. Its salt is chance, but in a demonstration, whose password everybody knows."""
    with _at_once:
        return _hasher().hash(normalise_password(password), salt=salt)


def matches(kept: str | None, password: str) -> bool:
    """Say whether this is the password kept. Costs one hash, even when none is kept."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _at_once:
        try:
            return _hasher().verify(kept or NOBODY, normalise_password(password)) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(kept)


@cache
def common_words() -> frozenset[str]:
    """Read the words and passwords that too many people choose, folded as `check_password` compares them."""
    lines = files("popschool.auth").joinpath("common_passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
