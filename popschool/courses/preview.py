"""A folder of courses shown as learners or trainers will see it, without a database, and again at each change.

For one author, on their own machine.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import SimpleNamespace

from flask import Flask, Response, abort, redirect, render_template, request
from flask_babel import Babel
from jinja2 import FileSystemLoader

from popschool.courses import rules
from popschool.courses.build import Build, MemoryShelf, build
from popschool.courses.parts import PagePart, ProjectPart
from popschool.courses.trees import FolderTree
from popschool.typography import french
from popschool.web import assets, filters, icons

PACKAGE = Path(__file__).parent.parent
PHONE, WIDE = 360, 1100
LEARNER, TRAINER = "learner", "trainer"
ROLE_COOKIE = "preview_role"


@dataclass
class Shown:
    """One page in one variant."""

    part: PagePart
    sections: list[dict]
    variants: tuple[str, ...]
    questions: tuple[dict, ...] = ()


class Folder:
    """The last build of a folder, made again when a file has changed."""

    def __init__(self, path: Path):
        self.path, self.tree = path, FolderTree(path)
        self.name = rules.slug(path.resolve().name) or "cours"
        self.shelf, self.lock = MemoryShelf(), Lock()
        self.version, self.made = "", None

    def fresh(self) -> Build:
        """Return a build of the files as they are now."""
        with self.lock:
            version = str(hash(tuple((entry.path, entry.blob) for entry in self.tree.entries())))
            if self.made is None or version != self.version:
                known = self.made.files if self.made else {}
                self.made = build(self.tree, self.name, self.name, known, self.shelf, despite_errors=True)
                self.version = version
            return self.made

    def project(self, key: str) -> ProjectPart:
        return next((one for one in self.fresh().course.projects if one.key == key), None) or abort(404)

    def problems_of(self, address: str) -> list[dict]:
        """Return what is wrong in the file of a page and in those of its variants, or of a project and its folder."""
        made = self.fresh()
        _, _, source, *rest = [*address.split("?", maxsplit=1)[0].split("/"), "", ""]
        key = "/".join(part for part in rest if part)
        paths = {part.path for part in made.course.pages if part.key in (key, f"{key}/projet") and source}
        paths |= {image for part in made.course.pages if part.path in paths for image in part.images.values() if image}
        return [problem for problem in made.facts() if problem["path"] in paths]

    def page(self, key: str, variant: str) -> Shown | None:
        """Return a page in a variant; None when it is not there, or could not be read."""
        made = self.fresh()
        found = {part.variant: part for part in made.course.pages if part.key == key}
        part = found.get(variant) or found.get("")
        rendered = self.shelf.pages.get(made.hashes.get(part.path, "")) if part else None
        if rendered is None:
            return None
        sections = [{"id": one.id, "title": one.title, "html": one.html} for one in rendered.sections]
        variants = tuple(sorted(found, key=lambda name: (name != "", name != rules.SIMPLE, name)))
        return Shown(part, sections, variants, rendered.questions)


def make_preview(path: Path) -> Flask:
    """Return a small application that shows one folder."""
    app = Flask("popschool.preview", static_folder=None)
    folders = [str(PACKAGE / feature / "templates") for feature in ("courses", "web")]
    app.jinja_loader = FileSystemLoader(folders)
    Babel(app, default_locale="fr", default_translation_directories=str(PACKAGE / "web" / "translations"))
    app.jinja_env.globals.update(draw=icons.icon, draw_levels=icons.levels, symbols=icons.symbols)
    app.jinja_env.filters["typeset"] = french
    app.jinja_env.filters["weight"] = lambda size: filters.weight(size, filters.FRENCH)
    app.context_processor(lambda: {"seen_as": _seen_as()})
    folder = Folder(path)
    _add_roles(app)
    _add_pages(app, folder)
    _add_files(app, folder)
    return app


def _seen_as() -> str:
    return TRAINER if request.cookies.get(ROLE_COOKIE) == TRAINER else LEARNER


def _is_hidden(part: PagePart) -> bool:
    """Say whether the role that one looks as does not see a page."""
    return part.role == rules.TEAM and _seen_as() != TRAINER


def _add_roles(app: Flask) -> None:
    @app.route("/as/<role>")
    def look_as(role):
        wanted = request.args.get("to", "/")
        is_ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
        answer = redirect(wanted if is_ours else "/")
        answer.set_cookie(ROLE_COOKIE, role if role in (LEARNER, TRAINER) else LEARNER, samesite="Lax")
        return answer


def _add_pages(app: Flask, folder: Folder) -> None:
    @app.route("/")
    def index():
        course = folder.fresh().course
        projects, pages = defaultdict(list), defaultdict(list)
        for project in sorted(course.projects, key=lambda one: one.position):
            projects[project.programme].append(project)
        for page in course.pages:
            if not page.variant and page.role != rules.BRIEF and not _is_hidden(page):
                pages[page.project or page.programme].append(page)
        return render_template(
            "courses/preview/index.html", course=course, projects=projects, pages=pages, source=folder.name
        )

    @app.route("/widths")
    def widths():
        address = request.args.get("of", "/")
        found = folder.problems_of(address)
        return render_template(
            "courses/preview/widths.html", address=address, sizes=(PHONE, WIDE), problems=found, root=folder.path
        )

    @app.route("/courses/<source>/<project>")
    def brief(source, project):
        found = folder.project(project)
        shown = folder.page(f"{project}/projet", request.args.get("version", ""))
        names = {
            item["id"]: item["plain"] or item["title"]
            for programme in folder.fresh().course.programmes
            for block in programme.data["blocks"]
            for item in block["competences"]
        }
        return render_template(
            "courses/preview/brief.html",
            version=SimpleNamespace(**vars(found)),
            shown=shown,
            brief=rules.brief_order(shown.sections if shown else []),
            names=names,
            here=request.path,
            pages=[
                page
                for page in folder.fresh().course.pages
                if page.project == project and not page.variant and page.role != rules.BRIEF and not _is_hidden(page)
            ],
            source=source,
        )

    @app.route("/courses/<source>/<project>/<name>")
    def page(source, project, name):
        shown = folder.page(f"{project}/{name}", request.args.get("version", ""))
        if shown is None or _is_hidden(shown.part):
            return render_template("courses/preview/waiting.html", problems=folder.fresh().course.problems), 404
        return render_template("courses/preview/page.html", shown=shown, here=request.path)


def _add_files(app: Flask, folder: Folder) -> None:
    @app.route("/media/<name>.<extension>")
    def media(name, extension):
        data, media_type = folder.shelf.files.get(name) or abort(404)
        return Response(data, mimetype=media_type)

    @app.route("/preview.css")
    def style():
        frames = "iframe{border:2px solid;height:85vh;max-width:none}.widths{display:flex;gap:1rem;overflow:auto}"
        return Response(assets.gathered()["style.css"].plain.decode() + frames, mimetype="text/css")

    @app.route("/version")
    def version():
        folder.fresh()
        return {"version": folder.version}

    @app.route("/preview.js")
    def script():
        return Response(
            "let seen;setInterval(async()=>{try{const now=(await(await fetch('/version')).json()).version;"
            "if(seen&&now!==seen)location.reload();seen=now}catch{}},1000)",
            mimetype="text/javascript",
        )
