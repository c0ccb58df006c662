"""The database and the files in one archive, the same from SQLite and from PostgreSQL, checked on the way back.

A tar.gz: `tables/NAME.jsonl`, one row a line, as they were at one moment; `files/HASH`; and last `manifest.json`, with
the version of the database, and the count and SHA-256 of each table. It holds personal data and hashes of passwords:
keep it as safe as the database.
"""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, func, insert, select

from popschool import locked, migration, parts, storage
from popschool.db import db, transaction
from popschool.plain_rows import one_moment, plain, typed
from popschool.rows import (
    derived_tables,
    follow_sequences,
    links_checked_at_the_end,
    rebuild,
    stored_tables,
    tidy,
)

FORMAT = 1
ROWS_AT_ONCE = 500
IN_MEMORY = 8 << 20
UNREADABLE = (tarfile.TarError, EOFError, OSError, zlib.error)
CUT = "the archive cannot be read to its end: {}"


class CannotRestore(RuntimeError):
    """Why this archive was not put back; nothing was changed."""


@dataclass(frozen=True)
class Contents:
    """How much an archive holds."""

    rows: int
    files: int


def write(path: str) -> Contents:
    """Write the archive. It appears whole or not at all."""
    target = Path(path).resolve()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            with (
                gzip.GzipFile(fileobj=file, mode="wb", mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
            ):
                contents = _write_all(archive)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return contents


def _write_all(archive: tarfile.TarFile) -> Contents:
    tables: dict[str, dict] = {}
    with one_moment() as connection:
        version = migration.database_version()
        for table in stored_tables().values():
            tables[table.name] = _write_table(archive, connection, table)
    files = sum(_write_file(archive, name) for name in storage.store().names())
    manifest = {"format": FORMAT, "version": version, "tables": tables, "files": files}
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        file.write(json.dumps(manifest).encode())
        _add(archive, "manifest.json", file)
    return Contents(sum(table["rows"] for table in tables.values()), files)


def _write_file(archive: tarfile.TarFile, name: str) -> bool:
    """Add a file; one that was removed since it was listed is no matter: the rows were read before."""
    try:
        content = storage.open(name)
    except storage.FileMissing:
        return False
    with content, tempfile.SpooledTemporaryFile(IN_MEMORY) as copy:
        if _copy(content, copy) != name:
            raise storage.FileMissing(f"{name} does not have the content of its name")
        _add(archive, f"files/{name}", copy)
    return True


def _write_table(archive: tarfile.TarFile, connection: Connection, table: Table) -> dict:
    rows, digest = 0, hashlib.sha256()
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        query = select(locked.as_kept(table)).order_by(*table.primary_key.columns)
        for row in connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query):
            line = json.dumps([plain(value) for value in row], ensure_ascii=False, sort_keys=True).encode() + b"\n"
            digest.update(line)
            file.write(line)
            rows += 1
        _add(archive, f"tables/{table.name}.jsonl", file)
    return {"rows": rows, "sha256": digest.hexdigest(), "columns": [column.name for column in table.columns]}


def _copy(source: BinaryIO, target: Any) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(storage.CHUNK):
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()


def _add(archive: tarfile.TarFile, name: str, file: Any) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = file.tell(), 0o600
    file.seek(0)
    archive.addfile(member, file)


def restore(path: str) -> Contents:
    """Put an archive into an empty database and the store, checking every row's table and every file.

    All the rows or none. Raises CannotRestore.
    """
    manifest = check(path)
    if manifest["version"] != migration.database_version():
        raise CannotRestore(
            f"the archive is of version {manifest['version']}, the database of {migration.database_version()}: "
            "install that version, restore, then upgrade"
        )
    tables = stored_tables()
    _check_tables(manifest, tables)
    with transaction():
        connection = db.session.connection()
        with links_checked_at_the_end(connection):
            for table in db.metadata.tables.values():
                if connection.scalar(select(func.count()).select_from(table)):
                    raise CannotRestore(f"the database is not empty: there are rows in {table.name}")
            for name, file in _members(path):
                kind, _, rest = name.partition("/")
                table = tables.get(rest.removesuffix(".jsonl")) if kind == "tables" else None
                if table is not None:
                    parts.expect(connection, table.name, manifest["tables"][table.name]["rows"])
                    _read_table(connection, table, file)
                elif kind == "files":
                    storage.put(file)
        if connection.dialect.name == "postgresql":
            follow_sequences(connection, tables.values())
        for table in derived_tables():
            rebuild(table)
    tidy()
    return Contents(sum(table["rows"] for table in manifest["tables"].values()), manifest["files"])


