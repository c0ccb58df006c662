"""The directions of import, followed in every file: what docs/architecture.md draws, held.

Each rule is a function of a `House` (files and their text) that returns sentences, one per import that goes the wrong
way. The house of this repository has none. Under each, a small house broken on purpose shows that the rule sees it.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FEATURES = (
    "web", "schools", "auth", "messages", "courses", "projects", "review", "grading", "attendance", "completion",
    "registers", "reports", "portal",
)  # fmt: skip
GATHERERS = ("app", "popschool.cli")
# Every route asks the same guard, with the actions of the same table, wherever its feature stands in the list.
ASKED_BY_ALL = ("popschool.auth.guards", "popschool.auth.rules")
# A message says dates in the words of pages; nothing else of web/ is known below the routes.
WORDS_OF_DATES = ("popschool.web.languages", "popschool.web.filters")
# These of the ground turn with the clock: they begin requests and jobs, as routes do.
GROUND_WITH_CLOCK = ("cli", "clock", "doctor", "inside", "jobs", "metrics", "outbox", "parts", "replica", "server")
SHOWN_BY = {"request", "session", "g", "render_template", "redirect", "url_for", "flash", "abort", "Blueprint"}
REAL_CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}


class Layer(IntEnum):
    """What a file of a feature does; each knows those before it. Forms are known by what shows, and by nothing else."""

    DECIDES = 0
    KEEPS = 1
    DOES = 2
    READS = 3
    SHOWS = 4


NAMED = {
    "rules": Layer.DECIDES,
    "models": Layer.KEEPS,
    "services": Layer.DOES,
    "forms": Layer.READS,
    "routes": Layer.SHOWS,
    "commands": Layer.SHOWS,
    "tasks": Layer.SHOWS,
}


@dataclass(frozen=True)
class Import:
    """One name that a file imports: from which module, at which line."""

    module: str
    name: str
    line: int


class Module:
    """One file: its dotted name, its imports, its text read as Python."""

    def __init__(self, path: str, text: str):
        self.path = path
        dotted = path.removesuffix(".py").replace("/", ".")
        self.is_package = dotted.endswith(".__init__")
        self.name = dotted.removesuffix(".__init__")
        self.tree = ast.parse(text)

    @property
    def feature(self) -> str:
        """The feature that this file is in; nothing for the ground, app.py and cli.py."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 and parts[1] in FEATURES else ""

    @property
    def is_ground(self) -> bool:
        return self.name.startswith("popschool") and not self.feature and self.name not in GATHERERS

    @property
    def own_name(self) -> str:
        return self.name.rsplit(".", 1)[-1]

    @cached_property
    def imports(self) -> list[Import]:
        return list(self._imports())

    def _imports(self) -> Iterator[Import]:
        package = self.name if self.is_package else self.name.rpartition(".")[0]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (Import(alias.name, "", node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
                module = ".".join(part for part in (above, node.module) if part)
                yield from (Import(module, alias.name, node.lineno) for alias in node.names)

    @property
    def begins_requests(self) -> bool:
        """Say whether this file touches the request or the answer, as routes do."""
        return any(
            (one.module == "flask" and one.name in SHOWN_BY)
            or (one.module == "flask_login" and one.name != "UserMixin")
            for one in self.imports
        )


class House:
    """Some files, and which of them each one imports."""

    def __init__(self, texts: dict[str, str]):
        modules = [Module(path, text) for path, text in texts.items()]
        self.modules = {module.name: module for module in modules}

    @classmethod
    def built(cls) -> "House":
        files = [ROOT / "app.py", *sorted((ROOT / "popschool").rglob("*.py"))]
        return cls({str(file.relative_to(ROOT)): file.read_text() for file in files})

    def known(self, module: Module) -> list[tuple[Module, Import]]:
        """Return the files of the house that a file imports. A package is its `__init__`, its modules are their own."""
        found = []
        for one in module.imports:
            target = self.modules.get(f"{one.module}.{one.name}") or self.modules.get(one.module)
            if target is not None and target is not module:
                found.append((target, one))
        return found

    def layer(self, module: Module, seen: frozenset[str] = frozenset()) -> Layer:
        """Return what a file does: said by its name, or the highest of what it imports from its own feature.

        So a helper stands where what it knows puts it: one that reads the database is a service, whatever it is called.
        """
        for name, layer in NAMED.items():
            if module.own_name == name or module.own_name.startswith(f"{name}_"):
                return layer
        if module.begins_requests:
            return Layer.SHOWS
        found = Layer.DECIDES
        for target, _line in self.known(module):
            if target.name == "popschool.db":
                found = max(found, Layer.DOES)
            elif target.feature == "web" and module.feature != "web" and target.name not in WORDS_OF_DATES:
                return Layer.SHOWS
            elif target.feature == module.feature and target.name not in seen:
                inside = self.layer(target, seen | {module.name})
                found = max(found, Layer.SHOWS if inside is Layer.READS else inside)
        return found


def ground_knows_no_feature(house: House) -> Iterator[str]:
    """The ground imports no feature, and names none in a string that is imported later."""
    for module in house.modules.values():
        if not module.is_ground:
            continue
        for target, one in house.known(module):
            if target.feature or target.name in GATHERERS:
                yield f"{module.path}:{one.line}: the ground knows {target.name}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts = node.value.split(":")[0].split(".")
                if parts[0] == "popschool" and len(parts) > 2 and parts[1] in FEATURES:
                    yield f"{module.path}:{node.lineno}: the ground names {node.value}"


def only_gatherers_know_everybody(house: House) -> Iterator[str]:
    """No feature imports app.py or cli.py, nor what is beside the package."""
    for module in house.modules.values():
        if module.name in GATHERERS:
            continue
        for one in module.imports:
            whole = f"{one.module}.{one.name}"
            if one.module in GATHERERS or whole in GATHERERS:
                yield f"{module.path}:{one.line}: only the command line starts the application"
            if one.module.split(".")[0] in ("courses", "migrations", "benchmarks", "tests", "deploy"):
                yield f"{module.path}:{one.line}: {one.module} is not code of the house"


def features_import_upwards(house: House) -> Iterator[str]:
    """A feature imports from those above it in the list, never from those below."""
    for module in house.modules.values():
        if not module.feature:
            continue
        for target, one in house.known(module):
            is_asking = target.name in ASKED_BY_ALL and (module.feature == "web" or _shows(house, module))
            if target.feature and FEATURES.index(target.feature) > FEATURES.index(module.feature) and not is_asking:
                yield f"{module.path}:{one.line}: {module.feature} is above {target.feature}, and imports {target.name}"


def _shows(house: House, module: Module) -> bool:
    return house.layer(module) is Layer.SHOWS


def features_hide_their_routes_and_forms(house: House) -> Iterator[str]:
    """A feature uses another's rules, models and services; never its routes or forms, nor what shows."""
    for module in house.modules.values():
        for target, one in house.known(module):
            if not module.feature or not target.feature or target.feature == module.feature:
                continue
            if target.feature == "web":
                if house.layer(module) < Layer.READS and target.name not in WORDS_OF_DATES:
                    yield f"{module.path}:{one.line}: only routes and forms know {target.name}"
            elif target.name not in ASKED_BY_ALL and house.layer(target) >= Layer.READS:
                yield f"{module.path}:{one.line}: {target.name} is of {target.feature} alone"


def layers_import_downwards(house: House) -> Iterator[str]:
    """Inside a feature: rules ← models ← services ← routes → forms."""
    for module in house.modules.values():
        if not module.feature or module.feature == "web":
            continue
        mine = house.layer(module)
        for target, one in house.known(module):
            if target.feature != module.feature:
                continue
            theirs = house.layer(target)
            if theirs > mine:
                yield f"{module.path}:{one.line}: {mine.name.lower()}, yet imports {target.name}: {theirs.name.lower()}"


def rules_are_pure(house: House) -> Iterator[str]:
    """Rules know the standard library, `errors` and other rules: no Flask, no database, no clock."""
    for module in house.modules.values():
        if not module.feature or not (module.own_name == "rules" or module.own_name.startswith("rules_")):
            continue
        for one in module.imports:
            target = house.modules.get(f"{one.module}.{one.name}") or house.modules.get(one.module)
            if target is not None:
                is_pure = target.name == "popschool.errors" or target.own_name.split("_")[0] == "rules"
            else:
                is_pure = one.module.split(".")[0] in sys.stdlib_module_names
            if not is_pure:
                yield f"{module.path}:{one.line}: rules know {one.module}"


def the_time_is_an_argument(house: House) -> Iterator[str]:
    """Only routes, commands and jobs ask what time it is; below them the moment is an argument."""
    for module in house.modules.values():
        if module.feature == "web" or module.name == "app" or module.own_name in GROUND_WITH_CLOCK:
            continue
        if module.feature and house.layer(module) is Layer.SHOWS:
            continue
        for one in module.imports:
            if one.module == "popschool.clock" and one.name in ("now", "today"):
                yield f"{module.path}:{one.line}: asks the clock"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id == "clock" and node.attr in ("now", "today"):
                    yield f"{module.path}:{node.lineno}: asks the clock"
                if (node.value.id, node.attr) in REAL_CLOCKS:
                    yield f"{module.path}:{node.lineno}: asks the machine's clock"


def no_import_turns_round(house: House) -> Iterator[str]:
    """No file imports itself, however long the way. An import inside a function counts."""
    seen: set[str] = set()

    def follow(module: Module, way: list[str]) -> Iterator[str]:
        if module.name in way:
            yield " imports ".join([*way[way.index(module.name) :], module.name])
            return
        if module.name in seen:
            return
        for target in {target.name: target for target, _line in house.known(module)}.values():
            yield from follow(target, [*way, module.name])
        seen.add(module.name)

    for module in house.modules.values():
        yield from follow(module, [])


def packages_only_introduce(house: House) -> Iterator[str]:
    """A feature's `__init__` is its introduction: a docstring, no code."""
    for module in house.modules.values():
        if module.is_package and module.feature:
            if not ast.get_docstring(module.tree):
                yield f"{module.path}:1: the feature is not introduced"
            if len(module.tree.body) > 1:
                yield f"{module.path}:{module.tree.body[1].lineno}: an introduction has no code"


RULES = (
    ground_knows_no_feature,
    only_gatherers_know_everybody,
    features_import_upwards,
    features_hide_their_routes_and_forms,
    layers_import_downwards,
    rules_are_pure,
    the_time_is_an_argument,
    no_import_turns_round,
    packages_only_introduce,
)


@pytest.fixture(scope="module")
def built() -> House:
    return House.built()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_import_goes_the_way_the_house_is_drawn(rule, built):
    assert list(rule(built)) == []


def test_every_folder_of_the_package_is_a_feature_of_the_list(built):
    folders = {file.parent.name for file in (ROOT / "popschool").glob("*/__init__.py")}

    assert folders <= set(FEATURES)
    assert {module.feature for module in built.modules.values()} - {""} == folders


# Files that an import may lead to, in every small house below.
NEIGHBOURS = {
    "popschool/db.py": "",
    "popschool/errors.py": "",
    "popschool/clock.py": "",
    "popschool/cli.py": "",
    "popschool/web/forms.py": "",
    "popschool/web/languages.py": "",
    "popschool/schools/rules.py": "",
    "popschool/schools/models.py": "from popschool.schools import rules",
    "popschool/schools/services.py": "from popschool.schools import models",
    "popschool/schools/forms.py": "from popschool.web.forms import Form",
    "popschool/schools/routes.py": "from popschool.schools import forms, services\nfrom popschool.auth import guards",
    "popschool/auth/rules.py": "from popschool.schools.rules import Place",
    "popschool/auth/models.py": "",
    "popschool/auth/guards.py": "from flask import abort\nfrom popschool.auth import rules",
    "popschool/grading/rules.py": "",
}

BROKEN = [
    (ground_knows_no_feature, "popschool/mail.py", "from popschool.schools.models import Person"),
    (ground_knows_no_feature, "popschool/mail.py", "def later():\n    import popschool.schools.models"),
    (ground_knows_no_feature, "popschool/jobs.py", 'TASK = "popschool.schools.tasks:remind"'),
    (ground_knows_no_feature, "popschool/server.py", "from popschool.cli import main"),
    (only_gatherers_know_everybody, "popschool/portal/routes.py", "from app import create_app"),
    (only_gatherers_know_everybody, "popschool/portal/routes.py", "from popschool import cli"),
    (only_gatherers_know_everybody, "popschool/portal/demo.py", "from courses import dwwm"),
    (features_import_upwards, "popschool/schools/services.py", "from popschool.grading import rules"),
    (features_import_upwards, "popschool/schools/services.py", "from ..grading.rules import levels"),
    (features_import_upwards, "popschool/schools/routes.py", "from popschool.auth.models import RoleGrant"),
    (features_import_upwards, "popschool/schools/services.py", "from popschool.auth import guards"),
    (features_import_upwards, "popschool/web/filters.py", "from popschool.schools.models import School"),
    (features_hide_their_routes_and_forms, "popschool/grading/routes.py", "from popschool.schools.forms import Form"),
    (features_hide_their_routes_and_forms, "popschool/grading/routes.py", "from popschool.schools import routes"),
    (features_hide_their_routes_and_forms, "popschool/grading/services.py", "from popschool.web.forms import Form"),
    (layers_import_downwards, "popschool/schools/rules.py", "from popschool.schools import services"),
    (layers_import_downwards, "popschool/schools/models.py", "from popschool.schools import services"),
    (layers_import_downwards, "popschool/schools/services_more.py", "from popschool.schools import routes"),
    (layers_import_downwards, "popschool/schools/services.py", "from popschool.schools.forms import Form"),
    (layers_import_downwards, "popschool/schools/forms_more.py", "from popschool.schools import routes"),
    (rules_are_pure, "popschool/grading/rules.py", "from flask import current_app"),
    (rules_are_pure, "popschool/grading/rules.py", "import sqlalchemy.orm"),
    (rules_are_pure, "popschool/grading/rules_late.py", "from popschool import clock"),
    (rules_are_pure, "popschool/grading/rules.py", "from popschool.schools.models import Person"),
    (the_time_is_an_argument, "popschool/grading/services.py", "from popschool import clock\nnow = clock.now()"),
    (the_time_is_an_argument, "popschool/grading/services.py", "from popschool.clock import today"),
    (the_time_is_an_argument, "popschool/grading/forms.py", "from popschool import clock\nnow = clock.today()"),
    (the_time_is_an_argument, "popschool/grading/demo.py", "from datetime import date\nday = date.today()"),
    (the_time_is_an_argument, "popschool/mail.py", "from datetime import datetime\nnow = datetime.now"),
    (no_import_turns_round, "popschool/schools/rules.py", "from popschool.schools import services"),
    (no_import_turns_round, "popschool/db.py", "def later():\n    from popschool.schools import models, x"),
    (packages_only_introduce, "popschool/grading/__init__.py", '"""Answers."""\nLEVELS = (1, 2, 3)'),
    (packages_only_introduce, "popschool/grading/__init__.py", ""),
]


@pytest.mark.parametrize(("rule", "path", "text"), BROKEN)
def test_a_wrong_import_is_seen(rule, path, text):
    sound = {"popschool/schools/models.py": "from popschool.db import db"} if path == "popschool/db.py" else {}

    assert list(rule(House(NEIGHBOURS | sound))) == []
    assert list(rule(House(NEIGHBOURS | sound | {path: text}))) != []


def test_a_helper_stands_where_what_it_knows_puts_it():
    house = House(
        NEIGHBOURS
        | {
            "popschool/schools/roster.py": "from popschool.schools import rules",
            "popschool/schools/people.py": "from popschool.db import db",
            "popschool/schools/importing.py": "from popschool.schools import people, roster",
            "popschool/schools/kept.py": "from flask import request",
            "popschool/schools/rules.py": "from popschool.schools import importing",
        }
    )

    layers = {name: house.layer(house.modules[f"popschool.schools.{name}"]) for name in ("roster", "importing", "kept")}

    assert layers == {"roster": Layer.DECIDES, "importing": Layer.DOES, "kept": Layer.SHOWS}
    assert len(list(layers_import_downwards(house))) == 1
