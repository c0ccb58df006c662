"""The whole file of one person: asked for, followed, taken away. For an auditor's door, and for the school itself."""

from flask import abort, redirect, render_template, send_file, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.reports import services_doors as doors
from popschool.reports import services_files as services
from popschool.reports import services_seen
from popschool.reports.forms import ButtonForm
from popschool.reports.models import WholeFile
from popschool.reports.routes_base import bp
from popschool.reports.routes_seen import Answer, Entered, held, linked, through
from popschool.schools.models import Enrolment


@bp.route("/enrolments/<int:enrolment_id>/whole-file", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def whole_file(enrolment_id: int) -> Response | str:
    """The whole file of a place, as the school prepares it."""
    enrolment = _place(enrolment_id)
    form = ButtonForm()
    if form.validate_on_submit():
        services.ask(enrolment, None, current_user._get_current_object(), clock.now())
        return redirect(url_for(".whole_file", enrolment_id=enrolment.id, _anchor="etat"))
    return render_template(
        "reports/whole_file.html",
        enrolment=enrolment,
        made=services.last_of(enrolment.id, None),
        form=form,
        back=url_for("completion.place_completion", enrolment_id=enrolment.id),
        here=url_for(".whole_file", enrolment_id=enrolment.id),
        archive=url_for(".whole_file_archive", enrolment_id=enrolment.id),
    )


@bp.get("/enrolments/<int:enrolment_id>/whole-file.zip")
@guards.asks(Action.ISSUE_PAPER)
def whole_file_archive(enrolment_id: int) -> Response:
    """The archive of a whole file."""
    enrolment = _place(enrolment_id)
    return _sent(services.last_of(enrolment.id, None), enrolment)


def _place(enrolment_id: int) -> Enrolment:
    given = [joinedload(Enrolment.person), joinedload(Enrolment.cohort)]
    enrolment = db.get_or_404(Enrolment, enrolment_id, options=given)
    guards.require(Action.ISSUE_PAPER, enrolment.place)
    return enrolment


@bp.route("/doors/<int:door_id>/people/<int:enrolment_id>/file", methods=["GET", "POST"])
@guards.asks(Action.SEE_DOOR)
def door_file(door_id: int, enrolment_id: int) -> Answer:
    """The whole file of a person, for an auditor's account."""
    return through(held(door_id), _file, enrolment_id)


@bp.route("/d/<secret>/people/<int:enrolment_id>/file", methods=["GET", "POST"])
@guards.public
def link_file(secret: str, enrolment_id: int) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _file, enrolment_id)


def _file(entered: Entered, enrolment_id: int) -> Answer:
    enrolment = _shown(entered, enrolment_id)
    form = ButtonForm()
    if form.validate_on_submit():
        services.ask(enrolment, entered.door, entered.door.person, clock.now())
        return redirect(entered.to("file", enrolment_id=enrolment.id, _anchor="etat"))
    doors.note_look(entered.door, "file", clock.now(), enrolment.person_id, enrolment=enrolment.id)
    return render_template(
        "reports/whole_file.html",
        enrolment=enrolment,
        made=services.last_of(enrolment.id, entered.door.id),
        form=form,
        back=entered.to("person", enrolment_id=enrolment.id),
        here=entered.to("file", enrolment_id=enrolment.id),
        archive=entered.to("archive", enrolment_id=enrolment.id),
    )


@bp.get("/doors/<int:door_id>/people/<int:enrolment_id>/file.zip")
@guards.asks(Action.SEE_DOOR)
def door_archive(door_id: int, enrolment_id: int) -> Answer:
    """The archive of a whole file, for an auditor's account."""
    return through(held(door_id), _archive, enrolment_id)


@bp.get("/d/<secret>/people/<int:enrolment_id>/file.zip")
@guards.public
def link_archive(secret: str, enrolment_id: int) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _archive, enrolment_id)


def _archive(entered: Entered, enrolment_id: int) -> Response:
    enrolment = _shown(entered, enrolment_id)
    return _sent(services.last_of(enrolment.id, entered.door.id), enrolment)


def _shown(entered: Entered, enrolment_id: int) -> Enrolment:
    """Return somebody whom an auditor's door shows; 404 for anybody else, and for a funder."""
    seen = services_seen.place_of(entered.door, enrolment_id, clock.today()) if entered.is_audit else None
    return seen or abort(404)


def _sent(made: WholeFile | None, enrolment: Enrolment) -> Response:
    if made is None or not made.archive_hash:
        abort(404)
    if current_user.is_authenticated:
        guards.note_export("whole_file", made, people=[enrolment.person_id], door=made.door_id)
    else:
        services.note_export(made, enrolment.person_id, clock.now())
    return send_file(
        storage.open(made.archive_hash),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"dossier-{enrolment.cohort.code}-{enrolment.id}.zip",
        max_age=0,
    )
