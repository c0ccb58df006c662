"""What each relative address in a page stands for, and which of them lead nowhere."""

import difflib
from collections.abc import Iterable, Mapping

from popschool.courses import plain, rules, videos
from popschool.courses.parts import Course, PagePart
from popschool.courses.rules import folder_of, name_of
from popschool.errors import Problem
from popschool.markdown_marks import ANCHOR

FILE = "file:"


def resolve(course: Course, paths: set[str], facts: Mapping[str, dict], addresses: Mapping[str, str]) -> None:
    """Give each address written in a page what it stands for, and say which lead nowhere.

    A link becomes an address, "file:" and a path for a download, or None. An image becomes a path.
    """
    resolver = _Resolver(course, paths, facts, addresses)
    for page in course.pages:
        resolver.page(page)


def leading_nowhere(path: str, facts: Mapping, paths: Iterable[str]) -> list[Problem]:
    """Return which addresses of one page lead to no file of its repository. Headings are known of this page alone."""
    known, course = {*paths, path}, Course(is_plain=False)
    links = [[href, to, anchor if to == path else "", *where] for href, to, anchor, *where in facts["links"]]
    images = [image for image in facts["images"] if image[1] not in known]
    here = {path: {"anchors": facts["anchors"], "links": links, "images": images}}
    pages = {other: other for other in known if other.endswith(".md")}
    _Resolver(course, known, here, pages).page(PagePart("", None, None, "", 0, "", path, ""))
    return course.problems


class _Resolver:
    def __init__(self, course: Course, paths: set[str], facts: Mapping[str, dict], addresses: Mapping[str, str]):
        self.course, self.paths, self.facts, self.addresses = course, paths, facts, addresses

    def page(self, page: PagePart) -> None:
        facts = self.facts[page.path]
        wrong: set[str] = set()  # said at each place where it is written; what is right is looked up once
        for href, path, anchor, line, column in facts["links"]:
            if href not in page.links or href in wrong:
                known = len(self.course.problems)
                page.links[href] = self._link(page, href, path, anchor, (line, column))
                wrong.update([href] if len(self.course.problems) > known else ())
        for src, path, line, column, is_outside in facts["images"]:
            if src not in page.images or page.images[src] is None:
                page.images[src] = self._image(page, src, path, is_outside, (line, column))

    def _link(self, page: PagePart, href: str, path: str | None, anchor: str, where: tuple) -> str | None:
        if path is None:
            words = f"Le lien « {href[:200]} » sort du dépôt."
            self.course.add_problem(
                page.path, where, words, "Un lien ne peut mener qu'à un fichier du dépôt, ou à une adresse https."
            )
            return None
        found = self._file(path)
        if found is None and self.course.is_plain and path not in self.paths:
            others = plain.other_places(href, path, page.path)
            found = next((one for one in map(self._file, others) if one is not None), None)
        if found is None:
            if path in self.paths:
                return FILE + path
            mend = _near(path, self.addresses)
            self.course.add_problem(
                page.path, where, f"Le lien « {href[:200]} » mène à un fichier qui n'existe pas.", mend
            )
            return None
        if anchor and anchor not in self.facts[found]["anchors"]:
            known = self.facts[found]["anchors"]
            near = difflib.get_close_matches(anchor, known, 1, 0.5)
            others = f"Titres possibles : {', '.join(f'#{name}' for name in known[:8])}." if known else "Ôtez le « # »."
            mend = f"Écrivez « #{near[0]} »." if near else others
            self.course.add_problem(page.path, where, f"Le titre « #{anchor} » n'existe pas dans « {found} ».", mend)
            anchor = ""
        return self.addresses[found] + (f"#{ANCHOR}{anchor}" if anchor else "")

    def _file(self, path: str) -> str | None:
        """Return the page that a path means: a file, or a folder's own page."""
        if path in self.addresses:
            return path
        for name in (rules.BRIEF_FILE, "README.md", "readme.md", "Readme.md", "index.md", "_index.md"):
            inside = f"{path}/{name}".lstrip("/")
            if inside in self.addresses:
                return inside
        return None

    def _elsewhere(self, page: PagePart, src: str, path: str) -> str:
        """Return the image that another tool would show under this address; nothing when there is none."""
        others = plain.other_places(src, path, page.path)
        return next((one for one in others if one in self.paths and one.lower().endswith(rules.IMAGES)), "")

    def _image(self, page: PagePart, src: str, path: str | None, is_outside: bool, where: tuple) -> str | None:
        if is_outside:
            words = f"L'image « {src[:200]} » est sur un autre site."
            self.course.add_problem(page.path, where, words, "Mettez le fichier dans le dépôt, à côté de la page.")
        elif path is None:
            self.course.add_problem(
                page.path, where, f"L'image « {src[:200]} » sort du dépôt.", "Mettez-la dans le dépôt."
            )
        elif path not in self.paths and self.course.is_plain and self._elsewhere(page, src, path):
            return self._elsewhere(page, src, path)
        elif path not in self.paths:
            mend = _near(path, (known for known in self.paths if known.lower().endswith(rules.IMAGES)))
            self.course.add_problem(page.path, where, f"L'image « {src[:200]} » n'existe pas.", mend)
        elif videos.type_of(path) is not None:
            return self._video(page, src, path, where)
        elif not path.lower().endswith(rules.IMAGES):
            words = f"« {src[:200]} » n'est pas une image que nous savons lire."
            self.course.add_problem(page.path, where, words, "Utilisez PNG, JPEG, GIF, WebP ou SVG.")
        else:
            return path
        return None

    def _video(self, page: PagePart, src: str, path: str, where: tuple) -> str | None:
        """Keep a video that has captions, which give whoever does not hear it, or does not load it, its words."""
        if rules.captions_of(path, page.variant, self.paths) is not None:
            return path
        name = name_of(path).rpartition(".")[0] + videos.CAPTIONS
        words = f"La vidéo « {src[:200]} » n'a pas de sous-titres."
        mend = f"Ajoutez à côté le fichier « {name} », en WebVTT. Il donne aussi le texte à lire."
        self.course.add_problem(page.path, where, words, mend)
        return None


def _near(path: str, known: Iterable[str]) -> str:
    """Say which file was perhaps meant: one of the same name, or of the same folder."""
    folder, name = folder_of(path), name_of(path)
    close = [other for other in known if folder_of(other) == folder or name_of(other) == name][:200]
    names = difflib.get_close_matches(path, close, 1, 0.6)
    return f"Peut-être « {names[0]} » ?" if names else "Vérifiez le chemin, à partir du dossier de cette page."
