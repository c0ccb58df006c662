"""Tables of courses: sources and their revisions, and what each revision holds.

A version's row holds from the revision `since` until the revision `until`, both included; `until` is None while it
still holds. So each old revision stays readable, and a new one writes only what changed.
"""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from popschool import rows
from popschool.db import Base, Json, Moment

CHECK_MINUTES = 15


class Source(Base):
    """A git repository of courses, or a folder in it.

    `name` is its slug in addresses. `token_encrypted` and `deploy_key_encrypted` are sealed with the installation's
    secret, and so is `webhook_secret_encrypted`, which a forge signs its calls with. `is_local` allows a path or file://,
    which only the command line may give. `check_minutes` is how often we ask whether there is a new commit; 0 is never.
    `live_revision_id` names the revision that serves; without a foreign key, since revisions already name their source.
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(2000))
    branch: Mapped[str] = mapped_column(String(200), default="")
    folder: Mapped[str] = mapped_column(String(500), default="")
    token_encrypted: Mapped[str] = mapped_column(Text, default="")
    deploy_key_encrypted: Mapped[str] = mapped_column(Text, default="")
    deploy_key_public: Mapped[str] = mapped_column(Text, default="")
    webhook_secret_encrypted: Mapped[str] = mapped_column(Text, default="")
    check_minutes: Mapped[int] = mapped_column(default=CHECK_MINUTES)
    checked_at: Mapped[Moment | None]
    is_local: Mapped[bool] = mapped_column(default=False)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Moment]
    live_revision_id: Mapped[int | None]


class Revision(Base):
    """One commit of a source, checked and rendered whole. `number` counts from 1 in each source."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("source_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    number: Mapped[int]
    commit: Mapped[str] = mapped_column(String(64))
    author: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[str] = mapped_column(String(500), default="")
    committed_at: Mapped[Moment]
    made_at: Mapped[Moment]
    pages: Mapped[int] = mapped_column(default=0)

    source: Mapped[Source] = relationship()


