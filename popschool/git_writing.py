"""Commits made in a mirror, without a working tree, and pushed: one file at a time, in the name of a person."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from popschool.git import LONG, QUICK, GitFailed, Mirror, Remote, _checked, _run, _settings


@dataclass(frozen=True)
class Author:
    """Who signs a commit."""

    name: str
    mail: str


def main_branch(remote: Remote, *, allow_inside: bool | None = None) -> str:
    """Return the name of the branch that a repository shows first. Raises GitFailed, OutboundRefused."""
    with _settings(remote, allow_inside) as (url, settings):
        told = _run(["ls-remote", "--symref", "--", url, "HEAD"], settings, QUICK).decode("utf-8", "replace")
    for line in told.splitlines():
        if line.startswith("ref: refs/heads/"):
            return line.removeprefix("ref: refs/heads/").split("\t")[0]
    raise GitFailed("unknown_branch")


def commit_file(
    mirror: Mirror, parent: str, path: str, text: str, message: str, author: Author, at: datetime, ref: str
) -> str:
    """Make a commit after `parent` where one file holds this text, keep it under `ref`, and return it."""
    when = f"{int(at.timestamp())} +0000"
    who = {
        **{f"GIT_{role}_NAME": author.name for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_EMAIL": author.mail for role in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{role}_DATE": when for role in ("AUTHOR", "COMMITTER")},
    }
    inside = ["--git-dir", str(mirror.path)]
    with tempfile.TemporaryDirectory(prefix="popschool-index-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        blob = _run([*inside, "hash-object", "-w", "--stdin"], {}, QUICK, data=text.encode()).decode().strip()
        _run([*inside, "read-tree", parent], {}, QUICK, index)
        _run([*inside, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}"], {}, QUICK, index)
        tree = _run([*inside, "write-tree"], {}, QUICK, index).decode().strip()
    made = _run([*inside, "commit-tree", tree, "-p", parent, "-F", "-"], {}, QUICK, who, message.encode())
    commit = made.decode().strip()
    _run([*inside, "update-ref", ref, commit], {}, QUICK)
    return commit


def patch_of(mirror: Mirror, commit: str) -> str:
    """Return a commit as git writes it in a mail: `git am` takes it anywhere."""
    written = _run(
        ["--git-dir", str(mirror.path), "format-patch", "-1", "--stdout", "--no-signature", commit], {}, QUICK
    )
    return written.decode("utf-8", "replace")


def push(mirror: Mirror, remote: Remote, commit: str, branch: str, *, allow_inside: bool | None = None) -> None:
    """Put a commit on a branch of the repository, never over what is there.

    Raises OutboundRefused, and GitFailed: "moved" when the branch holds what this commit does not know.
    """
    with _settings(remote, allow_inside) as (url, settings):
        target = f"{commit}:refs/heads/{_checked(branch)}"
        try:
            _run(["--git-dir", str(mirror.path), "push", "--quiet", "--", url, target], settings, LONG)
        except GitFailed as failed:
            if any(words in failed.detail for words in ("fetch first", "non-fast-forward", "cannot lock ref")):
                raise GitFailed("moved", failed.detail) from failed
            if any(words in failed.detail for words in ("rejected", "refusing", "denied", "not permitted")):
                raise GitFailed("refused", failed.detail) from failed
            raise


def merge(base: str, mine: str, theirs: str) -> str | None:
    """Return two changes of one text put together; None when somebody has to choose between them."""
    with tempfile.TemporaryDirectory(prefix="popschool-merge-") as folder:
        files = []
        for name, text in (("mine", mine), ("base", base), ("theirs", theirs)):
            file = Path(folder) / name
            file.write_text(text, encoding="utf-8", newline="")
            files.append(str(file))
        try:
            return _run(["merge-file", "-p", *files], {}, QUICK).decode()
        except GitFailed:
            return None
