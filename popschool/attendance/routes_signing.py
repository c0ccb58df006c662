"""A learner's pages: the half-days of the day, signing by button, code, square to aim at or link, one's own record."""

import secrets
from datetime import UTC, date, timedelta

from flask import redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import (
    rules,
    rules_codes,
    rules_totals,
    services,
    services_absences,
    services_half_days,
    services_own,
    signing_links,
)
from popschool.attendance import services_reading as reading
from popschool.attendance.forms import CodeForm, SignForm
from popschool.attendance.grid import LETTERS
from popschool.attendance.models import HalfDay
from popschool.attendance.models_planning import AttendanceSettings
from popschool.attendance.routes_base import act, ago, bp, half_day_at, usual_settings
from popschool.attendance.rules import Expectation, Method
from popschool.attendance.statements import statement
from popschool.auth import codes, guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.schools.models import Person
from popschool.schools.rules import Place

TICKET, TICKET_SECONDS = "room code shown", 15 * 60
WEEKS_SHOWN = 4


@bp.get("/presence")
@guards.asks(Action.SEE_OWN_PRESENCE)
def mine() -> str:
    """Today's half-days, what is left to sign, and the last weeks."""
    guards.require(Action.SEE_OWN_PRESENCE)
    now, actor, day = clock.now(), guards.actor(), clock.today()
    here = services_own.own_day(current_user.id, actor.learns_in, day, now)
    coming = services_half_days.half_days_of(actor.learns_in, day + timedelta(days=1), day + timedelta(days=7))
    first = rules.monday_of(day) - timedelta(weeks=WEEKS_SHOWN - 1)
    own = services_own.own_half_days(current_user.id, first, day)
    weeks: dict[date, list] = {}
    for half_day, line in own:
        weeks.setdefault(rules.monday_of(half_day.on), []).append((half_day, line))
    return render_template(
        "attendance/mine.html",
        now=now,
        here=here,
        coming=coming[:6],
        weeks=sorted(weeks.items(), reverse=True),
        letters=LETTERS,
        total=rules_totals.tally(line.standing for _, line in own),
    )


def to_sign(half_day_id: int) -> tuple[HalfDay, reading.Line | None]:
    """Return a half-day that the person here learns in, or on whose list they stand, with their line; else 404."""
    half_day = half_day_at(half_day_id)
    line = services_own.line_of(half_day, current_user.id)
    people = [current_user.id] if line is not None else []
    guards.require(Action.SIGN_HALF_DAY, Place.of(half_day.school_id, half_day.cohort_id, people))
    return half_day, line


@bp.route("/half-days/<int:half_day_id>/sign", methods=["GET", "POST"])
@guards.asks(Action.SIGN_HALF_DAY)
def sign(half_day_id: int) -> Response | str:
    """The statement and its button; once signed, the receipt."""
    half_day, line = to_sign(half_day_id)
    form = SignForm(key=secrets.token_hex(12), ticket=request.args.get("ticket", ""))
    ticket, settings = _ticket(form.ticket.data, half_day), _settings(half_day)
    needs_code = settings.needs_code and not ticket
    if form.validate_on_submit() and not needs_code:
        method = Method(ticket) if ticket else Method.BUTTON
        with form.refusals():
            text, now = statement(half_day, current_user), clock.now()
            at = None if form.at.data is None else (now - ago(form.keep.data, form.at.data)).astimezone(UTC)
            services.sign(half_day, current_user, act(method, text, key=form.key.data or None, signed_at=at), now)
            return redirect(url_for(".sign", half_day_id=half_day.id))
    return _page(half_day, current_user, line, form, settings, needs_code=needs_code)


def _settings(half_day: HalfDay) -> AttendanceSettings:
    return half_day.settings or usual_settings(half_day.school_id)


