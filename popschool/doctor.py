"""Is this installation sound? Settings, database, migrations, storage, mail, SMS, clock, fonts, git."""

import dataclasses
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from flask import Flask

from popschool import clock, mail, server, storage
from popschool.config import PREFIX, Settings
from popschool.db import db, is_reachable

SECRETS = {"secret_key", "seal_key"}


@dataclass(frozen=True)
class Finding:
    """One check: is it sound, and what to know or to do."""

    name: str
    is_sound: bool
    detail: str


def examine(app: Flask) -> list[Finding]:
    """Check everything; a check that fails says why and does not stop the others."""
    settings = app.config["POPSCHOOL"]
    checks: list[tuple[str, Callable[[], str]]] = [
        ("settings", lambda: _refuse(settings.problems()) or "safe"),
        ("database", _database),
        ("migrations", _migrations),
        ("storage", _storage),
        ("mail", lambda: _mail(settings)),
        ("sms", lambda: _sms(settings)),
        ("clock", lambda: _clock(settings)),
        ("fonts", _fonts),
        ("git", _git),
    ]
    with app.app_context():
        return [_find(name, check) for name, check in checks]


def _find(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except Exception as error:
        db.session.rollback()
        return Finding(name, False, f"{error}" or type(error).__name__)


def listed(settings: Settings) -> list[dict]:
    """Return every setting: its variable, its value with secrets hidden, and whether it was given."""
    rows = []
    for field in dataclasses.fields(settings):
        if field.name == "given":
            continue
        value = getattr(settings, field.name)
        text = "" if value in (None, "") else hide(field.name, str(value))
        rows.append({"name": PREFIX + field.name.upper(), "value": text, "given": field.name.upper() in settings.given})
    return rows


def hide(name: str, value: str) -> str:
    """Hide what is secret in a value: the whole of a key, the password of an address."""
    if name in SECRETS:
        return "••••"
    parts = urlsplit(value)
    if parts.password:
        host = f"{parts.username}:••••@{parts.hostname}" + (f":{parts.port}" if parts.port else "")
        return urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return value


def _refuse(problems: list[str]) -> str:
    if problems:
        raise RuntimeError(" ".join(problems))
    return ""


def _database() -> str:
    is_reachable(db.engine)
    with db.engine.connect() as connection:
        query = "SELECT sqlite_version()" if db.engine.dialect.name == "sqlite" else "SHOW server_version"
        return f"{db.engine.dialect.name} {connection.exec_driver_sql(query).scalar()}"


def _migrations() -> str:
    if not server.is_current():
        raise RuntimeError(
            f"the database is at {server.database_revision()}, the code at {server.head_revision()}: "
            "run popschool migrate"
        )
    return f"at {server.head_revision()}"


def _storage() -> str:
    kept = storage.put(b"popschool doctor")
    if storage.read(kept.hash) != b"popschool doctor":
        raise RuntimeError("what was written could not be read back")
    storage.delete(kept.hash)
    return "writes, reads and deletes"


def _mail(settings: Settings) -> str:
    if settings.keeps_mail:
        return "kept and shown on a page, not sent"
    with mail.connect(settings.mail_url) as connection:
        connection.noop()
    return "the server answers"


def _sms(settings: Settings) -> str:
    if settings.keeps_sms:
        return "kept and shown on a page, not sent"
    address = settings.sms_url.removeprefix("post+").removeprefix("json+")
    if urlsplit(address).scheme not in ("http", "https"):
        raise RuntimeError("SMS_URL: write http(s)://…{to}…{text}, post+https://… or json+https://…")
    return "a gateway is set"


def _clock(settings: Settings) -> str:
    ZoneInfo("Europe/Paris")
    if clock.is_moved():
        return f"moved to {clock.now():%Y-%m-%d %H:%M} UTC"
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _fonts() -> str:
    import typst

    return f"typst {getattr(typst, '__version__', 'present')}, with its own fonts"


def _git() -> str:
    program = shutil.which("git")
    if program is None:
        raise RuntimeError("git is not installed: courses cannot be synchronised")
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout.strip()
