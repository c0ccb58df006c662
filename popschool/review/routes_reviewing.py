"""Reviewing one work: read it, answer one criterion a page, check, send. Anything typed is kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.errors import RuleBroken
from popschool.projects.rules_files import PICTURES
from popschool.projects.words import mark_word
from popschool.review import rules, services_apart, services_plan, services_reviewing
from popschool.review import rules_feedback as feedback
from popschool.review.anonymous import NotCleaned
from popschool.review.forms import ConfirmForm, CriterionForm, criterion_form
from popschool.review.models import Review
from popschool.review.routes_base import bp, me, own_review
from popschool.review.rules import Said
from popschool.review.rules_states import FINISHED, ReviewState
from popschool.review.services_parts import (
    CODE_KIND,
    FileNotReady,
    Shown,
    file_for_reviewer,
    parts_by_name,
    shown_parts,
)
from popschool.review.services_reading import waiting_for
from popschool.review.words import place_label
from popschool.web import wording
from popschool.web.downloads import given_back


@dataclass(frozen=True)
class Urls:
    """Where the pages of one reading lead: what is read, in two wordings, and each criterion."""

    work: str
    name: str
    open: str
    criterion: Callable[..., str]


MOST_LINES = 600
OVER = FINISHED | {ReviewState.SET_ASIDE, ReviewState.RETURNED}


def _parts(review: Review) -> list[Shown]:
    return shown_parts(review.work.submission, review.round.is_named)


@bp.get("/reviews/<key>")
@guards.asks(Action.REVIEW_WORK)
def work(key: str) -> Response | str:
    """The work to read, without its author. What was sent is read here too."""
    review = own_review(key)
    if review.state in (ReviewState.RETURNED, ReviewState.PLANNED):
        abort(404)
    return render_template(
        "review/work.html",
        review=review,
        parts=_parts(review),
        said=services_reviewing.said_in(review),
        is_over=review.state in OVER,
        answers=review.answers if review.state in OVER else (),
        first=_first_open(review),
        place_label=place_label,
        form=ConfirmForm(),
        now=clock.now(),
    )


def _first_open(review: Review) -> int:
    """Return the first criterion without an answer, the last when all have one."""
    said = services_reviewing.said_in(review)
    criteria = review.round.criteria
    missing = (n for n, one in enumerate(criteria, 1) if not said.get(one["id"], Said()).is_whole)
    return next(missing, len(criteria))


@bp.get("/reviews/<key>/files/<int:rank>")
@guards.asks(Action.REVIEW_WORK)
def file(key: str, rank: int) -> Response:
    """A file of the work, under a name that says nothing, without what it says of its author."""
    review = own_review(key)
    try:
        found = file_for_reviewer(review.work.submission, rank, review.round.is_named)
    except NotCleaned:
        flash(_("Ce fichier contient le nom de la personne, et ne peut pas être donné. Lisez le reste."), "warn")
        return redirect(url_for(".work", key=key) + "#message")
    except FileNotReady:
        flash(_("Ce fichier se prépare. Revenez dans une minute."), "quiet")
        return redirect(url_for(".work", key=key) + "#message")
    if found is None:
        abort(404)
    content, row, name = found
    return given_back(content, row.media_type, name, row.media_type in PICTURES)


@bp.get("/reviews/<key>/code/<int:rank>")
@guards.asks(Action.REVIEW_WORK)
def code(key: str, rank: int) -> str:
    """One file of the code of a work, its lines numbered."""
    review = own_review(key)
    if review.state in (ReviewState.RETURNED, ReviewState.PLANNED):
        abort(404)
    files = [one for one in _parts(review) if one.kind == CODE_KIND]
    shown = next((one for one in files if one.rank == rank), None) or abort(404)
    lines = shown.part.lines[:MOST_LINES]
    return render_template("review/code.html", review=review, shown=shown, files=files, lines=lines)


@bp.route("/reviews/<key>/criteria/<int:number>", methods=["GET", "POST"])
@guards.asks(Action.REVIEW_WORK)
def criterion(key: str, number: int) -> Response | str:
    """One criterion: a level in words, what works, one idea, and where."""
    review = own_review(key)
    criteria = review.round.criteria
    if not 1 <= number <= len(criteria):
        abort(404)
    if review.state in OVER:
        return redirect(url_for(".work", key=key))
    asked, parts, now = criteria[number - 1], _parts(review), clock.now()
    places = [(one.name, place_label(one.name, one.is_picture, one.path)) for one in parts]
    said = services_reviewing.said_in(review).get(asked["id"], Said())
    form = criterion_form(asked, [mark_word(word) for word in asked["words"]], places, said)
    if request.method == "POST":

        def keep(said: Said, seen: str) -> Said:
            return services_reviewing.save(review, asked["id"], said, now, seen)

        answer = kept(form, parts_by_name(parts), keep)
        if answer is not None:
            return answer if isinstance(answer, Response) else redirect(_after(review, number))
    return render_template(
        "review/criterion.html",
        form=form,
        review=review,
        urls=_urls(review),
        asked=asked,
        number=number,
        count=len(criteria),
        has_lines=any(one.part.lines for one in parts),
        now=now,
    )


def _urls(review: Review) -> Urls:
    return Urls(
        url_for(".work", key=review.key),
        _("Le travail"),
        _("Ouvrir le travail %(number)s", number=review.work.number),
        lambda number, **more: url_for(".criterion", key=review.key, number=number, **more),
    )


def kept(
    form: CriterionForm, parts: Mapping[str, rules.Part], keep: Callable[[Said, str], Said]
) -> Response | bool | None:
    """Keep what was typed, whatever lacks; then say what lacks. True: go on. None: show the page again."""
    is_sound = form.validate()
    said = form.said()
    for name in ("good", "idea"):
        place, line = getattr(said, f"{name}_place"), getattr(said, f"{name}_line")
        try:
            rules.check_place(parts, place, line)
        except rules.PlaceUnknown as unknown:
            form.refuse(wording.sentence(unknown), f"{name}_line")
            said, is_sound = replace(said, **{f"{name}_line": None}), False
    try:
        held = keep(said, form.seen.data or "")
    except RuleBroken as broken:
        form.refuse(wording.sentence(broken))
        return None
    if held != said:
        form.show(held)
        flash(
            _("Vous avez aussi écrit ici sur une autre page. Les deux textes sont gardés, l'un après l'autre."), "warn"
        )
    form.seen.data = held.stamp
    if "keep" in request.form and is_sound:
        flash(_("Votre brouillon est gardé."), "good")
        return redirect(url_for(".mine") + "#message")
    return True if form.check_whole() and is_sound else None


def _after(review: Review, number: int) -> str:
    if number < len(review.round.criteria) and "back" not in request.args:
        return url_for(".criterion", key=review.key, number=number + 1)
    return url_for(".check", key=review.key)


@bp.route("/reviews/<key>/check", methods=["GET", "POST"])
@guards.asks(Action.REVIEW_WORK)
def check(key: str) -> Response | str:
    """Everything once more, then the button that sends."""
    review, form = own_review(key), ConfirmForm()
    if review.state in FINISHED:
        return redirect(url_for(".thanks", key=key))
    if review.state in OVER:
        return redirect(url_for(".work", key=key))
    if form.validate_on_submit():
        with form.refusals():
            services_reviewing.submit(review, parts_by_name(_parts(review)), clock.now())
            return redirect(url_for(".thanks", key=key))
    said = services_reviewing.said_in(review)
    return render_template(
        "review/check.html",
        form=form,
        urls=_urls(review),
        lines=[(n, one, said.get(one["id"], Said())) for n, one in enumerate(review.round.criteria, 1)],
        is_short=any(feedback.Nudge.SHORT in feedback.nudges(one.good, one.idea, 1) for one in said.values()),
    )


@bp.get("/reviews/<key>/thanks")
@guards.asks(Action.REVIEW_WORK)
def thanks(key: str) -> Response | str:
    """What was sent, and what comes next."""
    review = own_review(key)
    if review.state not in FINISHED:
        return redirect(url_for(".work", key=key))
    now, left = clock.now(), services_plan.left_in(review.round, review.reviewer_id)
    elsewhere = 0 if left else waiting_for(review.reviewer.person_id, now)[0]
    return render_template(
        "review/thanks.html", review=review, left=left, elsewhere=elsewhere, form=ConfirmForm(), now=now
    )


@bp.route("/reviews/<key>/conflict", methods=["GET", "POST"])
@guards.asks(Action.REVIEW_WORK)
def conflict(key: str) -> Response | str:
    """Ask for another work: nobody asks why. What was begun is not taken away."""
    review, form = own_review(key), ConfirmForm()
    if review.state not in (ReviewState.REVEALED, ReviewState.RETURNED):
        return redirect(url_for(".work", key=key))
    if form.validate_on_submit():
        with form.refusals():
            services_apart.declare_conflict(review, me(), clock.now())
            flash(_("C'est noté. Un autre travail vous sera donné."), "good")
            return redirect(url_for(".mine") + "#message")
    return render_template("review/conflict.html", form=form, review=review)
