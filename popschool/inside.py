"""Jobs on one machine: a child process that the server starts when there is work, and that ends when there is none.

Whoever commits a job calls through a pipe in the data folder: a page, another command, it is the same. A thread of the
server only waits: for a call, for the moment at which the next job is due, for the child's end.
"""

import contextlib
import errno
import json
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import structlog

from popschool import clock
from popschool.config import JOBS_INSIDE, PREFIX, Settings

COMMAND = (sys.executable, "-m", "popschool.cli", "worker", "--until-idle")
LONGEST_WAIT = 3600.0
LONGEST_PAUSE = 60.0
SECONDS_TO_END = 20.0
log = structlog.get_logger("popschool.jobs")


def pipe_path(settings: Settings) -> Path:
    return settings.data_dir / "jobs.wake"


def wake(settings: Settings) -> None:
    """Call the server that starts the child, if there is one; otherwise it will look when it starts."""
    if settings.jobs != JOBS_INSIDE:
        return
    with _opened(pipe_path(settings), os.O_WRONLY) as pipe, contextlib.suppress(BlockingIOError):
        if pipe is not None:
            os.write(pipe, b"1")  # a full pipe holds enough calls already


def drain_calls(settings: Settings) -> None:
    """Forget the calls made so far; what they were about must be looked for afterwards."""
    with _opened(pipe_path(settings), os.O_RDONLY) as pipe:
        if pipe is not None:
            _drain(pipe)


@contextlib.contextmanager
def _opened(path: Path, way: int) -> Iterator[int | None]:
    try:
        pipe = os.open(path, way | os.O_NONBLOCK)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENXIO):  # no pipe, or nobody who listens
            raise
        yield None
        return
    try:
        yield pipe
    finally:
        os.close(pipe)


def _drain(pipe: int) -> None:
    with contextlib.suppress(BlockingIOError):
        while os.read(pipe, 65536):
            pass


@contextlib.contextmanager
def jobs_done(settings: Settings, *, is_at_once: bool = True) -> Iterator[None]:
    """Have jobs done as long as this process serves, when the settings leave them to it.

    What an earlier server left is looked for at once, or else when somebody calls: a start shows its first page sooner.
    """
    if settings.jobs != JOBS_INSIDE:
        yield
        return
    child = Child(settings, is_at_once=is_at_once)
    child.start()
    try:
        yield
    finally:
        child.stop()


class Child:
    """The child process and the thread that waits for it. `start` and `stop` are for the server."""

    def __init__(
        self,
        settings: Settings,
        command: tuple[str, ...] = COMMAND,
        environ: dict[str, str] | None = None,
        *,
        is_at_once: bool = True,
    ) -> None:
        self.settings = settings
        self.command = command
        self.environ = os.environ.copy() if environ is None else environ
        self.process: subprocess.Popen | None = None
        self.starts = 0
        self._first_wait = 0.0 if is_at_once else LONGEST_WAIT
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="jobs", daemon=True)

    def start(self) -> None:
        path = pipe_path(self.settings)
        with contextlib.suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Open for both, so that the pipe never ends when the last caller closes it.
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self._thread.start()

    def stop(self) -> None:
        """End the child once its present job is done, or by force after a while: the job then comes back."""
        with self._lock:
            self._stopping.set()
            process = self.process
        os.write(self._pipe, b"1")
        if process is not None and process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(SECONDS_TO_END)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(SECONDS_TO_END)
        os.close(self._pipe)

    def _watch(self) -> None:
        pause = 0.0
        seconds: float | None = self._first_wait
        while not self._stopping.wait(pause):
            self._wait_for_call(seconds)
            if self._stopping.is_set():
                return
            seconds = self._run()
            pause = 0.0 if seconds is not None else min(max(1.0, 2 * pause), LONGEST_PAUSE)

    def _wait_for_call(self, seconds: float | None) -> None:
        """Wait until somebody calls, or `seconds` have passed; a child that failed (None) is started again."""
        wait = 0.0 if seconds is None else min(seconds, LONGEST_WAIT)
        select.select([self._pipe], [], [], wait)
        _drain(self._pipe)

    def _run(self) -> float | None:
        """Run one child to its end. Returns the seconds until the next job is due, None when the child failed."""
        environ = self.environ | ({f"{PREFIX}NOW": clock.now().isoformat()} if clock.is_moved() else {})
        with self._lock:
            if self._stopping.is_set():
                return LONGEST_WAIT
            self.process = subprocess.Popen(
                self.command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
            )
            self.starts += 1
        said, _ = self.process.communicate()
        if self.process.returncode != 0:
            if not self._stopping.is_set():
                log.error("the process that does jobs failed", status=self.process.returncode)
            return None
        return _seconds_said(said)


def _seconds_said(text: str) -> float:
    """Read the child's last line: {"next_due_seconds": 12.5}, or null when no job waits."""
    try:
        seconds = json.loads(text.strip().splitlines()[-1])["next_due_seconds"]
    except (IndexError, KeyError, TypeError, ValueError):
        return LONGEST_WAIT
    return LONGEST_WAIT if seconds is None else float(seconds)
