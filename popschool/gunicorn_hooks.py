"""What gunicorn is told, and what it calls: before its processes divide, and when one of them ends."""

import sys
from typing import Any

from popschool.errors import CannotServe
from popschool.processes import REFUSED

preload_app = True


def on_starting(gunicorn: Any) -> None:
    """Refuse once, before there is anybody to answer, what is not fit to serve."""
    from popschool import server

    try:
        server.check_before_serving(gunicorn.app.wsgi())
    except CannotServe as reason:
        print(f"Error: {reason}", file=sys.stderr)
        raise SystemExit(REFUSED) from reason


def child_exit(_server: Any, worker: Any) -> None:
    from popschool import metrics

    metrics.forget_process(worker.pid)
