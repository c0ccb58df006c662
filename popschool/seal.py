"""Sealing a PDF: a signature of the organisation (PAdES), then the stamp of a time-stamping authority (RFC 3161).

SEAL_KEY is the path of a PKCS#12 file, or of a PEM file that holds a private key, its certificate and those above it;
SEAL_PASSWORD opens it when it is locked. TSA_URL is the address of the authority. Only jobs seal: it takes a network.
"""

import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popschool import traces

if TYPE_CHECKING:
    from cryptography import x509  # heavy, and only jobs seal

SECONDS = 20
LARGEST_ANSWER = 100_000
# Room kept in the file for what the authority answers, twice its bytes; most stamps take 6 to 12 kB.
STAMP_ROOM = 2 * 20_000
SIGNATURE_FIELD, STAMP_FIELD = "Sceau", "Horodatage"
DIGEST = "sha256"


class SealUnreadable(ValueError):
    """The seal's file cannot be used; says why."""


class StampRefused(RuntimeError):
    """The time-stamping authority did not answer, or refused."""


@dataclass(frozen=True)
class Seal:
    """A private key, the certificate that names its owner, and the certificates above that one."""

    key: Any
    certificate: "x509.Certificate"
    above: "tuple[x509.Certificate, ...]"

    @property
    def owner(self) -> str:
        return self.certificate.subject.rfc4514_string()

    @property
    def ends_at(self) -> datetime:
        return self.certificate.not_valid_after_utc


def read_seal(path: str, password: str = "") -> Seal:
    """Read a seal from its file. Raises SealUnreadable."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    secret = password.encode() or None
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise SealUnreadable(f"{path} cannot be read: {error.strerror}") from error
    try:
        if b"-----BEGIN" in content:
            found = x509.load_pem_x509_certificates(content)
            key = serialization.load_pem_private_key(content, secret)
        else:
            key, own, others = pkcs12.load_key_and_certificates(content, secret)
            found = [one for one in [own, *others] if one is not None]
    except (ValueError, TypeError) as error:
        raise SealUnreadable(f"{path} is neither PKCS#12 nor PEM, or its password is wrong: {error}") from error
    if key is None:
        raise SealUnreadable(f"{path} holds no private key")
    mine = _public(key)
    own = next((one for one in found if _public(one) == mine), None)
    if own is None:
        raise SealUnreadable(f"{path} holds no certificate for its private key")
    return Seal(key, own, tuple(one for one in found if one is not own))


def _public(holder: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return holder.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def signed(pdf: bytes, seal: Seal, reason: str) -> bytes:
    """Return the document with the organisation's signature: nothing in it may change afterwards."""
    from cryptography.hazmat.primitives import serialization
    from pyhanko.keys import load_certs_from_pemder_data, load_private_key_from_pemder_data
    from pyhanko.sign import fields, signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    def der(certificate: "x509.Certificate") -> bytes:
        return certificate.public_bytes(serialization.Encoding.DER)

    private = seal.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    [own] = load_certs_from_pemder_data(der(seal.certificate))
    chain = [one for certificate in seal.above for one in load_certs_from_pemder_data(der(certificate))]
    signer = signers.SimpleSigner(
        signing_cert=own,
        signing_key=load_private_key_from_pemder_data(private, passphrase=None),
        cert_registry=SimpleCertificateStore.from_certs([own, *chain]),
    )
    about = signers.PdfSignatureMetadata(
        field_name=SIGNATURE_FIELD,
        md_algorithm=DIGEST,
        reason=reason,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    field = fields.SigFieldSpec(SIGNATURE_FIELD, invis_sig_settings=_unseen(), readable_field_name=reason)
    return signers.PdfSigner(about, signer, new_field_spec=field).sign_pdf(_writer(pdf)).getvalue()


def stamped(pdf: bytes, url: str) -> bytes:
    """Return the document with an authority's stamp: it was as it is at that moment. Raises StampRefused."""
    from pyhanko.sign import signers, timestamps

    stamper = signers.PdfTimeStamper(
        _authority(url), field_name=STAMP_FIELD, invis_settings=_unseen(), readable_field_name=STAMP_FIELD
    )
    try:
        return stamper.timestamp_pdf(_writer(pdf), DIGEST, bytes_reserved=STAMP_ROOM).getvalue()
    except (timestamps.TimestampRequestError, ValueError) as error:  # an answer without a stamp cannot even be read
        raise StampRefused(f"{url} refuses, or answers something else: {error}") from error


def _unseen() -> Any:
    """A field outside of the page: PDF/A wants it printable, PDF/UA wants it hidden or out of sight."""
    from pyhanko.sign import fields

    return fields.InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)


def _writer(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    return IncrementalPdfFileWriter(BytesIO(pdf))


def _authority(url: str) -> Any:
    """Return pyhanko's client of an authority, over our own call: no package for that alone."""
    from asn1crypto import tsp
    from pyhanko.sign import timestamps

    class Authority(timestamps.TimeStamper):
        async def async_request_tsa_response(self, req: Any) -> Any:
            return tsp.TimeStampResp.load(ask(url, req.dump()))

    return Authority()


def ask(url: str, question: bytes) -> bytes:
    """Send a time-stamping request and return the answer. Raises StampRefused."""
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, data=question, headers=headers)
    try:
        with traces.call("time stamp"), urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.read(LARGEST_ANSWER)
    except (urllib.error.URLError, OSError) as error:
        raise StampRefused(f"{url} does not answer: {error}") from error
