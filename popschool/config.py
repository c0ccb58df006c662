"""Settings: environment variables named POPSCHOOL_…, read once, each with a default that runs."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "POPSCHOOL_"
DEMO_DAY = "demo-day"
JOBS_INSIDE, JOBS_WORKER = "inside", "worker"
SHORTEST_SECRET = 32
# The mode of the folder made for the data: SQLite would let everybody on the machine read its file.
OURS_ALONE = 0o700


class SettingRefused(ValueError):
    """A setting that cannot be read; says its name and what it should look like."""


@dataclass(frozen=True)
class Settings:
    """Everything an installation may decide. `given` names the variables that were set by the environment.

    `seal_key` is the path of a PKCS#12 file, or of a PEM file with a private key, its certificate and those above it;
    `seal_password` opens it when it is locked. `tsa_url` is the address of a time-stamping authority (RFC 3161).
    `metrics_token` opens /metrics, which is not there without it. `traces_url` is where a collector of
    OpenTelemetry takes traces, OTLP over HTTP.
    `anchor` is the file or the mail that takes the last lines of the record of acts each night.
    `database_pooled` says that the database is reached through PgBouncer in transaction mode. `database_replica_url` is
    the address of a streaming copy, which reports are read from.
    `database_owner_url` is the address by which `migrate` and `restore` come, when the account that serves does not own
    the tables. `scan_url` is where clamd looks at what people send. `erasures` is the path of a second list of the
    erasures that were agreed, beside the one in the store.
    `lock_keys` is the path of the file of keys that lock what is sensitive; without it, one is made beside the data.
    """

    data_dir: Path
    database_url: str
    storage_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    database_pooled: bool = False
    database_replica_url: str = ""
    database_owner_url: str = ""
    mail_url: str = "keep:"
    mail_from: str = "Pop School <ne-pas-repondre@example.org>"
    sms_url: str = "keep:"
    tsa_url: str = ""
    seal_key: str = ""
    seal_password: str = ""
    lock_keys: str = ""
    metrics_token: str = ""
    traces_url: str = ""
    jobs: str = JOBS_INSIDE
    now: datetime | None = None
    log: str = "auto"
    trusted_proxies: int = 0
    allow_inside: bool = False
    anchor: str = ""
    erasures: str = ""
    scan_url: str = ""
    given: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_demonstration(self) -> bool:
        """Say whether `popschool demo` filled this installation: its accounts open with their password alone."""
        return (self.data_dir / DEMO_DAY).is_file()

    @property
    def is_production(self) -> bool:
        """An address in https is a promise to real people; what is unsafe for them is refused."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def lock_path(self) -> Path:
        return Path(self.lock_keys) if self.lock_keys else self.data_dir / "lock_keys"

    @property
    def keeps_mail(self) -> bool:
        return self.mail_url.startswith("keep:")

    @property
    def keeps_sms(self) -> bool:
        return self.sms_url.startswith("keep:")

    def problems(self) -> list[str]:
        """Say why these settings must not serve; empty when they may."""
        if not self.is_production:
            return []
        checks = [
            (self.now is not None, "NOW moves the clock: it is for trials, not for production. Remove it."),
            (
                "SECRET_KEY" in self.given and len(self.secret_key) < SHORTEST_SECRET,
                f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters. Make one: openssl rand -hex 32",
            ),
            (
                self.keeps_mail,
                "MAIL_URL keeps messages on a page instead of sending them. Give a mail server: smtp://…",
            ),
            (
                0 < len(self.metrics_token) < SHORTEST_SECRET,
                f"METRICS_TOKEN is shorter than {SHORTEST_SECRET} characters. Make one: openssl rand -hex 32",
            ),
            (self.allow_inside, "ALLOW_INSIDE lets links call addresses of your own network. Remove it."),
            ("BASE_URL" not in self.given, "BASE_URL is not set: links in mails would lead nowhere."),
        ]
        return [reason for is_unsafe, reason in checks if is_unsafe]


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read POPSCHOOL_… variables. Raises SettingRefused, naming the variable."""
    environ = os.environ if environ is None else environ
    given = {name[len(PREFIX) :]: value for name, value in environ.items() if name.startswith(PREFIX) and value != ""}
    data_dir = Path(given.get("DATA_DIR", "data")).resolve()
    database_url = given.get("DATABASE_URL") or f"sqlite:///{data_dir / 'popschool.sqlite'}"
    database_url, replica_url = _by_psycopg(database_url), _by_psycopg(given.get("DATABASE_REPLICA_URL", ""))
    if not database_url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise SettingRefused("DATABASE_URL: write sqlite:///path or postgresql://user:password@host/name")
    owner_url = _by_psycopg(given.get("DATABASE_OWNER_URL", ""))
    if owner_url and not (owner_url.startswith("postgresql+") and database_url.startswith("postgresql+")):
        raise SettingRefused(
            "DATABASE_OWNER_URL: only PostgreSQL has accounts; write postgresql://user:password@host/name"
        )
    if replica_url and not (replica_url.startswith("postgresql+") and database_url.startswith("postgresql+")):
        raise SettingRefused(
            "DATABASE_REPLICA_URL: only PostgreSQL has a replica; write postgresql://user:password@host/name"
        )
    jobs = given.get("JOBS", JOBS_INSIDE)
    if jobs not in (JOBS_INSIDE, JOBS_WORKER):
        raise SettingRefused("JOBS: write inside or worker")
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        database_pooled=given.get("DATABASE_POOLED", "") == "1",
        database_replica_url=replica_url,
        database_owner_url=owner_url,
        storage_url=given.get("STORAGE_URL") or f"file://{data_dir / 'files'}",
        secret_key=given.get("SECRET_KEY") or _kept_secret(data_dir),
        base_url=given.get("BASE_URL", Settings.base_url).rstrip("/"),
        mail_url=given.get("MAIL_URL", Settings.mail_url),
        mail_from=given.get("MAIL_FROM", Settings.mail_from),
        sms_url=given.get("SMS_URL", Settings.sms_url),
        tsa_url=given.get("TSA_URL", ""),
        seal_key=given.get("SEAL_KEY", ""),
        seal_password=given.get("SEAL_PASSWORD", ""),
        lock_keys=given.get("LOCK_KEYS", ""),
        metrics_token=given.get("METRICS_TOKEN", ""),
        traces_url=_collector(given.get("TRACES_URL", "")),
        jobs=jobs,
        now=_moment(given.get("NOW")),
        log=given.get("LOG", Settings.log),
        trusted_proxies=_whole_number("TRUSTED_PROXIES", given.get("TRUSTED_PROXIES", "0")),
        anchor=given.get("ANCHOR", ""),
        erasures=given.get("ERASURES", ""),
        scan_url=_scanner(given.get("SCAN_URL", "")),
        allow_inside=given.get("ALLOW_INSIDE", "") == "1",
        given=frozenset(given),
    )


def _by_psycopg(url: str) -> str:
    """Name the driver in an address of PostgreSQL."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def _scanner(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme != "clamd" or not (parts.path if not parts.netloc else parts.port)):
        raise SettingRefused("SCAN_URL: write clamd:///path/of/its/socket or clamd://host:3310")
    return url


def _collector(url: str) -> str:
    """Return where traces are posted: an address without a path is that of the collector, and takes the usual one."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise SettingRefused("TRACES_URL: write http://host:4318, or the whole address that takes traces")
    return f"{url.rstrip('/')}/v1/traces" if url and parts.path in ("", "/") else url


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingRefused("NOW: write a moment such as 2027-03-08T09:05:00+01:00") from error
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole_number(name: str, text: str) -> int:
    if not text.isdigit():
        raise SettingRefused(f"{name}: write a whole number")
    return int(text)


def _kept_secret(data_dir: Path) -> str:
    """Make a secret once and keep it beside the data, readable by its owner alone."""
    path = data_dir / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        data_dir.mkdir(mode=OURS_ALONE, parents=True, exist_ok=True)
        secret = secrets.token_hex(32)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secret)
        except FileExistsError:
            return path.read_text().strip()
        return secret
