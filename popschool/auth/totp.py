"""The six digits of an authenticator application (TOTP, RFC 6238), and the drawing it scans."""

import io
from datetime import datetime

import pyotp

from popschool.auth import codes

ISSUER = "Popschool"
STEPS_AROUND = 1
RECOVERY_CODES = 8


def make_secret() -> str:
    return pyotp.random_base32()


def matching_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """Return the 30-second step that a code belongs to; None when it is wrong, or not newer than `last_step`."""
    clock = pyotp.TOTP(secret)
    current = clock.timecode(now)
    for step in range(current - STEPS_AROUND, current + STEPS_AROUND + 1):
        is_new = last_step is None or step > last_step
        if codes.same(clock.generate_otp(step), code) and is_new:
            return step
    return None


def address(secret: str, name: str) -> str:
    """Return the otpauth:// address that the drawing holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def drawing(secret: str, name: str, title: str) -> str:
    """Return the QR code as an inline SVG, without any style attribute."""
    import segno

    out = io.BytesIO()
    segno.make(address(secret, name), error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, svgclass="qr", lineclass=None, title=title, border=2
    )
    return out.getvalue().decode().replace("<svg ", '<svg role="img" ', 1)


def recovery_codes(nonce: str) -> list[str]:
    """Return the codes that belong to a nonce, shown once; only their hashes are kept."""
    return [codes.spelled("recovery", f"{nonce}/{number}", 12) for number in range(RECOVERY_CODES)]