class _Content(io.RawIOBase):
    """A file of an archive, read once from its beginning; what is damaged is told as such wherever it is met."""

    def __init__(self, file: BinaryIO):
        self.file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            content = self.file.read(len(buffer))
        except UNREADABLE as error:
            raise CannotRestore(CUT.format(error)) from error
        buffer[: len(content)] = content
        return len(content)


def _members(path: str) -> Iterator[tuple[str, BinaryIO]]:
    """Read the archive's files in order, without ever writing one to a path that it names."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    raise CannotRestore(f"{member.name} is not a file: this is not an archive of Popschool")
                yield member.name, io.BufferedReader(_Content(content), storage.CHUNK)
    except UNREADABLE as error:
        raise CannotRestore(CUT.format(error)) from error


def check(path: str) -> dict:
    """Read the whole archive and compare it with its own list, which is returned. Raises CannotRestore."""
    manifest, found, files = None, {}, 0
    for name, content in _members(path):
        if name in found or manifest is not None:
            raise CannotRestore(f"{name} should not be there: this archive was changed")
        if name == "manifest.json":
            manifest = _read_manifest(content)
            continue
        kind, _, rest = name.partition("/")
        rows, digest = 0, hashlib.sha256()
        while chunk := content.read(storage.CHUNK):
            digest.update(chunk)
            rows += chunk.count(b"\n")
        if kind == "files" and digest.hexdigest() != rest:
            raise CannotRestore(f"{name} does not have the content of its name")
        files += kind == "files"
        found[name] = (rows, digest.hexdigest())
    if manifest is None:
        raise CannotRestore("this is not an archive of Popschool, or it is cut short")
    tables = {f"tables/{name}.jsonl": (one["rows"], one["sha256"]) for name, one in manifest["tables"].items()}
    for name, wanted in tables.items():
        if found.get(name) != wanted:
            raise CannotRestore(f"the rows of {name} are not those that were written")
    if files != manifest["files"]:
        raise CannotRestore(f"{manifest['files']} files were written, {files} are there")
    if unknown := [name for name in found if not name.startswith("files/") and name not in tables]:
        raise CannotRestore(f"{unknown[0]} should not be there: this archive was changed")
    return manifest


def _read_manifest(content: BinaryIO) -> dict:
    try:
        manifest = json.loads(content.read())
        is_ours = manifest["format"] == FORMAT and isinstance(manifest["files"], int) and "version" in manifest
        is_ours = is_ours and all({"rows", "sha256", "columns"} <= set(one) for one in manifest["tables"].values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotRestore("this is not an archive of Popschool: its list cannot be read") from error
    if not is_ours:
        raise CannotRestore("this is not an archive of Popschool, or of a version that this one does not read")
    return manifest


def _check_tables(manifest: dict, tables: dict[str, Table]) -> None:
    for name, table in tables.items():
        if manifest["tables"].get(name, {}).get("columns") != [column.name for column in table.columns]:
            raise CannotRestore(f"the archive has not the columns of {name} that this version has")
    if set(manifest["tables"]) - {table.name for table in derived_tables()} != set(tables):
        raise CannotRestore("the archive has not the tables that this version has")


def _read_table(connection: Connection, table: Table, file: BinaryIO) -> None:
    columns = list(table.columns)
    waiting: list[dict] = []
    for line in file:
        values = json.loads(line)
        waiting.append({column.name: typed(column.type, value) for column, value in zip(columns, values, strict=True)})
        if len(waiting) == ROWS_AT_ONCE:
            _add_rows(connection, table, waiting)
            waiting = []
    if waiting:
        _add_rows(connection, table, waiting)


def _add_rows(connection: Connection, table: Table, rows: list[dict]) -> None:
    parts.room_for(connection, table.name, rows)
    connection.execute(insert(locked.as_kept(table)), rows)
