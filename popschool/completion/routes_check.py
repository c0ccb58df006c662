"""For anybody who holds a document: its code, its square or its file says whether it holds."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance.verification import count_miss
from popschool.auth import guards
from popschool.auth.rules_signing import TooManyAttempts
from popschool.completion import checking
from popschool.completion.checking import Answer
from popschool.completion.forms import CheckForm
from popschool.completion.routes_base import bp
from popschool.completion.rules_papers import PaperKind, in_fours, read_code
from popschool.web import errors, wording

LONGEST = 60


@bp.route("/check", methods=["GET", "POST"])
@guards.public
def check() -> Response | str:
    """Ask for a code or a file."""
    form = CheckForm()
    if form.validate_on_submit():
        file, code = form.file.data, (form.code.data or "").strip()
        if file and file.filename:
            fingerprint, answer, sheet = checking.look_at(file.stream)
            if sheet:
                return redirect(url_for("attendance.verify_sheet", number=sheet, _anchor="message"))
            if answer is None:
                count_miss(request.remote_addr or "", clock.now())
            return _page(_empty(), answer, fingerprint)
        if code:
            return redirect(url_for(".check_code", code=in_fours(read_code(code)) or "-", _anchor="message"))
        form.refuse(_("Écrivez le code du papier, ou choisissez son fichier."), "code")
    return _page(form)


@bp.get("/check/<code>")
@guards.public
def check_code(code: str) -> str | tuple[str, int]:
    """Say whether a document holds, from the code that its paper prints; its square leads here."""
    answer = checking.document_with(code[:LONGEST])
    if answer is None:
        count_miss(request.remote_addr or "", clock.now())
        form = _empty()
        form.code.data = code[:LONGEST]
        form.refuse(_("Aucun papier n'a ce code. Vérifiez-le, en bas de chaque page du papier."), "code")
        return _page(form), 404
    return _page(_empty(), answer)


def _page(form: CheckForm, answer: Answer | None = None, fingerprint: str = "") -> str:
    kind = PaperKind(answer.document.kind) if answer else None
    return render_template("completion/check.html", form=form, answer=answer, kind=kind, fingerprint=fingerprint)


def _empty() -> CheckForm:
    return CheckForm(formdata=None)


@bp.errorhandler(TooManyAttempts)
def too_many(fact: TooManyAttempts) -> Response:
    return errors.answer(429, _("Il y a eu trop d'essais"), wording.sentence(fact))
