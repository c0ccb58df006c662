"""Tables of what retention did: what went of whom, under which rule; and each night, with its counts."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment


@append_only
class RetentionRemoval(Base):
    """A kind of data of one person went, once. `rule` says under what; `rows` and `files` how much."""

    __tablename__ = "retention_removal"
    __table_args__ = (UniqueConstraint("person_id", "kept"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kept: Mapped[str] = mapped_column(String(12))
    rule: Mapped[str] = mapped_column(String(60))
    rows: Mapped[int]
    files: Mapped[int]
    at: Mapped[Moment] = mapped_column(index=True)


@append_only
class RetentionRun(Base):
    """One run of retention: how many people, documents and questionnaires it was about, without a name."""

    __tablename__ = "retention_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Moment] = mapped_column(index=True)
    milliseconds: Mapped[int]
    counts: Mapped[Json]
