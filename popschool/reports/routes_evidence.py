"""Evidence for Qualiopi: each indicator, what the rows prove, pieces brought by hand, and the archive of a year."""

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.reports import evidence, rules_evidence
from popschool.reports import services_evidence as services
from popschool.reports.forms_evidence import ButtonForm, PieceForm
from popschool.reports.models_evidence import EvidencePiece
from popschool.reports.routes_base import bp
from popschool.reports.rules_evidence import BY_NUMBER, INDICATORS, Indicator
from popschool.schools.models import School
from popschool.web.downloads import given_back


def _school(school_id: int, year: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_FUNDING, school.place)
    return school if clock.today().year - 5 <= year <= clock.today().year else abort(404)


@bp.route("/schools/<int:school_id>/evidence/<int:year>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def evidence_year(school_id: int, year: int) -> Response | str:
    """The 32 indicators, what was brought for each, and the archive of the year."""
    school = _school(school_id, year)
    form = ButtonForm()
    if form.validate_on_submit():
        services.ask(school, year, current_user, clock.now())
        return redirect(url_for(".evidence_year", school_id=school.id, year=year, _anchor="etat"))
    return render_template(
        "reports/evidence.html",
        school=school,
        year=year,
        years=[clock.today().year - back for back in range(3)],
        indicators=INDICATORS,
        guide=rules_evidence.GUIDE,
        pieces=services.pieces_of(school.id),
        made=services.last_of(school.id, year),
        form=form,
    )


@bp.route("/schools/<int:school_id>/evidence/<int:year>/<int:number>", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def evidence_indicator(school_id: int, year: int, number: int) -> Response | str:
    """One indicator: its rows, its pieces with who brought them, and a form for another."""
    school, one = _school(school_id, year), _indicator(number)
    form = PieceForm(dated_on=clock.today())
    if form.validate_on_submit():
        file = form.file.data
        if not file or not file.filename:
            form.refuse(_("Choisissez un fichier."), "file")
        else:
            with form.refusals("file"):
                services.add_piece(
                    school, number, form.title.data, form.dated_on.data, (file.filename, file.read()),
                    current_user, clock.now(), clock.today(),
                )  # fmt: skip
                flash(_("La pièce est gardée."), "good")
                return redirect(
                    url_for(".evidence_indicator", school_id=school.id, year=year, number=number, _anchor="message")
                )
    return render_template(
        "reports/evidence_indicator.html",
        school=school,
        year=year,
        one=one,
        tables=evidence.tables_of(one, school, *rules_evidence.period_of(year, clock.today())),
        pieces=services.pieces_of(school.id).get(number, []),
        form=form,
    )


def _indicator(number: int) -> Indicator:
    return BY_NUMBER.get(number) or abort(404)


@bp.get("/schools/<int:school_id>/evidence/pieces/<int:piece_id>")
@guards.asks(Action.MANAGE_FUNDING)
def evidence_piece(school_id: int, piece_id: int) -> Response:
    """A piece, as it was brought."""
    school = db.get_or_404(School, school_id)
    guards.require(Action.MANAGE_FUNDING, school.place)
    piece = db.session.get(EvidencePiece, piece_id)
    if piece is None or piece.school_id != school.id:
        abort(404)
    is_picture = piece.media_type.startswith("image/")
    return given_back(storage.open(piece.file_hash), piece.media_type, piece.file_name, is_picture)


@bp.get("/schools/<int:school_id>/evidence/<int:year>.zip")
@guards.asks(Action.MANAGE_FUNDING)
def evidence_archive(school_id: int, year: int) -> Response:
    """The archive of a year, once it is made."""
    school = _school(school_id, year)
    made = services.last_of(school.id, year)
    if made is None or not made.archive_hash:
        abort(404)
    guards.note_export("evidence", made, year=year)
    return send_file(
        storage.open(made.archive_hash),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"qualiopi-{school.code}-{year}.zip",
        max_age=0,
    )
