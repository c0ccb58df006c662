"""The YAML of a course: programme.yml and the front matter of pages, with the line and column of each mistake."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

BIGGEST_FRONT = 64_000
MOST_NODES, DEEPEST = 5_000, 12

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=2000, strip_whitespace=True)]
CompetenceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}/[0-9]{1,3}\Z")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, regex_engine="python-re")


class Certification(Part):
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,30}\Z")]
    title: Text
    level: Annotated[int, Field(ge=1, le=8)]


class CompetencePart(Part):
    id: CompetenceKey
    title: Text
    plain: Text = ""


class Block(Part):
    title: Text
    short: Annotated[str, StringConstraints(max_length=200)] = ""
    competences: Annotated[list[CompetencePart], Field(min_length=1)]


class ProgrammeFile(Part):
    id: Key
    title: Line
    kind: Literal["bootcamp", "fabnum", "workshop", "company"]
    summary: Text = ""
    hours: Annotated[int, Field(ge=0, le=10_000)] = 0
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}\Z")] = "fr"
    certification: Certification | None = None
    blocks: list[Block] = []
    order: list[Key] = []


class Aim(Part):
    id: CompetenceKey
    level: Annotated[int, Field(ge=1, le=3)]


class DeliverablePart(Part):
    id: Key
    title: Line
    hint: Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)] = ""
    asks: Annotated[list[Literal["text", "link", "files", "repository"]], Field(min_length=1)]
    either: bool = False
    proves: list[CompetenceKey] = []


class CriterionPart(Part):
    id: Key
    text: Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
    of: Key | None = None


class BriefFile(Part):
    id: Key
    title: Line
    summary: Text = ""
    hours: Annotated[int, Field(ge=0, le=10_000)] = 0
    work: Literal["alone", "pair", "team"] = "alone"
    team_size: Annotated[int, Field(ge=2, le=12)] | None = None
    competences: list[Aim] = []
    deliverables: list[DeliverablePart] = []
    criteria: list[CriterionPart] = []
    marks: Annotated[list[Line], Field(min_length=3, max_length=3)] | None = None
    words: dict[Line, Text] = {}
    starter: Annotated[str, StringConstraints(pattern=r"^[\w][\w.-]{0,99}\Z")] | None = None


class PageFile(Part):
    id: Key | None = None
    title: Line | None = None
    order: Annotated[int, Field(ge=0, le=100_000)] | None = None


@dataclass(frozen=True)
class Mistake:
    """Something wrong in one file, with its place."""

    line: int
    column: int
    message: str
    mend: str = ""


@dataclass
class Parsed:
    """What a YAML text says; `where` gives the line and column of each key and item, named "competences.0.id".

    `rest` is what is left of a text with mistakes once the fields that hold them are taken out, so that other files are
    still compared with it.
    """

    data: dict | None = None
    rest: dict | None = None
    where: dict[str, tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)


FIELD = re.compile(r"^(?=[\w-]+[ \t]*:)", re.MULTILINE)


class TooTangled(ValueError):
    """More values than any course needs: an alias that repeats itself, or a depth without end."""


def _reader() -> YAML:
    """Return a reader of YAML 1.2 that keeps places; an anchor said twice is allowed by YAML, and warns nobody."""
    yaml = YAML(typ="rt")
    yaml.composer.warn_double_anchors = False
    return yaml


def parse(text: str, model: type[Part], first_line: int = 1) -> Parsed:
    """Read YAML that must follow `model`. `first_line` is the line of the file where the text begins."""
    parsed = Parsed()
    try:
        tree = _reader().load(text) if text.strip() else CommentedMap()
        budget = [MOST_NODES]
        plain = _plain(tree, "", parsed.where, first_line, budget, 0)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + first_line, mark.column + 1) if mark else (first_line, 1)
        parsed.mistakes.append(_yaml_mistake(error, line, column))
        parsed.rest = _readable(text, model, parsed.where, first_line)
        return parsed
    except (TooTangled, RecursionError):
        words = "Ces lignes se répètent ou s'emboîtent sans fin."
        parsed.mistakes.append(Mistake(first_line, 1, words, "Écrivez chaque valeur en entier, sans & ni *."))
        parsed.rest = _rest({}, model, set(model.model_fields))
        return parsed
    except (YAMLError, ValueError, TypeError, AttributeError, KeyError) as error:
        words = f"Ces lignes ne se lisent pas comme du YAML ({type(error).__name__})."
        parsed.mistakes.append(Mistake(first_line, 1, words, "Comparez avec l'exemple de la documentation."))
        parsed.rest = _rest({}, model, set(model.model_fields))
        return parsed
    if not isinstance(plain, dict):
        words = "On attend ici des lignes « nom: valeur »."
        parsed.mistakes.append(Mistake(first_line, 1, words, "Comparez avec l'exemple de la documentation."))
        parsed.rest = _rest({}, model, set(model.model_fields))
        return parsed
    try:
        parsed.data = model.model_validate(plain).model_dump()
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_context=True):
            parsed.mistakes.append(_mistake(wrong, model, parsed.where, first_line))
        parsed.rest = _rest(plain, model, {str(wrong["loc"][0]) for wrong in error.errors(include_url=False)})
        return parsed
    parsed.mistakes.extend(_crossed(parsed, model, first_line))
    return parsed


def _readable(text: str, model: type[Part], where: dict[str, tuple[int, int]], first_line: int) -> dict:
    """Return what is left of a text that is no YAML, as `Parsed.rest` has it: each field that reads alone."""
    plain, broken, line = {}, set(), first_line
    where.clear()
    for piece in FIELD.split(text):
        places: dict[str, tuple[int, int]] = {}
        try:
            tree = _reader().load(piece) if piece.strip() else {}
            alone = dict(_plain(tree, "", places, line, [MOST_NODES], 0))
        except (YAMLError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            alone, places = {}, {}
            broken.add(piece.partition(":")[0].strip())
        plain, line = alone | plain, line + piece.count("\n")
        where.update({name: place for name, place in places.items() if name not in where})
    try:
        model.model_validate(plain)
    except ValidationError as error:
        broken |= {str(wrong["loc"][0]) for wrong in error.errors(include_url=False)}
    return _rest(plain, model, broken)


def _rest(plain: dict, model: type[Part], broken: set[str]) -> dict:
    """Return the fields that are right, the others as if they had been left out, and the names of these in `broken`.

    An id and a title that are not right are None.
    """
    kept = {name: value for name, value in plain.items() if name not in broken}
    filled = {"id": "sans-nom", "title": "Sans titre"} | ({"kind": "workshop"} if model is ProgrammeFile else {}) | kept
    unnamed = {name: None for name in ("id", "title") if name not in kept}
    return model.model_validate(filled).model_dump() | unnamed | {"broken": sorted(broken)}


def place(where: dict[str, tuple[int, int]], name: str, first_line: int = 1) -> tuple[int, int]:
    """Return the line and column of a value, or of the nearest thing that holds it."""
    while name:
        if name in where:
            return tuple(where[name])
        name = name.rpartition(".")[0]
    return first_line, 1


def _plain(node: Any, name: str, where: dict, first_line: int, budget: list[int], depth: int) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        raise TooTangled
    if isinstance(node, CommentedMap):
        found = {}
        for key, value in node.items():
            inner = f"{name}.{key}" if name else str(key)
            line, column = _position(node.lc.key, key)
            where[inner] = (line + first_line, column + 1)
            found[str(key) if not isinstance(key, str) else key] = _plain(
                value, inner, where, first_line, budget, depth + 1
            )
        return found
    if isinstance(node, CommentedSeq | list):
        found = []
        for number, value in enumerate(node):
            inner = f"{name}.{number}" if name else str(number)
            line, column = _position(getattr(node, "lc", None) and node.lc.item, number)
            where[inner] = (line + first_line, column + 1)
            found.append(_plain(value, inner, where, first_line, budget, depth + 1))
        return found
    if node is None or isinstance(node, bool):
        return node
    if isinstance(node, int):
        return int(node)
    if isinstance(node, float):
        return float(node)
    return str(node)


def _position(finder: Any, key: Any) -> tuple[int, int]:
    try:
        line, column = finder(key)
    except (TypeError, KeyError, AttributeError, IndexError):
        return 0, 0
    return line, column


def _yaml_mistake(error: MarkedYAMLError, line: int, column: int) -> Mistake:
    said = f"{type(error).__name__} {error.problem or ''} {error.context or ''}"
    if "duplicate" in said.lower():
        name = re.search(r'duplicate key "([^"]*)"', said)
        named = f" « {name[1]} »" if name else ""
        return Mistake(line, column, f"Le champ{named} est écrit deux fois.", "Gardez-en un seul.")
    if "tab" in said or "\\t" in said:
        return Mistake(line, column, "Une tabulation gêne la lecture.", "Remplacez-la par des espaces.")
    mend = "Vérifiez les espaces au début de la ligne, et mettez entre guillemets un texte qui contient « : » ou « # »."
    return Mistake(line, column, "Cette ligne ne se lit pas comme du YAML.", mend)


def _mistake(wrong: dict, model: type[Part], where: dict, first_line: int) -> Mistake:
    location = [str(part) for part in wrong["loc"] if part != "[key]"]
    name, last = ".".join(location), location[-1] if location else ""
    line, column = place(where, name, first_line)
    kind, context = wrong["type"], wrong.get("ctx") or {}
    if kind == "missing":
        return Mistake(line, column, f"Il manque le champ « {last} ».", f"Ajoutez une ligne « {last}: … ».")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(last, _fields(model, location), 1)
        mend = f"Écrivez « {near[0]} »." if near else "Retirez-le, ou voyez les champs possibles dans la documentation."
        return Mistake(line, column, f"Le champ « {last} » n'existe pas ici.", mend)
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        return Mistake(
            line, column, f"« {wrong['input']} » n'est pas une valeur possible.", f"Choisissez : {expected}."
        )
    if kind == "string_type":
        return Mistake(line, column, f"« {last} » doit être un texte.", "Mettez la valeur entre guillemets.")
    if kind == "string_pattern_mismatch":
        words = f"« {wrong['input']} » ne peut pas servir ici."
        return Mistake(line, column, words, "Écrivez des lettres minuscules sans accent, des chiffres et des tirets.")
    words = {
        "int_type": "doit être un nombre entier",
        "int_from_float": "doit être un nombre entier",
        "bool_type": "doit être true ou false",
        "list_type": "doit être une liste",
        "dict_type": "doit être une suite de lignes « mot: explication »",
        "model_type": "doit être une suite de lignes « nom: valeur »",
        "too_short": "n'a pas assez d'éléments",
        "too_long": "a trop d'éléments",
        "string_too_short": "est vide",
        "string_too_long": "est trop long",
        "greater_than_equal": f"doit être au moins {context.get('ge')}",
        "less_than_equal": f"doit être au plus {context.get('le')}",
    }.get(kind, "ne convient pas")
    return Mistake(line, column, f"« {last} » {words}.", "Comparez avec l'exemple de la documentation.")


def _fields(model: type[Part], location: Sequence[str]) -> list[str]:
    """Return the fields that there are where one is wrong: of the file, or of the part of it that holds it."""
    for name in location[:-1]:
        field = model.model_fields.get(name)
        model = _part_of(field.annotation) or model if field is not None else model
    return list(model.model_fields)


def _part_of(annotation: Any) -> type[Part] | None:
    """Return the part that a field holds, alone or in a list; None when it holds none."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((found for inside in get_args(annotation) if (found := _part_of(inside)) is not None), None)


