"""A whole repository put together from the facts of its files: programmes, projects, pages, and every problem at once.

Pure, and quick enough to be done again for ten thousand pages at each sync: nothing is read here.
"""

import difflib
import re
from collections.abc import Iterable, Mapping

from popschool.courses import plain, rules
from popschool.courses.addresses import resolve
from popschool.courses.parts import Course, PagePart, ProgrammePart, ProjectPart
from popschool.courses.proofs import unproved, untaught
from popschool.courses.rules import ADVICE, BRIEF, ERROR, LESSON, QUIZ, TEAM, folder_of, name_of

ROOT_CHAPTER = "accueil"
UNNAMED = "_"  # no id begins so
PROOF = frozenset({"competences", "deliverables", "criteria"})


def is_plain(paths: Iterable[str]) -> bool:
    """Say whether a repository knows nothing of Popschool."""
    return not any(name_of(path) == rules.PROGRAMME_FILE for path in paths)


def assemble(source: str, title: str, paths: Iterable[str], facts: Mapping[str, dict]) -> Course:
    """Return the course that these files make. `facts` holds those of every Markdown file and programme.yml."""
    maker = _Maker(source, title, set(paths), facts)
    maker.collect()
    resolve(maker.course, maker.paths, maker.facts, maker.addresses)
    maker.course.problems = sorted(set(maker.course.problems))
    return maker.course


