"""What reviewers are given of a work: files without their author, and the code of a repository, line by line."""

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from popschool.db import Base, Moment


class ReviewCopy(Base):
    """One file of a submission, made ready for reviewers. `kind` is "file", "code", or "repository" for all its code.

    A "file" has the rank that it has in the submission; `hash` is empty when nothing can be given. `lines` are counted
    in code. The "repository" has rank 0; its `hash` is empty, and its `lines` say how many files of code follow.
    """

    __tablename__ = "review_copy"
    __table_args__ = (UniqueConstraint("submission_id", "kind", "rank"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    kind: Mapped[str] = mapped_column(String(10))
    rank: Mapped[int]
    path: Mapped[str] = mapped_column(String(300), default="")
    hash: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[Moment]
