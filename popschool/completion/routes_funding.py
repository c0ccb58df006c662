"""Pages of a school manager: who pays, for whom, under which rules, and who signs."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_settings
from popschool.completion import services_funding as services
from popschool.completion.forms import (
    ActionForm,
    CohortFundingForm,
    EndShareForm,
    FunderForm,
    FundingForm,
    ShareForm,
    SignatoryForm,
)
from popschool.completion.models import EnrolmentFunding, Funding, TrainingAction
from popschool.completion.routes_base import bp, cohort_for, enrolment_for, school_for
from popschool.completion.rules_funding import REPORT_LINES, FunderKind, FundingKind
from popschool.completion.services_facts import heard_by, sayings_of, signatory_of
from popschool.db import db
from popschool.schools.models import Cohort, School


@bp.get("/schools/<int:school_id>/funding")
@guards.asks(Action.MANAGE_FUNDING)
def fundings(school_id: int) -> str:
    """The agreements of a school, its funders, and who signs."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    return render_template(
        "completion/fundings.html",
        school=school,
        lines=services.fundings_of(school.id),
        funders=services.funders_of(school.id),
        signatory=signatory_of(school.id, clock.today()),
        year=clock.today().year,
    )


@bp.route("/schools/<int:school_id>/funders/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def add_funder(school_id: int) -> Response | str:
    school = school_for(school_id, Action.MANAGE_FUNDING)
    form = FunderForm()
    if form.validate_on_submit():
        siret = "".join((form.siret.data or "").split())
        services.add_funder(
            school.id, FunderKind(form.kind.data), form.name.data, siret, form.mail.data or "", current_user.id,
            clock.now(),
        )  # fmt: skip
        flash(_("%(name)s est dans la liste. Écrivez maintenant sa convention.", name=form.name.data), "good")
        return redirect(url_for(".add_funding", school_id=school.id, _anchor="message"))
    return render_template("completion/add_funder.html", school=school, form=form)


@bp.route("/schools/<int:school_id>/funding/new", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def add_funding(school_id: int) -> Response | str:
    """Write an agreement."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    return _write_funding(school, None)


@bp.route("/funding/<int:funding_id>/edit", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def edit_funding(funding_id: int) -> Response | str:
    funding = db.get_or_404(Funding, funding_id)
    school = school_for(funding.school_id, Action.MANAGE_FUNDING)
    return _write_funding(school, funding)


def _write_funding(school: School, funding: Funding | None) -> Response | str:
    funders = services.funders_of(school.id)
    form = FundingForm(data=_typed(funding) if funding else {"kind": FundingKind.GROUP.value, "report_line": "6"})
    form.funder_id.choices = [SelectChoice(one.id, one.name) for one in funders]
    if funders and form.validate_on_submit():
        values = {name: form[name].data or "" for name in ("kind", "scheme", "agreement", "lot", "report_line")} | {
            "funder_id": form.funder_id.data,
            "starts_on": form.starts_on.data,
            "ends_on": form.ends_on.data,
            "minutes_agreed": form.hours_agreed.data,
            "is_funded_by_union": form.is_funded_by_union.data,
        }
        with form.refusals("hours_agreed" if form.hours_agreed.data is not None else None):
            kept = services.save_funding(school, funding, values, current_user.id, clock.now())
            flash(_("La convention est gardée."), "good")
            return redirect(url_for(".funding", funding_id=kept.id, _anchor="message"))
    return render_template(
        "completion/edit_funding.html", school=school, funding=funding, form=form, funders=funders,
        lines={FunderKind(one.kind): REPORT_LINES[FunderKind(one.kind)] for one in funders},
    )  # fmt: skip


def _typed(funding: Funding) -> dict[str, Any]:
    names = ("funder_id", "kind", "scheme", "agreement", "lot", "report_line", "starts_on", "ends_on",
             "is_funded_by_union")  # fmt: skip
    return {name: getattr(funding, name) for name in names} | {"hours_agreed": funding.minutes_agreed}


@bp.route("/funding/<int:funding_id>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def funding(funding_id: int) -> Response | str:
    """An agreement: who it pays for, and what it decides."""
    found = db.get_or_404(Funding, funding_id)
    school = school_for(found.school_id, Action.MANAGE_FUNDING)
    cohorts = db.session.scalars(
        select(Cohort)
        .where(Cohort.school_id == school.id, Cohort.starts_on <= found.ends_on, Cohort.ends_on >= found.starts_on)
        .order_by(Cohort.starts_on.desc())
    ).all()
    form = CohortFundingForm()
    form.cohort_id.choices = [SelectChoice(one.id, one.code) for one in cohorts]
    if cohorts and form.validate_on_submit():
        cohort = next(one for one in cohorts if one.id == form.cohort_id.data)
        with form.refusals("hours_agreed"):
            added, left_out = services.fund_cohort(cohort, found, form.hours_agreed.data, current_user.id, clock.now())
            flash(_("%(added)s places ajoutées, %(left)s sans jour en commun.", added=added, left=left_out), "good")
            return redirect(url_for(".funding", funding_id=found.id, _anchor="message"))
    heard = heard_by(sayings_of(school.id), found)
    return render_template(
        "completion/funding.html",
        school=school,
        funding=found,
        form=form,
        cohorts=cohorts,
        places=services.places_of(found.id),
        values=rules_settings.resolve_all(heard, clock.today()).values(),
        address=lambda key: url_for(".say_setting", funding_id=found.id, key=key),
    )


@bp.route("/enrolments/<int:enrolment_id>/funding", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def place_funding(enrolment_id: int) -> Response | str:
    """Who pays for one person's place, and another who does."""
    enrolment = enrolment_for(enrolment_id, Action.MANAGE_FUNDING)
    lines = services.fundings_of(enrolment.school_id)
    form = ShareForm(data={"starts_on": enrolment.starts_on})
    form.funding_id.choices = [
        SelectChoice(one.funding.id, " ".join(x for x in (one.funding.funder.name, one.funding.agreement) if x))
        for one in lines
    ]
    if lines and form.validate_on_submit():
        chosen = next(one.funding for one in lines if one.funding.id == form.funding_id.data)
        with form.refusals("starts_on"):
            services.fund(
                enrolment, chosen, form.starts_on.data, form.ends_on.data, current_user.id, clock.now(),
                minutes_agreed=form.hours_agreed.data, file_number=form.file_number.data or "",
                employer=form.employer.data or "", voucher=form.voucher.data or "",
            )  # fmt: skip
            flash(_("C'est gardé."), "good")
            return redirect(url_for(".place_funding", enrolment_id=enrolment.id, _anchor="message"))
    shares = services.shares_of(enrolment.id)
    return render_template(
        "completion/place_funding.html", enrolment=enrolment, form=form, shares=shares, has_fundings=bool(lines)
    )


@bp.route("/enrolment-funding/<int:share_id>/end", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def end_share(share_id: int) -> Response | str:
    """A change on the way: this funding pays until a day, and another may follow."""
    share = db.get_or_404(EnrolmentFunding, share_id)
    guards.require(Action.MANAGE_FUNDING, share.enrolment.place)
    form = EndShareForm(data={"ends_on": share.ends_on or clock.today(), "reason": share.end_reason})
    if form.validate_on_submit():
        with form.refusals("ends_on"):
            services.end_share(share, form.ends_on.data, form.reason.data, current_user.id, clock.now())
            flash(_("C'est gardé. Vous pouvez ajouter celui qui paie ensuite."), "good")
            return redirect(url_for(".place_funding", enrolment_id=share.enrolment_id, _anchor="message"))
    return render_template("completion/end_share.html", share=share, form=form)


@bp.route("/schools/<int:school_id>/signatory", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def signatory(school_id: int) -> Response | str:
    """Who signs the papers of the school, from a day on."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    current = signatory_of(school.id, clock.today())
    given = {name: getattr(current, name) for name in ("first_name", "last_name", "quality", "city")} if current else {}
    form = SignatoryForm(data={**given, "since": clock.today()})
    if form.validate_on_submit():
        services.say_signatory(
            school.id, form.first_name.data, form.last_name.data, form.quality.data, form.city.data, form.since.data,
            current_user, clock.now(),
        )  # fmt: skip
        flash(_("C'est gardé. Les papiers déjà faits ne changent pas."), "good")
        return redirect(url_for(".fundings", school_id=school.id, _anchor="message"))
    return render_template("completion/signatory.html", school=school, form=form, current=current)


@bp.route("/cohorts/<int:cohort_id>/action", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def training_action(cohort_id: int) -> Response | str:
    """What the agreement says of a cohort's action: its nature, its objectives, its speciality."""
    cohort = cohort_for(cohort_id, Action.MANAGE_FUNDING)
    kept = db.session.get(TrainingAction, cohort.id)
    given = {"nature": "training"}
    if kept is not None:
        given = {"nature": kept.nature, "objectives": "\n".join(kept.objectives), "speciality": kept.speciality}
    form = ActionForm(data=given)
    if request.method == "POST" and form.validate():
        services.save_action(
            cohort, form.nature.data, (form.objectives.data or "").splitlines(), form.speciality.data or "",
            current_user.id, clock.now(),
        )  # fmt: skip
        flash(_("C'est gardé. Les papiers déjà faits ne changent pas."), "good")
        return redirect(url_for(".papers", cohort_id=cohort.id, _anchor="message"))
    return render_template("completion/action.html", cohort=cohort, form=form)
