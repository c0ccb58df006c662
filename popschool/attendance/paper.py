"""The attendance sheet as a paper: what its template prints, and the evidence that travels inside it."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from popschool import pdf, storage
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.rules import Half, Method, State
from popschool.attendance.rules_papers import declaration, runs
from popschool.typography import french
from popschool.web import filters

TEMPLATE = "attendance/papers/sheet.typ"
KIND = "Feuille d'émargement"
HALVES = {Half.MORNING: "Matin", Half.AFTERNOON: "Après-midi"}
LEGEND = {
    State.PRESENT: "présent ou présente",
    State.PARTIAL: "retard ou départ anticipé, avec les minutes manquées",
    State.JUSTIFIED: "absence justifiée",
    State.UNJUSTIFIED: "absence injustifiée",
    State.COMPANY: "période en entreprise",
    State.DISPENSED: "dispense",
}
Content = Mapping[str, Any]


def check_address(base_url: str, number: str) -> str:
    """Return the address at which anybody checks a sheet."""
    return f"{base_url}/verify/{number}"


def draw(sheet: Sheet, content: Content, evidence: str, base_url: str) -> bytes:
    """Return the sheet as a PDF. The same sheet gives the same bytes."""
    attached = pdf.Attachment(
        "preuve.json",
        evidence,
        "application/json",
        "Ce que dit la feuille, et les lignes du registre avec leurs empreintes, pour tout calculer de nouveau.",
    )
    return pdf.make(TEMPLATE, printed(sheet, content, base_url), sheet.closed_at, [attached])


def printed(sheet: Sheet, content: Content, base_url: str) -> dict[str, Any]:
    """Return every word that the template prints."""
    zone = ZoneInfo(content["school"]["time_zone"])
    address = check_address(base_url, sheet.number)
    first, last = _week(content)
    closed = _moment(sheet.closed_at, zone)
    return _set(
        {
            "title": f"{KIND} {sheet.number}",
            "kind": KIND,
            "heading": f"{KIND}, semaine du {_days(first, last)}",
            "number": sheet.number,
            "dated": f"établie le {closed}",
            "network": content["network"]["name"],
            "school": content["school"]["name"],
            "fingerprint": sheet.hash,
            "check": {"address": address, "square": pdf.square(address)},
            "amends": _amends(content),
            "facts": _facts(content),
            "declaration": declaration(content["network"]["activity_number"], content["network"]["region"]),
            "funded_by_union": content["funding"]["is_funded_by_union"],
            "logo": _logo(content),
            "days": [{"label": text, "halves": count} for text, count in runs(content["half_days"], _day_label)],
            "half_days": [
                _half_day(one, place, content["half_days"], zone) for place, one in enumerate(content["half_days"])
            ],
            "sessions": [
                {"lines": list(lines), "halves": count} for lines, count in runs(content["half_days"], _session)
            ],
            "people": [_person(one, content["half_days"], zone) for one in content["people"]],
            "total": _hours(sum(one["minutes"] for one in content["people"])),
            "legend": [[str(state), said] for state, said in LEGEND.items()],
            "zone": f"Heures de {content['school']['time_zone'].rpartition('/')[2].replace('_', ' ')}.",
            "corrections": [_correction(one, zone) for one in content["corrections"]],
            "closing": f"Feuille établie le {closed} par {content['closed_by']}, scellée le {closed}, "
            "empreinte SHA-256",
            "evidence": "La preuve est jointe à ce fichier (preuve.json) : ce que dit la feuille, le registre de la "
            "semaine et ses empreintes. Chacun peut tout calculer de nouveau, sans ce logiciel.",
        }
    )


def _set(value: Any) -> Any:
    """Hold the spaces of French in every text."""
    if isinstance(value, str):
        return value if value.startswith("<") else french(value)
    if isinstance(value, dict):
        return {key: one if key in ("check", "logo") else _set(one) for key, one in value.items()}
    return [_set(one) for one in value] if isinstance(value, list) else value


def _week(content: Content) -> tuple[date, date]:
    days = [date.fromisoformat(one["on"]) for one in content["half_days"]]
    monday = date.fromisoformat(content["monday"])
    return min([monday, *days]), max([monday + timedelta(days=4), *days])


def _days(first: date, last: date) -> str:
    """Return "8 au 12 mars 2027", with the month or the year said twice when they differ."""
    start = str(first.day) if first.day > 1 else "1er"
    if (first.year, first.month) != (last.year, last.month):
        start += f" {filters.MONTHS[filters.FRENCH][first.month - 1]}"
    if first.year != last.year:
        start += f" {first.year}"
    end = str(last.day) if last.day > 1 else "1er"
    return f"{start} au {end} {filters.month(last, filters.FRENCH)}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """Return "12 mars 2027 à 17 h 04"."""
    local = at.astimezone(zone)
    number = "1er" if local.day == 1 else str(local.day)
    return f"{number} {filters.month(local, filters.FRENCH)} à {filters.hour(at, filters.FRENCH, zone)}"


def _short_moment(text: str, zone: ZoneInfo) -> tuple[str, str]:
    at = datetime.fromisoformat(text).astimezone(zone)
    return f"{at:%d/%m}", filters.hour(at, filters.FRENCH, zone)


def _hours(minutes: int) -> str:
    return filters.duration(minutes, filters.FRENCH) if minutes else f"0{filters.NO_BREAK}h"


def _facts(content: Content) -> list[list[str]]:
    network, school, action = content["network"], content["school"], content["action"]
    certification = f" ({action['certification']})" if action["certification"] else ""
    cohort = content["cohort"]
    found = [
        ("Organisme de formation", _lines(network["name"], network["address"], _siret(network["siret"]))),
        ("Action de formation", _lines(f"{action['title']}{certification}", f"Session n° {action['session']}")),
        ("Financement", _lines(*(_funder(one) for one in content["funding"]["funders"]))),
        (
            "Promo et lieu",
            _lines(
                f"Promo {cohort['code']}" + (f", {cohort['name']}" if cohort["name"] else ""),
                school["name"],
                school["address"],
                _siret(school["siret"]) if school["siret"] != network["siret"] else "",
            ),
        ),
    ]
    return [[label, text] for label, text in found if text]


def _lines(*texts: str) -> str:
    return "\n".join(text for text in texts if text)


def _siret(number: str) -> str:
    return f"SIRET {number[:3]} {number[3:6]} {number[6:9]} {number[9:]}" if number else ""


def _funder(one: Mapping[str, str]) -> str:
    return _lines(one["name"], f"Convention n° {one['agreement']}" if one["agreement"] else "")


def _logo(content: Content) -> dict[str, str] | None:
    """Return the funders' logo as a drawing, with the words that stand for it."""
    name = content["funding"]["logo"]
    if not name:
        return None
    inside = base64.b64encode(storage.read(name)).decode()
    drawing = (
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 600 100'>"
        f"<image width='600' height='100' preserveAspectRatio='xMinYMid' xlink:href='data:image/webp;base64,{inside}'/>"
        "</svg>"
    )
    funders = ", ".join(one["name"] for one in content["funding"]["funders"])
    return {"drawing": drawing, "words": f"Logo : {funders}" if funders else "Logo des financeurs"}


