"""What gunicorn calls when one of its processes ends."""

from typing import Any

from popschool import metrics


def child_exit(_server: Any, worker: Any) -> None:
    metrics.forget_process(worker.pid)