def _page(
    half_day: HalfDay,
    person: Person,
    line: reading.Line | None,
    form: SignForm,
    settings: AttendanceSettings,
    needs_code: bool = False,
    link: str = "",
) -> str:
    now, delays = clock.now(), services_half_days.delays_in(settings)
    return render_template(
        "attendance/sign.html",
        half_day=half_day,
        form=form,
        line=line,
        signature=line.signature if line else None,
        statement=statement(half_day, person),
        opens_at=half_day.span.starts_at,
        closes_at=rules.closing_moment(half_day.span, delays),
        is_open=rules.is_open(half_day.span, half_day.opened_at, now),
        is_closed=now >= rules.closing_moment(half_day.span, delays),
        is_away=line is not None and line.expected.expectation == Expectation.COMPANY,
        is_listed=line is not None or half_day.opened_at is None,
        needs_code=needs_code,
        link=link,
        late_url=url_for(".sign_late", half_day_id=half_day.id) if line is not None and not link else "",
        now=now,
    )


def _ticket(text: str | None, half_day: HalfDay) -> str:
    """Return how a code of this half-day's room was shown, a short while ago; nothing otherwise."""
    facts = codes.signed(TICKET, text, TICKET_SECONDS) if text else None
    return facts[1] if facts and facts[0] == half_day.id else ""


@bp.route("/half-days/<int:half_day_id>/code", methods=["GET", "POST"])
@guards.asks(Action.SIGN_HALF_DAY)
def room_code(half_day_id: int) -> Response | str:
    """Write the six digits shown in the room; then the statement."""
    half_day, line = to_sign(half_day_id)
    form = CodeForm()
    if form.validate_on_submit():
        with form.refusals("code"):
            more_time = line is not None and line.expected.has_more_time
            rules_codes.check_code(half_day.secret, form.code.data, clock.now(), has_more_time=more_time)
            ticket = codes.sign(TICKET, [half_day.id, str(Method.CODE)])
            return redirect(url_for(".sign", half_day_id=half_day.id, ticket=ticket))
    return render_template("attendance/code.html", half_day=half_day, form=form)


@bp.get("/q/<int:half_day_id>/<code>")
@guards.public
def square(half_day_id: int, code: str) -> Response:
    """What the square leads to: the code it holds is checked now, so that one may read the statement in peace.

    It signs nothing, and says no name: signing in comes before the statement.
    """
    half_day = db.get_or_404(HalfDay, half_day_id)
    try:
        rules_codes.check_code(half_day.secret, code, clock.now())
    except (rules_codes.CodeWrong, rules_codes.CodeTooOld):
        return redirect(url_for(".room_code", half_day_id=half_day_id))
    ticket = codes.sign(TICKET, [half_day.id, str(Method.QR)])
    return redirect(url_for(".sign", half_day_id=half_day_id, ticket=ticket))


@bp.route("/s/<token>", methods=["GET", "POST"])
@guards.public
def sign_by_link(token: str) -> Response | tuple[str, int] | str:
    """The statement behind a link that was sent: it can sign this half-day for this person, and nothing else."""
    facts = signing_links.read(token)
    person = db.session.get(Person, facts[1]) if facts else None
    if facts is None or person is None:
        return render_template("attendance/dead_link.html"), 404
    half_day = half_day_at(facts[0])
    form = SignForm(key=secrets.token_hex(12))
    if form.validate_on_submit():
        with form.refusals():
            text = statement(half_day, person)
            services.sign(half_day, person, act(Method.LINK, text, key=form.key.data or None), clock.now())
            return redirect(url_for(".sign_by_link", token=token))
    line = services_own.line_of(half_day, person.id)
    return _page(half_day, person, line, form, _settings(half_day), link=token)


@bp.get("/presence/<int:half_day_id>")
@guards.asks(Action.SIGN_HALF_DAY)
def my_half_day(half_day_id: int) -> str:
    """One half-day of one's own: each entry of the ledger, who made it, when and how."""
    half_day, line = to_sign(half_day_id)
    disputes = services_absences.disputes_about(half_day.id, current_user.id)
    return render_template(
        "attendance/my_half_day.html", half_day=half_day, line=line, disputes=disputes, now=clock.now()
    )
