"""A device that holds passkeys, as an honest one would: it answers what a page asks, signed."""

import hashlib
import html
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlsplit

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from flask import current_app

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def asked_on(page: str) -> dict:
    """Return what a page asks of a device."""
    return json.loads(html.unescape(re.search(r'data-passkey="([^"]+)"', page)[1]))


class SoftKey:
    """One passkey. `flags`, `origin` and `host` are those of an honest device unless a test changes them."""

    def __init__(self, flags: int = PRESENT | VERIFIED, origin: str = "", host: str = ""):
        self.secret = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = 0
        self.user = b""
        site = current_app.config["POPSCHOOL"].base_url
        self.flags, self.origin, self.host = flags, origin or site, host or urlsplit(site).hostname

    def make(self, asked: dict) -> str:
        """Answer `navigator.credentials.create`."""
        numbers = self.secret.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        self.user = urlsafe_b64decode(asked["user"]["id"] + "==")
        return self._answer(
            {
                "clientDataJSON": text(self._client("webauthn.create", asked)),
                "attestationObject": text(cbor2.dumps(made)),
            }
        )

    def sign(self, asked: dict) -> str:
        """Answer `navigator.credentials.get`."""
        self.count += 1
        client, data = self._client("webauthn.get", asked), self._data()
        signed = self.secret.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        said = {"clientDataJSON": client, "authenticatorData": data, "signature": signed, "userHandle": self.user}
        return self._answer({name: text(value) for name, value in said.items()})

    def _client(self, kind: str, asked: dict) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _data(self, more: int = 0) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + bytes([self.flags | more]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict) -> str:
        return json.dumps({"id": text(self.id), "rawId": text(self.id), "type": "public-key", "response": response})
