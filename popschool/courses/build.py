"""A commit turned into a course: list, read what changed, check, render. No database; what is made goes to a shelf."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from popschool.courses import rules
from popschool.courses.course import assemble, is_plain
from popschool.courses.learnt import Facts, Learnt
from popschool.courses.making import KINDS, FileMaker, Shelf, Watch, name_at
from popschool.courses.parts import Course, PagePart
from popschool.courses.rules import ADVICE, ERROR, READING
from popschool.courses.trees import Tree
from popschool.courses.workers import READ, RENDER, Done, Job, Text, Workers
from popschool.errors import Problem
from popschool.git import BLOB, LINK, Entry
from popschool.markdown_page import Rendered

RENDERER = "7"
HEAVIEST_PAGE = 300_000
MOST_EXCERPTS = 50
KEPT_AT_ONCE = 50

Known = Mapping[str, tuple[str, dict]]


@dataclass
class Build:
    """What a tree gave. `files` holds what was learnt from each file; `hashes` and `weights` go by a page's path."""

    course: Course
    files: Learnt = field(default_factory=Learnt)
    hashes: dict[str, str] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)
    excerpts: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def problems(self) -> list[Problem]:
        return self.course.problems

    def file_names(self) -> list[str]:
        """Return the names, in storage, of the images, videos, downloads and archives that were made ready."""
        kinds = (*KINDS, "starter")
        made = [facts[kind] for _blob, facts in self.files.values() for kind in kinds if facts.get(kind)]
        return sorted({one.get("hash") or name_at(one["url"]) for one in made})

    def facts(self) -> list[dict]:
        """Return the problems as they are kept and shown, each with the line it is about."""
        return [
            problem.as_dict() | {"excerpt": self.excerpts.get((problem.path, problem.line), "")}
            for problem in self.problems
        ]


class MemoryShelf:
    """Keeps what is made for as long as a check or a preview lasts."""

    def __init__(self) -> None:
        self.pages: dict[str, Rendered] = {}
        self.files: dict[str, tuple[bytes, str]] = {}

    def missing(self, hashes: set[str]) -> set[str]:
        return hashes - self.pages.keys()

    def keep_pages(self, pages: list[tuple[str, Rendered]]) -> None:
        self.pages.update(pages)

    def keep_file(self, data: bytes, media_type: str, width: int = 0, height: int = 0) -> str:
        name = sha256(data).hexdigest()
        self.files[name] = (data, media_type)
        return name


class Unwatched:
    """Nobody."""

    def begin(self, name: str) -> None: ...

    def count(self, done: int, of: int = 0) -> None: ...


def build(
    tree: Tree,
    source: str,
    title: str,
    known: Known,
    shelf: Shelf,
    progress: Watch = Unwatched(),
    *,
    despite_errors: bool = False,
) -> Build:
    """Return the course that a tree holds. `known` gives, by path, the blob and facts that an earlier build learnt.

    Pages are rendered when nothing refuses the tree, or `despite_errors`, for whoever is still writing.
    """
    return _Builder(tree, source, title, known, shelf, progress).run(despite_errors)


def rendered_hash(blob: str, links: Mapping[str, str], images: Mapping[str, Sequence], is_quiz: bool = False) -> str:
    """Return the name of what a page makes: its text, and what its addresses stand for, whatever their order."""
    seen = [(src, *found) for src, found in images.items()]
    made_of = (RENDERER, blob, sorted(links.items()), sorted(seen), *(("quiz",) if is_quiz else ()))
    return sha256(repr(made_of).encode()).hexdigest()


