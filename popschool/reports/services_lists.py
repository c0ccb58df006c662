"""What a list of a funder says: made from the facts of each cohort, with all that is wrong, and who it is about."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import func, or_, select

from popschool.attendance.models import PresenceDay
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import monday_of
from popschool.attendance.rules_ledger import canonical
from popschool.attendance.rules_papers import declaration, prefect_region
from popschool.attendance.services_sheets import corrections_since
from popschool.completion import anomalies, rules_settings
from popschool.completion import paper_parts as parts
from popschool.completion.models import EnrolmentFunding, Funder, Funding, Signatory
from popschool.completion.models_papers import Document
from popschool.completion.paper_month import EXITS
from popschool.completion.rules_hours import ROUNDING, attendance_rate, decimal_hours, printed_column, rounded
from popschool.completion.rules_papers import FEMININE, NAMES, Anomaly, PaperKind, What
from popschool.completion.services_facts import (
    CohortFacts,
    PersonFacts,
    cohort_facts,
    heard_by,
    people_facts,
    sayings_of,
    signatory_of,
)
from popschool.db import db
from popschool.reports.rules_lists import ISSUED, Layout, Listed, arranged, billed, check_sums, packed, total_of
from popschool.rules_tables import DIGITS, Column, Kind
from popschool.schools.models import Cohort, Enrolment, Network, School
from popschool.spreadsheets import Table, said

PRICED = ("hour_price", "billing", "rounding")


@dataclass(frozen=True)
class Wanted:
    """Which list: of which school, for which funder, or for one agreement of theirs, of which days."""

    listed: Listed
    school: School
    funder: Funder
    funding: Funding | None
    first: date
    last: date


@dataclass
class Made:
    """A list as it would be issued today: its rows by column, who is in it, and all that is wrong, with whom."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[tuple[PersonFacts | None, Anomaly]] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)
    signatory: Signatory | None = None

    @property
    def is_ready(self) -> bool:
        return not any(one.blocks for _who, one in self.wrong)


def make(wanted: Wanted, today: date) -> Made:
    """Return a list from the facts. Some queries for each cohort: a job asks for it, no page does."""
    made = Made(signatory=signatory_of(wanted.school.id, today))
    if wanted.last >= today:
        made.wrong.append((None, Anomaly(What.PERIOD_OPEN, {"first": wanted.first, "last": wanted.last})))
    for number, cohort in enumerate(_cohorts(wanted)):
        of = cohort_facts(cohort, wanted.first, wanted.last, today)
        if number == 0:
            made.wrong += [(None, one) for one in anomalies.issuer(of) if one.what is not What.TITLE_MISSING]
        found = [
            one for one in people_facts(of, PaperKind.CERTIFICATE, wanted.first, wanted.last) if _pays(wanted, one)
        ]
        made.sources += [("sheet", sheet.id) for sheet in of.sheets] if found else []
        if wanted.listed is Listed.INVOICE:
            _bill(made, wanted, of, found)
        else:
            for one in found:
                made.rows.append(_who(one) | _hours(one))
                made.wrong += [(one, wrong) for wrong in anomalies.statement(one)]
    if not made.rows:
        made.wrong.append((None, Anomaly(What.NOBODY_PAID)))
    made.rows.sort(key=lambda row: (row["last_name"], row["first_name"], row["first"]))
    made.wrong.sort(key=lambda one: not one[1].blocks)
    return made


def _cohorts(wanted: Wanted) -> Sequence[Cohort]:
    """Return the cohorts where this funder pays for a day of the period."""
    own = (
        Funding.id == wanted.funding.id if wanted.funding is not None else Funding.funder_id == wanted.funder.id
    )  # fmt: skip
    last_day = func.coalesce(Enrolment.left_on, Enrolment.ends_on)
    paid = (
        select(Enrolment.cohort_id)
        .join(EnrolmentFunding, EnrolmentFunding.enrolment_id == Enrolment.id)
        .join(Funding, Funding.id == EnrolmentFunding.funding_id)
        .where(
            own,
            Enrolment.school_id == wanted.school.id,
            Enrolment.starts_on <= wanted.last,
            last_day >= wanted.first,
            EnrolmentFunding.starts_on <= wanted.last,
            or_(EnrolmentFunding.ends_on.is_(None), EnrolmentFunding.ends_on >= wanted.first),
        )
    )
    return db.session.scalars(select(Cohort).where(Cohort.id.in_(paid)).order_by(Cohort.starts_on, Cohort.id)).all()


