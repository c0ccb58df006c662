"""Sheets: closing a week, amending it, reading what was sealed on a page or as a PDF."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from popschool import clock, jobs, storage
from popschool.attendance import services_doubts, services_late
from popschool.attendance import services_sheets as services
from popschool.attendance.forms import AmendForm, ButtonForm
from popschool.attendance.grid import LETTERS
from popschool.attendance.models_sheets import Sheet
from popschool.attendance.routes_base import bp
from popschool.attendance.routes_weeks import monday_in
from popschool.attendance.rules import monday_of
from popschool.attendance.rules_papers import declaration, runs
from popschool.attendance.rules_totals import tally
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db, transaction
from popschool.schools.models import Cohort
from popschool.web import filters, languages
from popschool.web.paging import LINES, Page, offset, page_number

SLOW = timedelta(minutes=5)


def sheet_for(sheet_id: int) -> Sheet:
    """Return a sheet that the person here may see; 404 otherwise."""
    found = db.session.get(
        Sheet, sheet_id, options=[joinedload(Sheet.cohort), joinedload(Sheet.paper), joinedload(Sheet.content)]
    )
    if found is None:
        abort(404)
    guards.require(Action.SEE_SHEETS, found.place)
    return found


def cohort_for(cohort_id: int, action: Action) -> Cohort:
    cohort = db.get_or_404(Cohort, cohort_id)
    guards.require(action, cohort.place)
    return cohort


@bp.get("/cohorts/<int:cohort_id>/sheets")
@guards.asks(Action.SEE_SHEETS)
def sheets(cohort_id: int) -> str:
    """The sheets of a cohort, the last first, and the weeks that wait to be closed."""
    cohort = cohort_for(cohort_id, Action.SEE_SHEETS)
    number = page_number(request.args.get("page"))
    lines, total = services.list_sheets(cohort.id, offset(number), LINES)
    weeks, _count = services.weeks_to_close([cohort.id], monday_of(clock.today()))
    return render_template(
        "attendance/sheets.html",
        cohort=cohort,
        page=Page(lines, number, total),
        waiting=[monday for _id, monday in weeks],
        may_edit=guards.allowed(Action.EDIT_COHORT, cohort.place),
    )


@bp.get("/sheets/<int:sheet_id>")
@guards.asks(Action.SEE_SHEETS)
def sheet(sheet_id: int) -> str:
    """What a sheet says, as its paper does; and its paper, once it is made."""
    found = sheet_for(sheet_id)
    versions = services.sheets_of(found.cohort_id, found.monday)
    newer = versions[0] if versions[0].version > found.version else None
    is_open = newer is None and guards.allowed(Action.CLOSE_WEEK, found.place)
    return render_template(
        "attendance/sheet.html",
        sheet=found,
        said=Said(found.content.content) if found.content else None,
        newer=newer,
        corrections=services.corrections_since(found) if is_open else [],
        is_slow=found.paper is None and clock.now() - found.closed_at > SLOW,
        letters={str(state): letter for state, letter in LETTERS.items()},
        form=ButtonForm(),
    )


@bp.get("/sheets/<int:sheet_id>/paper")
@guards.asks(Action.SEE_SHEETS)
def sheet_paper(sheet_id: int) -> Response:
    """The PDF of a sheet, as it was sealed."""
    found = sheet_for(sheet_id)
    if found.paper is None:
        abort(404)
    try:
        content = storage.open(found.paper.hash)
    except storage.FileMissing:
        abort(404)
    guards.note_export("sheet", found, people=services.people_of(found), number=found.number)
    name = f"feuille-{found.number}.pdf"
    response = send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.post("/sheets/<int:sheet_id>/paper")
@guards.asks(Action.SEE_SHEETS)
def make_paper_again(sheet_id: int) -> Response:
    """Ask for a paper that is long in coming."""
    found = sheet_for(sheet_id)
    if ButtonForm().validate_on_submit() and found.paper is None and found.content is not None:
        with transaction():
            jobs.enqueue(services.PAPER_TASK, key=f"paper/{found.id}", sheet_id=found.id)
        flash(_("La feuille PDF est demandée de nouveau."), "good")
    return redirect(url_for(".sheet", sheet_id=found.id, _anchor="message"))


@bp.route("/cohorts/<int:cohort_id>/weeks/<monday>/close", methods=["GET", "POST"])
@guards.asks(Action.CLOSE_WEEK)
def close_week(cohort_id: int, monday: str) -> Response | str:
    """What is missing and who must act; then close the week."""
    cohort = cohort_for(cohort_id, Action.CLOSE_WEEK)
    first = monday_in(monday)
    closed = services.sheets_of(cohort.id, first)
    form = ButtonForm()
    if closed and request.method == "GET":
        return redirect(url_for(".sheet", sheet_id=closed[0].id))
    if form.validate_on_submit():
        with form.refusals():
            made = services.close_week(cohort, first, current_user, clock.now())
            flash(_("La semaine est fermée. La feuille PDF se prépare."), "good")
            return redirect(url_for(".sheet", sheet_id=made.id, _anchor="message"))
    week = services.week_of(cohort.id, first)
    return render_template(
        "attendance/close_week.html",
        cohort=cohort,
        monday=first,
        week=week,
        left=services.left_to_do(week, clock.now()),
        doubts=[] if closed else services_doubts.to_look_at(week),
        people=len({line.person.id for one in week for line in one.lines}),
        attended=tally(line.standing for one in week for line in one.lines).followed,
        closed=closed[0] if closed else None,
        form=form,
    )


@bp.route("/cohorts/<int:cohort_id>/weeks/<monday>/amend", methods=["GET", "POST"])
@guards.asks(Action.CLOSE_WEEK)
def amend_week(cohort_id: int, monday: str) -> Response | str:
    """The corrections made since a week was closed; then another sheet, validated by somebody else."""
    cohort = cohort_for(cohort_id, Action.CLOSE_WEEK)
    first = monday_in(monday)
    closed = services.sheets_of(cohort.id, first)
    if not closed:
        return redirect(url_for(".close_week", cohort_id=cohort.id, monday=first))
    guards.require_proof()
    form = AmendForm()
    if form.validate_on_submit():
        with form.refusals():
            if current_user.id in services.makers_of(services.corrections_since(closed[0])):
                asked = services_late.ask_amendment(cohort, first, form.reason.data, current_user, clock.now())
                flash(_("L'avenant est demandé. Une autre personne doit le valider : elle est prévenue."), "good")
                return redirect(url_for("auth.decision", proposal_id=asked.id, _anchor="message"))
            made = services.amend_week(cohort, first, current_user, form.reason.data, clock.now())
            flash(_("L'avenant est fait. La feuille PDF se prépare."), "good")
            return redirect(url_for(".sheet", sheet_id=made.id, _anchor="message"))
    since = services.corrections_since(closed[0])
    week = services.week_of(cohort.id, first)
    return render_template(
        "attendance/amend_week.html",
        cohort=cohort,
        monday=first,
        sheet=closed[0],
        corrections=since,
        half_days={one.half_day.id: one.half_day for one in week},
        left=services.left_to_do(week, clock.now()),
        is_own=current_user.id in services.makers_of(since),
        form=form,
    )


def local_moment(at: datetime, zone: ZoneInfo) -> str:
    """Return "lundi 8 mars, 9 h" where a school is, which is what its papers say."""
    return filters.moment(at, languages.code(), zone, clock.today())


@bp.app_template_filter()
def in_fours(text: str) -> str:
    """Return a fingerprint as papers print it, in groups of four."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


