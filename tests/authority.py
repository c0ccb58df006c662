"""Certificates and a time-stamping server for tests: a real one, over HTTP, with keys of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
from pyhanko.sign.timestamps import DummyTimeStamper


@dataclass
class Owner:
    """A certificate with its private key."""

    certificate: x509.Certificate
    key: Any

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def make_owner(name: str, above: Owner | None = None, *, stamps: bool = False, days: int = 3650) -> Owner:
    """Make a certificate signed by the one above, or by itself: an authority. One that `stamps` says so."""
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    is_authority, now = above is None, datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if above else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, content_commitment=not is_authority, key_cert_sign=is_authority,
                crl_sign=is_authority, key_encipherment=False, data_encipherment=False, key_agreement=False,
                encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
    )  # fmt: skip
    if stamps:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Owner(builder.sign(above.key if above else key, hashes.SHA256()), key)


def write_pem(path: Path, owner: Owner, above: Owner) -> str:
    path.write_bytes(owner.key_pem + owner.certificate_pem + above.certificate_pem)
    return str(path)


def write_pkcs12(path: Path, owner: Owner, above: Owner, password: str) -> str:
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"sceau",
            owner.key,
            owner.certificate,
            [above.certificate],
            serialization.BestAvailableEncryption(password.encode()),
        )
    )
    return str(path)


@contextmanager
def stamping(owner: Owner, above: Owner, *, answers: bytes | None = None) -> Iterator[str]:
    """Run a time-stamping server until the end of the block; `answers` are what it says instead of a stamp."""
    [certificate] = load_certs_from_pemder_data(owner.certificate_pem)
    stamper = DummyTimeStamper(
        certificate,
        load_private_key_from_pemder_data(owner.key_pem, passphrase=None),
        list(load_certs_from_pemder_data(above.certificate_pem)),
    )

    class Clock(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            said = stamper.request_tsa_response(asked).dump() if answers is None else answers
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
