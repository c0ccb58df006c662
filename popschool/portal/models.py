"""Tables of the ways out: keys of the API."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.db import Base, Json, Moment
from popschool.schools.models import Person
from popschool.schools.rules import Place


class ApiKey(Base):
    """A key with which a program reads what its owner may see, within its scopes and until its end.

    Only the hash of it is kept; `hint` is its last letters. `window_began_at` and `window_used` count the calls of the
    present minute, whatever the process that answers.
    """

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    scopes: Mapped[Json]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    window_began_at: Mapped[Moment | None]
    window_used: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.person.home_school_id, people=[self.person_id])
