"""Serving with several processes: gunicorn loads the application once, then divides; the one that starts it only waits.

What is loaded before they divide is memory that they share, and a process that takes the place of another has nothing
to load. Whoever only waits loads nothing of the application.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from popschool import inside
from popschool.config import Settings
from popschool.errors import CannotServe

THREADS_EACH = 4
SECONDS_TO_START = 60
# Longer than a proxy keeps a connection (nginx: 60), so that it never asks on one that is being closed here.
SECONDS_OPEN = 75
# What gunicorn ends with when the application said why it must not serve.
REFUSED = 78
SHARED_FIGURES = "PROMETHEUS_MULTIPROC_DIR"


def serve(settings: Settings, host: str, port: int, workers: int, on_ready: Callable[[], None]) -> None:
    """Serve until stopped. Raises CannotServe; what the application itself refuses has been said by then."""
    if importlib.util.find_spec("gunicorn") is None:
        raise CannotServe("several workers need gunicorn: install popschool[prod], or serve with one worker")
    share_figures(settings, port)
    with inside.jobs_done(settings):
        status = _run(host, port, workers, on_ready)
    if status == REFUSED:
        raise SystemExit(1)
    if status:
        raise CannotServe(f"gunicorn ended with status {status}")


def share_figures(settings: Settings, port: int) -> None:
    """Let the processes of one `serve` add their figures up, apart from another's with the same data.

    Call before any of them is there.
    """
    if not settings.metrics_token:
        return
    folder = settings.data_dir / "metrics" / str(port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[SHARED_FIGURES] = str(folder)


def _run(host: str, port: int, workers: int, on_ready: Callable[[], None]) -> int:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "app:app", "--bind", bind, "--workers", str(workers)]
    command += ["--config", "python:popschool.gunicorn_hooks"]
    command += ["--worker-class", "gthread", "--threads", str(THREADS_EACH), "--timeout", "60"]
    command += ["--keep-alive", str(SECONDS_OPEN), "--no-control-socket"]
    command += ["--max-requests", "20000", "--max-requests-jitter", "2000", "--log-level", "warning"]
    # The application itself decides which proxies to believe.
    command += ["--forwarded-allow-ips", "127.0.0.1"]
    process = subprocess.Popen(command)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.send_signal(signal.SIGTERM))
    threading.Thread(target=_when_it_answers, args=(process, host, port, on_ready), daemon=True).start()
    return process.wait()


def _when_it_answers(process: subprocess.Popen, host: str, port: int, on_ready: Callable[[], None]) -> None:
    import urllib.request  # what counts imports a name of this file, and calls nobody

    near = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    end = time.monotonic() + SECONDS_TO_START
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://{near}:{port}/healthz", timeout=2):
                on_ready()
                return
        except OSError:
            time.sleep(0.2)
