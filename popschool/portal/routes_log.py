"""The record of acts on pages: a school's and the network's, with filters; and "who saw my file?" for anybody."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import services_log as services
from popschool.portal import words_log as words
from popschool.portal.routes_base import bp
from popschool.portal.services_log import Asked
from popschool.rules_tables import Column, Kind
from popschool.schools.models import Person, School
from popschool.schools.rules import Place
from popschool.spreadsheets import Table
from popschool.web.paging import LINES, Page, counted, offset, page_number
from popschool.web.tables import form_named, sent

LONGEST_NAME = 80


@bp.get("/log")
@guards.asks(Action.SEE_LOG)
def network_log() -> str:
    """Every act of the network."""
    guards.require(Action.SEE_LOG)
    return _page(None)


@bp.get("/schools/<int:school_id>/log")
@guards.asks(Action.SEE_LOG)
def school_log(school_id: int) -> str:
    """The acts of a school."""
    return _page(_school(school_id))


@bp.get("/schools/<int:school_id>/log.<kind>")
@guards.asks(Action.SEE_LOG)
def school_log_table(school_id: int, kind: str) -> Response:
    """The same for a spreadsheet, the latest acts first; who took it is the next line of the record."""
    school = _school(school_id)
    guards.require_proof()
    acts = services.read_acts(_asked(school), 0, services.EXPORTED)
    rows = [
        (
            one.entry.at.astimezone(school.zone),
            one.actor.name if one.actor else "",
            words.act(one.entry.action),
            ", ".join(one.people),
            one.entry.origin,
            f"{one.entry.subject_type} {one.entry.subject_id or ''}".strip(),
        )
        for one in acts
    ]
    heads = (_("Quand"), _("Qui"), _("Acte"), _("Pour qui"), _("Réseau"), _("Objet"))
    columns = [Column(str(place), head, Kind.TEXT if place else Kind.MOMENT) for place, head in enumerate(heads)]
    name, filters = f"journal-{school.code}", request.args.to_dict()
    response = sent(
        Table(name, columns, rows),
        form_named(kind),
        name,
        lambda count: guards.note_export("log", school, school_id=school.id, rows=count, filters=filters),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/people/<int:person_id>/log")
@guards.asks(Action.SEE_READERS)
def readers(person_id: int) -> str:
    """Who opened a person's file, and what was done about them."""
    person = db.get_or_404(Person, person_id)
    guards.require(Action.SEE_READERS, guards.place_of(person))
    asked = Asked(person_id=person.id)
    number = page_number(request.args.get("page"))
    total = services.count_acts(asked, counted(number))
    number = page_number(request.args.get("page"), total)
    return render_template(
        "portal/readers.html",
        person=person,
        is_mine=person.id == guards.actor().person_id,
        readings=services.read_readers(person.id) if number == 1 else [],
        page=Page(services.read_acts(asked, offset(number), LINES), number, total, counted=counted(number)),
        words=words,
    )


def _school(school_id: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.SEE_LOG, Place.of(school=school.id))
    return school


def _page(school: School | None) -> str:
    asked = _asked(school)
    number = page_number(request.args.get("page"))
    total = services.count_acts(asked, counted(number))
    number = page_number(request.args.get("page"), total)
    acts = services.read_acts(asked, offset(number), LINES)
    query = {name: value for name, value in request.args.items() if name != "page" and value}
    return render_template(
        "portal/log.html",
        school=school,
        page=Page(acts, number, total, query=query, counted=counted(number)),
        kinds=[(key, label) for key, (label, _acts) in words.KINDS.items()],
        chosen=request.args,
        since=_day(request.args.get("since")),
        until=_day(request.args.get("until")),
        words=words,
        table_at=lambda kind: url_for(".school_log_table", **query | {"school_id": school.id, "kind": kind}),
    )


def _asked(school: School | None) -> Asked:
    """Return the filters of the address; one that makes no sense filters nothing."""
    zone = school.zone if school else clock.PARIS
    _label, acts = words.KINDS.get(request.args.get("kind", ""), (None, {}))
    last = _day(request.args.get("until"))
    return Asked(
        school_id=school.id if school else None,
        actions=list(acts),
        since=_start(_day(request.args.get("since")), zone),
        until=_start(last + timedelta(days=1) if last else None, zone),
        name=request.args.get("q", "")[:LONGEST_NAME],
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _start(day: date | None, zone: ZoneInfo) -> Any:
    return datetime.combine(day, datetime.min.time(), zone) if day else None
