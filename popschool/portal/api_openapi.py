"""The document that describes the API (OpenAPI 3.1), made from the table of its operations."""

import re
from typing import Any

from flask_babel import gettext as _

from popschool.portal.api_fields import object_schema
from popschool.portal.api_table import OPERATIONS, Operation
from popschool.portal.rules_api import MOST_ID, MOST_IN_WINDOW, MOST_LINES, USUAL_LINES, Scope
from popschool.web import problems

ROOT = "/api/v1"
VERSION = "1.0"
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["detail"],
                "properties": {
                    "detail": {"type": "string"},
                    "parameter": {"type": "string"},
                    "pointer": {"type": "string"},
                },
            },
        },
    },
}


def parameter_words() -> dict[str, str]:
    """Return what each parameter of a list is."""
    return {
        "school": _("Une école."),
        "cohort": _("Une promo."),
        "person": _("Une personne."),
        "from": _("Le premier jour."),
        "to": _("Le dernier jour."),
        "after": _("La place où reprendre : la valeur « next » de la page d'avant."),
        "limit": _("Le nombre de lignes d'une page."),
    }


def scope_words() -> dict[Scope, str]:
    """Return what each scope opens."""
    return {
        Scope.SCHOOLS: _("Lire les écoles, les formations et les promos"),
        Scope.ENROLMENTS: _("Lire les places : noms, numéros et dates"),
        Scope.WORK: _("Lire les projets donnés et l'état des rendus"),
        Scope.AWARDS: _("Lire les niveaux des compétences"),
        Scope.ATTENDANCE: _("Lire les demi-journées et la présence"),
        Scope.ATTENDANCE_WRITE: _("Noter la présence et faire signer sur un terminal"),
        Scope.COMPLETION: _("Lire ce qui est fait et ce qui reste"),
        Scope.DOCUMENTS: _("Lire la liste des documents et leur empreinte"),
    }


def parameter_schema(name: str) -> dict[str, Any]:
    if name in ("school", "cohort", "person"):
        return {"type": "integer", "minimum": 1, "maximum": MOST_ID}
    if name in ("from", "to"):
        return {"type": "string", "format": "date"}
    if name == "limit":
        return {"type": "integer", "minimum": 1, "maximum": MOST_LINES, "default": USUAL_LINES}
    return {"type": "string", "maxLength": 200}


def document(base_url: str) -> dict[str, Any]:
    """Return the whole document, its words in the language of whoever asks."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(path_of(operation), {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Popschool",
            "version": VERSION,
            "description": _(
                "Lire ce que l'on peut voir dans Popschool, avec un programme. Les durées sont en minutes."
            ),
        },
        "servers": [{"url": f"{base_url}{ROOT}"}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _about_keys()}},
        },
        "security": [{"key": []}],
    }


def _about_keys() -> str:
    return _(
        "Une clé se fait sur la page de votre compte. Elle a droit à %(most)d appels par minute.", most=MOST_IN_WINDOW
    )


def path_of(operation: Operation) -> str:
    """Return the path of an operation as OpenAPI writes it."""
    return path_of_rule(operation.rule)


def path_of_rule(rule: str) -> str:
    """Return a path as OpenAPI writes it.

    >>> path_of_rule("/cohorts/<int:number>")
    '/cohorts/{number}'
    """
    return re.sub(r"<int:(\w+)>", r"{\1}", rule)


def parameters_of(operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters of an operation, in its path first."""
    found = []
    if operation.has_number:
        schema = {"type": "integer", "minimum": 0, "maximum": MOST_ID}
        found.append({"name": "number", "in": "path", "required": True, "schema": schema})
    names = (*operation.filters, *(("after", "limit") if operation.is_page else ()))
    words = parameter_words()
    return found + [
        {"name": name, "in": "query", "description": words[name], "schema": parameter_schema(name)} for name in names
    ]


def answer_schema(operation: Operation) -> dict[str, Any]:
    one = object_schema(operation.answers)
    if not (operation.is_page or operation.is_list):
        return one
    whole = {"data": {"type": "array", "items": one}}
    if operation.is_page:
        whole["next"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return {"type": "object", "properties": whole, "required": list(whole)}


def _operation(operation: Operation) -> dict[str, Any]:
    success = "201" if operation.method == "POST" else "200"
    answers: dict[str, Any] = {
        success: {
            "description": str(operation.title),
            "content": {"application/json": {"schema": answer_schema(operation)}},
        }
    }
    for status in sorted({401, 403, 429, *operation.refuses}):
        answers[str(status)] = {
            "description": problems.words(status)[0],
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    made: dict[str, Any] = {"operationId": operation.name, "summary": str(operation.title), "responses": answers}
    if operation.scope is not None:
        made["description"] = f"{_('Portée :')} {operation.scope}"
    if parameters := parameters_of(operation):
        made["parameters"] = parameters
    if operation.body:
        from popschool.portal.api_bodies import BODIES  # slow to load, and few ask for the whole document

        schema = BODIES[operation.body].model_json_schema()
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return made