def _amends(content: Content) -> dict[str, str] | None:
    found = content["amends"]
    if not found:
        return None
    return {
        "title": f"Avenant à la feuille n° {found['number']}",
        "text": f"Motif : {found['reason']}. Corrections faites par {', '.join(found['corrected_by'])}, validées par "
        f"{content['closed_by']}. La feuille d'avant reste comme elle était.",
    }


def _day_label(one: Content) -> str:
    return filters.day(date.fromisoformat(one["on"]), filters.FRENCH, ZoneInfo("UTC"), date.fromisoformat(one["on"]))


def _session(one: Content) -> tuple[str, ...]:
    """Return what a half-day is about, and how it is held."""
    if one.get("activity"):
        how = f"à distance, travail à son rythme : {one['activity']}"
    elif one["is_distant"]:
        how = "à distance, en direct : " + one["link"].partition("://")[2]
    else:
        how = "présentiel" + (f", {one['where']}" if one["where"] else "")
    return tuple(text for text in (one["module"], how) if text)


def _half_day(one: Content, place: int, all_of_them: Sequence[Content], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "name": HALVES[Half(one["half"])],
        "hours": f"{one['starts']}–{one['ends']}",
        "side": one["half"],
        "starts_day": place == 0 or all_of_them[place - 1]["on"] != one["on"],
        "trainers": [
            {
                "name": trainer["name"],
                "signed": _signed(*_short_moment(trainer["signed_at"], zone)) if trainer["signed_at"] else [],
            }
            for trainer in one["trainers"]
        ],
        "present": str(one["present"]),
        "attended": _hours(one["minutes_attended"]),
    }


def _signed(day: str, hour: str) -> list[str]:
    return [f"signé le {day}", f"à {hour}"]


def _person(one: Content, half_days: Sequence[Content], zone: ZoneInfo) -> dict[str, Any]:
    return {
        "last_name": one["last_name"],
        "first_name": one["first_name"],
        "cells": [{"state": cell["state"], "lines": list(_cell_lines(cell, zone))} for cell in one["cells"]],
        "hours": _hours(one["minutes"]),
    }


def _cell_lines(cell: Content, zone: ZoneInfo) -> Iterable[str]:
    if "missed" in cell:
        yield f"{cell['missed']} min {cell['missed_as']}"
    if "signed_at" in cell:
        day, hour = _short_moment(cell["signed_at"], zone)
        if cell["method"] == Method.PAPER:
            yield from ("signature papier", f"le {day}")
        else:
            yield from _signed(day, hour)
    if "done_at" in cell:
        day, hour = _short_moment(cell["done_at"], zone)
        yield from (f"rendu le {day}", f"à {hour}")
    if "helped_by" in cell:
        yield f"aide : {cell['helped_by']}"
    if "second" in cell:
        yield f"tardive, confirmée par {cell['second']}"
    if cell.get("walk_in"):
        yield "ajout sur place"


def _correction(one: Content, zone: ZoneInfo) -> list[str]:
    on = date.fromisoformat(one["on"])
    at = datetime.fromisoformat(one["at"]).astimezone(zone)
    day = filters.day(on, filters.FRENCH, zone, on)
    moment = f"{at:%d/%m/%Y} à {filters.hour(at, filters.FRENCH, zone)}"
    half = HALVES[Half(one["half"])].lower()
    return [f"{day}, {half}", one["person"], one["before"], one["after"], one["reason"], one["by"], moment]
