"""Files, named by the SHA-256 of their content: in a folder, or in an S3-compatible store.

`file:///path` (not encoded: a space is a space), or `s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=eu-west-3`.
Without KEY and SECRET, the usual AWS_… variables are read.
"""

import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from popschool import traces

CHUNK = 1 << 20
IN_MEMORY = 2 << 20
SECONDS_BELIEVED = 15
NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredFile:
    """What was kept: its name in the store, and its size in bytes."""

    hash: str
    size: int


class FileMissing(LookupError):
    """No file of that hash is in the store, or not with the content of its name."""


class StoreAway(RuntimeError):
    """The store does not take or give files now: it is full, or out of reach."""


class Store(Protocol):
    """Where content is kept under the name that is its hash; keeping the same content twice is no work."""

    def keep(self, name: str, content: BinaryIO) -> None: ...
    def open(self, name: str) -> BinaryIO: ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...
    def names(self) -> Iterator[str]: ...
    def note(self, name: str, content: bytes) -> None: ...
    def try_writing(self) -> None: ...


class Folder:
    """A folder of this machine; a file appears whole or not at all, and is on the disk before its name is."""

    def __init__(self, root: Path):
        self.root = root

    def _path(self, name: str) -> Path:
        return self.root / name[:2] / name[2:4] / name

    def keep(self, name: str, content: BinaryIO) -> None:
        if not self.exists(name):
            write_whole(self._path(name), iter(lambda: content.read(CHUNK), b""))

    def open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError as error:
            raise FileMissing(name) from error

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        return (path.name for path in sorted(self.root.glob("??/??/*")) if NAME.fullmatch(path.name))

    def note(self, name: str, content: bytes) -> None:
        write_whole(self._path(name), [content])

    def try_writing(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.root) as file:
            file.write(b"1")


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of this machine in the place of the one before: it appears whole or not at all, for us alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class S3:
    """An S3-compatible store, spoken to by path (`endpoint/bucket/name`), which every one of them understands."""

    def __init__(self, url: str):
        from obstore.store import S3Store

        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        options: dict = {"region": asked.get("region", "us-east-1"), "virtual_hosted_style_request": False}
        client: dict = {"timeout": "60s", "connect_timeout": "5s"}
        if "endpoint" in asked:
            options["endpoint"] = asked["endpoint"]
            client["allow_http"] = asked["endpoint"].startswith("http://")
        if parts.username:
            options["access_key_id"] = unquote(parts.username)
            options["secret_access_key"] = unquote(parts.password or "")
        bucket = parts.netloc.rpartition("@")[2]
        retries = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
        self.store = S3Store(
            bucket, prefix=parts.path.strip("/") or None, client_options=client, retry_config=retries, **options
        )

    def keep(self, name: str, content: BinaryIO) -> None:
        import obstore

        if not self.exists(name):
            obstore.put(self.store, name, content)

    def open(self, name: str) -> BinaryIO:
        import obstore

        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  handed to the caller
        try:
            for chunk in obstore.get(self.store, name).stream(CHUNK):
                file.write(chunk)
        except FileNotFoundError as error:
            raise FileMissing(name) from error
        file.seek(0)
        return file

    def exists(self, name: str) -> bool:
        import obstore

        try:
            obstore.head(self.store, name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        import obstore

        with suppress(FileNotFoundError):
            obstore.delete(self.store, name)

    def names(self) -> Iterator[str]:
        import obstore

        for some in obstore.list(self.store):
            yield from (one["path"] for one in some if NAME.fullmatch(one["path"]))

    def note(self, name: str, content: bytes) -> None:
        import obstore

        obstore.put(self.store, name, content)

    def try_writing(self) -> None:
        import obstore

        obstore.put(self.store, "writable", b"1")


def open_store(url: str) -> Store:
    """Return the store of a STORAGE_URL."""
    return S3(url) if url.startswith("s3://") else Folder(Path(url.removeprefix("file://")))


def store() -> Store:
    """Return this application's store, opened once."""
    url = current_app.config["POPSCHOOL"].storage_url
    opened = current_app.extensions.setdefault("popschool.storage", {})
    if url not in opened:
        opened[url] = open_store(url)
    return opened[url]


def put(data: bytes | BinaryIO) -> StoredFile:
    """Keep a file. The same content is kept once. Raises StoreAway."""
    if isinstance(data, bytes):
        return _keep(BytesIO(data))
    if data.seekable():
        return _keep(data)
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as copy:
        while chunk := data.read(CHUNK):
            copy.write(chunk)
        copy.seek(0)
        return _keep(copy)


def _keep(content: BinaryIO) -> StoredFile:
    start = content.tell()
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    content.seek(start)
    with _within_reach("keep"):
        store().keep(digest.hexdigest(), content)
    return StoredFile(digest.hexdigest(), size)


def read(name: str) -> bytes:
    """Return a file's content, checked against its name. Raises FileMissing."""
    with open(name) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != name:
        raise FileMissing(f"{name} does not have the content of its name")
    return content


def open(name: str) -> BinaryIO:
    """Return a file to read from, to be closed. Raises FileMissing or StoreAway."""
    _check(name)
    with _within_reach("open"):
        return store().open(name)


@contextmanager
def _within_reach(act: str) -> Iterator[None]:
    """Say in one way what a folder and each kind of store say in theirs."""
    try:
        with traces.call(f"store {act}"):
            yield
    except FileMissing:
        raise
    except Exception as error:
        raise StoreAway(f"{type(error).__name__}: {error}") from error


def exists(name: str) -> bool:
    return NAME.fullmatch(name) is not None and _there(name)


def _there(name: str) -> bool:
    with traces.call("store exists"):
        return store().exists(name)


def delete(name: str) -> None:
    """Remove a file; one that is not there is no matter."""
    _check(name)
    with traces.call("store delete"):
        store().delete(name)


def _check(name: str) -> None:
    if not NAME.fullmatch(name):
        raise FileMissing(name)


def is_writable() -> bool:
    """Say whether a file can be kept now; the answer is believed for some seconds, as anybody may ask for it."""
    kept = current_app.extensions.setdefault("popschool.storage.writable", {"until": 0.0})
    if time.monotonic() >= kept["until"]:
        store().try_writing()
        kept["until"] = time.monotonic() + SECONDS_BELIEVED
    return True
