"""Tables of badges: a signed credential is kept as it was given, and so is what ended it."""

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.rows import follows
from popschool.schools.models import Person
from popschool.schools.rules import Place


@append_only
class Badge(Base):
    """An Open Badge given to a person: for a competence at a level, or for a whole training.

    `key` names it in addresses. `about` is the competence's key, or "completion/" and the enrolment. `token` is the
    credential as a JWT, and `jwk` the public key that checks it, so that a later change of key ends nothing.
    """

    __tablename__ = "badge"
    __table_args__ = (Index(None, "person_id", "about"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    key: Mapped[str] = mapped_column(String(32), unique=True)
    about: Mapped[str] = mapped_column(String(120))
    level: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(Text)
    token: Mapped[str] = mapped_column(Text)
    jwk: Mapped[Json]
    given_at: Mapped[Moment]

    person: Mapped[Person] = relationship()
    revocation: Mapped["BadgeRevocation | None"] = relationship(viewonly=True)

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, people=[self.person_id])


class BadgeKey(Base):
    """A public key that signed at least one badge, by its name: whoever checks one is given them all."""

    __tablename__ = "badge_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    jwk: Mapped[Json]


follows(BadgeKey.__tablename__, "popschool.completion.services_badges:find_keys_again")


@append_only
class BadgeRevocation(Base):
    """A badge that no longer holds: since when, by whom, why."""

    __tablename__ = "badge_revocation"

    badge_id: Mapped[int] = mapped_column(ForeignKey("badge.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(300))
    revoked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[Moment]
