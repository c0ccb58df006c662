"""How people say who they are, how long a code lives, how many tries there are, what a password may be."""

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from popschool.errors import RuleBroken
from popschool.schools.rules import (
    NumberUnreadable,
    PhoneUnreadable,
    normalise_mail,
    normalise_phone,
    plain_digits,
    read_number,
    search_key,
)

MAIL, PHONE, NUMBER = "mail", "phone", "number"

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5
CODES_ASKED = 5
DOUBLE_CLICK = timedelta(seconds=10)
PENDING_LIFE = timedelta(minutes=10)
SESSION_LIFE = timedelta(days=14)
ATTEMPTS_WINDOW = timedelta(minutes=15)
ATTEMPTS_KEPT = timedelta(days=1)
FAILURES_PER_ACCOUNT = 10
FAILURES_PER_ADDRESS = 300
LINK_LIFE = timedelta(days=14)
CARD_LIFE = timedelta(days=90)
CARD_SHOWN = timedelta(hours=1)
MOST_PASSKEYS = 20
KEPT_TEXT_LIFE = timedelta(days=1)
KEPT_TEXT_LARGEST = 1_100_000
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
LOOK_ALIKES = str.maketrans("013457@$!", "oieastasi")
SIGNING_PATHS = frozenset({"sign-in", "sign-out", "card", "password", "i"})
MAIL_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


class Channel(StrEnum):
    """How an invitation travels. A `link` is handed over by whoever made it."""

    MAIL = "mail"
    SMS = "sms"
    CARD = "card"
    LINK = "link"


class Purpose(StrEnum):
    """What a six-digit code is for."""

    SIGN_IN = "sign_in"
    PASSWORD = "new_password"
    PROOF = "proof"


class Way(StrEnum):
    """How somebody proves who they are. Wrong tries are counted for each apart, so that one leaves the others open."""

    PASSWORD = "password"
    CODE = "code"
    CARD = "card"
    LINK = "link"
    SECOND = "second"
    CONFIRM = "confirm"
    PASSKEY = "passkey"
    PROVIDER = "provider"


# A card, a link and a second factor are no use to who guesses: an address that is stopped may still use them.
STOPPED_BY_ADDRESS = frozenset({Way.PASSWORD, Way.CODE, Way.PROVIDER})


@dataclass(frozen=True)
class Handle:
    """What somebody writes to say who they are, as it is kept: a mail, a phone or a learner's number."""

    kind: str
    value: str


@dataclass
class HandleUnreadable(RuleBroken):
    """This is neither a mail address, nor a phone number, nor a learner's number."""

    written: str


@dataclass
class SignInRefused(RuleBroken):
    """No open account has this handle with this password, or this card. Which of these is wrong is not said."""


@dataclass
class CodeRefused(RuleBroken):
    """This is not the last code sent, or it is too old, or it was used or tried too often."""


class AppCodeRefused(CodeRefused):
    """This is not the code that the person's application shows, or it was used already."""


@dataclass
class PasskeyRefused(RuleBroken):
    """No open account has this passkey, or what its device answered is not what was asked a moment ago."""


@dataclass
class TooManyPasskeys(RuleBroken):
    """A person has as many passkeys as are kept."""

    most: int


@dataclass
class TooManyAttempts(RuleBroken):
    """Too many wrong tries, or too many codes asked; the next is allowed at `again_at`."""

    again_at: datetime


@dataclass
class PasswordTooShort(RuleBroken):
    """A password is shorter than it may be."""

    shortest: int


@dataclass
class PasswordTooLong(RuleBroken):
    """A password is longer than it may be."""

    longest: int


@dataclass
class PasswordCommon(RuleBroken):
    """A password that many people have, or that is made of the person's own name."""


@dataclass
class WrongPassword(RuleBroken):
    """The password given to confirm an act is not this person's."""


@dataclass
class InvitationDead(RuleBroken):
    """An invitation that was used, replaced or is too old. `why` is used, revoked or expired."""

    why: str


@dataclass
class NobodyReachable(RuleBroken):
    """A message cannot be sent to this person: neither mail nor phone is known."""

    name: str


