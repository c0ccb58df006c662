"""Where a course's files come from: a commit of a mirror, or a folder on this machine."""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha1
from pathlib import Path
from typing import Protocol

from popschool.git import LINK, Entry, Mirror


class Tree(Protocol):
    """Files that can be listed and read."""

    def entries(self) -> list[Entry]: ...

    def read(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | None]]: ...


class CommitTree:
    """The files of one commit. `blobs_read` counts what was asked of git."""

    def __init__(self, mirror: Mirror, commit: str, folder: str = ""):
        self.mirror, self.commit, self.folder = mirror, commit, folder
        self.blobs_read = 0

    def entries(self) -> list[Entry]:
        return self.mirror.entries(self.commit, self.folder)

    def read(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        wanted = list(entries)
        self.blobs_read += len(wanted)
        answers = self.mirror.read(entry.blob for entry in wanted)
        for entry, (_, data) in zip(wanted, answers, strict=True):
            yield entry, data


class FolderTree:
    """The files of a folder as they are now. Symbolic links are named, never followed."""

    def __init__(self, folder: Path):
        self.folder = folder

    def entries(self) -> list[Entry]:
        found = []
        for folder, names, files in os.walk(self.folder, followlinks=False):
            names[:] = sorted(name for name in names if name not in (".git", "node_modules", ".venv", "__pycache__"))
            links = [name for name in names if (Path(folder) / name).is_symlink()]
            for name in sorted([*files, *links]):
                found.append(self._entry(Path(folder) / name))
        return sorted(found, key=lambda entry: entry.path)

    def _entry(self, file: Path) -> Entry:
        path = file.relative_to(self.folder).as_posix()
        if file.is_symlink() or not file.is_file():
            return Entry(path, "", 0, LINK)
        facts = file.stat()
        # The blob's name only has to change when the file does.
        blob = sha1(f"{path}\0{facts.st_size}\0{facts.st_mtime_ns}".encode("utf-8", "surrogateescape")).hexdigest()
        return Entry(path, blob, facts.st_size)

    def read(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes | None]]:
        for entry in entries:
            try:
                yield entry, (self.folder / entry.path).read_bytes()
            except OSError:
                yield entry, None
