"""A service of sign-in (OpenID Connect) on this machine: https, signatures, and whatever lie it is told to tell."""

import hmac
import http.server
import json
import ssl
import threading
from base64 import b64decode, urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "popschool", "s3cret-of-the-service"


class Provider:
    """What it publishes, whom it says is there, and how it signs. `claims` replace its own; None takes one away."""

    def __init__(self):
        self.key = new_key("one")
        self.published, self.claims, self.header, self.calls, self.asked = (
            {},
            {},
            {"alg": "ES256", "kid": "one"},
            [],
            {},
        )
        self.signed_by, self.token, self.issuer = None, None, ""
        self.mail, self.now = "a@ecole.example", 0
        self.at_userinfo = {}

    def pages(self):
        """Return what anybody may read of it."""
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
        }
        return {
            "/.well-known/openid-configuration": said | self.published,
            "/keys": KeySet([self.key]).as_dict(private=False),
            "/userinfo": self.at_userinfo,
        }

    def agree(self, location):
        """Do what the browser and the person do there; returns the query of the way back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return {"state": self.asked["state"], "code": "a-code"}

    def answer(self, headers, body):
        """Give the identity token for a code, as the norm says: our secret, and the verifier of the challenge."""
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        known = b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode() == f"{CLIENT}:{SECRET}"
        hashed = bare(sha256(sent["code_verifier"].encode()).digest())
        same = hashed == self.asked["code_challenge"] and sent["redirect_uri"] == self.asked["redirect_uri"]
        if not (known and same and self.asked["code_challenge_method"] == "S256" and sent["code"] == "a-code"):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "an-access-token", "token_type": "Bearer", "id_token": self.token or self.sign()}

    def said(self):
        """Return what it claims of the person there."""
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": f"sub-of-{self.mail}", "exp": self.now + 300, "iat": self.now,
            "nonce": self.asked["nonce"], "email": self.mail, "email_verified": True,
        } | self.claims  # fmt: skip
        return {name: value for name, value in claims.items() if value is not None}

    def sign(self):
        return jwt.encode(self.header, self.said(), self.signed_by or self.key, algorithms=["ES256"])


def new_key(name):
    return ECKey.generate_key("P-256", {"kid": name})


def unsigned(claims):
    """Return a token that nobody signed: `alg` says none."""
    return written({"alg": "none", "typ": "JWT"}, claims) + "."


def signed_with_secret(claims, secret):
    """Return a token signed with a secret, as a library that checks less would make it."""
    text = written({"alg": "HS256", "typ": "JWT", "kid": "one"}, claims)
    return f"{text}.{bare(hmac.digest(secret, text.encode(), 'sha256'))}"


def written(header, claims):
    return ".".join(bare(json.dumps(part).encode()) for part in (header, claims))


def bare(data):
    return urlsafe_b64encode(data).decode().rstrip("=")


@contextmanager
def providing(certificate, key):
    """Let a provider answer on this machine, until the end of the block."""
    here = Provider()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            here.calls.append(self.path)
            page = here.pages().get(self.path)
            self.give(404 if page is None else 200, page)

        def do_POST(self):
            here.calls.append(self.path)
            self.give(*here.answer(self.headers, self.rfile.read(int(self.headers["Content-Length"])).decode()))

        def give(self, status, said):
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    here.issuer = f"https://127.0.0.1:{server.server_port}"
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
