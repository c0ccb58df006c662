"""For anybody who holds a sheet: is it as it was sealed? Its number or its file is enough, and no name is shown."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance import verification
from popschool.attendance.forms import VerifyForm
from popschool.attendance.routes_base import bp
from popschool.attendance.routes_sheets import local_moment
from popschool.attendance.verification import Checkup, FileSeen
from popschool.attendance.words import BREAKS
from popschool.auth import guards
from popschool.auth.rules_signing import TooManyAttempts
from popschool.web import errors, wording

NUMBER_LENGTH = 40


@bp.route("/verify", methods=["GET", "POST"])
@guards.public
def verify() -> Response | str:
    """Ask for a number or a file."""
    form = VerifyForm()
    if form.validate_on_submit():
        file, number = form.file.data, (form.number.data or "").strip()
        if file and file.filename:
            return _answer_for_file(file.stream)
        if number:
            return redirect(url_for(".verify_sheet", number=number, _anchor="message"))
        form.refuse(_("Écrivez le numéro de la feuille, ou choisissez son fichier."), "number")
    return _page(form)


def _answer_for_file(stream) -> str:
    seen = verification.look_at(stream)
    if seen.sheet is None:
        verification.count_miss(request.remote_addr or "", clock.now())
    named = seen.sheet or (verification.sheet_numbered(seen.says) if seen.says else None)
    checkup = verification.check_sheet(verification.sheet_numbered(named.number)) if named else None
    return _page(_empty(), checkup, seen)


@bp.get("/verify/<number>")
@guards.public
def verify_sheet(number: str) -> str | tuple[str, int]:
    """Say whether a sheet is sound, from the number that its paper prints; its square leads here."""
    found = verification.sheet_numbered(number[:NUMBER_LENGTH])
    if found is None:
        verification.count_miss(request.remote_addr or "", clock.now())
        form = _empty()
        form.number.data = number[:NUMBER_LENGTH]
        form.refuse(_("Aucune feuille n'a ce numéro. Vérifiez-le, en bas de chaque page de la feuille."), "number")
        return _page(form), 404
    return _page(_empty(), verification.check_sheet(found))


def _page(form: VerifyForm, checkup: Checkup | None = None, seen: FileSeen | None = None) -> str:
    """Draw the page: what was found of a sheet, at the hours of its school, and the form to check another."""
    sheet = checkup.sheet if checkup else None
    closed = local_moment(sheet.closed_at, sheet.cohort.school.zone) if sheet else ""
    return render_template(
        "attendance/verify.html", form=form, checkup=checkup, seen=seen, sheet=sheet, closed=closed, breaks=BREAKS
    )


def _empty() -> VerifyForm:
    return VerifyForm(formdata=None)


@bp.errorhandler(TooManyAttempts)
def too_many(fact: TooManyAttempts) -> Response:
    return errors.answer(429, _("Il y a eu trop d'essais"), wording.sentence(fact))