class SyncRun(Base):
    """One try at making a revision. `outcome` is running, published, unchanged, refused or failed.

    `reason` says what asked for it: button, push, timer or command. `problems` is a list of
    {path, line, column, level, message, mend, excerpt}; `steps` of {name, seconds, count}; `log` of [seconds since the
    beginning, words]. `beat_at` moves while it lives: a run without a beat is dead.
    """

    __tablename__ = "sync_run"
    __table_args__ = (Index(None, "source_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]
    commit: Mapped[str] = mapped_column(String(64), default="")
    author: Mapped[str] = mapped_column(String(200), default="")
    outcome: Mapped[str] = mapped_column(String(12), default="running")
    problems: Mapped[Json] = mapped_column(default=list)
    steps: Mapped[Json] = mapped_column(default=list)
    log: Mapped[Json] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(String(10), default="button")
    message: Mapped[str] = mapped_column(String(500), default="")
    beat_at: Mapped[Moment | None]
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revision.id"))
    pages: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)


class SourceFile(Base):
    """What the last sync learnt from one file: its blob, and the facts read from it, so that it is read only once."""

    __tablename__ = "source_file"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    blob: Mapped[str] = mapped_column(String(64))
    facts: Mapped[Json]


class Programme(Base):
    """A path to a certification or a goal. `key` is the id in its file, and never changes."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str] = mapped_column(String(64))

    source: Mapped[Source] = relationship()


class ProgrammeVersion(Base):
    """A programme as some revisions have it. `kind` is bootcamp, fabnum, workshop or company.

    `data` holds certification, None or {id, title, level}; blocks, a list of {title, short, competences: [{id, title,
    plain}]}; and words, {word: [{meaning, project}]}, the project being its key or None.
    """

    __tablename__ = "programme_version"
    __table_args__ = (UniqueConstraint("programme_id", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    since: Mapped[int]
    until: Mapped[int | None]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(12))
    summary: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(8), default="fr")
    data: Mapped[Json]

    programme: Mapped[Programme] = relationship()


class Project(Base):
    """One learn-by-doing brief, or a chapter of a repository without any. `key` never changes."""

    __tablename__ = "project"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    key: Mapped[str] = mapped_column(String(64))

    source: Mapped[Source] = relationship()


class ProjectVersion(Base):
    """A project as some revisions have it. `work` is alone, pair or team; `hours` what it takes.

    `data` holds what its file says:
    competences [{id, level}], deliverables [{id, title, hint, asks, either, proves}], criteria [{id, text, of}],
    marks None or three words, words {word: meaning}, starter None or {hash, size, files}.
    """

    __tablename__ = "project_version"
    __table_args__ = (UniqueConstraint("project_id", "since"), Index(None, "programme_id", "since"))

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    since: Mapped[int]
    until: Mapped[int | None]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[int] = mapped_column(default=0)
    work: Mapped[str] = mapped_column(String(8), default="alone")
    team_size: Mapped[int | None]
    path: Mapped[str] = mapped_column(String(1000))
    data: Mapped[Json]

    project: Mapped[Project] = relationship()


class Page(Base):
    """One page in all its variants. `key` never changes: its project's, a slash, its own id or its file's name."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("project.id"), index=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    key: Mapped[str] = mapped_column(String(140))


class Rendered(Base):
    """Clean HTML, kept under the hash of what it was made from. Never changed.

    `sections` is a list of {id, title, html}, cut at second-level headings; the first may have neither id nor title.
    """

    __tablename__ = "rendered"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    sections: Mapped[Json]
    headings: Mapped[Json]
    text: Mapped[str] = mapped_column(Text)


class Quiz(Base):
    """The questions of a page that is a quiz, under the same hash as its HTML. Never sent whole to a browser.

    `questions` is a list of {id, kind, anchor, title, title_html, prompt, about, label, code, answers}; `kind` is one,
    several, order, text or line; `answers` a list of {key, html, text, is_right, rank, line, why}, in the order shown.
    """

    __tablename__ = "quiz"

    hash: Mapped[str] = mapped_column(ForeignKey("rendered.hash"), primary_key=True)
    questions: Mapped[Json]


class SearchText(Base):
    """A rendered page in the index of words. On SQLite the words themselves are in the virtual table search_index."""

    __tablename__ = "search_text"
    __table_args__ = (Index(None, "words", postgresql_using="gin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(ForeignKey("rendered.hash"), unique=True)
    words: Mapped[str | None] = mapped_column(Text().with_variant(TSVECTOR, "postgresql"))


rows.follows(SearchText.__tablename__, "popschool.courses.search:rebuild")


class PageVersion(Base):
    """A page in one variant, as some revisions have it.

    `variant` is empty for the page itself, "simple", or a language. `role` is brief, lesson, quiz or team (for trainers
    only). `weight` is what its images and HTML weigh, in bytes.
    """

    __tablename__ = "page_version"
    __table_args__ = (UniqueConstraint("page_id", "variant", "since"), Index(None, "rendered_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    variant: Mapped[str] = mapped_column(String(8), default="")
    since: Mapped[int]
    until: Mapped[int | None]
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(1000))
    role: Mapped[str] = mapped_column(String(8))
    rendered_hash: Mapped[str] = mapped_column(ForeignKey("rendered.hash"))
    weight: Mapped[int] = mapped_column(default=0)

    page: Mapped[Page] = relationship()
    rendered: Mapped[Rendered] = relationship()


class Asset(Base):
    """An image or a download made from a repository, stored under its own hash. Width and height are in pixels."""

    __tablename__ = "asset"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(60))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    size: Mapped[int]


class Competence(Base):
    """What a certification asks. `key` is the certification's ("RNCP37674/5"), so awards follow the person."""

    __tablename__ = "competence"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(Text)
    plain: Mapped[str] = mapped_column(Text, default="")
    block_title: Mapped[str] = mapped_column(Text, default="")
    block_position: Mapped[int] = mapped_column(default=1)
    position: Mapped[int]