def _crossed(parsed: Parsed, model: type[Part], first_line: int) -> Iterator[Mistake]:
    checks = {BriefFile: _crossed_brief, ProgrammeFile: _crossed_programme}
    if model in checks:
        for name, message, mend in checks[model](parsed.data):
            yield Mistake(*place(parsed.where, name, first_line), message, mend)


def _crossed_brief(data: dict) -> Iterator[tuple[str, str, str]]:
    for part in ("deliverables", "criteria", "competences"):
        yield from _twice(part, [item["id"] for item in data[part]])
    aims = {aim["id"] for aim in data["competences"]}
    given = {item["id"] for item in data["deliverables"]}
    for number, item in enumerate(data["deliverables"]):
        yield from _twice(f"deliverables.{number}.asks", item["asks"])
        for rank, proved in enumerate(item["proves"]):
            if proved not in aims:
                words = f"La compétence « {proved} » n'est pas visée par ce projet."
                yield f"deliverables.{number}.proves.{rank}", words, "Ajoutez-la dans « competences »."
    for number, item in enumerate(data["criteria"]):
        if item["of"] is not None and item["of"] not in given:
            words = f"Le livrable « {item['of']} » n'existe pas dans ce projet."
            yield f"criteria.{number}.of", words, f"Livrables possibles : {', '.join(sorted(given)) or 'aucun'}."
    if data["team_size"] is not None and data["work"] != "team":
        yield "team_size", "« team_size » ne va qu'avec « work: team ».", "Retirez-le, ou écrivez « work: team »."


def _crossed_programme(data: dict) -> Iterator[tuple[str, str, str]]:
    keys = []
    start = data["certification"]["id"] if data["certification"] else data["id"]
    for rank, block in enumerate(data["blocks"]):
        for number, item in enumerate(block["competences"]):
            name = f"blocks.{rank}.competences.{number}.id"
            if not item["id"].startswith(f"{start}/"):
                yield name, f"« {item['id']} » ne commence pas par « {start}/ ».", f"Écrivez « {start}/{number + 1} »."
            if item["id"] in keys:
                yield name, f"L'identifiant « {item['id']} » est écrit deux fois.", "Donnez un numéro neuf à l'une."
            keys.append(item["id"])
    yield from _twice("order", data["order"])


def _twice(part: str, keys: list[str]) -> Iterator[tuple[str, str, str]]:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            yield f"{part}.{number}", f"« {key} » est écrit deux fois.", "Donnez un identifiant neuf à l'un des deux."