@dataclass
class AccountClosed(RuleBroken):
    """The account is closed: it must be opened again first."""

    name: str


def read_handle(written: str) -> Handle:
    """Return what was written as it is kept. Raises HandleUnreadable."""
    written = written.strip()
    if "@" in written:
        if not MAIL_ADDRESS.fullmatch(written) or len(written) > 254:
            raise HandleUnreadable(written)
        return Handle(MAIL, normalise_mail(written))
    try:
        return Handle(PHONE, normalise_phone(written))
    except PhoneUnreadable:
        pass
    try:
        return Handle(NUMBER, read_number(written))
    except NumberUnreadable as wrong:
        raise HandleUnreadable(written) from wrong


def normalise_code(written: str) -> str:
    """Return a code in capitals and plain digits, without the spaces and hyphens that make it readable."""
    return re.sub(r"[\s\-\u2010-\u2015.]", "", plain_digits(written)).upper()


def normalise_password(written: str) -> str:
    """Return a password as every keyboard writes it: an accent is one sign or two, as the phone likes."""
    return unicodedata.normalize("NFKC", written)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the 64 bits that one subscriber has in IPv6.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("::ffff:192.0.2.7")
    ('2001:db8:1:2::/64', '192.0.2.7')
    """
    try:
        read = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if read.version == 4:
        return str(read)
    if read.ipv4_mapped is not None:
        return str(read.ipv4_mapped)
    return str(ipaddress.ip_network((read, 64), strict=False))


def next_try(failures: Collection[datetime], most: int, window: timedelta) -> datetime | None:
    """Return when the next try is allowed; None means now. `failures` are those of the last `window`."""
    if len(failures) < most:
        return None
    return sorted(failures)[-most] + window


def state_of_invitation(
    expires_at: datetime, used_at: datetime | None, revoked_at: datetime | None, now: datetime
) -> str:
    """Return used, revoked, expired or live."""
    if used_at is not None:
        return "used"
    if revoked_at is not None:
        return "revoked"
    return "live" if now < expires_at else "expired"


def own_path(address: str | None) -> str | None:
    """Return an address when it is a path of ours that one may be sent to after signing in; None otherwise."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return None
    if re.search(r"[\x00-\x20\x7f\\]", address) or len(address) > 2000:
        return None
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or parts.path.split("/")[1] in SIGNING_PATHS:
        return None
    return address


def check_password(password: str, common: Collection[str], own_words: Iterable[str] = ()) -> None:
    """Refuse a password that is easily guessed. Raises PasswordTooShort, PasswordTooLong or PasswordCommon.

    `common` holds words and whole passwords, folded; `own_words` are the person's name, mail and number.
    """
    password = normalise_password(password)
    if len(password) < SHORTEST_PASSWORD:
        raise PasswordTooShort(SHORTEST_PASSWORD)
    if len(password) > LONGEST_PASSWORD:
        raise PasswordTooLong(LONGEST_PASSWORD)
    folded = search_key(password).replace(" ", "")
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    own = {search_key(word).replace(" ", "") for word in own_words if word}
    for text in {folded, core} - {""}:
        for known in (text, text.translate(LOOK_ALIKES), _repeated(text)):
            if known in common or known in own:
                raise PasswordCommon
    if len(set(folded)) <= 4 or len(_repeated(folded)) <= 3 or _is_sequence(_repeated(folded)):
        raise PasswordCommon
    if not re.sub(r"\d", "", folded) and len(folded) <= 12:
        raise PasswordCommon


def _repeated(text: str) -> str:
    """Return the shortest text that, repeated, makes this one."""
    for size in range(1, len(text) // 2 + 1):
        if len(text) % size == 0 and text[:size] * (len(text) // size) == text:
            return text[:size]
    return text


def _is_sequence(text: str) -> bool:
    """Say whether each character follows the one before by the same step: 123456789, zyxwv."""
    steps = {ord(after) - ord(before) for before, after in zip(text, text[1:], strict=False)}
    return len(steps) == 1
