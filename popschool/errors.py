"""What the school does not allow, and what an author got wrong."""

from dataclasses import asdict, dataclass


class RuleBroken(Exception):
    """A fact that forbids an act. Children are dataclasses that carry facts; `web.wording` has the sentences."""


class CannotServe(RuntimeError):
    """Why this installation must not serve, and what to do."""


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong in an author's files: where, what, and how to mend it.

    `level` is "error", which refuses the revision, or "advice". Lines and columns start at 1; 0 means the whole file.
    """

    path: str
    line: int
    column: int
    level: str
    message: str
    mend: str = ""

    def as_dict(self) -> dict:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"
