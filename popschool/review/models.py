"""Tables of review rounds: works, reviewers, reviews, what was said, and everything that moved."""

import secrets

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.db import Base, Json, Moment
from popschool.projects.models import Assignment, Deliverable, Submission
from popschool.schools.models import Cohort, Person
from popschool.schools.rules import Place


def new_key() -> str:
    """Return a part of an address from which nothing can be guessed."""
    return secrets.token_hex(12)


class Round(Base):
    """One peer review of a deliverable in one cohort. `wanted` is how many reviews each work gets.

    `criteria` is what is asked, as it read when the round was opened: [{"id", "text", "words"}]. Same `seed`, same
    plan. `piece_ids` are what everybody reads first. `learnt` is what its release teaches of the whole group:
    {"beta": [mean, variance], "leaning": …, "guests": {cohort id: [mean, variance]}}.
    """

    __tablename__ = "review_round"
    __table_args__ = (
        UniqueConstraint("deliverable_id", "number"),
        CheckConstraint("starts_at < ends_at", name="window"),
        Index(None, "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    wanted: Mapped[int]
    is_named: Mapped[bool] = mapped_column(default=False)
    is_formative: Mapped[bool] = mapped_column(default=False)
    is_oral: Mapped[bool] = mapped_column(default=False, server_default=false())
    pass_mark: Mapped[int | None]
    seed: Mapped[int]
    criteria: Mapped[Json]
    piece_ids: Mapped[Json] = mapped_column(default=list, server_default="[]")
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    state: Mapped[str] = mapped_column(String(12))
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Moment]
    released_at: Mapped[Moment | None]
    learnt: Mapped[Json | None]

    assignment: Mapped[Assignment] = relationship()
    deliverable: Mapped[Deliverable] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


class RoundGuest(Base):
    """Another cohort, asked by the trainer of a round to read and be read in it; it takes part once its own agrees."""

    __tablename__ = "round_guest"
    __table_args__ = (UniqueConstraint("round_id", "cohort_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[Moment | None]
    agreed: Mapped[bool] = mapped_column(default=False)

    round: Mapped[Round] = relationship()
    cohort: Mapped[Cohort] = relationship()
    deliverable: Mapped[Deliverable] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


class Work(Base):
    """A submission read in a round. `number` is drawn: "Travail 3" says nothing of who made it, nor of when.

    Until somebody opens it, it follows its authors' newer versions.
    """

    __tablename__ = "review_work"
    __table_args__ = (UniqueConstraint("round_id", "submission_id"), UniqueConstraint("round_id", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(24), unique=True, default=new_key)
    is_late: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]

    round: Mapped[Round] = relationship()
    submission: Mapped[Submission] = relationship()

    @property
    def authors(self) -> frozenset[int]:
        return frozenset(owner.person_id for owner in self.submission.owners)


class Reviewer(Base):
    """Somebody who reviews in a round. `state` is active, absent or left; `extra` when they offered to do one more.

    `cohort_id` is that of a guest, nothing for those of the round's own cohort.
    """

    __tablename__ = "reviewer"
    __table_args__ = (UniqueConstraint("round_id", "person_id"), UniqueConstraint("round_id", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    number: Mapped[int]
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))
    state: Mapped[str] = mapped_column(String(8), default="active")
    extra: Mapped[bool] = mapped_column(default=False)
    joined_at: Mapped[Moment]
    reminders: Mapped[int] = mapped_column(default=0)
    reminded_at: Mapped[Moment | None]

    round: Mapped[Round] = relationship()
    person: Mapped[Person] = relationship()
    cohort: Mapped[Cohort | None] = relationship()


class Review(Base):
    """One reviewer's reading of one work. `draft` is what is written so far: {criterion id: {"mark", "good", …}}.

    `score` is 100 × the marks given / the marks possible, once sent. Its answers are added then, and never change.
    """

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("work_id", "reviewer_id"), Index(None, "round_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    work_id: Mapped[int] = mapped_column(ForeignKey("review_work.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), index=True)
    key: Mapped[str] = mapped_column(String(24), unique=True, default=new_key)
    state: Mapped[str] = mapped_column(String(12))
    draft: Mapped[Json] = mapped_column(default=dict)
    planned_at: Mapped[Moment]
    revealed_at: Mapped[Moment | None]
    saved_at: Mapped[Moment | None]
    submitted_at: Mapped[Moment | None]
    score: Mapped[float | None]

    round: Mapped[Round] = relationship()
    work: Mapped[Work] = relationship()
    reviewer: Mapped[Reviewer] = relationship()
    answers: Mapped[list["ReviewAnswer"]] = relationship(order_by="ReviewAnswer.position")
    reactions: Mapped[list["Reaction"]] = relationship(order_by="Reaction.id")


@append_only(empties=("good", "good_quote", "idea", "idea_quote"))
class ReviewAnswer(Base):
    """What one review says of one criterion: its mark, what works, one idea to go on.

    A place is "" for the whole work, or "text", "note", "link", "repository", "file-2", with a line when it has lines;
    `good_quote` is that line as it read.
    """

    __tablename__ = "review_answer"
    __table_args__ = (UniqueConstraint("review_id", "criterion"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    position: Mapped[int]
    criterion: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(500))
    mark: Mapped[int]
    word: Mapped[str] = mapped_column(String(60))
    good: Mapped[str] = mapped_column(Text)
    good_place: Mapped[str] = mapped_column(String(20), default="")
    good_line: Mapped[int | None]
    good_quote: Mapped[str] = mapped_column(String(300), default="")
    idea: Mapped[str] = mapped_column(Text)
    idea_place: Mapped[str] = mapped_column(String(20), default="")
    idea_line: Mapped[int | None]
    idea_quote: Mapped[str] = mapped_column(String(300), default="")


@append_only(empties=("words",))
class RoundEvent(Base):
    """Something that moved in a round: what, to which, when, by whom (nobody for the plan itself), and why.

    With the seed, these rows replay and explain every plan there was.
    """

    __tablename__ = "round_event"
    __table_args__ = (Index(None, "round_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    work_id: Mapped[int | None] = mapped_column(ForeignKey("review_work.id"), index=True)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"), index=True)
    what: Mapped[str] = mapped_column(String(20))
    cause: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[Moment]


@append_only
class Conflict(Base):
    """Somebody said that they and another should not read each other; no reason is asked."""

    __tablename__ = "review_conflict"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "other_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    said_at: Mapped[Moment]


@append_only(empties=("reason", "change"))
class Reaction(Base):
    """What an author made of one review, before the number: `helps` is helpful, partly or not. It changes no score."""

    __tablename__ = "review_reaction"
    __table_args__ = (UniqueConstraint("review_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    helps: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(Text, default="")
    change: Mapped[str] = mapped_column(Text, default="")
    thanks: Mapped[bool] = mapped_column(default=False)
    reacted_at: Mapped[Moment]


class Flag(Base):
    """What an author asks the trainer to look at: a `report` of one review, or an `appeal` for the trainer's own mark.

    `upheld` says how a report ended: the review set aside, or given back to its author.
    """

    __tablename__ = "review_flag"
    __table_args__ = (Index(None, "round_id", "answered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    work_id: Mapped[int] = mapped_column(ForeignKey("review_work.id"), index=True)
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    words: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[Moment]
    answered_at: Mapped[Moment | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    answer: Mapped[str] = mapped_column(Text, default="")
    upheld: Mapped[bool | None]

    round: Mapped[Round] = relationship()
    work: Mapped[Work] = relationship()
    review: Mapped[Review | None] = relationship()


class WorkEstimate(Base):
    """The score drawn from the reviews of one work, kept as it was last worked out, with how sure it is.

    `misses` is how far it was from the trainer's first mark after it, squared, in its own standard deviations, before
    they were widened by `factor`.
    """

    __tablename__ = "review_estimate"

    work_id: Mapped[int] = mapped_column(ForeignKey("review_work.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"), index=True)
    reviews: Mapped[int]
    estimate: Mapped[float | None]
    sd: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    plain: Mapped[float | None]
    factor: Mapped[float | None]
    is_graded: Mapped[bool] = mapped_column(default=False, server_default=false())
    misses: Mapped[float | None]
    made_at: Mapped[Moment]


class Leniency(Base):
    """How a reviewer marks beside the others, learnt in one round and used as the start of the next of their cohort.

    `flat` is a weight for that start, shown to nobody.
    """

    __tablename__ = "review_leniency"
    __table_args__ = (UniqueConstraint("round_id", "person_id"), Index(None, "cohort_id", "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("review_round.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    mean: Mapped[float]
    variance: Mapped[float]
    flat: Mapped[float] = mapped_column(default=0.15, server_default="0.15")
    deviation: Mapped[float]
    deviation_sd: Mapped[float]
    learnt_at: Mapped[Moment]
