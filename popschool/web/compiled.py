"""Compiled templates, kept from one start to the next: a page shown before a restart is compiled no more after it.

What a template becomes depends on its text, on the words of a language, and on the code that writes it: kept under the
first two, and looked at again when any of the three has changed.
"""

import contextlib
import sys
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from pickle import UnpicklingError

import jinja2
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache

from popschool.web import catalogues, languages

FOLDER = "templates"
WEB = Path(__file__).parent


def init_app(app: Flask) -> None:
    """Keep what templates become in the data folder. Where nothing can be written, each start compiles them again."""
    folder = app.config["POPSCHOOL"].data_dir / FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        app.jinja_env.bytecode_cache = KeptTemplates(str(folder))


class KeptTemplates(FileSystemBytecodeCache):
    """A file for each template in each language."""

    @cached_property
    def _code(self) -> str:
        """What the code that compiles is, as far as files say: their sizes and when they were written."""
        files = sorted([*WEB.parent.glob("*.py"), *WEB.glob("*.py")])
        return f"{sys.version} {jinja2.__version__} {' '.join(map(_seen, files))}"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return super().get_cache_key(f"{languages.code()} {name}")

    def get_source_checksum(self, source: str) -> str:
        words = catalogues.po_path(languages.code()).with_suffix(".mo")
        return sha256(f"{self._code} {_seen(words)} {source}".encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except (OSError, EOFError, UnpicklingError):  # a disk that failed, a file cut short
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # a full disk takes no page away
            super().dump_bytecode(bucket)


def _seen(file: Path) -> str:
    try:
        about = file.stat()
    except FileNotFoundError:
        return f"{file} is not there"
    return f"{file} {about.st_size} {about.st_mtime_ns}"
