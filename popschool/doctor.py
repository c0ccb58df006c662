"""Is this installation sound? Settings, database, storage, mail, SMS, jobs, traces, clock, PDF, seal, keys, git."""

import dataclasses
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from popschool import (
    audit,
    clock,
    jobs,
    locked,
    mail_server,
    migration,
    parts,
    pdf,
    replica,
    scanner,
    seal,
    sms_gateway,
    storage,
    traces,
)
from popschool.config import PREFIX, Settings
from popschool.db import REPLICA, db, is_reachable

SECRETS = frozenset({"secret_key", "seal_key", "seal_password", "metrics_token"})
TOLD = frozenset({"starttls", "cafile", "region", "endpoint", "sslmode", "host", "port"})
MASK = "••••"
LATE = timedelta(minutes=15)
GIT_NEEDED = (2, 37)
POSTGRESQL_NEEDED = 15
SQLITE_NEEDED = (3, 35)


class Unsound(Exception):
    """What a check found, and what to do."""


@dataclass(frozen=True)
class Finding:
    """One check: is it sound, and what to know or to do."""

    name: str
    is_sound: bool
    detail: str


def examine(settings: Settings) -> list[Finding]:
    """Check everything; a check that fails says why and does not stop the others."""
    checks: dict[str, Callable[[Settings], str]] = {
        "settings": _settings,
        "database": _database,
        "replica": _replica,
        "migrations": _migrations,
        "parts": _parts,
        "storage": _storage,
        "scanner": _scanner,
        "mail": _mail,
        "sms": _sms,
        "jobs": _jobs,
        "traces": _traces,
        "clock": _clock,
        "pdf": _pdf,
        "seal": _seal,
        "locked": _locked,
        "git": _git,
    }
    return [_find(name, check, settings) for name, check in checks.items()]


