"""Calls of forges read: are they signed by whoever holds the source's secret, what is their name, which branch moved?

Pure: headers and bytes in, facts out. GitHub, Gitea and Forgejo sign the body; GitLab, and hooks written by hand, send
the secret itself.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

SIGNATURES = ("X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature", "X-Gogs-Signature")
TOKENS = ("X-Gitlab-Token", "X-Popschool-Token")
DELIVERIES = ("X-GitHub-Delivery", "X-Gitea-Delivery", "X-Forgejo-Delivery", "X-Gogs-Delivery", "X-Gitlab-Event-UUID")
EVENTS = ("X-GitHub-Event", "X-Gitea-Event", "X-Forgejo-Event", "X-Gogs-Event", "X-Gitlab-Event")
PUSHES = frozenset({"push", "push hook", "create", ""})
LARGEST_BODY = 5_000_000


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Say whether a call comes from whoever holds the secret. Every comparison takes the same time."""
    if not secret:
        return False
    signature = _first(headers, SIGNATURES)
    if signature:
        wanted = hmac.new(secret.encode(), body, sha256).hexdigest()
        return hmac.compare_digest(signature.removeprefix("sha256=").lower().encode(), wanted.encode())
    return hmac.compare_digest(_first(headers, TOKENS).encode(), secret.encode())


def delivery_name(headers: Mapping[str, str], body: bytes) -> str:
    """Return the name that tells this call from every other: the forge's own, or the hash of what it sent."""
    return (_first(headers, DELIVERIES) or sha256(body).hexdigest())[:200]


def is_push(headers: Mapping[str, str]) -> bool:
    """Say whether a call is about a push. A hook written by hand names no event."""
    return _first(headers, EVENTS).lower() in PUSHES


def pushed_branch(body: bytes) -> tuple[str, str]:
    """Return the branch that moved and the repository's main one; empty when the call does not say."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    ref = told.get("ref")
    home = told.get("repository") or {}
    project = told.get("project") or {}
    main = next((one.get("default_branch") for one in (home, project) if isinstance(one, dict)), None)
    main = main or (project.get("default_branch") if isinstance(project, dict) else None)
    branch = ref.removeprefix("refs/heads/") if isinstance(ref, str) and ref.startswith("refs/heads/") else ""
    return branch, main if isinstance(main, str) else ""


def concerns(branch: str, main: str, followed: str) -> bool:
    """Say whether a push may change the course: when in doubt, the source is read, which costs little."""
    wanted = followed or main
    return not branch or not wanted or branch == wanted


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((headers[name].strip() for name in names if headers.get(name)), "")
