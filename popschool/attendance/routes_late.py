"""Signing after the delay: the statement, the reason, and somebody of the team who confirms."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import services_late, words_late  # noqa: F401  what it is called
from popschool.attendance.forms import LateForm
from popschool.attendance.routes_base import act, bp
from popschool.attendance.routes_signing import to_sign
from popschool.attendance.rules import Method
from popschool.attendance.statements import statement
from popschool.auth import guards
from popschool.auth.rules import Action


@bp.route("/half-days/<int:half_day_id>/sign/late", methods=["GET", "POST"])
@guards.asks(Action.SIGN_HALF_DAY)
def sign_late(half_day_id: int) -> Response | str:
    """Sign a half-day whose delay is over; it counts once somebody else confirms."""
    half_day, line = to_sign(half_day_id)
    if not services_late.is_over(half_day, clock.now()) or line is None or line.signature:
        return redirect(url_for(".sign", half_day_id=half_day.id))
    waiting = services_late.waiting_for(half_day.id, current_user.id)
    form, text = LateForm(), statement(half_day, current_user)
    if form.validate_on_submit():
        with form.refusals("reason"):
            signed = act(Method.BUTTON, text)
            services_late.ask_late(half_day, current_user, signed, form.reason.data, clock.now())
            flash(_("C'est signé. Une personne de l'équipe doit confirmer : elle est prévenue."), "good")
            return redirect(url_for(".sign_late", half_day_id=half_day.id, _anchor="message"))
    return render_template("attendance/sign_late.html", half_day=half_day, form=form, statement=text, waiting=waiting)
