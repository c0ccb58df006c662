"""The first half second of a server: the way in is shown while all the rest is still being loaded.

Two applications stand behind one address, one after the other. The first knows the sign-in page, to which whoever has
no session is led; whoever asks for anything else waits for the second, which is the whole of Popschool.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable

from popschool import collector
from popschool.db import db

HEAD_START_SECONDS = 0.1
log = structlog.get_logger("popschool.server")


class Opening:
    """A WSGI application that answers with the way in alone until `load_whole` has returned everything.

    `config` is that of the way in. What loading raised is in `failure`, and the process is told to end.
    """

    def __init__(self, way_in: Flask, load_whole: Callable[[], Flask]) -> None:
        self.config = way_in.config
        self.failure: BaseException | None = None
        self._way_in = way_in
        self._whole: Callable[..., Iterable[bytes]] = ServiceUnavailable()
        self._load_whole = load_whole
        self._is_shown = threading.Event()
        self._is_loaded = threading.Event()

    def begin(self, then: Callable[[], None]) -> None:
        """Load the rest, beside the requests that come in; `then` is called once it is there."""
        threading.Thread(target=self._load, args=[then], name="opening", daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        if self._is_loaded.is_set() or not is_the_way_in(environ):
            self._is_loaded.wait()
            return self._whole(environ, start_response)
        environ.pop("HTTP_COOKIE", None)  # who it is may be asked of the whole alone
        try:
            return self._way_in(environ, start_response)
        finally:
            self._is_shown.set()

    def _load(self, then: Callable[[], None]) -> None:
        # Two threads that compute take turns: whoever stands before the door is let in first.
        self._is_shown.wait(HEAD_START_SECONDS)
        try:
            self._whole = self._load_whole()
            collector.keep_what_is_loaded()
            with self._way_in.app_context():
                db.engine.dispose()
            then()
        except BaseException as error:  # whatever it is, nobody waits any longer for what never comes
            log.critical("the rest cannot be loaded", exc_info=True)
            self.failure = error
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            self._is_loaded.set()


def is_the_way_in(environ: dict[str, Any]) -> bool:
    """Say whether a request is for the sign-in page by somebody of whom nothing is known, or for what goes with it.

    >>> is_the_way_in({"REQUEST_METHOD": "GET", "PATH_INFO": "/sign-in"})
    True
    >>> is_the_way_in({"REQUEST_METHOD": "GET", "PATH_INFO": "/sign-in", "HTTP_COOKIE": "popschool=…"})
    False
    """
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] != "GET":
        return False
    return path == "/healthz" or path.startswith("/static/") or (path == "/sign-in" and "HTTP_COOKIE" not in environ)
