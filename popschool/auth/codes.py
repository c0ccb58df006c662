"""Codes and tokens: made by chance, kept as hashes that are worth nothing without the secret key."""

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

if TYPE_CHECKING:
    from cryptography.fernet import Fernet  # heavy, and most requests never need it

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
TOKEN_LENGTH = 24
TOKEN_LETTERS = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ"


def fingerprint(purpose: str, *parts: object) -> str:
    """Return the keyed hash of some parts, 64 hexadecimal digits. The purpose keeps two uses of one code apart."""
    text = "\x00".join(str(part) for part in parts)
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare without telling by the time it takes where the two differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"


def token() -> str:
    """Return 24 letters and digits without look-alikes: 138 bits, safe in a link and in an SMS."""
    return "".join(secrets.choice(TOKEN_LETTERS) for _ in range(TOKEN_LENGTH))


def session_token() -> str:
    return secrets.token_urlsafe(32)


def spelled(purpose: str, nonce: str, length: int) -> str:
    """Return the code that belongs to a nonce, in letters that are not mistaken for another, four by four."""
    number = int.from_bytes(hmac.new(_key(purpose), nonce.encode(), hashlib.sha256).digest(), "big")
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    text = "".join(letters)
    return "-".join(text[start : start + 4] for start in range(0, length, 4))


def encrypted(purpose: str, text: str) -> str:
    return _box(purpose).encrypt(text.encode()).decode()


def decrypted(purpose: str, text: str) -> str | None:
    """Return what was encrypted; None when it was not, or with another key."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(purpose).decrypt(text.encode()).decode()
    except InvalidToken:
        return None


def encrypted_bytes(purpose: str, data: bytes) -> bytes:
    """Return bytes that only this installation reads; twice the same data gives two results."""
    return _box(purpose).encrypt(data)


def decrypted_bytes(purpose: str, data: bytes) -> bytes | None:
    """Return what was encrypted; None when it was not, or with another key."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(purpose).decrypt(data)
    except InvalidToken:
        return None


def sign(purpose: str, facts: object) -> str:
    """Return facts as signed, compressed text."""
    return _serializer(purpose).dumps(facts)


def signed(purpose: str, text: str, seconds: int) -> object | None:
    """Return the facts when the signature is ours and recent; None otherwise."""
    try:
        return _serializer(purpose).loads(text, max_age=seconds)
    except BadData:
        return None


def _key(purpose: str) -> bytes:
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"popschool/{purpose}".encode(), hashlib.sha256).digest()


def _box(purpose: str) -> "Fernet":
    from cryptography.fernet import Fernet

    return Fernet(base64.urlsafe_b64encode(_key(purpose)))


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(purpose), salt=purpose)
