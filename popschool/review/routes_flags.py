"""What an author asked the trainer to look at: a review that they reported, or their work itself."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.review import services_release
from popschool.review.forms import FlagForm, WordsForm
from popschool.review.routes_base import bp, code_elsewhere, cohort_of_work, me, the_flag


@bp.route("/rounds/flags/<int:flag_id>", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def flag(flag_id: int) -> Response | str:
    """Read what was asked, and answer it."""
    found = the_flag(flag_id)
    is_report = found.kind == services_release.REPORT
    form = FlagForm() if is_report else WordsForm()
    if form.validate_on_submit():
        upheld = form.upheld.data == "yes" if is_report else True
        with form.refusals():
            services_release.answer_flag(found, form.words.data, upheld, me(), clock.now())
            flash(_("Votre réponse est partie."), "good")
            return redirect(url_for(".moderation", round_id=found.round_id) + "#message")
    return render_template(
        "review/flag.html",
        form=form,
        flag=found,
        is_report=is_report,
        is_elsewhere=bool(code_elsewhere(cohort_of_work(found.work))),
    )
