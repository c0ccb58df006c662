"""Tables of authors: deliveries of webhooks, previews of what is not live yet, pages written in the browser."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.courses.models import Source
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person


class WebhookDelivery(Base):
    """One call of a forge, by the name that the forge gave it: the same one twice does nothing more."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (UniqueConstraint("source_id", "delivery"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    delivery: Mapped[str] = mapped_column(String(200))
    received_at: Mapped[Moment] = mapped_column(index=True)


class Preview(Base):
    """A commit or a branch shown before it is live, to whoever has its link, until it expires or is taken back.

    `outcome` is waiting, ready, refused or failed. `manifest_hash` names, in storage, the course that was made: its
    programmes, projects and pages, with the hash of each rendered page, and its files; empty once these are removed.
    The token is kept sealed, to be shown again.
    """

    __tablename__ = "preview"
    __table_args__ = (Index(None, "source_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    ref: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    token_encrypted: Mapped[str] = mapped_column(Text)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    outcome: Mapped[str] = mapped_column(String(12), default="waiting")
    commit: Mapped[str] = mapped_column(String(64), default="")
    message: Mapped[str] = mapped_column(String(500), default="")
    problems: Mapped[Json] = mapped_column(default=list)
    manifest_hash: Mapped[str] = mapped_column(String(64), default="")
    made_at: Mapped[Moment | None]

    source: Mapped[Source] = relationship()
    created_by: Mapped[Person] = relationship()


class PageDraft(Base):
    """A file being written in the browser by one person: what they have typed, and the commit that they began from."""

    __tablename__ = "page_draft"
    __table_args__ = (UniqueConstraint("source_id", "person_id", "path"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    path: Mapped[str] = mapped_column(String(1000))
    base_commit: Mapped[str] = mapped_column(String(64))
    base_blob: Mapped[str] = mapped_column(String(64), default="")
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[Moment]


class PageSave(Base):
    """A commit made in the browser, on a branch of its own. `outcome` is waiting, pushed or kept (a patch to send).

    `patch` is the commit as git writes it in a mail, so that it can be applied anywhere.
    """

    __tablename__ = "page_save"
    __table_args__ = (Index(None, "source_id", "saved_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    path: Mapped[str] = mapped_column(String(1000))
    branch: Mapped[str] = mapped_column(String(200))
    base_commit: Mapped[str] = mapped_column(String(64))
    commit: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(String(500))
    patch: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(12), default="waiting")
    reason: Mapped[str] = mapped_column(String(20), default="")
    saved_at: Mapped[Moment]

    person: Mapped[Person] = relationship()
