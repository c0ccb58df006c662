"""A trainer's day: the half-days that they lead, the code of the room, who has not signed, the countersignature."""

import secrets
from collections import defaultdict
from datetime import date, timedelta
from functools import lru_cache

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.attendance import (
    rules,
    rules_codes,
    services,
    services_absences,
    services_distance,
    services_half_days,
    services_marks,
    services_sheets,
)
from popschool.attendance import services_reading as reading
from popschool.attendance.forms import ActivityForm, ReplaceForm, SignForm
from popschool.attendance.models import HalfDay
from popschool.attendance.routes_base import act, bp, half_day_for, trainer_statement
from popschool.attendance.rules import Absence, Mark, Method, State
from popschool.attendance.services_marks import Said
from popschool.attendance.services_reading import Tally
from popschool.auth import guards
from popschool.auth import services as auth_services
from popschool.auth.rules import Action, Role
from popschool.db import db
from popschool.schools.models import Cohort, Person
from popschool.schools.people import arranged_for
from popschool.web import addresses
from popschool.web.paging import LINES, Page, offset, page_number

NOT_OVER = timedelta(days=60)
WEEKS_SHOWN, LONGEST_CODE = 12, 40


@bp.get("/attendance")
@guards.asks(Action.SEE_ATTENDANCE)
def today() -> str:
    """Today's half-days of the cohorts that this person works with, and the weeks that wait to be closed.

    25 cohorts at a time: all the page is about these.
    """
    guards.require(Action.SEE_ATTENDANCE)
    now, day = clock.now(), clock.today()
    text, number = request.args.get("q", "").strip()[:LONGEST_CODE], page_number(request.args.get("page"))
    cohorts, total = services_half_days.page_of_cohorts(*reach(), day - NOT_OVER, text, offset(number), LINES)
    half_days = services_half_days.half_days_of([cohort.id for cohort in cohorts], day, day)
    waiting, weeks = services_sheets.weeks_to_close([one.id for one in cohorts], rules.monday_of(day), WEEKS_SHOWN)
    by_id = {cohort.id: cohort for cohort in cohorts}
    shown, folded = services_half_days.shown_first(half_days)
    return render_template(
        "attendance/today.html",
        now=now,
        day=day,
        half_days=half_days,
        shown=shown,
        folded=folded,
        few=services_half_days.FEW,
        tallies=defaultdict(Tally, reading.tallies_of([one.id for one in half_days if one.opened_at is not None])),
        first=services_half_days.next_for(current_user.id, half_days, now),
        waiting=[(by_id[cohort_id], monday) for cohort_id, monday in waiting],
        weeks=weeks,
        page=Page(cohorts, number, total),
        text=text,
        monday=rules.monday_of(day),
        me=current_user.id,
    )


def reach() -> tuple[frozenset[int] | None, frozenset[int]]:
    """Return the schools, None being all, and the cohorts whose attendance this person sees."""
    actor = guards.actor()
    return None if actor.holds(Role.NETWORK_MANAGER) else actor.schools_as(Role.SCHOOL_MANAGER), actor.trains_in


def cohorts_here(day: date) -> list[Cohort]:
    """Return the cohorts whose attendance this person sees and that are not over for long. One query."""
    return services_half_days.cohorts_with_half_days(*reach(), day - NOT_OVER)


@bp.get("/half-days/<int:half_day_id>")
@guards.asks(Action.SEE_HALF_DAY)
def half_day(half_day_id: int) -> str:
    """One half-day: the code of the room, who has not signed, who has, and how to finish."""
    found = half_day_for(half_day_id, Action.SEE_HALF_DAY)
    now, delays = clock.now(), services_half_days.delays_in(found.settings)
    [listed] = reading.lists_of([found], with_content=True)
    may_run = guards.allowed(Action.RUN_HALF_DAY, found.place)
    is_live = found.activity is None and found.opened_at is not None
    is_code_shown = may_run and is_live and now < found.span.ends_at + timedelta(minutes=30)
    return render_template(
        "attendance/half_day.html",
        half_day=found,
        list=listed,
        now=now,
        monday=rules.monday_of(found.on),
        may_run=may_run,
        code=rules_codes.room_code(found.secret, now) if is_code_shown else "",
        code_until=rules_codes.valid_until(now),
        square=square_of(found, now) if is_code_shown else "",
        opens_at=rules.opening_moment(found.span, delays),
        closes_at=rules.closing_moment(found.span, delays),
        is_over=now >= found.span.ends_at,
        leads=current_user.id in {leader.person_id for leader in found.leaders},
        has_countersigned=current_user.id in listed.countersignatures,
        groups=reading.same_device([line.signature for line in listed.lines if line.signature]),
        is_full=found.room is not None and len(listed.signed) > found.room.capacity,
        announced=services_absences.announced(found),
        scans=found.scans,
        measures=arranged_for([line.person.id for line in listed.lines], found.school_id, found.on) if may_run else {},
    )


def square_of(half_day: HalfDay, now) -> Markup:
    """Return the QR code of the room as an inline picture."""
    code = rules_codes.room_code(half_day.secret, now)
    label = _("Carré à viser. Il donne le même code à 6 chiffres.")
    svg = _drawn(addresses.whole("attendance.square", half_day_id=half_day.id, code=code))
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1))


