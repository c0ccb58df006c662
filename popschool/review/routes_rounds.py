"""A trainer's round: who is blocked and why, what the reviews say and how surely, what to look at next, and its end."""

from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.review import (
    services_board,
    services_estimates,
    services_fairness,
    services_guests,
    services_plan,
    services_release,
)
from popschool.review import services_reading as reading
from popschool.review.forms import ConfirmForm, ExtendForm, WordsForm
from popschool.review.models import Round, Work
from popschool.review.routes_base import bp, code_elsewhere, cohort_of_work, cohorts_elsewhere, the_round
from popschool.review.routes_base import me as the_person
from popschool.review.rules_states import OVER, TAKES_REVIEWS, RoundState
from popschool.review.services_world import read_world, review_at
from popschool.review.words import CAUSES, EVENTS, REVIEW_WORDS, ROUND_WORDS, WAYS, group_words, why_next
from popschool.web.paging import LINES, Page, offset, page_number


@bp.get("/rounds/<int:round_id>")
@guards.asks(Action.SEE_ROUND)
def moderation(round_id: int) -> str:
    """The whole round on one page."""
    found, now = the_round(round_id, Action.SEE_ROUND), clock.now()
    world = read_world(found)
    flags = services_estimates.open_flags(found.id)
    drawn = services_estimates.draw(world, flags) if world.works else None
    elsewhere = cohorts_elsewhere(found, any(one.cohort_id for one in world.reviewers))
    return render_template(
        "review/moderation.html",
        round=found,
        board=services_board.board(world, drawn, now, elsewhere),
        elsewhere=elsewhere,
        flags=[(flag, world.work_of[flag.work_id]) for flag in flags],
        may_run=guards.allowed(Action.RUN_ROUND, found.place),
        form=ConfirmForm(),
        now=now,
        is_over=found.state in OVER,
        takes=found.state in TAKES_REVIEWS,
        State=RoundState,
        round_words=ROUND_WORDS,
        review_words=REVIEW_WORDS,
        why_next=why_next,
    )


@bp.post("/rounds/<int:round_id>/<any(start, top_up, moderate, release, mend):act>")
@guards.asks(Action.RUN_ROUND)
def act(round_id: int, act: str) -> Response:
    """Bring a round on. Pressed twice, it is done once."""
    found, now, by = the_round(round_id, Action.RUN_ROUND), clock.now(), the_person()
    if act == "start":
        services_plan.start(found, now, by.id)
        said = _("Les relectures commencent. Chaque personne est prévenue.")
    elif act == "top_up":
        services_release.top_up(found, now, by.id)
        said = _("Ce qui manque est partagé entre les personnes présentes.")
    elif act == "moderate":
        services_release.moderate(found, now, by.id)
        said = _("Les relectures sont finies. Ce qui est commencé peut encore être envoyé.")
    elif act == "release":
        services_release.release(found, by, now)
        said = _("Les relectures sont rendues. Chaque auteur ou autrice est prévenu ou prévenue.")
    else:
        services_plan.mend(found, now)
        said = _("Le plan est à jour.")
    flash(said, "good")
    return redirect(url_for(".moderation", round_id=round_id) + "#message")


