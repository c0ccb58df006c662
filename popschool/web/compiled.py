"""Compiled templates, kept from one start to the next: a page shown before a restart is compiled no more after it.

What a template becomes depends on its text, on the words of a language, and on the code that writes it: kept under the
first two, and looked at again when any of the three has changed.
"""

import contextlib
import sys
import tempfile
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import jinja2
from flask import Flask
from itsdangerous import BadSignature, Signer
from jinja2.bccache import Bucket, BytecodeCache

from popschool.web import catalogues, languages

FOLDER = "templates"
WEB = Path(__file__).parent


def init_app(app: Flask) -> None:
    """Keep what templates become in the data folder. Where nothing can be written, each start compiles them again."""
    folder = app.config["POPSCHOOL"].data_dir / FOLDER
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        app.jinja_env.bytecode_cache = KeptTemplates(folder, app.config["SECRET_KEY"])


class KeptTemplates(BytecodeCache):
    """A file for each template in each language. It is code, which runs only if this installation has signed it."""

    def __init__(self, folder: Path, secret: str) -> None:
        self.folder = folder
        self._secret = secret

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
        with contextlib.suppress(OSError, BadSignature):
            bucket.bytecode_from_string(self._signer(bucket).unsign((self.folder / bucket.key).read_bytes()))

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError), tempfile.TemporaryDirectory(dir=self.folder) as folder:
            # a full disk takes no page away, and keeps nothing of what could not be written
            file = Path(folder) / bucket.key
            file.write_bytes(self._signer(bucket).sign(bucket.bytecode_to_string()))
            file.replace(self.folder / bucket.key)

    def _signer(self, bucket: Bucket) -> Signer:
        return Signer(self._secret, salt=f"template {bucket.key}", digest_method=sha256)


def _seen(file: Path) -> str:
    try:
        about = file.stat()
    except FileNotFoundError:
        return f"{file} is not there"
    return f"{file} {about.st_size} {about.st_mtime_ns}"
