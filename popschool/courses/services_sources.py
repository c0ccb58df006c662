"""Sources: added, and asked to be read again."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select

from popschool import audit, jobs, outbound
from popschool.auth.rules_signing import DOUBLE_CLICK
from popschool.courses import rules, vault
from popschool.courses.models import Source
from popschool.courses.services import last_sync, source_named
from popschool.db import db, transaction
from popschool.git import SCP_LIKE

SYNC_TASK = "popschool.courses.tasks:sync_source"
FAILED = "failed"


def add_source(
    name: str,
    title: str,
    url: str,
    now: datetime,
    *,
    branch: str = "",
    folder: str = "",
    token: str = "",
    actor_id: int | None = None,
    is_local: bool = False,
) -> Source:
    """Keep a new source, and make its deploy key when its address is ssh. Raises SourceNameTaken, OutboundRefused.

    `is_local` also takes a path or file://; only the command line may say so. A second click adds nothing.
    """
    if not rules.KEY.match(name):
        raise rules.SourceNameUnreadable(name)
    url = url.strip()
    is_ssh = _is_ssh(url)
    if not is_local or "://" in url and not url.startswith("file:"):
        is_local = False
        check_address(url)
    private, public = vault.make_deploy_key(f"popschool-{name}") if is_ssh else ("", "")
    with transaction(lock=f"source name/{name}"):
        known = source_named(name)
        if known is not None:
            is_second = known.created_by_id == actor_id is not None and now - known.created_at < DOUBLE_CLICK
            if is_second and known.url == url:
                return known
            raise rules.SourceNameTaken(name)
        source = Source(
            name=name,
            title=title or name,
            url=url,
            branch=branch.strip(),
            folder=folder.strip().strip("/"),
            token_encrypted=vault.seal(token.strip()),
            deploy_key_encrypted=vault.seal(private),
            deploy_key_public=public,
            is_local=is_local,
            created_by_id=actor_id,
            created_at=now,
        )
        db.session.add(source)
        audit.record("add_source", source, actor_id=actor_id, now=now, name=name, url=url)
        if actor_id is not None and not is_ssh:
            ask_sync(source, actor_id)
    return source


def edit_source(
    source: Source,
    title: str,
    url: str,
    now: datetime,
    *,
    branch: str,
    token: str,
    actor_id: int,
    folder: str | None = None,
) -> None:
    """Change where a course is read, and read it; what is live stays until then. Raises OutboundRefused.

    A token is kept while the address is the same and none is typed: no other address ever receives it. `folder` is
    for a course of which nothing is live: None leaves it.
    """
    url = url.strip()
    is_elsewhere = url != source.url
    if is_elsewhere:
        check_address(url)
    with transaction(lock=source):
        if is_elsewhere:
            source.is_local, source.token_encrypted = False, vault.seal("")
            if _is_ssh(url) and not source.deploy_key_public:
                private, source.deploy_key_public = vault.make_deploy_key(f"popschool-{source.name}")
                source.deploy_key_encrypted = vault.seal(private)
        if token.strip():
            source.token_encrypted = vault.seal(token.strip())
        if folder is not None:
            source.folder = folder.strip().strip("/")
        source.title, source.url, source.branch = title.strip(), url, branch.strip()
        audit.record("edit_source", source, actor_id=actor_id, now=now, url=url, has_new_token=bool(token.strip()))
        ask_sync(source, actor_id)


def _is_ssh(url: str) -> bool:
    return bool(SCP_LIKE.match(url)) or urlsplit(url).scheme == "ssh"


def check_address(url: str) -> None:
    """Say no to an address that a source may not have. Raises a child of OutboundRefused."""
    scp = SCP_LIKE.match(url)
    if scp:
        outbound.check_host("ssh", scp[2], 22)
        return
    scheme = urlsplit(url).scheme
    place = outbound.check_url(url, schemes=("https", "ssh", "http"))
    if scheme == "http" and not outbound.is_inside(place.addresses[0]):
        raise outbound.SchemeRefused("http", ("https", "ssh"))


def ask_sync(source: Source, actor_id: int | None, reason: str = "button") -> None:
    """Have a source read again, later and elsewhere. Asked twice before it begins, it is read once."""
    with transaction():
        jobs.enqueue(SYNC_TASK, key=sync_key(source.id), source_id=source.id, asked_by_id=actor_id, reason=reason)


def sync_key(source_id: int) -> str:
    """Return the key under which one sync of a source waits at most."""
    return f"sync/{source_id}"


def is_to_be_read(source: Source) -> bool:
    """Say whether somebody has asked for a sync that has not begun yet. One query."""
    return jobs.is_waiting(sync_key(source.id))


def due_to_look(now: datetime) -> list[int]:
    """Return the sources to ask whether they have something new: those whose interval has passed."""
    rows = db.session.execute(
        select(Source.id, Source.check_minutes, Source.checked_at).where(Source.check_minutes > 0)
    )
    return [
        source_id
        for source_id, minutes, checked_at in rows
        if checked_at is None or checked_at <= now - timedelta(minutes=minutes)
    ]


def note_look(source: Source, commit: str, now: datetime) -> None:
    """Keep that a source was asked, and read it when its last commit is not the one read last.

    `commit` is empty when the source did not answer: it is read all the same, once, so that its author sees why.
    """
    last = last_sync(source.id)
    if commit:
        is_new = last is None or last.commit != commit
    else:
        is_new = last is None or last.outcome != FAILED
    with transaction():
        source.checked_at = now
        if is_new:
            ask_sync(source, None, reason="timer")


def set_check_minutes(source: Source, minutes: int, actor_id: int, now: datetime) -> None:
    """Choose how often a source is asked; 0 is never."""
    with transaction(lock=source):
        source.check_minutes = minutes
        audit.record("set_check_minutes", source, actor_id=actor_id, now=now, minutes=minutes)


def all_sources() -> list[Source]:
    """Return every source, by title."""
    return list(db.session.scalars(select(Source).order_by(Source.title, Source.id)))
