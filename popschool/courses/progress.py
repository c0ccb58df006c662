"""A sync seen from outside while it runs: its steps, its log, and a beat that says it lives."""

import time
from datetime import timedelta

from sqlalchemy import update

from popschool.courses.models import SyncRun
from popschool.db import db, transaction

SECONDS_BETWEEN = 1.0


class Progress:
    """Writes where a run has come to, at most once a second, in small transactions of its own."""

    def __init__(self, run: SyncRun):
        self.run_id, self.started_at = run.id, run.started_at
        self.began, self.written = time.perf_counter(), 0.0
        self.steps: list[dict] = []
        self.log: list[list] = []

    @property
    def seconds(self) -> float:
        return round(time.perf_counter() - self.began, 3)

    def begin(self, name: str) -> None:
        """Enter a step; the one before ends."""
        self._end_step()
        self.steps.append({"name": name, "seconds": 0.0, "count": 0, "since": self.seconds})
        self._write(is_due=True)

    def count(self, done: int, of: int = 0) -> None:
        """Say how far the step has come."""
        if self.steps:
            self.steps[-1] |= {"count": done} | ({"of": of} if of else {})
            self._write(is_due=False)

    def say(self, words: str) -> None:
        """Add a line to the log; it is read with the next step."""
        self.log.append([self.seconds, words[:500]])

    def end(self) -> None:
        self._end_step()

    def _end_step(self) -> None:
        if self.steps and "since" in self.steps[-1]:
            self.steps[-1]["seconds"] = round(self.seconds - self.steps[-1].pop("since"), 3)

    def _write(self, is_due: bool) -> None:
        if not is_due and self.seconds - self.written < SECONDS_BETWEEN or db.session.info.get("transaction_depth"):
            return
        self.written = self.seconds
        values = {"steps": [dict(step) for step in self.steps], "log": list(self.log)}
        values["beat_at"] = self.started_at + timedelta(seconds=self.seconds)
        with transaction():
            db.session.execute(
                update(SyncRun).where(SyncRun.id == self.run_id).values(**values),
                execution_options={"synchronize_session": False},
            )