def _pays(wanted: Wanted, one: PersonFacts) -> bool:
    if one.share is None:
        return False
    if wanted.funding is not None:
        return one.share.funding_id == wanted.funding.id
    return one.share.funding.funder_id == wanted.funder.id


def _who(one: PersonFacts) -> dict[str, Any]:
    share = one.share
    assert share is not None, "a list is of those that its funder pays for"
    return {
        "person": one.person.id,
        "last_name": one.person.last_name,
        "first_name": one.person.first_name,
        "number": one.person.learner_number or "",
        "cohort": one.of.cohort.code,
        "agreement": share.funding.agreement,
        "file_number": share.file_number,
        "first": one.stretch.first,
        "last": one.stretch.last,
    }


def _hours(one: PersonFacts) -> dict[str, Any]:
    """Return the hours of a line as they are printed: they add up to the hundredth."""
    hours = rounded(one.hours, one.settings["rounding"].value)
    due, realised, justified, unjustified = printed_column(
        hours.due, hours.realised, (hours.justified, hours.unjustified)
    )
    distance = decimal_hours(hours.distance)
    has_left = one.enrolment.left_on is not None and one.enrolment.left_on <= one.stretch.last
    return {
        "due": due,
        "attended": realised - distance,
        "distance": distance,
        "justified": justified,
        "unjustified": unjustified,
        "company": decimal_hours(hours.company),
        "rate": attendance_rate(hours, one.settings["attendance_formula"].value),
        "exit": EXITS.get(one.enrolment.exit_reason or "", "sortie") if has_left else "",
    }


def _bill(made: Made, wanted: Wanted, of: CohortFacts, found: list[PersonFacts]) -> None:
    """Add the lines of an invoice's annex: the hours of closed weeks alone, at the agreement's price."""
    if not found:
        return
    made.wrong += [(None, one) for one in _priced(wanted)]
    newest = {sheet.monday: sheet for sheet in of.sheets}
    made.wrong += [(None, one) for one in _corrected(newest.values())]
    already = _followed_until(found, wanted.last)
    for one in found:
        settings = one.settings
        is_flat = settings["billing"].value == "flat"
        price = None if is_flat else settings["hour_price"].number or None
        sealed, left = _split(one, newest)
        hours, cost, amount = billed(sealed, ROUNDING[settings["rounding"].value], price)
        agreed = one.share.minutes_agreed if one.share is not None else None
        made.rows.append(
            _who(one)
            | {"hours": hours, "price": cost, "amount": amount}
            | {"agreed": decimal_hours(agreed) if agreed is not None else None}
        )
        made.wrong += [(one, wrong) for wrong in anomalies.hours(one) if _is_of_a_bill(wrong)]
        if agreed is not None and not is_flat and already.get(one.enrolment.id, 0) > agreed:
            told = {"minutes": already[one.enrolment.id], "agreed": agreed}
            made.wrong.append((one, Anomaly(What.HOURS_OVER_AGREED, told)))
        if left:
            told = {"minutes": sum(left.values()), "days": sorted(left)}
            made.wrong.append((one, Anomaly(What.NOT_SEALED_LEFT_OUT, told)))


def _is_of_a_bill(wrong: Anomaly) -> bool:
    """What is left out of a bill is said on its own, and its rules are those of `PRICED`."""
    told_apart = {What.NOTHING_FOLLOWED, What.HOURS_OVER_AGREED, What.WEEKS_NOT_SEALED, What.RULE_CHANGED}
    return wrong.what not in told_apart | {What.COMPANY_NOT_SIGNED}


def _priced(wanted: Wanted) -> Iterator[Anomaly]:
    """Yield what is wrong with the price of an agreement in a period: unknown, flat, or changed in its middle."""
    heard = heard_by(sayings_of(wanted.school.id), wanted.funding)
    for key in PRICED:
        for day in rules_settings.changed_within(heard, key, wanted.first, wanted.last)[:1]:
            yield Anomaly(What.RULE_CHANGED, {"key": key, "day": day})
    if rules_settings.resolve(heard, "billing", wanted.last).value == "flat":
        yield Anomaly(What.BILLED_FLAT)
    elif not rules_settings.resolve(heard, "hour_price", wanted.last).number:
        yield Anomaly(What.PRICE_MISSING)


