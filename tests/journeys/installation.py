"""Popschool as a school would install it: its own database, server and jobs; mails and SMS that really arrive."""

import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from subprocess import Popen
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pyotp
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import create_engine, make_url

from popschool.db import db, transaction
from tests.conftest import NOW, make_app
from tests.journeys.relay import Relay
from tests.postbox import Postbox, listening
from tests.processes import ROOT, SECONDS, Serving, end, environment, popschool, serving
from tests.sms_gateway import Gateway, gateway

Thing = TypeVar("Thing")


@dataclass
class Installation:
    """A server at the end of a network, and what it has sent.

    The server's clock set out from NOW a little before `began`: a code of the next step is never too early for it.
    """

    folder: Path
    environ: dict[str, str]
    server: Serving
    network: Relay
    began: float
    postbox: Postbox
    phones: Gateway
    app: Flask

    @property
    def address(self) -> str:
        return self.network.address

    @contextmanager
    def cut_off(self, page: Page) -> Iterator[None]:
        """Cut the network until the end of the block, and let the browser of this page know of it."""
        with self.network.cut():
            page.context.set_offline(True)
            yield
        page.context.set_offline(False)

    def command(self, *arguments: str) -> str:
        """Run a command of the operator's, and return what it prints."""
        done = popschool(*arguments, environ=self.environ)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextmanager
    def records(self) -> Iterator[None]:
        """Open the database of the server, to prepare it or to read what is in it."""
        with self.app.app_context():
            with transaction():
                yield
            db.session.remove()

    def mail_to(self, address: str, subject: str, number: int = 1) -> str:
        """Wait for the first mail to somebody about something, or for the second, and return its text."""

        def found() -> EmailMessage | None:
            mails = [one for one in self.postbox.taken if one["To"] == address and subject in one["Subject"]]
            return mails[number - 1] if len(mails) >= number else None

        return wait_for(found, f"mail {number} to {address} about {subject}").get_content()

    def sms_to(self, number: str) -> str:
        """Wait for the last SMS to somebody, and return its text."""

        def found() -> str | None:
            sent = [parse_qs(urlsplit(call["path"]).query) for call in self.phones.calls]
            texts = [one["text"][0] for one in sent if one["to"] == [number]]
            return texts[-1] if texts else None

        return wait_for(found, f"an SMS to {number}")

    def code_of(self, secret: str, steps_later: int = 0) -> str:
        """Return what an application of codes shows, by the server's clock; each step is half a minute."""
        return pyotp.TOTP(secret).at(int(NOW.timestamp() + time.monotonic() - self.began + 30 * steps_later))


def wait_for(find: Callable[[], Thing | None], what: str) -> Thing:
    """Look again and again for what another process is doing."""
    end = time.monotonic() + SECONDS
    while (found := find()) is None:
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.25)
    return found


def link_in(text: str) -> str:
    """Return the path of the link that a message holds."""
    [link] = re.findall(r"https?://\S+", text)
    return urlsplit(link).path


def code_in(text: str) -> str:
    """Return the six digits that a message holds."""
    return re.search(r"\b\d{6}\b", text)[0]


@contextmanager
def installed(
    folder: Path, database_url: str, is_shared: bool, name: str = "127.0.0.1", is_migrated: bool = False
) -> Iterator[Installation]:
    """Install Popschool in an empty folder and an empty database, and serve it until the end of the block.

    The server starts its jobs itself, as usual; for one that is shared, worker.py does them.
    """
    network, postbox = Relay(name), Postbox()
    controller = listening(postbox)
    with gateway() as phones:
        environ = environment(
            folder,
            DATABASE_URL=database_url,
            SECRET_KEY="s" * 40,
            BASE_URL=network.address,
            MAIL_URL=f"smtp://127.0.0.1:{controller.port}",
            SMS_URL=f"http://127.0.0.1:{phones.port}/send?to={{to}}&text={{text}}",
            NOW=NOW.isoformat(),
            JOBS="worker" if is_shared else "inside",
        )
        if not is_migrated:
            migrate(environ)
        app = make_app(folder, database_url)
        try:
            with working(environ, is_shared), serving(folder, environ=environ) as server:
                began = time.monotonic()
                network.carry_to(server.port)
                yield Installation(folder, environ, server, network, began, postbox, phones, app)
        finally:
            network.close()
            controller.stop()
            with app.app_context():
                db.session.remove()
                db.engine.dispose()


def migrate(environ: dict[str, str]) -> None:
    """Bring the database of an installation to this version, as whoever operates it does."""
    done = popschool("migrate", environ=environ)
    assert done.returncode == 0, done.stderr


@contextmanager
def working(environ: dict[str, str], is_wanted: bool) -> Iterator[None]:
    """Have a worker that does what is asked until the end of the block."""
    if not is_wanted:
        yield
        return
    with (Path(environ["POPSCHOOL_DATA_DIR"]) / "worker.log").open("wb") as log:
        process = Popen([sys.executable, "-m", "tests.journeys.worker"], env=environ, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield
        assert process.poll() is None, "the worker has ended by itself"
    finally:
        end(process)


@contextmanager
def empty_database(engine: str, folder: Path, postgres: str, name: str, like: str = "") -> Iterator[str]:
    """Give the address of a database that nobody else uses: with no table, or those of the one it is like."""
    if engine == "sqlite":
        file = folder / "popschool.sqlite"
        if like:
            shutil.copy(make_url(like).database, file)
        yield f"sqlite:///{file}"
        return
    owner = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        tables = f' TEMPLATE "{make_url(like).database}"' if like else ""
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"{tables}')
    try:
        yield f"{postgres.rpartition('/')[0]}/{name}"
    finally:
        with owner.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        owner.dispose()


@contextmanager
def migrated_database(engine: str, folder: Path, postgres: str, name: str) -> Iterator[str]:
    """Give the address of a database at this version, for others to be like it: to migrate each takes seconds."""
    with empty_database(engine, folder, postgres, name) as url:
        migrate(environment(folder, DATABASE_URL=url, SECRET_KEY="s" * 40))
        if engine == "sqlite":
            with closing(sqlite3.connect(make_url(url).database)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # only what is in the file itself is copied
        yield url
