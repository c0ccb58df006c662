"""The table of what people were told."""

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from popschool.db import Base, Moment


class Notice(Base):
    """One message on a person's page. `taken_back_at` when the act that it told of was undone.

    A key is that of one thing to tell: telling it again adds nothing. `daily_at` is when it may join the one message of
    the day that its person asked for; empty once it has, or when it leaves by itself.
    """

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(300), default="")
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    created_at: Mapped[Moment]
    read_at: Mapped[Moment | None]
    taken_back_at: Mapped[Moment | None]
    daily_at: Mapped[Moment | None]