def _find(name: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(name, True, check(settings))
    except Exception as error:
        db.session.rollback()
        reason = str(error) if isinstance(error, Unsound) else f"{type(error).__name__}: {error}"
        return Finding(name, False, reason.strip().splitlines()[0])


def listed(settings: Settings) -> list[dict]:
    """Return every setting: its variable, its value with secrets hidden, and where the value comes from."""
    rows = []
    for field in dataclasses.fields(settings):
        if field.name == "given":
            continue
        value = getattr(settings, field.name)
        shown = "" if value in (None, "") else hide(field.name, str(value))
        origin = "environment" if field.name.upper() in settings.given else "default"
        rows.append({"name": PREFIX + field.name.upper(), "value": shown, "from": origin})
    return rows


def hide(name: str, value: str) -> str:
    """Hide what is secret: the whole of a key; in an address, its user's password, its keys and its headers."""
    if name in SECRETS:
        return MASK
    parts = urlsplit(value)
    if not name.endswith("_url") or name == "base_url" or not parts.netloc:
        return value
    pair, at, host = parts.netloc.rpartition("@")
    user = f"{pair.partition(':')[0]}:{MASK}" if ":" in pair else pair
    query = "&".join(f"{key}={_told(key, given)}" for key, given in parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit((parts.scheme, f"{user}{at}{host}", parts.path, query, MASK if parts.fragment else ""))


def _told(key: str, value: str) -> str:
    return quote(value, safe="/:{}") if key in TOLD or value in ("{to}", "{text}") else MASK


def as_json(settings: Settings, findings: list[Finding]) -> str:
    answer = {
        "sound": all(finding.is_sound for finding in findings),
        "checks": [{"name": one.name, "sound": one.is_sound, "detail": one.detail} for one in findings],
        "settings": listed(settings),
    }
    return json.dumps(answer, ensure_ascii=False)


def as_text(settings: Settings, findings: list[Finding]) -> str:
    rows = listed(settings)
    wide = max(len(row["name"]) for row in rows)
    lines = [f"{row['name']:{wide}}  {row['from']:11}  {row['value']}" for row in rows]
    lines += [""]
    lines += [f"{'sound' if one.is_sound else 'WRONG':5}  {one.name:10}  {one.detail}" for one in findings]
    return "\n".join(lines)


def _settings(settings: Settings) -> str:
    problems = settings.problems()
    if problems:
        raise Unsound(" ".join(problems))
    return "safe for production" if settings.is_production else "for a trial: BASE_URL is not in https"


def _database(settings: Settings) -> str:
    is_reachable(db.engine)
    name = db.engine.dialect.name
    query = "SELECT sqlite_version()" if name == "sqlite" else "SHOW server_version"
    with db.engine.connect() as connection:
        version = str(connection.exec_driver_sql(query).scalar())
    if name == "sqlite" and _numbers(version) < SQLITE_NEEDED:
        raise Unsound(f"SQLite {version} is too old: 3.35 or newer is needed")
    if name == "postgresql" and _numbers(version)[0] < POSTGRESQL_NEEDED:
        raise Unsound(f"PostgreSQL {version} is too old: {POSTGRESQL_NEEDED} or newer is needed")
    if settings.database_pooled:
        _limits()
    return f"{name} {version}" + (", through PgBouncer" if settings.database_pooled else "")


def _limits() -> None:
    """Through PgBouncer it is PgBouncer that limits how long a statement takes and a lock is waited for."""
    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        with db.engine.connect() as connection:
            if connection.exec_driver_sql(f"SHOW {name}").scalar() == "0":
                raise Unsound(f"PgBouncer sets no {name}: see connect_query in deploy/pgbouncer/pgbouncer.ini")


def _scanner(settings: Settings) -> str:
    if not settings.scan_url:
        return "none: files are refused by what they are, not compared with known harm"
    if not scanner.is_there(settings.scan_url):
        raise Unsound("clamd answers something else: is it clamd that listens there?")
    return "clamd answers"


def _replica(settings: Settings) -> str:
    if not settings.database_replica_url:
        return "none: reports are read from the database"
    if not replica.follows(db.engines[REPLICA]):
        raise Unsound("it no longer follows the database: reports are read from the database until it does")
    return "it follows the database"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _migrations(_settings: Settings) -> str:
    found, wanted = migration.database_version(), migration.code_version()
    if found != wanted:
        raise Unsound(f"the database is at {found or 'nothing'}, this version needs {wanted}: run popschool migrate")
    return f"at {wanted or 'the beginning'}"


def _parts(_settings: Settings) -> str:
    if db.engine.dialect.name != "postgresql":
        return "none: SQLite keeps each table whole"
    with db.engine.connect() as connection:
        if late := parts.missing(connection):
            raise Unsound(
                f"{', '.join(late)}: the last part is full, and lines fall into the one that takes the rest; is a "
                "worker running in the night? Nothing is lost"
            )
        count = sum(len(parts.found(connection, group.first)) for group in parts.GROUPS.values())
    return f"{count} for {len(parts.GROUPS)} large tables, and the next ones are there"


def _storage(_settings: Settings) -> str:
    content = f"popschool doctor {datetime.now(UTC).isoformat()}".encode()
    kept = storage.put(content)
    try:
        if storage.read(kept.hash) != content:
            raise Unsound("what was written could not be read back")
    finally:
        storage.delete(kept.hash)
    if storage.exists(kept.hash):
        raise Unsound("what was deleted is still there")
    return "writes, reads and deletes"


def _mail(settings: Settings) -> str:
    if settings.keeps_mail:
        return "kept and shown on a page, not sent"
    with mail_server.connect(settings.mail_url) as server:
        code, _said = server.noop()
    if code >= 400:
        raise Unsound(f"the server answers {code}")
    return "the server answers"


def _sms(settings: Settings) -> str:
    if settings.keeps_sms:
        return "kept and shown on a page, not sent"
    way, parts = sms_gateway.read_url(settings.sms_url)
    return f"{way} {parts.scheme}://{parts.hostname}, not called"


def _jobs(settings: Settings) -> str:
    waiting = jobs.waiting_since(clock.now())
    if waiting > LATE:
        remedy = "is popschool worker running?" if settings.jobs == "worker" else "is popschool serve running?"
        raise Unsound(f"the oldest has waited {waiting.total_seconds() // 60:.0f} minutes: {remedy}")
    return "done by worker processes" if settings.jobs == "worker" else "done by a process that serve starts"


def _traces(settings: Settings) -> str:
    if not settings.traces_url:
        return "none"
    if not traces.is_installed():
        raise Unsound(traces.MISSING)
    if not traces.takes(settings):
        raise Unsound("the collector does not answer, or refuses: pages go on, and their spans are lost")
    return "the collector answers"


def _clock(_settings: Settings) -> str:
    ZoneInfo("Europe/Paris")
    now = clock.now()
    written = audit.last_moment()
    if written is not None and written - now > jobs.CLOCKS_DIFFER:
        raise Unsound(
            f"it is {now:%Y-%m-%d %H:%M} UTC, and the last act is written at {written:%Y-%m-%d %H:%M}: this clock went "
            "back, or it was ahead then. Set it by NTP, then start popschool worker or serve again: what waits for "
            "that moment is done at once. Nothing that was written is changed"
        )
    if clock.is_moved():
        return f"moved to {now:%Y-%m-%d %H:%M} UTC"
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            away = abs(connection.exec_driver_sql("SELECT clock_timestamp()").scalar() - now)
        if away > jobs.CLOCKS_DIFFER:
            minutes = away.total_seconds() / 60
            raise Unsound(f"the database's clock is {minutes:.0f} minutes from this one: set both by NTP")
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _pdf(_settings: Settings) -> str:
    import typst

    typst.compile(b"= Popschool", format="pdf")
    return f"typst works, our fonts draw {len(pdf.letters())} letters"


def _seal(settings: Settings) -> str:
    stamp = "time-stamped" if settings.tsa_url else "not time-stamped"
    if not settings.seal_key:
        return f"papers are chained by their hashes, not signed, {stamp}"
    found = seal.read_seal(settings.seal_key, settings.seal_password)
    if found.ends_at <= clock.now():
        raise Unsound(f"the certificate of {found.owner} ended on {found.ends_at:%Y-%m-%d}: renew it")
    return f"papers are signed by {found.owner} until {found.ends_at:%Y-%m-%d}, {stamp}"


def _locked(_settings: Settings) -> str:
    place = locked.path()
    try:
        found = locked.state()
    except locked.KeysMissing as error:
        raise Unsound(
            f"{place} is not there, and the database holds locked values: put it back from its copy; nothing is lost"
        ) from error
    except locked.KeysUnreadable as error:
        raise Unsound(f"{place} holds a line that is no key: put it back from its copy; nothing is lost") from error
    except locked.LockedAway as error:
        raise Unsound(f"a value does not open with the key {error.key_id} of {place}: restore its row") from error
    if found.away:
        told = ", ".join(f"{count} with {name}" for name, count in sorted(found.away.items()))
        raise Unsound(f"{place} lacks a key: {told}. Put it back from its copy; nothing is lost")
    if found.open:
        return f"{found.locked} values locked, {found.open} still open: run popschool keys rotate"
    return f"{found.locked} values locked, all of them open with {place}" if found.locked else "nothing to lock yet"


def _git(_settings: Settings) -> str:
    program = shutil.which("git")
    if program is None:
        raise Unsound("git is not installed: courses cannot be synchronised")
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    if _numbers(said)[:2] < GIT_NEEDED:
        raise Unsound(f"{said.strip()} is too old: 2.37 or newer is needed")
    return said.strip()
