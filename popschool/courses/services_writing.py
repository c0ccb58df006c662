"""Pages written in the browser: a draft from a commit, a commit on a branch, pushed when the repository takes it.

Nothing of anybody's is ever written over: a page that changed in the repository since the draft began is a conflict,
and is shown to the person who writes.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from popschool import audit, git_writing, jobs
from popschool.courses import rules
from popschool.courses.mirrors import LIVE, mirror_of, remote_of
from popschool.courses.models import Page, PageVersion, Source, SourceFile
from popschool.courses.models_authoring import PageDraft, PageSave
from popschool.courses.rules import PageChanged, PageNotWritable
from popschool.courses.services_sources import ask_sync
from popschool.db import db, transaction
from popschool.git import GitFailed, Mirror
from popschool.git_writing import Author
from popschool.outbound import OutboundRefused
from popschool.schools.models import Person

PUSH_TASK = "popschool.courses.tasks:push_page"
HEAD = "refs/popschool/head"
WAITING, PUSHED, KEPT, CONFLICT = "waiting", "pushed", "kept", "conflict"
TRIES = 3


@dataclass(frozen=True)
class Stored:
    """A file as the repository has it, as far as we know: its commit, its blob and its text, empty for a new file."""

    commit: str
    blob: str
    text: str


@dataclass(frozen=True)
class Conflict:
    """Somebody changed the page since the draft began: the text then, the text now, and both changes if they fit."""

    before: str
    theirs: str
    merged: str | None


def check_path(path: str) -> None:
    """Say whether a file may be written here. Raises PageNotWritable."""
    is_page = path.endswith(".md") or rules.name_of(path) == rules.PROGRAMME_FILE
    if not is_page or rules.unsafe_path(path) or rules.is_hidden(path):
        raise PageNotWritable(path)


def stored(source: Source, path: str) -> Stored:
    """Return a file as the repository has it. Raises GitFailed, OutboundRefused, PageNotWritable."""
    check_path(path)
    mirror = _mirror(source)
    commit = mirror.head(LIVE)
    blob = mirror.blob_at(commit, _inside(source, path))
    return Stored(commit, blob, _text(mirror, blob))


def draft_of(source: Source, person_id: int, path: str) -> PageDraft | None:
    """Return what a person is writing in a file."""
    mine = (PageDraft.source_id == source.id) & (PageDraft.person_id == person_id)
    return db.session.scalar(select(PageDraft).where(mine, PageDraft.path == path))


def drafts_of(source: Source, person_id: int) -> list[PageDraft]:
    """Return what a person is writing in a source, the last one first."""
    query = select(PageDraft).where(PageDraft.source_id == source.id, PageDraft.person_id == person_id)
    return list(db.session.scalars(query.order_by(PageDraft.updated_at.desc())))


def keep(source: Source, person_id: int, path: str, text: str, begun_from: Stored, now: datetime) -> PageDraft:
    """Keep what a person has typed, with the commit that they began from. Raises PageNotWritable."""
    check_path(path)
    if len(text.encode()) > rules.BIGGEST["page"]:
        raise PageNotWritable(path)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    with transaction(lock=f"draft/{source.id}/{person_id}/{path}"):
        draft = draft_of(source, person_id, path)
        if draft is None:
            draft = PageDraft(source_id=source.id, person_id=person_id, path=path)
            draft.base_commit, draft.base_blob = begun_from.commit, begun_from.blob
            db.session.add(draft)
        draft.text, draft.updated_at = text, now
    return draft


def begin_again(draft: PageDraft, now_stored: Stored, text: str, now: datetime) -> None:
    """Go on from what the repository has now: the conflict has been seen, and settled by whoever writes."""
    with transaction(lock=draft):
        draft.base_commit, draft.base_blob = now_stored.commit, now_stored.blob
        draft.text, draft.updated_at = text, now


def throw_away(draft: PageDraft) -> None:
    with transaction(lock=draft):
        db.session.delete(draft)


def conflict_of(source: Source, draft: PageDraft, now_stored: Stored) -> Conflict | None:
    """Say what changed in the repository since a draft began; None when nothing did, or when it says the same."""
    if now_stored.blob == draft.base_blob or now_stored.text == draft.text:
        return None
    before = _text(_mirror(source), draft.base_blob)
    return Conflict(before, now_stored.text, git_writing.merge(before, draft.text, now_stored.text))


def save(source: Source, draft: PageDraft, person: Person, message: str, is_direct: bool, now: datetime) -> PageSave:
    """Make a commit of a draft, and have it pushed. Raises PageChanged, GitFailed, OutboundRefused."""
    mirror, path = _mirror(source), _inside(source, draft.path)
    head = mirror.head(LIVE)
    if mirror.blob_at(head, path) != draft.base_blob:
        raise PageChanged(draft.path)
    stamp = f"{now:%Y%m%d-%H%M%S}"
    branch = f"popschool/{rules.slug(person.name)[:40] or 'auteur'}-{stamp}-{rules.slug(rules.name_of(path))[:40]}"
    message = message.strip() or f"Écrire {draft.path}"
    author = Author(person.name, person.mail or f"personne-{person.id}@popschool.invalid")
    ref = f"refs/popschool/saves/{branch}"
    commit = git_writing.commit_file(mirror, head, path, draft.text, message, author, now, ref)
    with transaction(lock=draft):
        made = PageSave(
            source_id=source.id,
            person_id=person.id,
            path=draft.path,
            branch="" if is_direct else branch,
            base_commit=head,
            commit=commit,
            message=message,
            patch=git_writing.patch_of(mirror, commit),
            outcome=WAITING,
            reason="",
            saved_at=now,
        )
        db.session.add(made)
        db.session.flush()
        audit.record("write_page", made, actor_id=person.id, now=now, path=draft.path, commit=commit)
        jobs.enqueue(PUSH_TASK, key=f"push/{made.id}", save_id=made.id)
    return made


def save_of(source: Source, save_id: int) -> PageSave | None:
    """Return one commit made in the browser for this source."""
    return db.session.scalar(select(PageSave).where(PageSave.source_id == source.id, PageSave.id == save_id))


def last_saves(source: Source, many: int) -> list[PageSave]:
    """Return the last commits made in the browser for a source."""
    query = select(PageSave).where(PageSave.source_id == source.id).order_by(PageSave.id.desc())
    return list(db.session.scalars(query.limit(many)))


def push(save_id: int, now: datetime) -> None:
    """Send one of those commits to its repository, and keep how it went. Done twice, it sends once."""
    made = db.session.get(PageSave, save_id)
    if made is None or made.outcome != WAITING:
        return
    source = db.session.get(Source, made.source_id)
    person = db.session.get(Person, made.person_id)
    db.session.commit()  # ends the read: a forge takes its time
    try:
        outcome, branch = _push(source, made, person)
        reason = ""
    except GitFailed as failed:
        outcome, branch, reason = KEPT, made.branch, failed.reason
    except OutboundRefused as refused:
        outcome, branch, reason = KEPT, made.branch, type(refused).__name__[:20]
    with transaction(lock=made):
        made.outcome, made.branch, made.reason = outcome, branch, reason
        if outcome in (PUSHED, KEPT):
            mine = (PageDraft.source_id == source.id) & (PageDraft.person_id == made.person_id)
            unchanged = PageDraft.updated_at <= made.saved_at
            db.session.execute(delete(PageDraft).where(mine, PageDraft.path == made.path, unchanged))
        if outcome != KEPT:
            ask_sync(source, made.person_id, reason="push")


def _push(source: Source, made: PageSave, person: Person) -> tuple[str, str]:
    """Push a commit where it was meant to go. Returns how it went, and the branch."""
    mirror, remote, path = _mirror(source), remote_of(source), _inside(source, made.path)
    followed = source.branch or git_writing.main_branch(remote)
    begun, written = mirror.blob_at(made.base_commit, path), mirror.blob_at(made.commit, path)
    for attempt in range(TRIES):
        head = mirror.fetch_ref(remote, followed, HEAD)
        mirror.keep(LIVE, head)
        there = mirror.blob_at(head, path)
        if there == written:
            return PUSHED, made.branch or followed
        if there != begun:
            return CONFLICT, made.branch
        if made.branch:
            git_writing.push(mirror, remote, made.commit, made.branch)
            return PUSHED, made.branch
        commit = made.commit
        if head != made.base_commit:
            author = Author(person.name, person.mail or f"personne-{person.id}@popschool.invalid")
            text = _text(mirror, written)
            at = made.saved_at
            commit = git_writing.commit_file(mirror, head, path, text, made.message, author, at, HEAD)
        try:
            git_writing.push(mirror, remote, commit, followed)
        except GitFailed as failed:
            if failed.reason == "moved" and attempt + 1 < TRIES:
                continue
            raise
        return PUSHED, followed
    raise GitFailed("moved")


def answers_of(source: Source, path: str) -> dict:
    """Return what the addresses of a page last stood for, and the files there are: {links, images, paths}."""
    facts = db.session.scalar(
        select(SourceFile.facts).where(SourceFile.source_id == source.id, SourceFile.path == path)
    )
    found = (facts or {}).get("answers") or {}
    mirror = _mirror(source)
    paths = [entry.path for entry in mirror.entries(mirror.head(LIVE), source.folder)]
    return {"links": found.get("links", {}), "images": found.get("images", {}), "paths": paths}


def count_files(source: Source) -> int:
    """Return how many files of pages serve now."""
    return len(_files(source))


def files_of(source: Source, start: int, many: int) -> list[tuple[str, str, str]]:
    """Return (path, title, variant) of some files of pages that serve now, by path."""
    return _files(source)[start : start + many]


def _files(source: Source) -> list[tuple[str, str, str]]:
    query = select(PageVersion.path, PageVersion.title, PageVersion.variant).join(Page, Page.id == PageVersion.page_id)
    query = query.where(Page.source_id == source.id, PageVersion.until.is_(None)).order_by(PageVersion.path)
    return [tuple(row) for row in db.session.execute(query)]


def _mirror(source: Source) -> Mirror:
    """Return the copy of a source on this machine, made now when this machine has none."""
    mirror = mirror_of(source)
    if not (mirror.path / "HEAD").exists():
        mirror.fetch(remote_of(source), source.branch)
    return mirror


def _inside(source: Source, path: str) -> str:
    return f"{source.folder}/{path}" if source.folder else path


def _text(mirror: Mirror, blob: str) -> str:
    if not blob:
        return ""
    (_, data), *_rest = mirror.read([blob])
    return (data or b"").decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