def _corrected(sheets: Any) -> Iterator[Anomaly]:
    for sheet in sheets:
        if corrections_since(sheet):
            yield Anomaly(What.CORRECTED_SINCE, {"number": sheet.number})


def _split(one: PersonFacts, sealed: dict[date, Sheet]) -> tuple[int, dict[date, int]]:
    """Return the minutes followed in closed weeks, and those of the other weeks, by Monday."""
    closed, left = 0, dict[date, int]()
    for row in one.of.calendar.days.get(one.enrolment.id, ()):
        minutes = row.attended + row.distance
        if minutes and one.stretch.holds(row.on):
            monday = monday_of(row.on)
            if monday in sealed:
                closed += minutes
            else:
                left[monday] = left.get(monday, 0) + minutes
    return closed, left


def _followed_until(found: list[PersonFacts], last: date) -> dict[int, int]:
    """Return the minutes that each place followed under its agreement, from its first day. One query."""
    shares = [one.share.id for one in found if one.share is not None]
    rows = db.session.execute(
        select(PresenceDay.enrolment_id, func.sum(PresenceDay.attended + PresenceDay.distance))
        .join(EnrolmentFunding, EnrolmentFunding.enrolment_id == PresenceDay.enrolment_id)
        .where(
            EnrolmentFunding.id.in_(shares),
            PresenceDay.on >= EnrolmentFunding.starts_on,
            PresenceDay.on <= func.coalesce(EnrolmentFunding.ends_on, last),
            PresenceDay.on <= last,
        )
        .group_by(PresenceDay.enrolment_id)
    )
    return {enrolment_id: int(minutes) for enrolment_id, minutes in rows}


def content_of(wanted: Wanted, made: Made, layout: Layout, today: date) -> dict[str, Any]:
    """Return what the document says, as it is kept: its paper, and its table cell by cell. Raises DoesNotAddUp."""
    kind = ISSUED[wanted.listed]
    total = total_of(wanted.listed, made.rows)
    if made.is_ready:
        check_sums(wanted.listed, made.rows, total)
    rows = arranged(layout, [*made.rows, {layout.columns[0].key: "Total"} | total] if made.rows else [])
    shown = [[said(cell, one.kind) for cell, one in zip(row, layout.columns, strict=True)] for row in rows]
    network = db.session.get_one(Network, wanted.school.network_id)
    heading = NAMES[kind].upper()
    numbers = 0
    while numbers < len(layout.columns) - 1 and layout.columns[-1 - numbers].kind in DIGITS:
        numbers += 1
    blocks = [
        *_issuer(wanted, network),
        parts.table(
            f"{NAMES[kind]}, {parts.between(wanted.first, wanted.last)}",
            [one.head for one in layout.columns],
            shown,
            numbers,
            total=bool(shown),
        ),
        parts.p(f"{_legend(wanted.listed)} Mise en page des colonnes : version {layout.version}.", "small"),
        _signature(made.signatory, today),
    ]
    content = {
        "kind": NAMES[kind],
        "heading": heading,
        "network": network.legal_name or network.name,
        "school": wanted.school.name,
        "dated": f"{'établie' if kind in FEMININE else 'établi'} le {today:%d/%m/%Y}",
        "blocks": blocks,
        "check": _check(wanted, made, total),
        "figures": {key: str(value) for key, value in total.items() if value is not None},
    }
    return parts.typeset(content) | {
        "flipped": True,
        "table": {
            "listed": str(wanted.listed),
            "layout": layout.version,
            "layout_id": layout.said_id,
            "columns": packed(layout.columns),
            "rows": [[_kept(cell) for cell in row] for row in rows],
            "people": sorted({row["person"] for row in made.rows}),
        },
    }


def _legend(listed: Listed) -> str:
    if listed is Listed.INVOICE:
        return (
            "Heures suivies, sur place ou à distance, des semaines dont la feuille d'émargement est fermée. "
            "Une absence, justifiée ou non, n'est pas facturée."
        )
    return "Heures prévues = sur place + à distance + absences justifiées + absences injustifiées, en centièmes."