class Said:
    """What a sheet says, as its page shows it: the same words as the paper, at the hours of the school."""

    def __init__(self, content: Mapping[str, Any]):
        self.content = content
        self.zone = ZoneInfo(content["school"]["time_zone"])
        self.half_days = [
            one
            | {
                "day": date.fromisoformat(one["on"]),
                "trainers": [trainer | {"signed": self.moment(trainer["signed_at"])} for trainer in one["trainers"]],
            }
            for one in content["half_days"]
        ]
        self.days = runs(self.half_days, lambda one: one["day"])
        self.people = [
            one | {"cells": [self._cell(*pair) for pair in zip(one["cells"], self.half_days, strict=True)]}
            for one in content["people"]
        ]
        self.corrections = [
            one | {"day": date.fromisoformat(one["on"]), "moment": self.moment(one["at"])}
            for one in content["corrections"]
        ]
        self.declaration = declaration(content["network"]["activity_number"], content["network"]["region"])
        self.minutes = sum(one["minutes"] for one in content["people"])
        self.closed = self.moment(content["closed_at"])

    def __getattr__(self, name: str) -> Any:
        try:
            return self.content[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def moment(self, text: str) -> str:
        """Return a moment as the sheet keeps it in words; nothing for none."""
        if not text:
            return ""
        return local_moment(datetime.fromisoformat(text), self.zone)

    def _cell(self, cell: Mapping[str, Any], half_day: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the hour of the signature, and its day when it is not that of the half-day."""
        moment = cell.get("signed_at") or cell.get("done_at")
        if not moment:
            return cell
        at = datetime.fromisoformat(moment).astimezone(self.zone)
        return cell | {"hour": f"{at:%H:%M}", "other_day": at.date() if at.date() != half_day["day"] else None}
