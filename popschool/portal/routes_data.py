"""One's own data: what is kept and why, a copy of it all to take away."""

from flask import abort, redirect, render_template, send_file, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.portal import register
from popschool.portal import services_data as services
from popschool.portal.forms_keys import PressForm
from popschool.portal.models import DataCopy
from popschool.portal.routes_base import bp
from popschool.schools.models import Person


@bp.get("/register")
@guards.asks(Action.SEE_REGISTER)
def processing() -> str:
    """The register of processing: which data, why, for how long, who reads it."""
    guards.require(Action.SEE_REGISTER)
    return render_template("portal/register.html", entries=register.ENTRIES)


@bp.route("/account/data", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_ACCOUNT)
def own_data() -> Response | str:
    """Ask for a copy of all that is kept of the person here, and take it once it is made."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    form = PressForm()
    if form.validate_on_submit():
        services.ask(db.session.get_one(Person, current_user.id), clock.now())
        return redirect(url_for(".own_data"))
    return render_template(
        "portal/own_data.html", form=form, copies=services.copies_of(current_user.id), days=services.KEPT.days
    )


@bp.get("/account/data/<int:copy_id>.zip")
@guards.asks(Action.SEE_OWN_ACCOUNT)
def take_data(copy_id: int) -> Response:
    """Give a copy to the person that it is about, and to nobody else."""
    guards.require(Action.SEE_OWN_ACCOUNT)
    copy = db.session.get(DataCopy, copy_id)
    if copy is None or copy.person_id != current_user.id or not copy.archive_hash:
        abort(404)
    person = db.session.get_one(Person, current_user.id)
    guards.note_export("own_data", person, school_id=person.home_school_id)
    response = send_file(
        storage.open(copy.archive_hash), mimetype="application/zip", as_attachment=True,
        download_name="mes-donnees.zip", max_age=0,
    )  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