class _Maker:
    def __init__(self, source: str, title: str, paths: set[str], facts: Mapping[str, dict]):
        self.source, self.title, self.paths, self.facts = source, title, paths, facts
        self.course = Course(is_plain(paths))
        self.keys: dict[str, str] = {}
        self.programmes: dict[str, ProgrammePart] = {}
        self.unsure: set[str] = set()  # programmes whose competences do not read
        self.projects: dict[str, ProjectPart] = {}
        self.addresses: dict[str, str] = {}
        self.project_folders: dict[str, str | None] = {}
        readable = [path for path in facts if not plain.is_built(path)] if self.course.is_plain else []
        self.translations = plain.translations(readable)
        self.homes = {folder_of(path): path for path in readable if name_of(path).lower() in plain.HOMES}
        self.ranks: dict[str, tuple] = {}
        self.names: dict[str, str] = {}
        self.names_used: dict[str, set[str]] = {}
        self.folders = {folder for path in paths for folder in _parents(path)}

    def problem(self, path: str, where: Iterable[int], message: str, mend: str = "", level: str = ERROR) -> None:
        self.course.add_problem(path, where, message, mend, level)

    # programmes, projects and pages

    def collect(self) -> None:
        if self.course.is_plain:
            self._collect_plain()
        else:
            self._collect_programmes()
            self._collect_projects()
        for path, facts in self.facts.items():
            if self._is_aside(path):
                continue
            # Another tool's front matter is no mistake where nothing is Popschool's.
            fields = [] if self.course.is_plain else facts["fields"]
            for line, column, level, message, mend in [*fields, *facts["problems"]]:
                self.problem(path, (line, column), message, mend, level)
        self._collect_pages()
        self._collect_words()

    def _is_aside(self, path: str) -> bool:
        """Say whether a file is no page: a starter file, a hidden one, or a reader's note outside any project."""
        if rules.is_hidden(path):
            return True
        if self.course.is_plain:
            return plain.is_built(path) or name_of(path).lower() == plain.CONTENTS
        if f"/{rules.STARTER}/" in f"/{path}":
            return True
        folder = self._project_folder(path)
        starter = self.projects[folder].starter if folder is not None else ""
        if starter and path.startswith(f"{folder}/{starter}/".lstrip("/")):
            return True
        return name_of(path).lower() == "readme.md" and folder is None

    def _project_folder(self, path: str) -> str | None:
        """Return the folder of the project that a file belongs to. Asked of each file, answered once a folder."""
        folder = folder_of(path)
        if folder not in self.project_folders:
            self.project_folders[folder] = rules.owner(path, self.projects)
        return self.project_folders[folder]

    def _claim(self, key: str, path: str, where: Iterable[int]) -> bool:
        """Take an id for a file; twice is a problem of both."""
        if key not in self.keys:
            self.keys[key] = path
            return True
        first = self.keys[key]
        mend = "Donnez un identifiant neuf à celui que vous avez ajouté en dernier."
        self.problem(path, where, f"L'identifiant « {key} » est déjà pris par « {first} ».", mend)
        other = self.facts[first]["where"].get("id", (1, 1))
        self.problem(first, other, f"L'identifiant « {key} » est aussi pris par « {path} ».", mend)
        return False

    def _front(self, path: str) -> dict | None:
        """Return what a programme or a project says of itself; of one with mistakes, what is right in it.

        So all that is wrong elsewhere is said at once. Nothing is published of a commit with mistakes.
        """
        facts = self.facts[path]
        rest = facts.get("rest")
        if facts["front"] or not rest or f"/{rules.STARTER}/" in f"/{path}":
            return facts["front"]
        unnamed = f"{UNNAMED}{rules.slug(folder_of(path).replace('/', '-'))}"
        return rest | {"id": rest["id"] or unnamed, "title": rest["title"] or unnamed}

    def _collect_programmes(self) -> None:
        for path in sorted(path for path in self.facts if name_of(path) == rules.PROGRAMME_FILE):
            facts = self.facts[path]
            front = self._front(path)
            if not front or not self._claim(front["id"], path, facts["where"].get("id", (1, 1))):
                continue
            part = ProgrammePart(
                key=front["id"],
                position=len(self.programmes) + 1,
                title=front["title"],
                kind=front["kind"],
                summary=front["summary"],
                hours=front["hours"],
                language=front["language"],
                data={"certification": front["certification"], "blocks": front["blocks"], "words": {}},
            )
            self.programmes[folder_of(path)] = part
            self.course.programmes.append(part)
            if "blocks" in front.get("broken", ()):
                self.unsure.add(part.key)

    def _collect_projects(self) -> None:
        broken = {folder_of(path) for path in self.facts if name_of(path) == rules.PROGRAMME_FILE}
        briefs = sorted(path for path in self.facts if name_of(path) == rules.BRIEF_FILE)
        for path in briefs:
            facts, folder = self.facts[path], folder_of(path)
            home = rules.owner(path, self.programmes)
            if home is None and rules.owner(path, dict.fromkeys(broken)) is None:
                mend = "Mettez-le dans le dossier d'un programme, à côté de « programme.yml »."
                self.problem(path, (1, 1), "Ce projet n'est dans aucun programme.", mend)
            front = self._front(path)
            if home is None or not front or not self._claim(front["id"], path, facts["where"].get("id", (1, 1))):
                continue
            self._add_project(path, folder, front, facts, self.programmes[home])
        self._order_projects()

    def _add_project(self, path: str, folder: str, front: dict, facts: dict, programme: ProgrammePart) -> None:
        starter = front["starter"] or (rules.STARTER if f"{folder}/{rules.STARTER}" in self.folders else "")
        if starter and f"{folder}/{starter}".lstrip("/") not in self.folders:
            where = facts["where"].get("starter", (1, 1))
            self.problem(path, where, f"Le dossier « {starter} » n'existe pas.", "Créez-le à côté de projet.md.")
            starter = ""
        kept = ("competences", "deliverables", "criteria", "marks", "words")
        part = ProjectPart(
            key=front["id"],
            programme=programme.key,
            position=0,
            title=front["title"],
            summary=front["summary"],
            hours=front["hours"],
            work=front["work"],
            team_size=front["team_size"],
            path=path,
            data={name: front[name] for name in kept} | {"starter": None},
            starter=starter,
        )
        self.projects[folder] = part
        self.course.projects.append(part)
        self._check_aims(path, facts, front, programme)

    def _check_aims(self, path: str, facts: dict, front: dict, programme: ProgrammePart) -> None:
        known = [item["id"] for block in programme.data["blocks"] for item in block["competences"]]
        for number, aim in enumerate(front["competences"]):
            if aim["id"] not in known and programme.key not in self.unsure:
                near = difflib.get_close_matches(aim["id"], known, 1, 0.5)
                start = f"Écrivez « {near[0]} ». " if near else ""
                words = f"La compétence « {aim['id']} » n'existe pas."
                where = facts["where"].get(f"competences.{number}", (1, 1))
                self.problem(path, where, words, f"{start}Les noms possibles sont dans « programme.yml ».")
        is_sure = PROOF.isdisjoint(front.get("broken", ()))
        for name, words, mend in unproved(front) if is_sure else ():
            self.problem(path, facts["where"].get(name, (1, 1)), words, mend, ADVICE)

    def _order_projects(self) -> None:
        for folder, programme in self.programmes.items():
            path = f"{folder}/{rules.PROGRAMME_FILE}".lstrip("/")
            own = [project for project in self.course.projects if project.programme == programme.key]
            keys = [project.key for project in own]
            fronts = [self._front(project.path) or {} for project in own]
            is_sure = programme.key not in self.unsure
            is_sure = is_sure and not any("competences" in front.get("broken", ()) for front in fronts)
            wanted = self._front(path)["order"]
            for number, key in enumerate(wanted):
                if key not in keys and not any(known.startswith(UNNAMED) for known in keys):
                    where = self.facts[path]["where"].get(f"order.{number}", (1, 1))
                    mend = f"Projets possibles : {', '.join(keys) or 'aucun'}."
                    self.problem(path, where, f"Le projet « {key} » n'existe pas dans ce programme.", mend)
            taught = {aim["id"] for project in own for aim in project.data["competences"]}
            for name, words, mend in untaught(programme.data["blocks"], taught) if is_sure else ():
                self.problem(path, self.facts[path]["where"].get(name, (1, 1)), words, mend, ADVICE)
            ranks = {key: rank for rank, key in enumerate(rules.arrange(keys, wanted), 1)}
            for project in own:
                project.position = ranks[project.key]

    def _collect_plain(self) -> None:
        """Folders are chapters, Markdown files pages, the first heading the title."""
        programme = ProgrammePart(
            key=self.source,
            position=1,
            title=self.title,
            kind="workshop",
            summary="",
            hours=0,
            language="fr",
            data={"certification": None, "blocks": [], "words": {}},
        )
        self.programmes[""] = programme
        self.course.programmes.append(programme)
        pages = [path for path in self.facts if path not in self.translations and not self._is_aside(path)]
        self.ranks, named = plain.order(
            pages, {path: self._targets(path) for path in self.facts if self._is_index(path)}
        )
        taken: set[str] = {self.source}
        inside: dict[str, dict[str, str]] = {}
        for path in pages:
            inside.setdefault(folder_of(path), {})[name_of(path).lower()] = path
        for position, folder in enumerate(plain.chapter_order(inside, named), 1):
            key = _free(rules.slug(folder.replace("/", "-")) or ROOT_CHAPTER, taken)
            home = next((inside[folder][name] for name in plain.HOMES if name in inside[folder]), "")
            words = re.sub(r"^\d+[-_. ]*", "", name_of(folder)).replace("-", " ").replace("_", " ").strip().capitalize()
            title = (self._title(home) if home else "") or words or self.title
            data = {"competences": [], "deliverables": [], "criteria": [], "marks": None, "words": {}, "starter": None}
            part = ProjectPart(key, self.source, position, title[:200], "", 0, "alone", None, home or folder, data)
            self.projects[folder] = part
            self.course.projects.append(part)

    def _is_index(self, path: str) -> bool:
        return name_of(path).lower() in (*plain.HOMES, plain.CONTENTS)

    def _targets(self, path: str) -> list[str]:
        """Return the files that a table of contents names, in order; a folder stands for its first page."""
        found = [link[1] for link in self.facts[path]["links"] if link[1] is not None]
        return [one if one in self.facts else self.homes.get(one, "") for one in found]

    # pages

    def _collect_pages(self) -> None:
        groups: dict[tuple[str | None, str | None], list[PagePart]] = {}
        taken: dict[str, str] = {}
        for path in sorted(self.facts, key=lambda path: (bool(self._base(path)[1]), path)):
            if not path.endswith(".md") or self._is_aside(path) or self.facts[path].get("unreadable"):
                continue
            page = self._page(path, taken)
            if page is not None:
                groups.setdefault((page.project, page.programme), []).append(page)
        for pages in groups.values():
            pages.sort(key=lambda page: (page.role != BRIEF, self._rank(page), page.path, page.variant))
            ranks = {key: rank for rank, key in enumerate(dict.fromkeys(page.key for page in pages))}
            for page in pages:
                page.position = ranks[page.key]
            self.course.pages.extend(pages)

    def _collect_words(self) -> None:
        """Give each programme its glossary: the hard words of its projects, and the abbreviations of its pages."""
        glossaries = {part.key: part.data["words"] for part in self.course.programmes}
        homes = {project.key: project.programme for project in self.course.projects}
        found = [
            (project.programme, word, meaning, project.key)
            for project in self.course.projects
            for word, meaning in project.data["words"].items()
        ]
        for page in self.course.pages:
            if not page.variant and page.role != TEAM:
                home = homes[page.project] if page.project else page.programme
                shorts = self.facts[page.path]["abbreviations"]
                found += [(home, word, meaning, page.project) for word, meaning, _line in shorts]
        for home, word, meaning, project in found:
            meanings = glossaries[home].setdefault(word, [])
            if all(known["meaning"] != meaning for known in meanings):
                meanings.append({"meaning": meaning, "project": project})

    def _rank(self, page: PagePart) -> int | tuple:
        base = self._base(page.path)[0]
        if self.course.is_plain:
            return self.ranks[base]
        front = self.facts.get(base, {}).get("front") or {}
        return front["order"] if front.get("order") is not None else 100_001

    def _base(self, path: str) -> tuple[str, str]:
        if self.course.is_plain:
            return self.translations.get(path, (path, ""))
        base, variant = rules.variant_of(path)
        return (base, variant) if variant and base in self.facts else (path, "")

    def _page(self, path: str, taken: dict[str, str]) -> PagePart | None:
        base, variant = self._base(path)
        if not variant and rules.variant_of(path)[1] and not self.course.is_plain:
            wanted = name_of(rules.variant_of(path)[0])
            mend = f"Créez « {wanted} » à côté, ou renommez ce fichier."
            self.problem(path, (1, 1), f"Cette version n'a pas de page : « {wanted} » n'existe pas.", mend)
            return None
        folder = self._project_folder(base)
        home = rules.owner(base, self.programmes) if folder is None else ""
        if folder is None and home is None:
            return None
        project = self.projects[folder] if folder is not None else None
        start = folder if project else home
        inside = base[len(start) + 1 :] if start else base
        is_brief = bool(project) and base == project.path
        name = "projet" if is_brief else self._name(base, inside, project)
        key = f"{project.key if project else self.programmes[home].key}/{name}"
        if not variant:
            if key in taken and (self.facts[path].get("front") or {}).get("id"):
                return None  # its id is taken, and both files say so
            if key in taken:
                words = f"Cette page aurait la même adresse que « {taken[key]} »."
                self.problem(path, (1, 1), words, "Changez le nom du fichier, ou son « id ».")
                return None
            taken[key] = path
            address = rules.address(self.source, key.partition("/")[0], "" if is_brief else name)
        else:
            address = self.addresses.get(base, "") + f"?version={variant}"
        self.addresses[path] = address
        is_team = bool(project) and (inside == rules.TEAM_FILE or inside.startswith(f"{rules.SOLUTION}/"))
        role = BRIEF if is_brief else TEAM if is_team else self._ordinary_role(path)
        title = self._title(path) or (project.title if is_brief else "") or self._title(base)
        return PagePart(
            key=key,
            project=project.key if project else None,
            programme=None if project else self.programmes[home].key,
            variant=variant,
            position=0,
            title=(title or name_of(inside)[:-3])[:300],
            path=path,
            role=role,
        )

    def _title(self, path: str) -> str:
        """Return what a page is called: by another tool's front matter too, where nothing is Popschool's."""
        facts = self.facts[path]
        return (facts.get("title_in_front", "") if self.course.is_plain else "") or facts["title"]

    def _ordinary_role(self, path: str) -> str:
        """Say whether a page is read or answered. A repository that knows nothing of Popschool has no quiz."""
        if self.course.is_plain or "quiz" not in self.facts[path]:
            return LESSON
        for line, column, level, message, mend in self.facts[path]["quiz"]:
            self.problem(path, (line, column), message, mend, level)
        return QUIZ

    def _name(self, base: str, inside: str, project: ProjectPart | None) -> str:
        """Return a page's own part of its key: its id, or its file's name."""
        if self.course.is_plain:
            if base not in self.names:
                used = self.names_used.setdefault(project.key if project else "", {"projet"})
                self.names[base] = plain.page_name(inside, used)
                used.add(self.names[base])
            return self.names[base]
        front = self.facts[base].get("front") or {}
        if front.get("id"):
            where = self.facts[base]["where"].get("id", (1, 1))
            self._claim(front["id"], base, where)
            return front["id"]
        return rules.slug(inside[:-3].replace("/", "-")) or "page"


def _parents(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _free(key: str, taken: set[str]) -> str:
    found, number = key, 2
    while found in taken:
        found, number = f"{key[:60]}-{number}", number + 1
    taken.add(found)
    return found
