"""Tables of documents: rows that stay. What one says and its PDF lie beside it, where retention may remove them."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, UniqueConstraint, exists
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool.append_only import append_only
from popschool.completion.rules_papers import OF_THE_NETWORK
from popschool.counted import counted
from popschool.db import Base, Json, Moment
from popschool.schools.models import Cohort, Enrolment, Person
from popschool.schools.rules import Place

ENDINGS = ("revoked", "replaced")


@append_only
@counted(when="{row}.kind = 'certificate'")
class Document(Base):
    """A document as it was issued. `hash` is chained to the school's document before it.

    `share_id` is the funding that it was made for, of those that pay for the place.
    `code` is printed on the paper: who holds it can check it. `replaces_id` names the document that this one replaces.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("school_id", "sequence"),
        Index(None, "cohort_id", "kind"),
        Index(None, "enrolment_id", "kind"),
        Index(None, "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohort.id"))
    enrolment_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment.id"))
    share_id: Mapped[int | None] = mapped_column(ForeignKey("enrolment_funding.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(40), unique=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    form: Mapped[int]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(300), default="")
    issued_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    issued_at: Mapped[Moment]
    sequence: Mapped[int]
    content_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)

    cohort: Mapped[Cohort | None] = relationship()
    enrolment: Mapped[Enrolment | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    issued_by: Mapped[Person] = relationship(foreign_keys=[issued_by_id])
    content: Mapped["DocumentContent | None"] = relationship(viewonly=True)
    paper: Mapped["DocumentPaper | None"] = relationship(viewonly=True)
    acts: Mapped[list["DocumentAct"]] = relationship(viewonly=True, order_by="DocumentAct.id")

    @property
    def place(self) -> Place:
        """A document of the whole network is kept in the chain of its first school, and is no school's."""
        if self.kind in OF_THE_NETWORK:
            return Place.of(school=None)
        return Place.of(school=self.school_id, cohort=self.cohort_id, people=[self.person_id])


@append_only(deletes=True)
class DocumentContent(Base):
    """What a document says, in full, with its names; retention may remove it."""

    __tablename__ = "document_content"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    content: Mapped[Json]


@append_only(deletes=True)
class DocumentPaper(Base):
    """The PDF of a document, as it was sealed, in storage under its hash."""

    __tablename__ = "document_paper"

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    is_signed: Mapped[bool] = mapped_column(default=False)
    is_stamped: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[Moment]


@append_only
@counted(schools="SELECT d.school_id AS id FROM document d WHERE d.id = {row}.document_id")
class DocumentAct(Base):
    """What happened to a document: sent, revoked, replaced or removed, by whom, why. `about` is ids and values."""

    __tablename__ = "document_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    what: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300), default="")
    about: Mapped[Json] = mapped_column(default=dict)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Moment]

    by: Mapped[Person | None] = relationship()


@append_only
class DocumentSource(Base):
    """A row that a document was made from: a sheet, a submission, an award, a week in a company.

    The statement of a month that several pay for names its funder here too.
    """

    __tablename__ = "document_source"
    __table_args__ = (Index(None, "subject", "subject_id"),)

    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(12), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)

    document: Mapped[Document] = relationship()


class DocumentBatch(Base):
    """The documents of a cohort asked for at once: how many, how far, and the archive once it is made.

    `failed` is a list of {enrolment, name, reasons}.
    """

    __tablename__ = "document_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"), index=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    documents: Mapped[Json] = mapped_column(default=list)
    failed: Mapped[Json] = mapped_column(default=list)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]
    archive_hash: Mapped[str] = mapped_column(String(64), default="")
    archive_size: Mapped[int] = mapped_column(default=0)

    cohort: Mapped[Cohort] = relationship()

    @property
    def place(self) -> Place:
        return Place.of(school=self.school_id, cohort=self.cohort_id)


def holds(document: Any = Document) -> ColumnElement[bool]:
    """Say, in a query, that a document still holds: nobody revoked or replaced it."""
    ended = DocumentAct.document_id == document.id, DocumentAct.what.in_(ENDINGS)
    return ~exists().where(*ended).correlate_except(DocumentAct)