def _issuer(wanted: Wanted, network: Network) -> list[parts.Block]:
    activity = wanted.school.activity_number or network.activity_number
    region = prefect_region(activity) or wanted.school.region
    agreement = " ".join(one for one in (wanted.funding.agreement, wanted.funding.lot) if one) if wanted.funding else ""
    found = [
        parts.facts(
            [
                ("Organisme de formation", network.legal_name or network.name),
                ("SIRET", parts.siret(network.siret)),
                ("Lieu de formation", wanted.school.name),
                ("Financeur", wanted.funder.name),
                ("Convention", agreement),
                ("Période", parts.between(wanted.first, wanted.last)),
            ],
            3,
        )
    ]
    declared = declaration(activity, region)
    return [*found, parts.p(declared, "small")] if declared else found


def _signature(who: Signatory | None, today: date) -> parts.Block:
    lines = [
        f"Fait à : {who.city if who else ''}",
        f"Le : {parts.day(today)}",
        f"{who.name}, {who.quality}" if who else "",
    ]
    return parts.sign("Signature du responsable de l'organisme de formation", lines)


def _check(wanted: Wanted, made: Made, total: dict[str, Any]) -> list[list[str]]:
    people = len({row["person"] for row in made.rows})
    found = [
        ["Financeur", wanted.funder.name],
        ["Période", parts.between(wanted.first, wanted.last)],
        ["Personnes", str(people)],
    ]
    named = {"hours": "Heures à facturer", "amount": "Montant (€)", "attended": "Heures sur place"}
    return found + [[label, parts.number(total[key])] for key, label in named.items() if total.get(key) is not None]


def _kept(cell: Any) -> Any:
    """Return a cell as it is kept: what JSON cannot say is text, that its column reads again."""
    if isinstance(cell, Decimal):
        return str(cell)
    return cell.isoformat() if isinstance(cell, date) else cell


def fingerprint(content: dict[str, Any]) -> str:
    """Return the fingerprint of what would be issued, whatever the day on which it is read."""
    blocks = [one for one in content["blocks"] if one["t"] != "sign"]
    return hashlib.sha256(canonical({"table": content["table"], "blocks": blocks})).hexdigest()


def kept_wrong(made: Made) -> list[dict[str, Any]]:
    """Return what is wrong as it is kept: names, facts, and whether it keeps the list back."""
    return [
        {
            "what": str(one.what),
            "who": who.person.name if who is not None else "",
            "enrolment": who.enrolment.id if who is not None else None,
            "blocks": one.blocks,
            "facts": _packed(one.facts),
        }
        for who, one in made.wrong
    ]


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _packed(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_packed(one) for one in value]
    return {"day": value.isoformat()} if isinstance(value, date) else value


def unpacked(value: Any) -> Any:
    """Return facts as they were, days as days."""
    if isinstance(value, dict):
        if list(value) == ["day"] and isinstance(value["day"], str):
            return date.fromisoformat(value["day"])
        return {key: unpacked(one) for key, one in value.items()}
    return [unpacked(one) for one in value] if isinstance(value, list) else value


def anomaly_of(kept: dict[str, Any]) -> Anomaly:
    return Anomaly(What(kept["what"]), unpacked(kept["facts"]))


def table_of(document: Document) -> Table | None:
    """Return the table that a document was issued with, cell by cell; None for a document that has none."""
    kept = (document.content.content if document.content is not None else {}).get("table")
    if kept is None:
        return None
    columns = [Column(key, head, Kind(kind)) for key, head, kind in kept["columns"]]
    rows = [[_read(cell, one.kind) for cell, one in zip(row, columns, strict=True)] for row in kept["rows"]]
    return Table(document.number, columns, rows)


def _read(cell: Any, kind: Kind) -> Any:
    """Return a cell as it was before it was kept; the word of a total stays a word."""
    if not isinstance(cell, str) or not cell:
        return cell
    try:
        if kind in DIGITS:
            return Decimal(cell)
        return date.fromisoformat(cell) if kind is Kind.DAY else cell
    except (InvalidOperation, ValueError):
        return cell
