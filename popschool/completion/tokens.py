"""Signing what leaves with a learner: a JWT by ES256, with a key made from the installation's secret.

The key is the same after a restart and on each machine, and is kept nowhere. Its public half travels in each token, and
is published with those of the keys before it.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec  # heavy, and most requests never need it

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SIZE = 32


@lru_cache(maxsize=4)
def _key(secret: str) -> "ec.EllipticCurvePrivateKey":
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    seed = HKDF(hashes.SHA256(), 48, salt=None, info=b"popschool badges").derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(seed, "big") % (ORDER - 1) + 1, ec.SECP256R1())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_jwk() -> dict[str, str]:
    """Return the public key that checks what is signed now; its name is its thumbprint (RFC 7638)."""
    numbers = _key(current_app.config["SECRET_KEY"]).public_key().public_numbers()
    found = {
        "crv": "P-256",
        "kty": "EC",
        "x": _text(numbers.x.to_bytes(SIZE, "big")),
        "y": _text(numbers.y.to_bytes(SIZE, "big")),
    }
    plain = json.dumps(found, sort_keys=True, separators=(",", ":"))
    return found | {"kid": _text(hashlib.sha256(plain.encode()).digest()), "alg": "ES256", "use": "sig"}


def signed(claims: Mapping[str, Any]) -> str:
    """Return claims as a JWT."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    jwk = public_jwk()
    shown = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
    header = {"alg": "ES256", "typ": "JWT", "kid": jwk["kid"], "jwk": shown}
    parts = [_text(json.dumps(part, separators=(",", ":"), ensure_ascii=False).encode()) for part in (header, claims)]
    content = ".".join(parts)
    made = _key(current_app.config["SECRET_KEY"]).sign(content.encode(), ec.ECDSA(hashes.SHA256()))
    first, second = decode_dss_signature(made)
    return f"{content}.{_text(first.to_bytes(SIZE, 'big') + second.to_bytes(SIZE, 'big'))}"