@lru_cache(maxsize=64)
def _drawn(address: str) -> str:
    """Draw a QR code: once for the thirty seconds that it is shown, however often the page is asked for."""
    import segno

    return segno.make(address, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, border=2
    )


@bp.post("/half-days/<int:half_day_id>/open")
@guards.asks(Action.RUN_HALF_DAY)
def open_half_day(half_day_id: int) -> Response:
    """Open it: the list is frozen, people may sign."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    services.open_half_day(found, current_user.id, clock.now())
    flash(_("La séance est ouverte. Les personnes présentes peuvent signer."), "good")
    return redirect(url_for(".half_day", half_day_id=half_day_id, _anchor="message"))


@bp.route("/half-days/<int:half_day_id>/activity", methods=["GET", "POST"])
@guards.asks(Action.PLAN_HALF_DAYS)
def activity(half_day_id: int) -> Response | str:
    """Say by which work a half-day is followed at a distance, each at their own time."""
    found = half_day_for(half_day_id, Action.PLAN_HALF_DAYS)
    offered = services_distance.activities_for(found)
    form = ActivityForm(assignment=found.activity.assignment_id if found.activity is not None else 0)
    form.assignment.choices = [
        SelectChoice(0, _("Aucun : la séance se suit ensemble")),
        *(SelectChoice(assignment_id, title) for assignment_id, title in offered),
    ]
    if form.validate_on_submit():
        with form.refusals():
            chosen = next((one for one in offered if one[0] == form.assignment.data), None)
            services_distance.set_activity(found, chosen, current_user.id, clock.now())
            flash(_("C'est gardé pour cette séance."), "good")
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    return render_template("attendance/activity.html", half_day=found, form=form)


@bp.post("/half-days/<int:half_day_id>/work")
@guards.asks(Action.RUN_HALF_DAY)
def count_work(half_day_id: int) -> Response:
    """Count now the work that was sent for a half-day at a distance; it is done every ten minutes anyway."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    count = services_distance.count_work(found, clock.now())
    flash(ngettext("%(num)d travail compté.", "%(num)d travaux comptés.", count), "good")
    return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))


@bp.post("/half-days/<int:half_day_id>/people/<int:person_id>/absent")
@guards.asks(Action.RUN_HALF_DAY)
def mark_absent(half_day_id: int, person_id: int) -> Response:
    """Note an absence in one press; its page says why, and changes it."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    person = db.get_or_404(Person, person_id)
    said = Said(Mark.ABSENT, Absence.UNJUSTIFIED, reason=_("Noté pendant la séance"), role=role_here(found), key=_key())
    services_marks.mark(found, person, said, current_user, clock.now())
    flash(_("Absence notée pour %(name)s. Vous pouvez la changer plus bas.", name=person.name), "good")
    return redirect(url_for(".half_day", half_day_id=half_day_id, _anchor="message"))


def _key() -> str | None:
    return request.form.get("key") or None


def role_here(half_day: HalfDay) -> str:
    """Return as what the person here acts on a half-day: a trainer, or the school."""
    return "trainer" if half_day.cohort_id in guards.actor().trains_in else "school"


@bp.route("/half-days/<int:half_day_id>/countersign", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def countersign(half_day_id: int) -> Response | str:
    """A trainer signs what they led: the numbers, the sentence, one button."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    [listed] = reading.lists_of([found])
    present = sum(1 for line in listed.expected if line.standing.is_signed or line.standing.state is State.PRESENT)
    text = trainer_statement(found, current_user, present, len(listed.expected))
    form = SignForm(key=secrets.token_hex(12))
    if form.validate_on_submit():
        with form.refusals():
            signed = act(Method.BUTTON, text, role="trainer", key=form.key.data or None)
            services.countersign(found, current_user, signed, clock.now())
            flash(_("La séance est contresignée."), "good")
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    return render_template("attendance/countersign.html", half_day=found, list=listed, form=form, statement=text)


@bp.route("/half-days/<int:half_day_id>/trainer", methods=["GET", "POST"])
@guards.asks(Action.RUN_HALF_DAY)
def replace_trainer(half_day_id: int) -> Response | str:
    """Let somebody else lead the half-day, with the reason."""
    found = half_day_for(half_day_id, Action.RUN_HALF_DAY)
    leader = found.leaders[0].person if found.leaders else None
    form = ReplaceForm()
    others = auth_services.read_trainers(found.school_id)
    form.trainer.choices = [SelectChoice(one.id, one.name) for one in others if leader is None or one.id != leader.id]
    if form.validate_on_submit():
        with form.refusals():
            person = db.get_or_404(Person, form.trainer.data)
            services_marks.replace_trainer(
                found, leader.id if leader else None, person, form.reason.data, current_user.id, clock.now()
            )
            flash(_("%(name)s mène maintenant cette séance.", name=person.name), "good")
            return redirect(url_for(".half_day", half_day_id=found.id, _anchor="message"))
    return render_template("attendance/replace.html", half_day=found, form=form, leader=leader)
