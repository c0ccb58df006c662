"""The paper of a register: its lines between two days, corrected as they stand. Always in French."""

from datetime import date, datetime
from typing import Any

from flask_babel import force_locale

from popschool.completion import paper_parts as parts
from popschool.completion import rules_papers
from popschool.completion import services_papers as papers
from popschool.completion.models_papers import Document
from popschool.completion.paper_parts import Block, typeset
from popschool.registers import labels, rules, services_surveys
from popschool.registers import services_house as house
from popschool.registers.rules import INDICATORS, Register
from popschool.registers.services import Asked, Line, listed
from popschool.schools.models import Person, School

MOST = 5000


def content_of(school: School, register: Register, first: date, last: date, today: date) -> dict[str, Any]:
    """Return what the paper of a register says, as it is kept."""
    with force_locale("fr"):
        heads, widths, rows = _table(school, register, first, last, today)
    name = rules_papers.NAMES[rules.PAPERS[register]]
    indicators = ", ".join(str(one) for one in INDICATORS[register])
    blocks: list[Block] = [
        parts.p(f"{school.name}, {parts.between(first, last)}. Qualiopi, indicateur {indicators}.", "strong"),
        parts.table(f"{len(rows)} lignes" if len(rows) > 1 else f"{len(rows)} ligne", heads, rows, 0, widths=widths),
    ]
    return typeset(
        {
            "kind": name,
            "heading": name.upper(),
            "network": school.network.legal_name or school.network.name,
            "school": school.name,
            "dated": f"établi le {today:%d/%m/%Y}",
            "blocks": blocks,
            "check": [["École", school.name], ["Jours", parts.between(first, last)], ["Lignes", str(len(rows))]],
            "figures": {"lines": len(rows)},
        }
    )


def _table(
    school: School, register: Register, first: date, last: date, today: date
) -> tuple[list[str], list[int], list[tuple[str, ...]]]:
    asked = Asked(first=first, last=last)
    if register is Register.RULES:
        return _signed(school, first, last, today)
    if register is Register.SURVEYS:
        lines, _total = services_surveys.surveys_of(school.id, asked, 0, MOST)
        return _answered(lines, today)
    found, _total = listed(register, school.id, asked, today, 0, MOST)
    return _written(register, list(reversed(found)))


def _written(register: Register, found: list[Line]) -> tuple[list[str], list[int], list[tuple[str, ...]]]:
    """The lines of a register that somebody writes. Who complains is not named, nor how to reach them."""
    names = [name for name in rules.FIELDS[register] if name not in ("name", "mail")]
    heads = ["N°", "Jour", *(["Personne"] if register in rules.OF_A_PLACE else [])]
    heads += [str(labels.field(register, name)) for name in names]
    if register in rules.ENDS:
        heads += ["Avant le", "Réponse" if register is Register.COMPLAINTS else "Ce que cela donne"]
    rows = []
    for line in found:
        record = line.record
        row = [str(record.number), parts.day(record.on)]
        if register in rules.OF_A_PLACE:
            row.append(record.enrolment.person.name)
        row += [_said(name, record.facts.get(name, "")) for name in names]
        if register in rules.ENDS:
            ended = f"{parts.day(line.act.on)} : {line.act.text}" if line.act else str(labels.STATES[line.state])
            row += [parts.day(record.due_on) if record.due_on else "", ended]
        rows.append(tuple(row))
    texts = {"said", "decided", "what", "result", "expected"}
    widths = [1, 2] + [2] * (register in rules.OF_A_PLACE) + [4 if name in texts else 2 for name in names]
    return heads, widths + ([2, 4] if register in rules.ENDS else []), rows


def _said(name: str, text: str) -> str:
    return str(labels.choice(name, text)) if name in rules.CHOICES else text


def _signed(school: School, first: date, last: date, today: date) -> tuple[list[str], list[int], list[tuple[str, ...]]]:
    rows = [
        (text, person, cohort, parts.day(day), digest[:16])
        for text, person, cohort, day, digest in house.signed_between(school, first, last)
    ]
    return ["Version", "Personne", "Promo", "Signé le", "Empreinte du texte"], [2, 4, 2, 2, 3], rows


def _answered(
    lines: list[services_surveys.SurveyLine], today: date
) -> tuple[list[str], list[int], list[tuple[str, ...]]]:
    """Each survey with its rate of answers beside what people think; what would tell who said what stays empty."""
    rows = []
    for line, satisfied in zip(lines, services_surveys.satisfied_of(lines, today), strict=True):
        rows.append(
            (
                line.title, str(labels.AUDIENCES[line.audience]) if line.audience else line.cohort,
                parts.between(line.opens_on, line.closes_on),
                f"{line.answered} sur {line.asked}", parts.percent(rules.share(line.answered, line.asked)),
                parts.percent(satisfied) if satisfied is not None else "pas assez de réponses",
            )
        )  # fmt: skip
    heads = ["Enquête", "Auprès de", "Jours", "Réponses", "Taux de réponse", "Satisfaits"]
    return heads, [4, 2, 4, 2, 2, 3], rows[::-1]


def issue(
    school: School, register: Register, period: tuple[date, date], content: dict[str, Any], by: Person, now: datetime,
    replaces: Document | None = None, reason: str = "",
) -> Document:  # fmt: skip
    """Keep the paper of a register for ever. Raises as any document does: AlreadyIssued, AlreadyRevoked."""
    place = {"school_id": school.id, "cohort_id": None, "enrolment_id": None, "share_id": None, "person_id": None}
    return papers.keep(rules.PAPERS[register], place, period, content, [], school.code, by, now, replaces, reason)
