"""Every operation of the API: one table, from which routes are made, and the document that describes them."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from popschool.auth.rules import Action
from popschool.portal.api_fields import Field
from popschool.portal.api_resources import RESOURCES, Resource
from popschool.portal.rules_api import Scope

F = Field
LINE = (
    F("person_id"), F("enrolment_id", nullable=True), F("first_name", "string"), F("last_name", "string"),
    F("expectation", "string", values=("expected", "company", "walk_in")),
    F("state", "string", values=("–", "P", "RET", "AJ", "AI", "ENT", "DSP"),
      words=_l("La lettre de la feuille de présence.")),
    F("is_signed", "boolean"), F("planned"), F("attended"), F("distance"), F("justified"), F("unjustified"),
    F("missing"),
    F("statement", "string", words=_l("La phrase que la personne lit et signe.")),
    F("has_pin", "boolean", words=_l("Cette personne signe avec son code secret.")),
)  # fmt: skip
ENTRY = (
    F("entry_id"), F("half_day_id"), F("person_id"), F("kind", "string", values=("mark", "signature")),
    F("at", "moment"), F("hash", "string", words=_l("L'empreinte de la ligne, dans le registre de la promo.")),
)  # fmt: skip
COMPLETION = (
    F("enrolment_id"), F("person_id"), F("is_complete", "boolean"),
    F("exit", "string", values=("running", "completed", "positive", "dropped", "moved", "never_came")),
    F("lines", (F("part", "string", values=("hours", "competences", "deliverables", "company")), F("done"),
                F("asked"), F("total"), F("is_done", "boolean")), is_list=True),
    F("blocks", (F("title", "string"), F("done"), F("total"), F("is_done", "boolean")), is_list=True),
)  # fmt: skip
PRESENCE = (
    F("enrolment_id"), F("person_id"), F("planned"), F("attended"), F("distance"), F("justified"), F("unjustified"),
    F("missing"),
)  # fmt: skip
ME = (
    F("person_id"), F("key", (F("name", "string"), F("scopes", "string", is_list=True), F("expires_at", "moment")),
                      nullable=True),
    F("calls_a_minute"),
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One call. `rule` is Flask's, under the API's root; `answers` are the fields of what comes back.

    `is_page` for a list read page after page; `filters` are its parameters. `scope` is None for what any key may call.
    """

    name: str
    rule: str
    title: str | LazyString
    answers: tuple[Field, ...]
    action: Action
    scope: Scope | None = None
    resource: Resource | None = None
    method: str = "GET"
    is_page: bool = False
    is_list: bool = False
    filters: tuple[str, ...] = ()
    body: str = ""
    refuses: tuple[int, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def has_number(self) -> bool:
        return "<int:number>" in self.rule


def filters_of(resource: Resource) -> tuple[str, ...]:
    """Return what a list may be narrowed to."""
    possible = {"school": resource.school, "cohort": resource.cohort, "person": resource.person}
    dated = ("from", "to") if resource.on is not None else ()
    return (*(name for name, column in possible.items() if column is not None), *dated)


def _read(resource: Resource) -> list[Operation]:
    name = resource.name.replace("-", "_")
    listed = Operation(
        f"list_{name}", f"/{resource.name}", resource.title, resource.fields, Action.USE_API, resource.scope, resource,
        is_page=True, filters=filters_of(resource), refuses=(400, 404),
    )  # fmt: skip
    one = Operation(
        f"read_{resource.one.replace('-', '_')}", f"/{resource.name}/<int:number>", resource.title, resource.fields,
        resource.action, resource.scope, resource, refuses=(404,),
    )  # fmt: skip
    return [listed, one] if resource.has_one else [listed]


OPERATIONS: tuple[Operation, ...] = (
    Operation("me", "/me", _l("Qui lit, avec quelle clé"), ME, Action.USE_API),
    *(operation for resource in RESOURCES for operation in _read(resource)),
    Operation(
        "list_attendance", "/half-days/<int:number>/attendance", _l("Qui est attendu et ce qui est noté"), LINE,
        Action.SEE_HALF_DAY, Scope.ATTENDANCE, is_list=True, refuses=(404,),
    ),
    Operation(
        "mark", "/half-days/<int:number>/marks", _l("Noter une personne"), ENTRY, Action.CORRECT_PRESENCE,
        Scope.ATTENDANCE_WRITE, method="POST", body="mark", refuses=(400, 404, 409, 413, 415),
    ),
    Operation(
        "sign", "/half-days/<int:number>/signatures", _l("Une personne signe sur un terminal"), ENTRY,
        Action.RUN_HALF_DAY, Scope.ATTENDANCE_WRITE, method="POST", body="signature",
        refuses=(400, 404, 409, 413, 415),
    ),
    Operation(
        "sum_presence", "/cohorts/<int:number>/presence", _l("La présence d'une promo, en minutes, par place"),
        PRESENCE, Action.SEE_SHEETS, Scope.ATTENDANCE, is_list=True, filters=("from", "to"), refuses=(400, 404),
    ),
    Operation(
        "read_completion", "/enrolments/<int:number>/completion", _l("Ce qui est fait et ce qui reste"), COMPLETION,
        Action.SEE_PAPER, Scope.COMPLETION, refuses=(404,),
    ),
)  # fmt: skip
