"""Commits and branches shown before they are live, to whoever has a link that ends."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import select

from popschool import audit, jobs, storage
from popschool.courses import vault
from popschool.courses.models import Quiz, Rendered, Source
from popschool.courses.models_authoring import Preview
from popschool.courses.rules import PreviewNameUnreadable
from popschool.db import db, transaction
from popschool.git import BRANCH, COMMIT

PREVIEW_TASK = "popschool.courses.tasks:make_preview"
DAYS_OPEN = 7
WAITING, READY, REFUSED, FAILED = "waiting", "ready", "refused", "failed"


@dataclass(frozen=True)
class PreviewPage:
    """A page of a preview, ready to show."""

    facts: dict
    sections: list[dict]
    variants: tuple[str, ...]
    questions: list[dict]


def ask(source: Source, ref: str, person_id: int, now: datetime) -> Preview:
    """Have a branch or a commit made ready to be looked at, under a link of its own. Raises PreviewNameUnreadable."""
    ref = ref.strip()
    if not (COMMIT.match(ref) or BRANCH.match(ref)):
        raise PreviewNameUnreadable(ref)
    token = secrets.token_urlsafe(24)
    with transaction():
        made = Preview(
            source_id=source.id,
            ref=ref,
            token_hash=_hash(token),
            token_encrypted=vault.seal(token),
            created_by_id=person_id,
            created_at=now,
            expires_at=now + timedelta(days=DAYS_OPEN),
            outcome=WAITING,
            problems=[],
        )
        db.session.add(made)
        db.session.flush()
        audit.record("ask_preview", made, actor_id=person_id, now=now, ref=ref)
        jobs.enqueue(PREVIEW_TASK, key=f"preview/{made.id}", preview_id=made.id)
    return made


def revoke(preview: Preview, actor_id: int, now: datetime) -> None:
    """Close a link: whoever opens it finds nothing any more."""
    with transaction(lock=preview):
        preview.revoked_at = preview.revoked_at or now
        audit.record("revoke_preview", preview, actor_id=actor_id, now=now)


def token_of(preview: Preview) -> str:
    """Return the secret part of a preview's link, for its author to hand on."""
    return vault.open_secret(preview.token_encrypted)


def opened(token: str, now: datetime) -> Preview | None:
    """Return the preview of a link; nothing once it has expired or been taken back."""
    found = db.session.scalar(select(Preview).where(Preview.token_hash == _hash(token)))
    return found if found is not None and is_open(found, now) else None


def is_open(preview: Preview, now: datetime) -> bool:
    return preview.revoked_at is None and now < preview.expires_at


def previews_of(source: Source, many: int) -> list[Preview]:
    """Return the last previews of a source."""
    query = select(Preview).where(Preview.source_id == source.id).order_by(Preview.id.desc())
    return list(db.session.scalars(query.limit(many)))


def preview_of(source: Source, preview_id: int) -> Preview | None:
    return db.session.scalar(select(Preview).where(Preview.source_id == source.id, Preview.id == preview_id))


def manifest_of(preview: Preview) -> dict:
    """Return the course that a preview shows: {source, programmes, projects, pages, files}."""
    with storage.open(preview.manifest_hash) as file:
        return json.loads(file.read())


def page_of(manifest: dict, key: str, variant: str) -> PreviewPage | None:
    """Return a page of a preview in a variant, or else the page itself. One query."""
    found = {page["variant"]: page for page in manifest["pages"] if page["key"] == key}
    facts = found.get(variant) or found.get("")
    if facts is None:
        return None
    row = db.session.execute(
        select(Rendered.sections, Quiz.questions)
        .outerjoin(Quiz, Quiz.hash == Rendered.hash)
        .where(Rendered.hash == facts["hash"])
    ).first()
    sections, questions = row or ([], None)
    variants = tuple(sorted(found, key=lambda name: (name != "", name != "simple", name)))
    return PreviewPage(facts, sections, variants, questions or [])


def within(sections: list[dict], source: str, token: str, seen_as: str) -> list[dict]:
    """Let the links of a page lead to the other pages of the preview rather than to those that are live."""
    start, more = f'href="/courses/{source}/', f"?as={seen_as}" if seen_as else ""

    def led(html: str) -> str:
        pieces = html.split(start)
        for rank, piece in enumerate(pieces[1:], 1):
            address, quote, rest = piece.partition('"')
            path, mark, anchor = address.partition("#")
            asked = more.replace("?", "&amp;") if "?" in path else more
            pieces[rank] = f'href="/previews/{token}/{path}{asked}{mark}{anchor}{quote}{rest}'
        return "".join(pieces)

    return [section | {"html": led(section["html"])} for section in sections]


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
