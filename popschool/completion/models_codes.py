"""What a funder says of the motives of absence of a school."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from popschool.append_only import append_only
from popschool.completion.rules_codes import Saying
from popschool.db import Base, Moment


@append_only
class FunderCode(Base):
    """What a funder says of a motive at a school, from a day on: its own code and words for it, and if it counts.

    `code` is the school's motive. The last said of a day holds.
    """

    __tablename__ = "funder_code"
    __table_args__ = (Index(None, "school_id", "funder_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    funder_id: Mapped[int] = mapped_column(ForeignKey("funder.id"), index=True)
    code: Mapped[str] = mapped_column(String(10))
    funder_code: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(String(80), default="")
    is_accepted: Mapped[bool]
    since: Mapped[date]
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Moment]

    @property
    def saying(self) -> Saying:
        return Saying(self.id, self.code, self.is_accepted, self.since, self.funder_code, self.words)
