"""Absences: a learner says why, with a paper if there is one; the school decides; a half-day that is disputed."""

import io

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import services_absences as services
from popschool.attendance import services_codes, services_own
from popschool.attendance.forms import AbsenceForm, AnswerForm, DecisionForm, DisputeForm
from popschool.attendance.models_absences import Dispute, Excuse
from popschool.attendance.routes_base import bp, half_day_at
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.schools.models import Cohort
from popschool.web.paging import LINES, Page, offset, page_number


@bp.route("/presence/absence", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_PRESENCE)
def explain_absence() -> Response | str:
    """Say why one is or was away; and what the school decided of it."""
    guards.require(Action.SEE_OWN_PRESENCE)
    actor = guards.actor()
    cohort = db.session.get(Cohort, max(actor.learns_in)) if actor.learns_in else None
    form = AbsenceForm(starts_on=clock.today(), ends_on=clock.today())
    motives = services_codes.motives_of(cohort.school_id if cohort is not None else 0)
    form.offer(motives.values())
    if cohort is not None and form.validate_on_submit():
        file = form.paper.data
        paper = (file.filename, file.read()) if file and file.filename else None
        with form.refusals("paper" if paper else None):
            services.explain(
                current_user,
                (cohort.school_id, cohort.id),
                form.starts_on.data,
                form.ends_on.data,
                form.code.data,
                form.note.data or "",
                paper,
                clock.now(),
            )
            flash(_("Votre équipe a reçu votre message. Vous verrez sa réponse ici."), "good")
            return redirect(url_for(".explain_absence"))
    return render_template(
        "attendance/absence.html",
        form=form,
        cohort=cohort,
        excuses=services.excuses_of(current_user.id),
        motives=motives,
    )


def _reach() -> tuple[frozenset[int] | None, frozenset[int]]:
    actor = guards.actor()
    schools = None if actor.holds(Role.NETWORK_MANAGER) else actor.schools_as(Role.SCHOOL_MANAGER)
    return schools, actor.trains_in


@bp.get("/absences")
@guards.asks(Action.SEE_ATTENDANCE)
def absences() -> str:
    """Absences that people explained, those to decide first, and half-days that are disputed."""
    guards.require(Action.SEE_ATTENDANCE)
    schools, cohorts = _reach()
    total, waiting = services.count_excuses(schools, cohorts)
    number = page_number(request.args.get("page"), total)
    lines = services.excuses_in(schools, cohorts, offset(number), LINES)
    return render_template(
        "attendance/absences.html",
        page=Page(lines, number, total),
        waiting=waiting,
        disputes=services.disputes_waiting(schools, cohorts),
    )


@bp.route("/absences/<int:excuse_id>", methods=["GET", "POST"])
@guards.asks(Action.CORRECT_PRESENCE)
def absence(excuse_id: int) -> Response | str:
    """One absence: its motive, its paper, and the decision."""
    excuse = db.get_or_404(Excuse, excuse_id)
    guards.require(Action.CORRECT_PRESENCE, excuse.place)
    form = DecisionForm()
    if form.validate_on_submit():
        with form.refusals("answer"):
            changed = services.decide(
                excuse,
                current_user,
                form.decision.data == "accepted",
                form.answer.data or "",
                _("Papier accepté par l'école"),
                clock.now(),
                clock.today(),
            )
            _tell_decision(excuse)
            flash(_decided(excuse, changed), "good")
            return redirect(url_for(".absences"))
    half_days = services_own.own_half_days(excuse.person_id, excuse.starts_on, excuse.ends_on)
    motive = services_codes.motives_of(excuse.school_id).get(excuse.code)
    return render_template(
        "attendance/absence_decide.html", excuse=excuse, form=form, half_days=half_days, motive=motive
    )


def _decided(excuse: Excuse, changed: int) -> str:
    if not excuse.is_accepted:
        return _("C'est décidé. %(name)s lira votre réponse.", name=excuse.person.name)
    if not changed:
        return _("C'est décidé. Aucune demi-journée de ces jours-là n'était notée comme une absence.")
    return ngettext(
        "C'est décidé. %(num)d demi-journée devient justifiée.",
        "C'est décidé. %(num)d demi-journées deviennent justifiées.",
        changed,
    )


def _tell_decision(excuse: Excuse) -> None:
    with_words = _l("Votre absence est justifiée") if excuse.is_accepted else _l("Votre absence n'est pas justifiée")
    with transaction():
        tell(
            excuse.person,
            kind="absence",
            title=with_words,
            body=excuse.answer,
            url="/presence/absence",
            now=clock.now(),
            key=f"excuse/{excuse.id}",
        )


@bp.get("/absences/<int:excuse_id>/paper")
@guards.asks(Action.CORRECT_PRESENCE)
def absence_paper(excuse_id: int) -> Response:
    """Give back the paper of an absence, to those who decide, while it is kept."""
    excuse = db.get_or_404(Excuse, excuse_id)
    guards.require(Action.CORRECT_PRESENCE, excuse.place)
    data = services.paper_of(excuse)
    if data is None:
        abort(404)
    guards.note_export("absence_paper", excuse)
    response = send_file(
        io.BytesIO(data),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=excuse.file_name,
        max_age=0,
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.route("/presence/<int:half_day_id>/dispute", methods=["GET", "POST"])
@guards.asks(Action.SIGN_HALF_DAY)
def dispute(half_day_id: int) -> Response | str:
    """Say that a half-day is not as it was."""
    half_day = half_day_at(half_day_id)
    line = services_own.line_of(half_day, current_user.id)
    if line is None:
        guards.require(Action.SIGN_HALF_DAY, half_day.place)
        abort(404)
    guards.require(Action.SIGN_HALF_DAY, line.place_in(half_day))
    form = DisputeForm()
    if form.validate_on_submit():
        with form.refusals("text"):
            services.dispute(half_day, current_user, form.text.data, clock.now())
            flash(_("Votre message est arrivé. L'équipe vous répond ici."), "good")
            return redirect(url_for(".my_half_day", half_day_id=half_day.id, _anchor="message"))
    return render_template("attendance/dispute.html", half_day=half_day, form=form)


@bp.route("/disputes/<int:dispute_id>", methods=["GET", "POST"])
@guards.asks(Action.CORRECT_PRESENCE)
def answer_dispute(dispute_id: int) -> Response | str:
    """Answer somebody who disputes a half-day; the correction itself is made on its page."""
    made = db.get_or_404(Dispute, dispute_id)
    guards.require(Action.CORRECT_PRESENCE, made.half_day.place)
    form = AnswerForm()
    if form.validate_on_submit():
        with form.refusals("answer"):
            services.answer_dispute(made, current_user, form.answer.data, clock.now())
            _tell_answer(made)
            flash(_("Votre réponse est partie."), "good")
            return redirect(url_for(".absences"))
    line = services_own.line_of(made.half_day, made.person_id)
    return render_template("attendance/dispute_answer.html", dispute=made, line=line, form=form)


def _tell_answer(made: Dispute) -> None:
    with transaction():
        tell(
            made.person,
            kind="absence",
            title=_l("Une réponse sur votre présence"),
            body=made.answer,
            url=f"/presence/{made.half_day_id}",
            now=clock.now(),
            key=f"dispute/{made.id}",
        )
