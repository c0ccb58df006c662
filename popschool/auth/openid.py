"""Services of sign-in (OpenID Connect): where one is, what it is asked, what its answer proves.

Every call goes through `http_out`: https alone, no redirection followed, no address inside. What a service publishes is
kept for some minutes, and its silence for some seconds: visitors cannot make us call it again and again.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from popschool import http_out, outbound
from popschool.auth.rules_providers import Identity, ProviderAway, ProviderRefused

SCOPE = "openid email"
# Signed with a key that the service alone holds: never with our secret, and never unsigned.
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
JSON_ASKED = {"Accept": "application/json", "User-Agent": "Popschool"}
LARGEST = 200_000
KEPT_SECONDS, AWAY_SECONDS, KEYS_AGAIN_SECONDS = 600.0, 20.0, 60.0
MOST_KEPT = 200
LEEWAY_SECONDS = 60
TOKEN_LENGTH = 48

Published = dict[str, Any]
_kept: dict[str, tuple[float, Published | ProviderAway]] = {}
_turn = threading.Lock()


@dataclass(frozen=True)
class Client:
    """How a service knows us. `secret` is asked for only when a code is exchanged."""

    issuer: str
    client_id: str
    back: str
    secret: Callable[[], str]


@dataclass(frozen=True)
class Asked:
    """What this browser was sent with: its answer must bring each of these back."""

    state: str
    nonce: str
    verifier: str


def forget() -> None:
    """Ask every service anew."""
    _kept.clear()


def find(issuer: str) -> Published:
    """Read what a service publishes of itself. Raises ProviderAway."""
    from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url

    said = _published(get_well_known_url(issuer, external=True))
    if said.get("issuer") != issuer:
        raise ProviderAway("it names another issuer")
    found = OpenIDProviderMetadata(said)
    try:
        found.validate_authorization_endpoint()
        found.validate_token_endpoint()
        found.validate_jwks_uri()
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if urlsplit(str(said.get(name))).scheme != "https":
                raise ValueError(f"{name} is not https")
        outbound.check_written(said["authorization_endpoint"])
    except (ValueError, TypeError, AttributeError, outbound.OutboundRefused) as problem:
        raise ProviderAway(f"{type(problem).__name__}: {problem}"[:200]) from problem
    return said


def begin(client: Client) -> tuple[str, Asked]:
    """Return where the browser goes, and what it is sent with. Raises ProviderAway."""
    from authlib.common.security import generate_token
    from authlib.oauth2.client import OAuth2Client

    published = find(client.issuer)
    asked = Asked(generate_token(TOKEN_LENGTH), generate_token(TOKEN_LENGTH), generate_token(TOKEN_LENGTH))
    ours = OAuth2Client(
        None, client.client_id, scope=SCOPE, redirect_uri=client.back, code_challenge_method="S256"
    )  # fmt: skip
    address, _state = ours.create_authorization_url(
        published["authorization_endpoint"], state=asked.state, code_verifier=asked.verifier, nonce=asked.nonce
    )
    return address, asked


def finish(client: Client, asked: Asked, code: str, now: datetime) -> Identity:
    """Exchange a code for what the service says of somebody. Raises ProviderAway or ProviderRefused."""
    published = find(client.issuer)
    tokens = _exchange(client, published, asked, code)
    claims = _checked(client, published, asked, tokens, now)
    if "email" not in claims and published.get("userinfo_endpoint"):
        claims |= _told(published["userinfo_endpoint"], str(tokens.get("access_token") or ""), claims["sub"])
    return Identity.of(claims)


def _exchange(client: Client, published: Published, asked: Asked, code: str) -> dict[str, Any]:
    from authlib.oauth2.auth import ClientAuth
    from authlib.oauth2.rfc6749.parameters import prepare_token_request

    taken = published.get("token_endpoint_auth_methods_supported")
    is_posted = isinstance(taken, list) and "client_secret_basic" not in taken and "client_secret_post" in taken
    body = prepare_token_request(
        "authorization_code", redirect_uri=client.back, code=code, code_verifier=asked.verifier
    )  # fmt: skip
    auth = ClientAuth(client.client_id, client.secret(), "client_secret_post" if is_posted else None)
    headers = JSON_ASKED | {"Content-Type": "application/x-www-form-urlencoded"}
    address, headers, body = auth.prepare("POST", published["token_endpoint"], headers, body)
    answer = http_out.post(address, body.encode(), headers, most=LARGEST)
    if answer.status == 0 or answer.status >= 500:
        raise ProviderAway(answer.error)
    tokens = _read(answer.body)
    if answer.status != 200 or tokens is None or not isinstance(tokens.get("id_token"), str):
        raise ProviderRefused(f"code: HTTP {answer.status}")
    return tokens


def _checked(
    client: Client, published: Published, asked: Asked, tokens: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return what an identity token claims, once all that it must be was checked. Raises ProviderRefused."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError
    from joserfc.jwk import KeySet
    from joserfc.jws import JWSRegistry

    registry = JWSRegistry(algorithms=list(SIGNED_BY), strict_check_header=False)
    try:
        try:
            keys = KeySet.import_key_set(_published(published["jwks_uri"]))
            token = jwt.decode(tokens["id_token"], keys, registry=registry)
        except InvalidKeyIdError:  # the service has changed its keys
            keys = KeySet.import_key_set(_published(published["jwks_uri"], KEYS_AGAIN_SECONDS))
            token = jwt.decode(tokens["id_token"], keys, registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {"iss": {"essential": True, "value": client.issuer}, "aud": {"essential": True, "value": client.client_id}},
            {"nonce": asked.nonce, "client_id": client.client_id, "access_token": tokens.get("access_token")},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except ProviderAway:
        raise
    except JoseError as problem:
        raise ProviderRefused(f"{type(problem).__name__}: {problem}"[:200]) from problem
    except Exception as problem:  # whatever a service writes is its mistake, never ours
        raise ProviderRefused(type(problem).__name__) from problem
    return dict(claims)


def _told(address: str, access_token: str, subject: str) -> dict[str, Any]:
    """Return what the service says of the same person elsewhere, for those that leave the mail out of the token."""
    answer = http_out.get(address, JSON_ASKED | {"Authorization": f"Bearer {access_token}"}, most=LARGEST)
    said = _read(answer.body) if answer.status == 200 else None
    if said is None:
        raise ProviderAway(answer.error or "userinfo is not JSON")
    if said.get("sub") != subject:
        raise ProviderRefused("userinfo speaks of somebody else")
    return {name: said[name] for name in ("email", "email_verified") if name in said}


def _published(address: str, fresh_for: float = KEPT_SECONDS) -> Published:
    """Read a page of JSON that a service publishes, at most every few minutes. Raises ProviderAway."""
    with _turn:
        read_at, found = _kept.get(address, (0.0, None))
    age = time.monotonic() - read_at
    if found is None or age > (AWAY_SECONDS if isinstance(found, ProviderAway) else fresh_for):
        answer = http_out.get(address, JSON_ASKED, most=LARGEST)
        said = _read(answer.body) if answer.status == 200 else None
        found = said if said is not None else ProviderAway(answer.error or "no JSON")
        with _turn:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[address] = (time.monotonic(), found)
    if isinstance(found, ProviderAway):
        raise ProviderAway(found.why)
    return found


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
