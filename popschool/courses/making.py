"""The files that pages ask for, made ready: images, videos with their captions, downloads, starter archives."""

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from hashlib import sha256
from typing import Any, Protocol

from popschool.courses import images, rules, videos
from popschool.courses.addresses import FILE
from popschool.courses.parts import Course, PagePart, ProjectPart
from popschool.courses.rules import ADVICE
from popschool.courses.workers import ENCODE, Workers
from popschool.git import Entry
from popschool.markdown_page import Rendered

KINDS = {"_image": "image", "_download": "file", "_video": "video", "_captions": "captions"}
Maker = Callable[[str, Any], dict]


def media_address(name: str, media_type: str) -> str:
    """Return where a file made from a course is served."""
    return f"/media/{name}.{images.EXTENSIONS.get(media_type, 'bin')}"


def name_at(address: str) -> str:
    """Return the name, in storage, of what is served at such an address."""
    return address.rpartition("/")[2].partition(".")[0]


class Shelf(Protocol):
    """Where what is made is put: rendered pages under the hash of what made them, files under their own."""

    def missing(self, hashes: set[str]) -> set[str]: ...

    def keep_pages(self, pages: list[tuple[str, Rendered]]) -> None: ...

    def keep_file(self, data: bytes, media_type: str, width: int = 0, height: int = 0) -> str: ...


class Watch(Protocol):
    """Who is told how far a build has come."""

    def begin(self, name: str) -> None: ...

    def count(self, done: int, of: int = 0) -> None: ...


