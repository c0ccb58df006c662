"""Several acts at the same moment, each in a thread and a transaction of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from popschool.db import db
from popschool.errors import RuleBroken
from tests.processes import SECONDS

THREADS = 4


def together(app: Flask, *acts: Callable[[], Any]) -> Counter:
    """Do these acts at one moment. Count what each got: "done", or the name of what refused it."""
    said, gate = [], threading.Barrier(len(acts))

    def one(act: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait(SECONDS)
            try:
                act()
                said.append("done")
            except RuleBroken as refusal:
                said.append(type(refusal).__name__)
            except Exception as error:
                said.append(repr(error))

    db.session.commit()
    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    db.session.commit()
    db.session.expire_all()
    return Counter(said)


def row(kind: type, number: int) -> Any:
    """Return a row as this thread reads it."""
    return db.session.get_one(kind, number)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model))
