"""Tokens and keys of sources, sealed with the installation's secret before they are kept."""

import base64
from hashlib import sha256

from flask import current_app


def seal(secret: str) -> str:
    """Return a text that only this installation can open; nothing for nothing."""
    return _box().encrypt(secret.encode()).decode() if secret else ""


def open_secret(sealed: str) -> str:
    """Return what was sealed; nothing when the installation's secret has changed since."""
    from cryptography.fernet import InvalidToken  # heavy, and most requests never need it

    if not sealed:
        return ""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""


def make_deploy_key(comment: str) -> tuple[str, str]:
    """Return a new private key, and the public line to paste at the forge."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return private.decode(), f"{public.decode()} {comment}"


def _box():
    from cryptography.fernet import Fernet

    secret = current_app.config["SECRET_KEY"].encode()
    return Fernet(base64.urlsafe_b64encode(sha256(b"popschool sources" + secret).digest()))
