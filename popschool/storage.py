"""Files, named by the SHA-256 of their content: in a folder, or in an S3-compatible store."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, urlsplit

from flask import current_app

CHUNK = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """What was kept: its name in the store, and its size in bytes."""

    hash: str
    size: int


class FileMissing(LookupError):
    """No file of that hash is in the store."""


class Store(Protocol):
    """Where bytes are kept under a name that is their hash; writing the same bytes twice is no work."""

    def write(self, name: str, data: bytes) -> None: ...
    def read(self, name: str) -> bytes: ...
    def exists(self, name: str) -> bool: ...
    def delete(self, name: str) -> None: ...


class Folder:
    """A folder of this machine; a file appears whole or not at all."""

    def __init__(self, root: Path):
        self.root = root

    def _path(self, name: str) -> Path:
        return self.root / name[:2] / name[2:4] / name

    def write(self, name: str, data: bytes) -> None:
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def read(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError as error:
            raise FileMissing(name) from error

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)


class S3:
    """An S3-compatible store: s3://KEY:SECRET@host:port/bucket?region=…&secure=0."""

    def __init__(self, url: str):
        from obstore.store import S3Store

        parts = urlsplit(url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        scheme = "http" if asked.get("secure") == "0" else "https"
        options = {"region": asked.get("region", "us-east-1"), "virtual_hosted_style_request": False}
        if parts.username:
            options |= {"access_key_id": parts.username, "secret_access_key": parts.password or ""}
        port = f":{parts.port}" if parts.port else ""
        client = {"allow_http": True} if scheme == "http" else None
        bucket = parts.path.strip("/")
        self.store = S3Store(bucket, endpoint=f"{scheme}://{parts.hostname}{port}", client_options=client, **options)

    def write(self, name: str, data: bytes) -> None:
        import obstore

        obstore.put(self.store, name, data)

    def read(self, name: str) -> bytes:
        import obstore

        try:
            return bytes(obstore.get(self.store, name).bytes())
        except FileNotFoundError as error:
            raise FileMissing(name) from error

    def exists(self, name: str) -> bool:
        import obstore

        try:
            obstore.head(self.store, name)
        except FileNotFoundError:
            return False
        return True

    def delete(self, name: str) -> None:
        import obstore

        obstore.delete(self.store, name)


def open_store(url: str) -> Store:
    """Return the store of a STORAGE_URL: a folder (file:// or a path), or s3://."""
    if url.startswith("s3://"):
        return S3(url)
    return Folder(Path(url.removeprefix("file://")))


def _store() -> Store:
    if "popschool.storage" not in current_app.extensions:
        current_app.extensions["popschool.storage"] = open_store(current_app.config["POPSCHOOL"].storage_url)
    return current_app.extensions["popschool.storage"]


def put(data: bytes | BinaryIO) -> StoredFile:
    """Keep a file. The same content is kept once."""
    content = data if isinstance(data, bytes) else data.read()
    name = hashlib.sha256(content).hexdigest()
    _store().write(name, content)
    return StoredFile(name, len(content))


def read(name: str) -> bytes:
    """Return a file's content, checked against its name. Raises FileMissing."""
    content = _store().read(name)
    if hashlib.sha256(content).hexdigest() != name:
        raise FileMissing(f"{name} does not have the content of its name")
    return content


def open(name: str) -> BinaryIO:
    """Return a file to read from. Raises FileMissing."""
    return BytesIO(read(name))


def exists(name: str) -> bool:
    return _store().exists(name)


def delete(name: str) -> None:
    _store().delete(name)
