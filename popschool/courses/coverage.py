"""What a course covers, worked out from its files: competences by level, hours, ease of reading and weight of pages."""

import re
from collections.abc import Iterator, Mapping

from popschool.courses.front import split_front
from popschool.courses.lines import readable
from popschool.courses.parts import Course, PagePart, ProgrammePart, ProjectPart
from popschool.courses.proofs import proved_by
from popschool.courses.prose import page_ease
from popschool.courses.rules import SIMPLE
from popschool.courses.trees import Tree

LEVELS = (1, 2, 3)
SHORT = re.compile(r"^([a-z]\d+)-")


def eases(tree: Tree) -> dict[str, float]:
    """Return how easy each page in French is to read, by its path."""
    found = {}
    for entry, data in tree.read(entry for entry in tree.entries() if entry.path.endswith(".md")):
        if data is not None:
            _front, body, first_line = split_front(data.decode("utf-8", "replace"))
            ease = page_ease(readable(body, first_line))
            if ease is not None:
                found[entry.path] = ease
    return found


def projects_of(course: Course, programme: ProgrammePart) -> list[ProjectPart]:
    """Return a programme's projects, in order."""
    own = [project for project in course.projects if project.programme == programme.key]
    return sorted(own, key=lambda project: project.position)


def proofs_of(projects: list[ProjectPart]) -> dict[str, list[tuple[ProjectPart, int]]]:
    """Return, for each competence, the projects that prove it and the level each one aims at."""
    found: dict[str, list[tuple[ProjectPart, int]]] = {}
    for project in projects:
        proved = proved_by(project.data)
        for aim in project.data["competences"]:
            if aim["id"] in proved:
                found.setdefault(aim["id"], []).append((project, aim["level"]))
    return found


def report(course: Course, reading: Mapping[str, float], weights: Mapping[str, int], folder: str) -> str:
    """Return a Markdown page about every programme of a course."""
    lines = ["# What the courses teach", "", f"Worked out from the files by `popschool courses coverage {folder}`."]
    for programme in course.programmes:
        projects = projects_of(course, programme)
        lines += ["", f"## {programme.title}", "", _hours(programme, projects), "", *_competences(programme, projects)]
        lines += ["", *_projects(projects)]
    lines += ["", "## Pages", "", _said_of_pages(course, reading), "", *_pages(course, reading, weights)]
    return "\n".join(lines) + "\n"


def _hours(programme: ProgrammePart, projects: list[ProjectPart]) -> str:
    inside = sum(project.hours for project in projects)
    beside = programme.hours - inside
    rest = f", {beside} h beside them" if beside else ""
    count = f"{len(projects)} project{'' if len(projects) == 1 else 's'}"
    return f"{programme.hours} h: {inside} h in {count}{rest}."


def _competences(programme: ProgrammePart, projects: list[ProjectPart]) -> Iterator[str]:
    yield "| competence | level 1 | level 2 | level 3 | proven |"
    yield "| --- | --- | --- | --- | ---: |"
    proofs = proofs_of(projects)
    for block in programme.data["blocks"]:
        for item in block["competences"]:
            own = proofs.get(item["id"], [])
            at = [" ".join(short(project) for project, level in own if level == wanted) for wanted in LEVELS]
            yield f"| {item['id']} {item['plain'] or item['title']} | {' | '.join(at)} | {len(own)} |"


def _projects(projects: list[ProjectPart]) -> Iterator[str]:
    yield "| project | hours | work | competence → level | handed in |"
    yield "| --- | ---: | --- | --- | --- |"
    for project in projects:
        aims = ", ".join(f"{aim['id'].rpartition('/')[2]} → {aim['level']}" for aim in project.data["competences"])
        asked = ", ".join(item["id"] for item in project.data["deliverables"])
        work = f"team of {project.team_size}" if project.team_size else project.work
        yield f"| {short(project)} {project.title} | {project.hours} | {work} | {aims} | {asked} |"


def short(project: ProjectPart) -> str:
    """Return what a project is called in a narrow table: P07 for p07-menu-du-jour."""
    found = SHORT.match(project.key)
    return found[1].upper() if found else project.key


def _read(course: Course, reading: Mapping[str, float]) -> list[PagePart]:
    """Return the pages whose reading is measured: in French, simple versions included."""
    return [page for page in course.pages if page.path in reading and page.variant in ("", SIMPLE)]


def _said_of_pages(course: Course, reading: Mapping[str, float]) -> str:
    found = sorted(reading[page.path] for page in _read(course, reading))
    if not found:
        return "No page is in French."
    return (
        "Reading is Kandel and Moles' measure, 0 hard, 100 easy: aim at 80. "
        "The weight is that of the text and its images."
        f" {len(found)} pages: {int(found[0])} for the hardest, {int(found[len(found) // 2])} in the middle."
    )


def _pages(course: Course, reading: Mapping[str, float], weights: Mapping[str, int]) -> Iterator[str]:
    yield "| page | reading | kB |"
    yield "| --- | ---: | ---: |"
    for page in sorted(_read(course, reading), key=lambda page: page.path):
        yield f"| {page.path} | {int(reading[page.path])} | {-(-weights[page.path] // 1000)} |"
