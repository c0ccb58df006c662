"""What others said of one's work: read, answered, then the number; reported, or taken to the trainer."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.review import services_reading as reading
from popschool.review import services_release
from popschool.review.forms import ReactionForm, WordsForm
from popschool.review.models import Work
from popschool.review.routes_base import bp, me, own_work
from popschool.review.services_parts import CODE_KIND, Shown, shown_parts
from popschool.review.services_reading import Opinion, Verdict
from popschool.review.words import place_label


@bp.get("/reviewed/<key>")
@guards.asks(Action.READ_REVIEWS)
def received(key: str) -> str:
    """Each review with its words; the levels and the number once they are all answered."""
    work = own_work(key)
    verdict = reading.verdict_of(work, current_user.id)
    return render_template(
        "review/received.html",
        work=work,
        verdict=verdict,
        parts=_parts(work, verdict),
        place_label=place_label,
    )


def _parts(work: Work, verdict: Verdict) -> list[Shown]:
    """Return one's own work as it was read; of its code, the files that a word points at."""
    answers = [answer for one in verdict.opinions if not one.is_reported for answer in one.review.answers]
    pointed = {place for answer in answers for place in (answer.good_place, answer.idea_place)}
    parts = shown_parts(work.submission, work.round.is_named, is_own=True)
    return [one for one in parts if one.kind != CODE_KIND or one.name in pointed]


def _opinion(work: Work, number: int) -> tuple[Verdict, Opinion]:
    verdict = reading.verdict_of(work, current_user.id)
    found = next((one for one in verdict.opinions if one.number == number), None)
    return verdict, found or abort(404)


@bp.route("/reviewed/<key>/<int:number>", methods=["GET", "POST"])
@guards.asks(Action.READ_REVIEWS)
def answer_review(key: str, number: int) -> Response | str:
    """Say what one makes of one review: private, and without effect on any score."""
    work = own_work(key)
    _verdict, opinion = _opinion(work, number)
    if opinion.is_reported or opinion.reaction is not None:
        return redirect(url_for(".received", key=key))
    form = ReactionForm()
    if form.validate_on_submit():
        with form.refusals():
            services_release.react(
                opinion.review,
                me(),
                form.helps.data,
                form.reason.data or "",
                form.change.data or "",
                form.thanks.data,
                clock.now(),
            )
            flash(_("Votre réponse est gardée. Elle ne change aucun résultat."), "good")
            return redirect(url_for(".received", key=key) + "#message")
    return render_template("review/react.html", form=form, work=work, opinion=opinion)


@bp.route("/reviewed/<key>/<int:number>/report", methods=["GET", "POST"])
@guards.asks(Action.READ_REVIEWS)
def report(key: str, number: int) -> Response | str:
    """Ask the trainer to look at a review: its text is hidden at once."""
    work = own_work(key)
    _verdict, opinion = _opinion(work, number)
    form = WordsForm()
    if form.validate_on_submit():
        services_release.report(opinion.review, me(), form.words.data, clock.now())
        flash(_("Votre équipe de formation va regarder. Le texte est caché en attendant."), "good")
        return redirect(url_for(".received", key=key) + "#message")
    return render_template("review/report.html", form=form, work=work, opinion=opinion)


@bp.route("/reviewed/<key>/appeal", methods=["GET", "POST"])
@guards.asks(Action.READ_REVIEWS)
def appeal(key: str) -> Response | str:
    """Ask for the trainer's own reading, with one sentence; nothing is lost by asking."""
    work = own_work(key)
    verdict = reading.verdict_of(work, current_user.id)
    if not verdict.opinions or verdict.appeal is not None:
        return redirect(url_for(".received", key=key))
    form = WordsForm()
    if form.validate_on_submit():
        services_release.appeal(work, me(), form.words.data, clock.now())
        flash(_("Votre demande est partie. Votre équipe de formation lira votre travail."), "good")
        return redirect(url_for(".received", key=key) + "#message")
    return render_template("review/appeal.html", form=form, work=work)
