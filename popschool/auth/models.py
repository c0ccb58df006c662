"""Tables of accounts, roles, invitations and sign-ins. Codes and tokens are kept as hashes only."""

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.db import Base, Json, Moment
from popschool.locked import LockedText
from popschool.schools.models import Person, School


class Account(Base):
    """How a person signs in. A new `session_token` ends every session."""

    __tablename__ = "account"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_token: Mapped[str] = mapped_column(String(64))
    totp_secret_encrypted: Mapped[str | None] = mapped_column(String(400))
    totp_last_step: Mapped[int | None]
    recovery_code_hashes: Mapped[Json] = mapped_column(default=list)
    closed_at: Mapped[Moment | None]
    created_at: Mapped[Moment]

    person: Mapped[Person] = relationship()


class DeviceSession(Base):
    """One sign-in on one device. It is over once it is ended here, or once the token it began with is replaced."""

    __tablename__ = "device_session"
    __table_args__ = (Index(None, "person_id", "began_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    device_hash: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(20))
    network: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[Moment] = mapped_column(index=True)
    ended_at: Mapped[Moment | None]


class Passkey(Base):
    """A key that one device, or several that share it, holds for a person. It proves, and what is kept opens nothing.

    A `sign_count` that does not grow says that a key was copied; those that are shared leave it at 0.
    """

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[str] = mapped_column(Text)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Moment]
    last_used_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]


class SpentChallenge(Base):
    """A challenge that was answered: the same answer, sent again, proves nothing."""

    __tablename__ = "spent_challenge"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[Moment] = mapped_column(index=True)


class IdentityProvider(Base):
    """The service by which the people of a school sign in, beside our own ways. Its secret is read when it is used."""

    __tablename__ = "identity_provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(300))
    secret: Mapped[str] = mapped_column(LockedText, deferred=True)
    domains: Mapped[Json]
    proves_twice: Mapped[bool]
    changed_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]

    school: Mapped[School] = relationship()


class ProviderLink(Base):
    """The account of a service with which a person came in the first time: another one does not open theirs."""

    __tablename__ = "provider_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("identity_provider.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    subject_hash: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class RoleGrant(Base):
    """A role given to a person at a school, or in the network when `school_id` is empty; it stays after its end."""

    __tablename__ = "role_grant"
    __table_args__ = (Index(None, "person_id", "ended_at"), Index(None, "school_id", "role"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    role: Mapped[str] = mapped_column(String(30))
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Invitation(Base):
    """A way in for somebody who has none yet: a link by mail or SMS, or a printed card with a one-time code.

    The code of a card comes from its `nonce` and the secret key, so that a card can be shown while it is printed.
    `sent_to` is the mail or the phone that a link was sent to: one that is no longer the person's opens nothing.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    channel: Mapped[str] = mapped_column(String(8))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(32), default="")
    sent_to: Mapped[str] = mapped_column(String(254), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class SignInCode(Base):
    """A six-digit code sent by mail or SMS; `purpose` is sign_in or new_password."""

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    handle_hash: Mapped[str] = mapped_column(String(64), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    attempts: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[Moment | None]


class SignInAttempt(Base):
    """One try at signing in, counted for its account and, far more widely, for its address.

    `mark` tells a second click, in the same browser and with the same code, from somebody else's replay.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (Index(None, "handle_hash", "at"), Index(None, "address_hash", "at"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    handle_hash: Mapped[str] = mapped_column(String(64))
    address_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[Moment]
    succeeded: Mapped[bool]
    mark: Mapped[str] = mapped_column(String(64), default="")
