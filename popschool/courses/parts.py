"""What a course is made of, before it is kept: programmes, projects, pages, problems."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from popschool.courses.rules import ADVICE, ERROR
from popschool.errors import Problem


@dataclass
class ProgrammePart:
    """A programme as its file says, or as the whole of a repository without one."""

    key: str
    position: int
    title: str
    kind: str
    summary: str
    hours: int
    language: str
    data: dict


@dataclass
class ProjectPart:
    """A project, in the programme whose key it names."""

    key: str
    programme: str
    position: int
    title: str
    summary: str
    hours: int
    work: str
    team_size: int | None
    path: str
    data: dict
    starter: str = ""


@dataclass(slots=True)
class PagePart:
    """One file of a page: the page itself or a variant. `links` and `images` give what its addresses stand for."""

    key: str
    project: str | None
    programme: str | None
    variant: str
    position: int
    title: str
    path: str
    role: str
    links: dict[str, str | None] = field(default_factory=dict)
    images: dict[str, str | None] = field(default_factory=dict)


@dataclass
class Course:
    """What a commit holds, and what is wrong in it. `is_plain` when it knows nothing of Popschool."""

    is_plain: bool
    programmes: list[ProgrammePart] = field(default_factory=list)
    projects: list[ProjectPart] = field(default_factory=list)
    pages: list[PagePart] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add_problem(
        self, path: str, where: Iterable[int], message: str, mend: str = "", level: str = ERROR, is_unsafe: bool = False
    ) -> None:
        """Note something wrong. In a plain repository only what is unsafe is an error."""
        line, column = where
        level = ADVICE if self.is_plain and not is_unsafe else level
        self.problems.append(Problem(path, line, column, level, message, mend))

    @property
    def has_errors(self) -> bool:
        return any(problem.level == ERROR for problem in self.problems)