class FileMaker:
    """Makes the files of one commit. An earlier build's are kept while their blob is the same.

    `files` holds what was learnt from each file, and gets what is made; `read` yields each entry with its content.
    """

    def __init__(
        self,
        course: Course,
        files: MutableMapping[str, tuple[str, dict]],
        entries: Mapping[str, Entry],
        known: Mapping[str, tuple[str, dict]],
        shelf: Shelf,
        read: Callable[[Iterable[Entry]], Iterator[tuple[Entry, bytes]]],
        progress: Watch,
        workers: Workers,
    ):
        self.course, self.files, self.entries, self.known = course, files, entries, known
        self.shelf, self.read, self.progress, self.workers = shelf, read, progress, workers

    def make(self) -> None:
        """Make the images, downloads and starter archives that pages ask for, unless an earlier build did."""
        wanted: dict[str, Maker] = {}
        for page in self.course.pages:
            wanted.update(self._pictures(page))
            for target in page.links.values():
                if target and target.startswith(FILE):
                    wanted.setdefault(target.removeprefix(FILE), self._download)
        changed = []
        for path, make in wanted.items():
            before = self.known.get(path)
            if before and before[0] == self.entries[path].blob and make.__name__ in before[1]:
                self.files[path] = before
            elif self._is_light_enough(path, KINDS[make.__name__]):
                changed.append(self.entries[path])
        for done, (path, made) in enumerate(self._made(changed, wanted), 1):
            self.progress.count(done, len(changed))
            if made:
                self.files[path] = (self.entries[path].blob, {wanted[path].__name__: made})
        for path in wanted:
            size = self.made(path, "_image").get("size", 0)
            if size > images.BUDGET:
                words = f"Cette image pèse {size // 1000} ko après réduction. Visez {images.BUDGET // 1000} ko."
                self.course.add_problem(path, (1, 1), words, "Recadrez-la, ou simplifiez-la.", ADVICE)
        for project in self.course.projects:
            if project.starter:
                project.data["starter"] = self._starter(project)

    def _made(self, changed: list[Entry], wanted: Mapping[str, Maker]) -> Iterator[tuple[str, dict]]:
        """Yield the path of each file with what it became: images first, where the workers are."""
        drawn = [entry for entry in changed if wanted[entry.path] == self._image]
        others = [entry for entry in changed if wanted[entry.path] != self._image]
        pictures = (images.Picture(entry.path, data) for entry, data in self.read(drawn))
        for path, encoded in self.workers.run(ENCODE, pictures):
            yield path, self._image(path, encoded)
        for entry, data in self.read(others):
            yield entry.path, wanted[entry.path](entry.path, data)

    def _pictures(self, page: PagePart) -> dict[str, Maker]:
        """Return the files that stand in a page as images and videos, each with what makes it ready."""
        wanted: dict[str, Maker] = {}
        for path in filter(None, page.images.values()):
            if videos.type_of(path) is None:
                wanted[path] = self._image
            else:
                wanted |= {path: self._video, rules.captions_of(path, page.variant, self.entries): self._captions}
        return wanted

    def _is_light_enough(self, path: str, kind: str) -> bool:
        size, most = self.entries[path].size, rules.BIGGEST[kind]
        if size <= most:
            return True
        words = f"Ce fichier est trop lourd : {size // 1_000_000} Mo. Le maximum est {most // 1_000_000} Mo."
        self.course.add_problem(path, (1, 1), words, "Réduisez-le, ou donnez un lien.")
        return False

    def _image(self, path: str, made: images.Encoded | None) -> dict:
        if made is None:
            words = "Cette image ne s'ouvre pas, ou appelle un autre fichier."
            self.course.add_problem(path, (1, 1), words, "Enregistrez-la de nouveau en PNG, JPEG, WebP ou SVG simple.")
            return {}
        name = self.shelf.keep_file(made.data, made.media_type, made.width, made.height)
        url = media_address(name, made.media_type)
        return {"url": url, "width": made.width, "height": made.height, "size": len(made.data)}

    def _video(self, path: str, data: bytes) -> dict:
        try:
            media_type = videos.check(path, data)
        except videos.VideoUnreadable:
            words = "Cette vidéo ne s'ouvre pas sur un téléphone."
            self.course.add_problem(path, (1, 1), words, "Enregistrez-la de nouveau en MP4 ou en WebM.")
            return {}
        name = self.shelf.keep_file(data, media_type)
        return {"url": media_address(name, media_type), "type": media_type, "size": len(data)}

    def _captions(self, path: str, data: bytes) -> dict:
        try:
            read = videos.read_captions(data)
        except videos.CaptionsUnreadable:
            words = "Ces sous-titres ne se lisent pas, ou n'ont aucun mot."
            mend = "Commencez le fichier par « WEBVTT », puis une ligne vide, et enregistrez-le en UTF-8."
            self.course.add_problem(path, (1, 1), words, mend)
            return {}
        name = self.shelf.keep_file(data, videos.CAPTIONS_TYPE)
        url = media_address(name, videos.CAPTIONS_TYPE)
        return {"url": url, "seconds": read.seconds, "paragraphs": list(read.paragraphs)}

    def _download(self, path: str, data: bytes) -> dict:
        name = self.shelf.keep_file(data, "application/octet-stream")
        extension = path.rpartition(".")[2].lower()
        shown = extension if extension.isascii() and extension.isalnum() and len(extension) <= 8 else "bin"
        return {"url": f"/media/{name}.{shown}", "size": len(data)}

    def _starter(self, project: ProjectPart) -> dict | None:
        start = f"{project.path.rpartition('/')[0]}/{project.starter}/".lstrip("/")
        inside = sorted((e for p, e in self.entries.items() if p.startswith(start)), key=lambda entry: entry.path)
        blob = sha256("\0".join(f"{entry.path} {entry.blob}" for entry in inside).encode()).hexdigest()
        before = self.known.get(start)
        if before and before[0] == blob:
            self.files[start] = before
            return before[1]["starter"]
        if sum(entry.size for entry in inside) > rules.BIGGEST["starter"]:
            words = f"Le dossier « {project.starter} » est trop lourd. Le maximum est 10 Mo."
            self.course.add_problem(project.path, (1, 1), words, "Gardez seulement ce qu'il faut pour commencer.")
            return None
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, data in self.read(inside):
                # A fixed date: the same files give the same archive.
                name = zipfile.ZipInfo(f"{project.key}/{entry.path[len(start) :]}", (2020, 1, 1, 0, 0, 0))
                archive.writestr(name, data, zipfile.ZIP_DEFLATED)
        name = self.shelf.keep_file(out.getvalue(), "application/zip")
        made = {"hash": name, "size": out.tell(), "files": len(inside)}
        self.files[start] = (blob, {"starter": made})
        return made

    def links_of(self, page: PagePart) -> dict[str, str]:
        links = {}
        for href, target in page.links.items():
            is_file = bool(target) and target.startswith(FILE)
            found = self.made(target.removeprefix(FILE), "_download").get("url") if is_file else target
            if found:
                links[href] = found
        return links

    def images_of(self, page: PagePart) -> dict[str, tuple]:
        """Return what each address of an image stands for: what makes an Image, or a Video."""
        made = {}
        for src, path in page.images.items():
            found = self._shown(page, path) if path else None
            if found:
                made[src] = found
        return made

    def _shown(self, page: PagePart, path: str) -> tuple | None:
        if videos.type_of(path) is None:
            facts = self.made(path, "_image")
            return (facts["url"], facts["width"], facts["height"]) if facts else None
        video = self.made(path, "_video")
        captions = self.made(rules.captions_of(path, page.variant, self.entries), "_captions")
        if not video or not captions:
            return None
        said = (captions["url"], captions["seconds"], captions["paragraphs"])
        return (video["url"], video["type"], video["size"], *said)

    def made(self, path: str, kind: str) -> dict:
        return self.files.get(path, ("", {}))[1].get(kind) or {}
