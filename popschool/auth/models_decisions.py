"""Tables of what one person proposes and another confirms or refuses: rows that are added, never rewritten.

What people wrote lies beside it, where retention may remove it.
"""

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.schools.models import Person
from popschool.schools.rules import Place


@append_only
class Proposal(Base):
    """Something that needs a second person. `person_id` is whom it is about, `subject_id` the thing, by its kind.

    `cohort_id` lets the team of a cohort answer; without it, those who manage the school, or the network.
    """

    __tablename__ = "proposal"
    __table_args__ = (Index(None, "school_id", "at"), Index(None, "kind", "subject_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    subject_id: Mapped[int | None]
    facts: Mapped[Json]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[Moment]

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    answer: Mapped["ProposalAnswer | None"] = relationship(viewonly=True)

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.by_id, self.person_id])


@append_only
class ProposalAnswer(Base):
    """The one answer to a proposal: confirmed, or not. By whoever proposed it, it was taken back."""

    __tablename__ = "proposal_answer"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    is_accepted: Mapped[bool]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[Moment]

    by: Mapped[Person] = relationship()


@append_only(deletes=True)
class ProposalContent(Base):
    """What was written with a proposal, or with its answer; retention may remove it."""

    __tablename__ = "proposal_content"
    __table_args__ = (UniqueConstraint("proposal_id", "is_answer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    is_answer: Mapped[bool]
    content: Mapped[Json]
