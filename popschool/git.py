"""Git by its command line, kept on a short leash: bare mirrors, named protocols, no prompt, no hook, no checkout."""

import base64
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from popschool import outbound, traces
from popschool.errors import RuleBroken

GIT = "git"
QUICK, LONG = 30, 180
BIGGEST_MIRROR = 500_000_000
SCP_LIKE = re.compile(r"^([\w.-]+)@([\w.-]+):(?!/)(.+)$")
BRANCH = re.compile(r"^(?!-)(?!.*\.\.)(?!.*//)[\w./+-]{1,200}(?<![./])$")
COMMIT = re.compile(r"^[0-9a-f]{40}([0-9a-f]{24})?$")
BLOB, LINK, MODULE = "blob", "link", "module"


@dataclass
class GitFailed(RuleBroken):
    """Git could not do it. `reason` is unreachable, refused, unknown_branch, unknown_folder, slow, heavy or broken."""

    reason: str
    detail: str = ""


@dataclass(frozen=True)
class Remote:
    """Where a repository is. `is_local` allows a path or file://, and is for the command line alone."""

    url: str
    token: str = ""
    deploy_key: str = ""
    is_local: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a commit. `kind` is blob, link (a symbolic one) or module (another repository)."""

    path: str
    blob: str
    size: int
    kind: str = BLOB


@dataclass(frozen=True)
class Change:
    """One file that differs between two commits. `is_edit` when only its content does."""

    path: str
    before: str
    blob: str
    is_edit: bool


@dataclass(frozen=True)
class Commit:
    """Who made a commit, when, and its first line."""

    hash: str
    author: str
    at: datetime
    message: str


def find_commit(remote: Remote, branch: str = "", *, allow_inside: bool | None = None) -> str:
    """Return the commit that a branch (by default the main one) stands at now. Raises GitFailed, OutboundRefused."""
    ref = f"refs/heads/{_checked(branch)}" if branch else "HEAD"
    with _settings(remote, allow_inside) as (url, settings):
        answer = _run(["ls-remote", "--", url, ref], settings, QUICK)
    for line in answer.decode("utf-8", "replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == ref and COMMIT.match(commit):
            return commit
    raise GitFailed("unknown_branch", branch)


class Mirror:
    """A bare copy of one branch of a repository."""

    def __init__(self, path: Path):
        self.path = path

    def fetch(self, remote: Remote, branch: str = "", *, allow_inside: bool | None = None) -> str:
        """Bring the mirror to the branch's last commit, and return it. Raises GitFailed, OutboundRefused."""
        ref = f"refs/heads/{_checked(branch)}" if branch else "HEAD"
        self._start()
        with _settings(remote, allow_inside) as (url, settings):
            options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"]
            options += ["--depth=1", "--update-shallow"]
            self._git(["fetch", *options, "--", url, f"+{ref}:refs/heads/live"], settings, LONG)
        if sum(file.stat().st_size for file in self.path.rglob("*") if file.is_file()) > BIGGEST_MIRROR:
            shutil.rmtree(self.path)
            raise GitFailed("heavy")
        return self.head("refs/heads/live")

    def fetch_ref(self, remote: Remote, name: str, kept_as: str, *, allow_inside: bool | None = None) -> str:
        """Fetch a branch or a commit beside the one that is followed, keep it under a name, and return its commit."""
        wanted = name if COMMIT.match(name) else f"refs/heads/{_checked(name)}"
        with _settings(remote, allow_inside) as (url, settings):
            options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"]
            options += ["--depth=1", "--update-shallow"]
            self._git(["fetch", *options, "--", url, f"+{wanted}:{kept_as}"], settings, LONG)
        return self.head(kept_as)

    def fetch_commit(self, remote: Remote, commit: str) -> str:
        """Fetch one commit into a new mirror, or where the main branch stands without one, and return it.

        A forge that gives no commit by its name is asked for its main branch: it must still stand there. Raises
        GitFailed, OutboundRefused.
        """
        if commit:
            self._start()
            try:
                return self.fetch_ref(remote, commit, "refs/heads/pinned")
            except GitFailed as failed:
                if failed.reason in ("unreachable", "slow"):
                    raise
        live = self.fetch(remote)
        if commit and live != commit:
            raise GitFailed("unknown_branch", commit)
        return live

    def _start(self) -> None:
        if not (self.path / "HEAD").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            _run(["init", "--bare", "--quiet", "--template=", str(self.path)], {}, QUICK)

    def keep(self, ref: str, commit: str) -> None:
        """Let a reference of the mirror stand at a commit that it has."""
        self._git(["update-ref", ref, commit])

    def refs(self, start: str) -> list[str]:
        """Return the references of the mirror whose names begin so."""
        return self._git(["for-each-ref", "--format=%(refname)", start]).decode().split()

    def forget(self, ref: str) -> None:
        """Let go of a reference. What it alone held is removed when git next tidies."""
        self._git(["update-ref", "-d", ref])

    def blob_at(self, commit: str, path: str) -> str:
        """Return the blob of a file at a commit; nothing when it is not there."""
        listed = self._git(["ls-tree", "-z", "--full-tree", commit, "--", path]).rstrip(b"\0")
        facts = listed.partition(b"\t")[0].split()
        return facts[2].decode() if len(facts) == 3 and facts[1] == b"blob" and facts[0] != b"120000" else ""

    def head(self, ref: str = "HEAD") -> str:
        """Return the commit that a reference stands at."""
        return self._git(["rev-parse", "--verify", "--end-of-options", f"{ref}^{{commit}}"]).decode().strip()

    def describe(self, commit: str) -> Commit:
        """Say who made a commit and when."""
        shown = self._git(["show", "--no-patch", "--format=%H%x00%an%x00%ct%x00%s", "--end-of-options", commit])
        found, author, seconds, message = shown.decode("utf-8", "replace").rstrip("\n").split("\0", 3)
        at = datetime.fromtimestamp(min(max(int(seconds or 0), 0), 4_000_000_000), UTC)
        return Commit(found, author[:200], at, message[:500])

    def entries(self, commit: str, folder: str = "") -> list[Entry]:
        """List the files of a commit, or of one folder in it."""
        tree = f"{commit}:{folder.strip('/')}" if folder.strip("/") else commit
        try:
            listed = self._git(["ls-tree", "-r", "-z", "-l", "--full-tree", tree])
        except GitFailed as failed:
            raise GitFailed("unknown_folder", folder) if folder else failed from failed
        return [_entry(line) for line in listed.split(b"\0") if line]

    def changes(self, before: str, after: str, folder: str = "") -> list[Change]:
        """List the files that differ between two commits, or between one folder of each."""
        inside = f":{folder.strip('/')}" if folder.strip("/") else ""
        told = self._git(["diff-tree", "-r", "-z", "--raw", "--no-renames", f"{before}{inside}", f"{after}{inside}"])
        fields = [field for field in told.split(b"\0") if field]
        return [_change(facts, path) for facts, path in zip(fields[::2], fields[1::2], strict=True)]

    def read(self, blobs: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """Yield each blob and its content, in the order asked; None when the repository lacks it."""
        wanted = list(blobs)
        if not wanted:
            return
        process = _start(["-C", str(self.path), "cat-file", "--batch", "--buffer"], {})
        feeder = threading.Thread(target=_feed, args=(process.stdin, wanted), daemon=True)
        feeder.start()
        try:
            for blob in wanted:
                header = process.stdout.readline().split()
                if len(header) != 3 or header[1] != b"blob":
                    if len(header) == 3:
                        process.stdout.read(int(header[2]) + 1)
                    yield blob, None
                    continue
                yield blob, process.stdout.read(int(header[2]))
                process.stdout.read(1)
        finally:
            _kill(process)
            feeder.join()

    def _git(self, arguments: list[str], settings: dict[str, str] | None = None, timeout: int = QUICK) -> bytes:
        return _run(["-C", str(self.path), *arguments], settings or {}, timeout)


def is_bare(path: Path) -> bool:
    """Say whether a folder is a repository without a working tree."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def _checked(branch: str) -> str:
    if not BRANCH.match(branch):
        raise GitFailed("unknown_branch", branch)
    return branch


def _entry(line: bytes) -> Entry:
    facts, _, path = line.partition(b"\t")
    mode, kind, blob, size = facts.split()
    found = MODULE if kind == b"commit" else LINK if mode == b"120000" else BLOB
    length = int(size) if size.isdigit() else 0
    return Entry(path.decode("utf-8", "surrogateescape"), blob.decode(), length, found)


def _change(facts: bytes, path: bytes) -> Change:
    old_mode, mode, before, blob, status = facts.lstrip(b":").decode().split()
    is_edit = status == "M" and old_mode == mode and mode in ("100644", "100755")
    return Change(path.decode("utf-8", "surrogateescape"), before, blob, is_edit)


def _feed(pipe: object, blobs: list[str]) -> None:
    try:
        pipe.write("".join(f"{blob}\n" for blob in blobs).encode())
        pipe.close()
    except OSError:
        pass  # git has gone: the reader sees it


@contextmanager
def _settings(remote: Remote, allow_inside: bool | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the address to give to git, and the settings that go with it. Raises OutboundRefused."""
    url = remote.url.strip()
    settings = {"protocol.allow": "never", "http.followRedirects": "false"}
    is_path = url.startswith(("/", ".", "file://")) or "://" not in url and not SCP_LIKE.match(url)
    if remote.is_local and is_path:
        yield url, settings | {"protocol.file.allow": "always", "safe.directory": "*"}
        return
    scp = SCP_LIKE.match(url)
    if scp:
        url = f"ssh://{scp[1]}@{scp[2]}/{scp[3]}"
    schemes = ("http", "https", "ssh") if allow_inside is not False else ("https", "ssh")
    place = outbound.check_url(url, schemes=schemes, allow_inside=allow_inside)
    if place.scheme == "http" and not outbound.is_inside(place.addresses[0]):
        raise outbound.SchemeRefused("http", ("https", "ssh"))
    settings[f"protocol.{place.scheme}.allow"] = "always"
    if place.scheme == "ssh":
        with _ssh(remote, place) as command:
            yield url, settings | {"core.sshCommand": command}
        return
    shown = f"[{place.addresses[0]}]" if ":" in place.addresses[0] else place.addresses[0]
    settings["http.curloptResolve"] = f"{place.host}:{place.port}:{shown}"
    if remote.token:
        written = base64.b64encode(f"oauth2:{remote.token}".encode()).decode()
        settings["http.extraHeader"] = f"Authorization: Basic {written}"
    yield url, settings


@contextmanager
def _ssh(remote: Remote, place: outbound.Destination) -> Iterator[str]:
    """Yield an ssh command with this key alone, to the address that was checked."""
    with tempfile.TemporaryDirectory(prefix="popschool-ssh-") as folder:
        key = Path(folder) / "key"
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(remote.deploy_key)
        options = ["BatchMode=yes", "IdentitiesOnly=yes", "StrictHostKeyChecking=accept-new", "ConnectTimeout=15"]
        options += [f"UserKnownHostsFile={folder}/known_hosts", "PasswordAuthentication=no"]
        options += [f"HostName={place.addresses[0]}", f"HostKeyAlias={place.host}"]
        command = ["ssh", "-F", "/dev/null", "-i", str(key), *(f"-o{option}" for option in options)]
        yield shlex.join(command)


def _environment(settings: dict[str, str]) -> dict[str, str]:
    """Return an environment with nothing of ours: settings travel in it, since a command line can be read by others."""
    kept = {
        name: os.environ[name] for name in ("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ
    }
    fixed = {
        "gc.autoDetach": "false",
        "core.hooksPath": "/dev/null",
        "credential.helper": "",
        "core.fsmonitor": "false",
    }
    given = list((fixed | settings).items())
    environment = kept | {
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_ASKPASS": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_CONFIG_COUNT": str(len(given)),
    }
    for number, (name, value) in enumerate(given):
        environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return environment


def _start(arguments: list[str], settings: dict[str, str], more: dict[str, str] | None = None) -> subprocess.Popen:
    try:
        return subprocess.Popen(
            [GIT, *arguments],
            env=_environment(settings) | (more or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if arguments[-1] != "--buffer" else subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise GitFailed("broken", str(error)) from error


def _run(
    arguments: list[str],
    settings: dict[str, str],
    timeout: int,
    more: dict[str, str] | None = None,
    data: bytes | None = None,
) -> bytes:
    """Run git to its end. `more` goes into its environment, `data` into its standard input."""
    process = _start(arguments, settings, more)
    try:
        with traces.call("git"):
            out, err = process.communicate(data, timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise GitFailed("slow", str(timeout)) from error
    finally:
        _kill(process)
    if process.returncode:
        raise _failure(err.decode("utf-8", "replace").strip())
    return out


def _kill(process: subprocess.Popen) -> None:
    """End git and all that it started, and let go of its pipes."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()


def _failure(said: str) -> GitFailed:
    """Turn what git said into a reason. Its words hold no token, since none is ever in the address."""
    low = said.lower()
    if "couldn't find remote ref" in low or "unknown revision" in low or "needed a single revision" in low:
        return GitFailed("unknown_branch", said[-400:])
    if any(words in low for words in ("authentication failed", "could not read username", "permission denied", "403")):
        return GitFailed("refused", said[-400:])
    if any(words in low for words in ("could not resolve", "failed to connect", "unable to access", "does not appear")):
        return GitFailed("unreachable", said[-400:])
    return GitFailed("broken", said[-400:])
