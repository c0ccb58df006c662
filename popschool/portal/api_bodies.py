"""What a program sends: read strictly, and its schema from the same lines.

Pydantic is slow to load: only what reads a body, or describes it, imports this file.
"""

from typing import Annotated, Any, Literal

from flask_babel import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from popschool.portal.rules_api import MOST_ID, BodyRefused

Text = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Key = Annotated[str, StringConstraints(min_length=8, max_length=40, pattern=r"^[A-Za-z0-9_.:-]+$")]
Minutes = Annotated[int, Field(ge=0, le=600)]


class Body(BaseModel):
    """The parent of what is sent: a name that is not known is refused, and nothing is turned into something else."""

    model_config = ConfigDict(extra="forbid", strict=True)


class MarkBody(Body):
    """What is said of one person's half-day."""

    person: Annotated[int, Field(ge=1, le=MOST_ID)]
    mark: Literal["present", "partial", "absent", "dispensed"]
    absence: Literal["justified", "unjustified"] = "unjustified"
    late_minutes: Minutes = 0
    early_minutes: Minutes = 0
    reason: Text = ""
    made_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    key: Key


class SignatureBody(Body):
    """One person signs on a terminal: the sentence that they read, and their PIN when they have one."""

    person: Annotated[int, Field(ge=1, le=MOST_ID)]
    statement: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    pin: Annotated[str, StringConstraints(max_length=20)] = ""
    made_at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    key: Key


BODIES = {"mark": MarkBody, "signature": SignatureBody}


def read(name: str, text: bytes) -> Any:
    """Read what was sent for an operation of this body's name. Raises BodyRefused."""
    try:
        return BODIES[name].model_validate_json(text)
    except ValidationError as error:
        raise BodyRefused([_said(one) for one in error.errors(include_url=False, include_input=False)]) from error


def _said(error: Any) -> dict[str, str]:
    """Return where, as a JSON pointer, and what to correct."""
    where = "/" + "/".join(str(part) for part in error["loc"]) if error["loc"] else ""
    facts = error.get("ctx", {})
    words = {
        "missing": _("Il manque ce champ."),
        "extra_forbidden": _("Ce champ n'existe pas."),
        "json_invalid": _("Ce n'est pas du JSON bien écrit."),
        "literal_error": _("Cette valeur n'est pas dans la liste."),
        "string_too_long": _("C'est trop long : %(most)s signes au plus.", most=facts.get("max_length")),
        "string_too_short": _("C'est trop court : %(least)s signes au moins.", least=facts.get("min_length")),
        "timezone_aware": _("Écrivez le fuseau. Exemple : 2027-03-08T09:05:00Z"),
    }
    return {"pointer": where, "detail": words.get(error["type"], _("Cette valeur n'est pas écrite comme attendu."))}
