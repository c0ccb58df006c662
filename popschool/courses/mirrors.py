"""Where a source is, and where it is copied on this machine. Light: pages that write to a source use it too."""

from pathlib import Path

import structlog
from flask import current_app

from popschool.courses import vault
from popschool.courses.models import Source
from popschool.git import GitFailed, Mirror, Remote, find_commit
from popschool.outbound import OutboundRefused

LIVE = "refs/heads/live"
log = structlog.get_logger("popschool.courses")


def mirror_of(source: Source) -> Mirror:
    """Return where a source is copied."""
    return Mirror(Path(current_app.config["POPSCHOOL"].data_dir) / "git" / f"{source.id}-{source.name}.git")


def remote_of(source: Source) -> Remote:
    """Return where a source is, with what opens it."""
    return Remote(
        url=source.url,
        token=vault.open_secret(source.token_encrypted),
        deploy_key=vault.open_secret(source.deploy_key_encrypted),
        is_local=source.is_local,
    )


def last_commit(source: Source) -> str:
    """Return the commit that a source stands at now; nothing when it does not answer."""
    try:
        return find_commit(remote_of(source), source.branch)
    except (GitFailed, OutboundRefused) as error:
        log.info("source silent", source=source.name, reason=getattr(error, "reason", type(error).__name__))
        return ""
