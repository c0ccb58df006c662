"""Tables of assignments, drafts, submissions and teams."""

import secrets

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Person
from popschool.schools.rules import Place


def new_key() -> str:
    """Return what names one state of a draft."""
    return secrets.token_hex(16)


@counted
class Assignment(Base):
    """A project set to a cohort, with its window. `work` is alone, pair or team; `teams_by` says who forms them."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("cohort_id", "project_id"),
        CheckConstraint("opens_at <= due_at AND due_at <= closes_at", name="window"),
        Index(None, "cohort_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    work: Mapped[str] = mapped_column(String(8))
    team_size: Mapped[int] = mapped_column(default=1)
    teams_by: Mapped[str] = mapped_column(String(8), default="trainer")
    opens_at: Mapped[Moment]
    due_at: Mapped[Moment]
    closes_at: Mapped[Moment]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]

    cohort: Mapped[Cohort] = relationship()
    deliverables: Mapped[list["Deliverable"]] = relationship(
        order_by="Deliverable.position", back_populates="assignment"
    )

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


@counted
class Deliverable(Base):
    """What an assignment asks for. `asks` lists text, link, files, repository; `either` when one of them is enough.

    `key` is the id in the course's file. `retired_at` when the course no longer asks for it; what was sent stays.
    """

    __tablename__ = "deliverable"
    __table_args__ = (UniqueConstraint("assignment_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    key: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    hint: Mapped[str] = mapped_column(String(500), default="")
    asks: Mapped[Json]
    either: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[Moment | None]

    assignment: Mapped[Assignment] = relationship(back_populates="deliverables")

    @property
    def place(self) -> Place:
        return self.assignment.place


class Draft(Base):
    """What one person has prepared for a deliverable and not sent yet, kept at each step.

    `files` is a list of {"hash", "name", "size", "media_type"} in the order chosen. `key` names what is in the draft,
    and changes with it: what is sent is what was checked. `repository_commit` is where the repository stood at
    `commit_found_at`.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("deliverable_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(2000), default="")
    repository: Mapped[str] = mapped_column(String(2000), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[Json] = mapped_column(default=list)
    repository_commit: Mapped[str] = mapped_column(String(64), default="")
    commit_found_at: Mapped[Moment | None]
    key: Mapped[str] = mapped_column(String(32), default=new_key)
    updated_at: Mapped[Moment]


@append_only(empties=("text", "link", "repository", "note"))
class Submission(Base):
    """One attempt at a deliverable, never changed; retention may empty it. `receipt` is what the learner can quote.

    `version` counts the attempts of its owners; `key` is that of the draft it was made from, so that a second click
    finds the first one's submission.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index(None, "school_id", "submitted_at"),
        Index(None, "cohort_id", "submitted_at"),
        Index(None, "deliverable_id", "submitted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    submitted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    team_name: Mapped[str] = mapped_column(String(80), default="")
    version: Mapped[int]
    submitted_at: Mapped[Moment]
    timing: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(String(2000), default="")
    repository: Mapped[str] = mapped_column(String(2000), default="")
    repository_commit: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[str] = mapped_column(String(16), unique=True)
    key: Mapped[str | None] = mapped_column(String(32), unique=True)

    deliverable: Mapped[Deliverable] = relationship()
    assignment: Mapped[Assignment] = relationship()
    submitted_by: Mapped[Person] = relationship(foreign_keys=[submitted_by_id])
    owners: Mapped[list["SubmissionOwner"]] = relationship(order_by="SubmissionOwner.person_id")
    files: Mapped[list["SubmissionFile"]] = relationship(order_by="SubmissionFile.position")

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[owner.person_id for owner in self.owners])


@append_only
@counted(
    schools="SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = {row}.person_id",
    when="EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = {row}.submission_id "
    "AND t.feedback_id IS NOT NULL)",
)
class SubmissionOwner(Base):
    """One of the people whose work this is: the team as it was when it was sent."""

    __tablename__ = "submission_owner"
    __table_args__ = (Index(None, "person_id", "deliverable_id"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))

    person: Mapped[Person] = relationship()


@append_only(empties=("name",))
class SubmissionFile(Base):
    """A file of a submission, in storage under its hash; retention may empty its name, and delete the file."""

    __tablename__ = "submission_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))


@counted(
    schools="SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id "
    "WHERE o.submission_id = {row}.submission_id",
    when="{row}.feedback_id IS NOT NULL",
)
class SubmissionState(Base):
    """Where a submission stands, kept beside it: a summary of its feedback, written in the same transaction.

    `decision` is empty until somebody answers, then validated or to_complete. `feedback_id` is the feedback that holds.
    `is_waiting` while nobody has answered and it is the last version of at least one of its owners.
    """

    __tablename__ = "submission_state"
    __table_args__ = (
        Index(
            "ix_submission_state_waiting",
            "cohort_id",
            "submitted_at",
            sqlite_where=text("is_waiting"),
            postgresql_where=text("is_waiting"),
        ),
        Index(None, "cohort_id", "decision", "decided_at"),
        Index(None, "assignment_id", "decision"),
    )

    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"))
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    submitted_at: Mapped[Moment]
    is_waiting: Mapped[bool] = mapped_column(default=True)
    decision: Mapped[str] = mapped_column(String(12), default="")
    decided_at: Mapped[Moment | None]
    feedback_id: Mapped[int | None]


class VersionChoice(Base):
    """A learner says which of their versions counts, until another choice or a newer version; else the last counts."""

    __tablename__ = "version_choice"
    __table_args__ = (Index(None, "person_id", "deliverable_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), index=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    chosen_at: Mapped[Moment]


class Team(Base):
    """People who work on an assignment together."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    formed_at: Mapped[Moment]
    dissolved_at: Mapped[Moment | None]

    members: Mapped[list["TeamMember"]] = relationship(order_by="TeamMember.person_id", back_populates="team")


class TeamMember(Base):
    """A dated place in a team. Leaving it changes nothing that was handed in."""

    __tablename__ = "team_member"
    __table_args__ = (
        Index(None, "assignment_id", "left_at"),
        Index(None, "person_id"),
        Index(
            "uq_team_member_one_team",
            "person_id",
            "assignment_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    joined_at: Mapped[Moment]
    left_at: Mapped[Moment | None]

    team: Mapped[Team] = relationship(back_populates="members")
    person: Mapped[Person] = relationship()


class Extension(Base):
    """A person's own dates for an assignment; the last one granted holds."""

    __tablename__ = "extension"
    __table_args__ = (Index(None, "assignment_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    due_at: Mapped[Moment]
    closes_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(300), default="")
    granted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted_at: Mapped[Moment]


class RevisionMove(Base):
    """A cohort that goes from one revision of its course to another, by whom and when."""

    __tablename__ = "revision_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    from_revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    to_revision_id: Mapped[int] = mapped_column(ForeignKey("revision.id"))
    moved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    moved_at: Mapped[Moment]