class _Builder:
    def __init__(self, tree: Tree, source: str, title: str, known: Known, shelf: Shelf, progress: Watch):
        self.tree, self.source, self.title, self.known, self.shelf = tree, source, title, known, shelf
        self.progress = progress
        self.entries: dict[str, Entry] = {}
        self.found = Build(Course(is_plain=False))
        self.early: list[tuple] = []

    def run(self, despite_errors: bool) -> Build:
        workers = Workers()
        try:
            self.progress.begin("list")
            self.progress.count(self._list())
            self.progress.begin("read")
            self._read(workers)
            workers.close()
            self.progress.begin("check")
            self._assemble(workers)
            self.files.make()
            workers.close()
            self.progress.begin("render")
            if despite_errors or not self.found.course.has_errors:
                self._render(workers)
        finally:
            workers.close()
        self.found.course.problems.sort()
        self._find_excerpts()
        return self.found

    def _early(self, path: str, message: str, mend: str, is_unsafe: bool = False, level: str = ERROR) -> None:
        """Keep a problem until it is known whether the repository is a plain one."""
        self.early.append((path.encode("utf-8", "replace").decode(), (1, 1), message, mend, level, is_unsafe))

    # list

    def _list(self) -> int:
        entries = self.tree.entries()
        if len(entries) > rules.MOST_FILES:
            words = f"Ce dépôt a {len(entries)} fichiers. Le maximum est {rules.MOST_FILES}."
            self._early("", words, "Mettez les cours dans un dépôt à part, ou choisissez un dossier.", True)
            return len(entries)
        for entry in entries:
            unsafe = rules.unsafe_path(entry.path)
            if unsafe:
                self._early(entry.path, unsafe, "Renommez ce fichier.", is_unsafe=True)
            elif entry.kind != BLOB:
                kind = "lien symbolique" if entry.kind == LINK else "sous-module"
                if not rules.is_hidden(entry.path):
                    self._early(entry.path, f"C'est un {kind} : il n'est jamais suivi.", "Copiez le fichier lui-même.")
            else:
                self.entries[entry.path] = entry
        for first, second in rules.collisions(self.entries):
            words = f"Ce nom ne se distingue pas de « {first} » sur certaines machines."
            self._early(second, words, "Renommez l'un des deux.")
            del self.entries[second]
        return len(entries)

    # read

    def _read(self, workers: Workers) -> None:
        wanted = []
        for path, entry in self.entries.items():
            kind = (
                "programme" if rules.name_of(path) == rules.PROGRAMME_FILE else "page" if path.endswith(".md") else ""
            )
            if not kind or rules.is_hidden(path):
                continue
            if entry.size > rules.BIGGEST[kind]:
                most = rules.BIGGEST[kind] // 1000
                words = f"Ce fichier est trop lourd : {entry.size // 1000} ko. Le maximum est {most} ko."
                self._early(path, words, "Coupez-le en plusieurs pages.")
                continue
            before = self.known.get(path)
            if before and before[0] == entry.blob and before[1].get("reading") == READING:
                self.found.files[path] = before
            else:
                wanted.append(entry)
        texts = (Text(entry.path, data) for entry, data in self._contents(wanted))
        for done, (path, facts) in enumerate(workers.run(READ, texts), 1):
            self.found.files[path] = (self.entries[path].blob, facts)
            self.progress.count(done, len(wanted))

    def _contents(self, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
        for entry, data in self.tree.read(entries):
            if data is None:
                mend = "Poussez de nouveau. Le dépôt n'a pas tout reçu."
                self._early(entry.path, "Le contenu de ce fichier manque dans le dépôt.", mend, is_unsafe=True)
            else:
                yield entry, data

    # check

    def _assemble(self, workers: Workers) -> None:
        self.found.course = assemble(self.source, self.title, self.entries, Facts(self.found.files))
        self.found.course.is_plain = is_plain(self.entries)
        for path, where, message, mend, level, is_unsafe in self.early:
            self.found.course.add_problem(path, where, message, mend, level, is_unsafe)
        self.early.clear()
        self.files = FileMaker(
            self.found.course,
            self.found.files,
            self.entries,
            self.known,
            self.shelf,
            self._contents,
            self.progress,
            workers,
        )

    # render

    def _render(self, workers: Workers) -> None:
        pages = {page.path: page for page in self.found.course.pages}
        for page in pages.values():
            self.found.hashes[page.path] = self._hash(page)
        missing = self.shelf.missing(set(self.found.hashes.values()))
        first: dict[str, PagePart] = {}
        for page in pages.values():
            if self.found.hashes[page.path] in missing:
                first.setdefault(self.found.hashes[page.path], page)
        read = self._contents(self.entries[page.path] for page in first.values())
        kept: list[tuple[str, Rendered]] = []
        jobs = (self._job(pages[entry.path], data) for entry, data in read)
        for count, done in enumerate(workers.run(RENDER, jobs), 1):
            self.progress.count(count, len(first))
            self._note(done, pages[done.path])
            if done.rendered is not None:
                kept.append((done.hash, done.rendered.titled(pages[done.path].title)))
            if len(kept) >= KEPT_AT_ONCE:
                self.shelf.keep_pages(kept)
                kept = []
        if kept:
            self.shelf.keep_pages(kept)
        for path, where, message, mend, level, is_unsafe in self.early:
            self.found.course.add_problem(path, where, message, mend, level, is_unsafe)
        self._weigh(pages.values())

    def _hash(self, page: PagePart) -> str:
        is_quiz = page.role == rules.QUIZ
        return rendered_hash(
            self.entries[page.path].blob, self.files.links_of(page), self.files.images_of(page), is_quiz
        )

    def _job(self, page: PagePart, data: bytes) -> Job:
        is_quiz = page.role == rules.QUIZ
        return Job(
            self.found.hashes[page.path],
            page.path,
            data,
            self.files.links_of(page),
            self.files.images_of(page),
            is_quiz,
        )

    def _note(self, done: Done, page: PagePart) -> None:
        if done.rendered is None:
            self.found.course.add_problem(done.path, (1, 1), done.failure, "Simplifiez cette page.", is_unsafe=True)
            return
        named = [f"« {written[:200]} »" for written, found in {**page.links, **page.images}.items() if found is None]
        for words in dict.fromkeys(done.rendered.problems):
            if any(name in words for name in named):
                continue  # said already, at its line
            self.found.course.add_problem(done.path, (1, 1), words, "Vérifiez cette adresse.", ADVICE)

    def _weigh(self, pages: Iterable[PagePart]) -> None:
        for page in pages:
            weight = sum(self.files.made(path, "_image").get("size", 0) for path in set(page.images.values()) if path)
            self.found.weights[page.path] = weight + self.entries[page.path].size
            blob, facts = self.found.files[page.path]
            images = {src: list(found) for src, found in self.files.images_of(page).items()}
            answers = {"links": self.files.links_of(page), "images": images, "weight": weight}
            if page.role == rules.QUIZ:
                answers["is_quiz"] = True
            if facts.get("answers") != answers:
                self.found.files[page.path] = (blob, facts | {"answers": answers})
            if weight > HEAVIEST_PAGE:
                words = f"Les images de cette page pèsent {weight // 1000} ko. Le maximum conseillé est 300 ko."
                self.found.course.add_problem(page.path, (1, 1), words, "Gardez les images utiles.", ADVICE)

    # excerpts

    def _find_excerpts(self) -> None:
        """Keep the lines that problems are about."""
        lines: dict[str, set[int]] = {}
        for problem in self.found.problems:
            entry = self.entries.get(problem.path)
            if entry and problem.path.endswith((".md", ".yml")) and entry.size <= rules.BIGGEST["page"]:
                lines.setdefault(problem.path, set()).add(problem.line)
        wanted = [self.entries[path] for path in list(lines)[:MOST_EXCERPTS]]
        for entry, data in self.tree.read(wanted):
            text = (data or b"").decode("utf-8", "replace").splitlines()
            for line in lines[entry.path]:
                if 0 < line <= len(text):
                    self.found.excerpts[entry.path, line] = text[line - 1][:160].replace("\0", "")
