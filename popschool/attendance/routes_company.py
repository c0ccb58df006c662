"""Weeks in a company: the learner's pages, and the tutor's by a link."""

from datetime import date

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import services_company as services
from popschool.attendance.forms import ButtonForm, TutorForm
from popschool.attendance.models import CompanyPeriod
from popschool.attendance.routes_base import bp
from popschool.attendance.routes_weeks import monday_in
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.messages.rules import mail_text
from popschool.web import languages


@bp.get("/company")
@guards.asks(Action.SEE_OWN_PRESENCE)
def my_company() -> str:
    """One's periods in a company, week by week: what is to sign, what the tutor has signed."""
    guards.require(Action.SEE_OWN_PRESENCE)
    periods, weeks = services.periods_of(current_user.id), services.weeks_of(current_user.id)
    today = clock.today()
    return render_template(
        "attendance/company.html",
        periods=[(period, services.mondays_of(period, today)) for period in periods],
        weeks=weeks,
    )


def _own_period(period_id: int) -> CompanyPeriod:
    guards.require(Action.SEE_OWN_PRESENCE)
    period = next((one for one in services.periods_of(current_user.id) if one.id == period_id), None)
    if period is None:
        abort(404)
    return period


@bp.route("/company/<int:period_id>/weeks/<monday>", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_PRESENCE)
def company_week(period_id: int, monday: str) -> Response | str:
    """The hours of each day of a week in a company, and the learner's signature."""
    period, first = _own_period(period_id), monday_in(monday)
    days = services.days_of(period, first)
    if not days:
        abort(404)
    form = ButtonForm()
    before = services.weeks_of(current_user.id).get((period.id, first))
    written = {day: request.form.get(day.isoformat(), _usual(before, period, day)) for day in days}
    if form.validate_on_submit():
        minutes = {day: _minutes(text) for day, text in written.items()}
        wrong = [day for day, spent in minutes.items() if spent is None]
        for day in wrong:
            form.refuse(_("Écrivez les heures de %(day)s. Exemple : 7 ou 7:30", day=languages.day(day)))
        if not wrong:
            with form.refusals():
                _sign(period, first, minutes)
                return redirect(url_for(".my_company"))
    return render_template(
        "attendance/company_week.html",
        period=period,
        monday=first,
        written=written,
        form=form,
        before=before,
        statement=_worded(_l("« Ces heures sont celles que j'ai faites. »")),
    )


def _worded(statement: LazyString) -> str:
    """Return the sentence that is signed, in the language of the page, when people wrote it in that."""
    with force_locale(languages.written()):
        return str(statement)


def _sign(period: CompanyPeriod, monday: date, minutes: dict[date, int]) -> None:
    week, secret = services.sign_week(period, current_user, monday, minutes, clock.now(), clock.today())
    base = current_app.config["POPSCHOOL"].base_url
    link = base + url_for(".tutor_sign", secret=secret)
    with force_locale(languages.DEFAULT):  # a company is not written to in the language of whoever works there
        title = _("Une semaine à signer")
        text = mail_text(
            _("Bonjour,"),
            _("Quelqu'un que vous suivez a écrit ses heures de la semaine du %(day)s", day=languages.day(monday)),
            _("Ouvrez le lien pour les lire et signer. Il n'y a pas de compte à créer."),
            link,
            _("L'équipe de Pop School"),
        )
    if services.send_link(week, title, text, clock.now()):
        flash(_("C'est signé. Le lien est parti chez la personne qui vous suit dans l'entreprise."), "good")
    else:
        flash(_("C'est signé. Donnez ce lien à la personne qui vous suit : %(link)s", link=link), "good")


def _usual(week, period: CompanyPeriod, day: date) -> str:
    """Return what the field shows first: what was written, or the hours planned on a weekday."""
    spent = week.days.get(day.isoformat()) if week is not None else None
    if spent is None:
        spent = period.minutes_a_day if day.weekday() < 5 else 0
    return f"{spent // 60}:{spent % 60:02}" if spent % 60 else str(spent // 60)


def _minutes(text: str) -> int | None:
    """Read "7", "7:30", "7h30" or "7,5" as minutes; None when it is none of these."""
    plain = text.strip().lower().replace(" ", "").replace("h", ":").rstrip(":").replace(",", ".")
    try:
        if ":" in plain:
            whole, part = plain.split(":")
            return int(whole) * 60 + int(part) if 0 <= int(part) < 60 and int(whole) >= 0 else None
        return round(float(plain or "0") * 60) if 0 <= float(plain or "0") < 24 else None
    except ValueError:
        return None


@bp.route("/company/sign/<secret>", methods=["GET", "POST"])
@guards.public
def tutor_sign(secret: str) -> Response | tuple[str, int] | str:
    """The tutor reads a week and signs it: by this link, with no account."""
    week = services.week_at(secret)
    if week is None:
        return render_template("attendance/dead_link.html"), 404
    form = TutorForm(name=week.tutor_name)
    if week.tutor_signed_at is None and form.validate_on_submit():
        with form.refusals("name"):
            services.sign_as_tutor(week, form.name.data, clock.now())
            return redirect(url_for(".tutor_sign", secret=secret))
    days = [(date.fromisoformat(day), spent) for day, spent in week.days.items()]
    statement = _worded(
        _l("« J'ai suivi cette personne dans mon entreprise. Ces heures sont celles qu'elle a faites. »")
    )
    return render_template("attendance/tutor_sign.html", week=week, days=days, form=form, statement=statement)
