"""What a page is once it is made: plain values, kept and sent between processes without any library of Markdown."""

import html
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Image:
    """What an address of an image stands for."""

    url: str
    width: int
    height: int


@dataclass(frozen=True)
class Section:
    """What stands under a second-level heading, whose anchor is the id; before the first, neither id nor title."""

    id: str
    title: str
    html: str

    @property
    def whole(self) -> str:
        heading = f'<h2 id="{html.escape(self.id)}">{html.escape(self.title)}</h2>\n' if self.title else ""
        return heading + self.html


@dataclass(frozen=True)
class Rendered:
    """A page made safe to show. `title` is its first heading; `problems` say what had to be left out.

    `questions` are those of a quiz, with their answers: never part of the page.
    """

    title: str
    sections: tuple[Section, ...]
    headings: tuple[tuple[int, str, str], ...]
    text: str
    problems: tuple[str, ...] = field(default=())
    questions: tuple[dict, ...] = field(default=())

    def titled(self, title: str) -> "Rendered":
        """Return the same page under the title that its course gives it."""
        return replace(self, title=title)

    @property
    def html(self) -> str:
        """The whole page, its second-level headings put back."""
        return "".join(section.whole for section in self.sections)
