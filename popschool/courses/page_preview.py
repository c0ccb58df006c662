"""One page as it would be read, made in a process of its own: `python -m popschool.courses.page_preview`.

So a page that takes too long stops nobody, and the processes that serve never load Markdown. It reads JSON
({path, text, links, images, paths}) and prints JSON ({sections, title, problems, ease}).
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_SECONDS = 30


@dataclass(frozen=True)
class Previewed:
    """A page ready to show, what is wrong in its file, how easy it is to read; `sections` is None when it failed."""

    title: str = ""
    sections: list[dict] | None = None
    problems: list[dict] = field(default_factory=list)
    ease: float | None = None


def preview(path: str, text: str, answers: Mapping[str, Any]) -> Previewed:
    """Return a page as readers would see it. Its links lead where they did when the page was last read."""
    asked = {"path": path, "text": text} | answers
    command = [sys.executable, "-m", "popschool.courses.page_preview"]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return Previewed()
    return Previewed(**json.loads(done.stdout))


def make(asked: Mapping[str, Any]) -> dict:
    """Read and render one page."""
    from popschool.courses.addresses import leading_nowhere  # this process lives for one page
    from popschool.courses.course import is_plain
    from popschool.courses.documents import read_facts
    from popschool.courses.front import split_front
    from popschool.courses.lines import readable
    from popschool.courses.prose import page_ease
    from popschool.courses.rendering import render_job
    from popschool.courses.workers import Job

    data = asked["text"].encode()
    facts = read_facts(asked["path"], data)
    lines = asked["text"].split("\n")
    said = [*facts.get("fields", []), *facts["problems"]]
    if asked.get("paths") and not is_plain(asked["paths"]) and asked["path"].endswith(".md"):
        wrong = leading_nowhere(asked["path"], facts, asked["paths"])
        said += [(one.line, one.column, one.level, one.message, one.mend) for one in wrong]
    problems = [
        {"path": asked["path"], "line": line, "column": column, "level": level, "message": message, "mend": mend}
        | {"excerpt": lines[line - 1][:160] if 0 < line <= len(lines) else ""}
        for line, column, level, message, mend in sorted(said, key=lambda one: (one[0], one[1]))
    ]
    if not asked["path"].endswith(".md"):
        return {"problems": problems}
    images = {src: tuple(found) for src, found in asked["images"].items()}
    done = render_job(Job("", asked["path"], data, asked["links"], images))
    _front, body, first_line = split_front(asked["text"])
    return {
        "title": facts["title"],
        "sections": done.rendered
        and [{"id": part.id, "title": part.title, "html": part.html} for part in done.rendered.sections],
        "problems": problems,
        "ease": page_ease(readable(body, first_line)),
    }


if __name__ == "__main__":
    print(json.dumps(make(json.loads(sys.stdin.read()))))
