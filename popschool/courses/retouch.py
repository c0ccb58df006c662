"""The short way to a revision: a commit that only changed words in a few pages never looks at the thousands of others.

It holds when each page still says the same of itself and of others: same title, headings, links and images. Anything
else, and any doubt, is for the long way, which gives the same revision.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from popschool.courses import rules
from popschool.courses.build import rendered_hash
from popschool.courses.models import Page, PageVersion, Revision, Source, SourceFile
from popschool.courses.progress import Progress
from popschool.courses.rules import READING
from popschool.courses.shelf import DatabaseShelf
from popschool.courses.workers import READ, RENDER, Job, Text, do
from popschool.db import db, transaction
from popschool.git import Change, Commit, GitFailed, Mirror

FEW = 20
KEPT = ("page_id", "variant", "position", "title", "path", "role")


@dataclass(frozen=True)
class Retouched:
    """The pages changed, what the revision's problems are now, and how many files were read."""

    changed: int
    problems: list[dict]
    blobs_read: int


@dataclass
class _Page:
    """One changed file: what was known of it, what it says now, and the page that it makes."""

    path: str
    blob: str
    facts: dict
    hash: str
    weight: int


def retouch(
    source: Source,
    live: Revision,
    mirror: Mirror,
    commit: Commit,
    advice: list[dict],
    now: datetime,
    progress: Progress,
) -> Retouched | None:
    """Make the revision of `commit` from the live one, or return None when that needs the long way.

    `advice` is what was said of the live revision.
    """
    changes = _few_edits(source, live, mirror, commit)
    if not changes:
        return None
    progress.begin("retouch")
    known = _known(source, changes)
    pages = []
    problems = [problem for problem in advice if problem["path"] not in known]
    for change, (_, data) in zip(changes, mirror.read(change.blob for change in changes), strict=True):
        before = known.get(change.path)
        page = _read(change, data, before, advice) if before else None
        if page is None:
            return None
        problems += _advice(page, data)
        pages.append(page)
    progress.count(len(pages))
    if not _render(source, pages, mirror):
        return None
    return _write(source, live, commit, pages, problems, now)


def same_shape(before: dict, after: dict) -> bool:
    """Say whether a file still says the same of itself and of others, wherever in it."""

    def shape(facts: dict) -> tuple:
        links = [link[:3] for link in facts["links"]]
        images = [[image[0], image[1], image[4]] for image in facts["images"]]
        return (
            facts["front"],
            facts["title"],
            facts.get("title_in_front"),
            facts["anchors"],
            links,
            images,
            [short[:2] for short in facts["abbreviations"]],
            facts.get("unreadable", False),
        )

    return shape(before) == shape(after)


def _few_edits(source: Source, live: Revision, mirror: Mirror, commit: Commit) -> list[Change]:
    """Return the pages edited since the live revision, when that is all that happened and they are few."""
    try:
        changes = mirror.changes(live.commit, commit.hash, source.folder)
    except GitFailed:
        return []  # the old commit has been forgotten
    is_short = 0 < len(changes) <= FEW
    return changes if is_short and all(one.is_edit and one.path.endswith(".md") for one in changes) else []


def _known(source: Source, changes: list[Change]) -> dict[str, dict]:
    """Return the facts of these files, when they are those of the live revision."""
    query = select(SourceFile.path, SourceFile.blob, SourceFile.facts).where(
        SourceFile.source_id == source.id, SourceFile.path.in_([change.path for change in changes])
    )
    blobs = {change.path: change.before for change in changes}
    found = {path: facts for path, blob, facts in db.session.execute(query) if blobs[path] == blob}
    db.session.commit()  # ends the read: rendering takes its time
    return found


def _read(change: Change, data: bytes | None, before: dict, advice: list[dict]) -> _Page | None:
    if data is None or len(data) > rules.BIGGEST["page"] or "answers" not in before or before.get("reading") != READING:
        return None
    _path, facts = do(READ, Text(change.path, data))
    after = facts | {"answers": before["answers"]}
    own = {problem[3] for problem in _said(before)}
    others = [one for one in advice if one["path"] == change.path and one["message"] not in own]
    if others or not same_shape(before, after) or any(problem[2] == rules.ERROR for problem in _said(after)):
        return None
    answers = before["answers"]
    made_of = rendered_hash(change.blob, answers["links"], answers["images"], answers.get("is_quiz", False))
    return _Page(change.path, change.blob, after, made_of, answers["weight"] + len(data))


def _advice(page: _Page, data: bytes) -> list[dict]:
    lines = data.decode("utf-8", "replace").splitlines()
    return [
        {
            "path": page.path,
            "line": line,
            "column": column,
            "level": level,
            "message": message,
            "mend": mend,
            "excerpt": lines[line - 1][:160] if 0 < line <= len(lines) else "",
        }
        for line, column, level, message, mend in _said(page.facts)
    ]


def _said(facts: dict) -> list:
    """Return the problems of a file, and those of the quiz that it is."""
    return facts["problems"] + (facts["quiz"] if facts.get("answers", {}).get("is_quiz") else [])


def _render(source: Source, pages: list[_Page], mirror: Mirror) -> bool:
    shelf = DatabaseShelf(source.id)
    kept = []
    for page, (_, data) in zip(pages, mirror.read(page.blob for page in pages), strict=True):
        answers = page.facts["answers"]
        images = {src: tuple(found) for src, found in answers["images"].items()}
        job = Job(page.hash, page.path, data, answers["links"], images, answers.get("is_quiz", False))
        done = do(RENDER, job)
        if done.rendered is None or done.rendered.problems:
            return False
        kept.append((page.hash, done.rendered.titled(page.facts["title"])))
    shelf.keep_pages(kept)
    return True


def _write(
    source: Source, live: Revision, commit: Commit, pages: list[_Page], problems: list[dict], now: datetime
) -> Retouched | None:
    by_path = {page.path: page for page in pages}
    with transaction(lock=f"source/{source.id}"):
        number = live.number + 1
        last = select(Revision.number).where(Revision.source_id == source.id).order_by(Revision.number.desc()).limit(1)
        query = select(PageVersion).join(Page).where(Page.source_id == source.id, PageVersion.until.is_(None))
        versions = list(db.session.scalars(query.where(PageVersion.path.in_(by_path))))
        if {version.path for version in versions} != set(by_path) or db.session.scalar(last) != live.number:
            return None
        for version in versions:
            page = by_path[version.path]
            values = {
                name: getattr(version, name) for name in ("page_id", "variant", "position", "title", "path", "role")
            }
            db.session.execute(update(PageVersion).where(PageVersion.id == version.id).values(until=live.number))
            opened = values | {"since": number, "rendered_hash": page.hash, "weight": page.weight}
            db.session.execute(insert(PageVersion).values(**opened))
        for page in pages:
            own = (SourceFile.source_id == source.id) & (SourceFile.path == page.path)
            db.session.execute(update(SourceFile).where(own).values(blob=page.blob, facts=page.facts))
        revision = Revision(
            source_id=source.id,
            number=number,
            commit=commit.hash,
            author=commit.author,
            message=commit.message,
            committed_at=commit.at,
            made_at=now,
            pages=live.pages,
        )
        db.session.add(revision)
        db.session.flush()
        source.live_revision_id = revision.id
    return Retouched(len({version.page_id for version in versions}), problems, 2 * len(pages))
