"""Addresses that people sent with their work, and whether a page may link to them."""

from urllib.parse import urlsplit

FORGES = ("github.com", "codeberg.org", "gitea.", "forgejo.")
GITLAB = "gitlab"


def safe_link(address: str) -> str:
    """Return an address that a page may link to; nothing when it is not one of the web."""
    parts = urlsplit(address.strip())
    return address.strip() if parts.scheme in ("http", "https") and parts.hostname else ""


def commit_link(repository: str, commit: str) -> str:
    """Return the address of a commit at a forge whose form is known, else of the repository, else nothing."""
    address = safe_link(repository).removesuffix("/").removesuffix(".git")
    host = urlsplit(address).hostname or ""
    if not address or not commit:
        return address
    if GITLAB in host:
        return f"{address}/-/commit/{commit}"
    if any(host == forge or (forge.endswith(".") and host.startswith(forge)) for forge in FORGES):
        return f"{address}/commit/{commit}"
    return address
