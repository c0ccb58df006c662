"""Tables of the registers: lines with their versions, house rules and who signed them, surveys and their answers."""

from datetime import date

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.registers.rules import Draft
from popschool.schools.models import Cohort, Enrolment, Person, School
from popschool.schools.rules import Place


@append_only(empties=("facts", "search", "reason"))
@counted(when="{row}.kind = 'positioning'")
class Record(Base):
    """One version of a line of a register. The first has no `first_id`; a correction names it, with its `reason`.

    `number` is the line's in its register, the same in all its versions. `facts` are what its form asks. An interview
    and a positioning are about a place. A complaint may name nobody: `secret_hash` knows the link at which its author
    reads the answer, and `person_id` is theirs only when they said their name from their account. `origin_id` is the
    complaint that an improvement comes from.
    """

    __tablename__ = "register_record"
    __table_args__ = (
        UniqueConstraint("school_id", "kind", "number", "version"),
        Index(None, "school_id", "kind", "on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    version: Mapped[int]
    first_id: Mapped[int | None] = mapped_column(ForeignKey("register_record.id"), index=True)
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    on: Mapped[date]
    due_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("register_record.id"), index=True)
    facts: Mapped[Json]
    search: Mapped[str] = mapped_column(Text)
    secret_hash: Mapped[str] = mapped_column(String(64), default="", index=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    school: Mapped[School] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])

    @property
    def line_id(self) -> int:
        """The id by which the line is known, whatever its version."""
        return self.first_id or self.id

    @property
    def draft(self) -> Draft:
        return Draft(self.on, self.facts, self.due_on, self.owner_id, self.origin_id)

    @property
    def place(self) -> Place:
        """Where it stands: an interview is its person's too; who complains is known by those who answer alone."""
        if self.enrolment is None:
            return Place.of(school=self.school_id)
        return self.enrolment.place


@append_only(empties=("text",))
class RecordAct(Base):
    """What was answered to a complaint, or what an improvement gave. `on` is the day of it."""

    __tablename__ = "register_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    record_id: Mapped[int] = mapped_column(ForeignKey("register_record.id"), index=True)
    what: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    by: Mapped[Person] = relationship()


@append_only
@counted
class HouseRules(Base):
    """One version of a school's house rules. `hash` is that of its text: what a person signs."""

    __tablename__ = "house_rules"
    __table_args__ = (UniqueConstraint("school_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    school: Mapped[School] = relationship()
    by: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id)


@append_only
@counted(schools="SELECT h.school_id AS id FROM house_rules h WHERE h.id = {row}.rules_id")
class RulesReceipt(Base):
    """Somebody says that they have read a version of the house rules: which text, and when."""

    __tablename__ = "house_rules_receipt"
    __table_args__ = (UniqueConstraint("rules_id", "enrolment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rules_id: Mapped[int] = mapped_column(ForeignKey("house_rules.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[Moment]

    rules: Mapped[HouseRules] = relationship()


class Survey(Base):
    """What the people of a cohort are asked, between two days."""

    __tablename__ = "satisfaction_survey"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    cohort: Mapped[Cohort] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


class SurveyAsked(Base):
    """Somebody who is asked, whether they answered, and how often they were written to. What they said is elsewhere."""

    __tablename__ = "satisfaction_asked"
    __table_args__ = (UniqueConstraint("survey_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("satisfaction_survey.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    messages: Mapped[int] = mapped_column(default=0)
    has_answered: Mapped[bool] = mapped_column(default=False)

    survey: Mapped[Survey] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.survey.school_id, cohort=self.survey.cohort_id, people=[self.person_id])


@append_only
class SurveyAnswer(Base):
    """One answer, without a name, a moment or a rank: its key is drawn by chance, so that nothing says whose it is."""

    __tablename__ = "satisfaction_answer"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("satisfaction_survey.id"), index=True)
    ratings: Mapped[Json]
    comment: Mapped[str] = mapped_column(Text, default="")