@bp.route("/rounds/<int:round_id>/extend", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def extend(round_id: int) -> Response | str:
    """Give more time to review."""
    found, now = the_round(round_id, Action.RUN_ROUND), clock.now()
    form = ExtendForm(ends_at=max(found.ends_at, now) + timedelta(days=1))
    if form.validate_on_submit():
        with form.refusals("ends_at"):
            services_release.extend(found, form.ends_at.data, the_person(), now)
            flash(_("Les relectures sont prolongées. Les personnes concernées sont prévenues."), "good")
            return redirect(url_for(".moderation", round_id=round_id) + "#message")
    return render_template("review/extend.html", form=form, round=found)


@bp.get("/rounds/<int:round_id>/events")
@guards.asks(Action.SEE_ROUND)
def events(round_id: int) -> str:
    """Everything that moved, by whom and why: the plan explained."""
    found = the_round(round_id, Action.SEE_ROUND)
    number = page_number(request.args.get("page"))
    rows, total = reading.events_of(found, offset(number), LINES)
    elsewhere = cohorts_elsewhere(found, any(one is not None and one.cohort_id for _event, _work, one in rows))
    lines = [
        (event, work, services_board.name_of(found, one, elsewhere) if one is not None else "")
        for event, work, one in rows
    ]
    return render_template(
        "review/events.html", round=found, page=Page(lines, number, total), events=EVENTS, causes=CAUSES
    )


@bp.get("/rounds/<int:round_id>/fairness")
@guards.asks(Action.RUN_ROUND)
def fairness(round_id: int) -> str:
    """Whether a round is fair between groups: for its trainers alone, and of five people at least."""
    found = the_round(round_id, Action.RUN_ROUND)
    world = read_world(found)
    cohorts = {found.cohort_id: found.assignment.cohort.code}
    if any(one.cohort_id for one in world.reviewers):
        cohorts |= {guest.cohort_id: guest.cohort.code for guest in services_guests.guests_of(found.id)}
    drawn = services_estimates.draw(world, []) if world.works else None
    groups = services_fairness.fairness_of(world, drawn, cohorts) if drawn is not None else {}
    return render_template("review/fairness.html", round=found, groups=groups, ways=WAYS, group_words=group_words)


@bp.route("/rounds/<int:round_id>/reviews/<key>", methods=["GET", "POST"])
@guards.asks(Action.SEE_ROUND)
def read_review(round_id: int, key: str) -> Response | str:
    """One review with both its people; and a way to set it aside, with a reason that its reviewer reads."""
    found = the_round(round_id, Action.SEE_ROUND)
    review = review_at(key)
    if review is None or review.round_id != found.id:
        abort(404)
    form = WordsForm()
    if request.method == "POST":
        guards.require(Action.RUN_ROUND, found.place)
        if form.validate():
            with form.refusals():
                services_release.set_aside(review, form.words.data, the_person(), clock.now())
                flash(_("Cette relecture est mise de côté. Son auteur ou son autrice sait pourquoi."), "good")
                return redirect(url_for(".moderation", round_id=found.id) + "#message")
    reviewer, author_code = review.reviewer, code_elsewhere(cohort_of_work(review.work))
    reviewer_code = code_elsewhere(reviewer.cohort or found.assignment.cohort)
    return render_template(
        "review/read_review.html",
        form=form,
        round=found,
        review=review,
        who=f"{reviewer_code}, {reviewer.number}" if reviewer_code else reviewer.person.name,
        authors=author_code or ", ".join(owner.person.name for owner in review.work.submission.owners),
        is_elsewhere=bool(author_code),
        may_run=guards.allowed(Action.RUN_ROUND, found.place),
        review_words=REVIEW_WORDS,
    )


def _work_in(found: Round, number: int) -> Work:
    query = db.select(Work).where(Work.round_id == found.id, Work.number == number)
    return db.session.scalars(query).first() or abort(404)


@bp.route("/rounds/<int:round_id>/works/<int:number>/withdraw", methods=["GET", "POST"])
@guards.asks(Action.RUN_ROUND)
def withdraw_work(round_id: int, number: int) -> Response | str:
    """Take a work out of the round, and say why."""
    found = the_round(round_id, Action.RUN_ROUND)
    work, form = _work_in(found, number), WordsForm()
    if form.validate_on_submit():
        with form.refusals():
            services_plan.withdraw_work(work, the_person().id, form.words.data, clock.now())
            flash(_("Le travail %(number)s n'est plus à relire.", number=number), "good")
            return redirect(url_for(".moderation", round_id=found.id) + "#message")
    return render_template("review/withdraw_work.html", form=form, round=found, work=work)
