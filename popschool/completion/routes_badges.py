"""Badges and portfolio: a learner's own, and the public pages by which anybody checks a badge."""

import io

from flask import Response as Answer
from flask import abort, current_app, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import portfolio, services_badges
from popschool.completion.forms import BadgeForm, ButtonForm
from popschool.completion.models_badges import Badge
from popschool.completion.routes_base import bp
from popschool.completion.services_completion import last_standing_of
from popschool.completion.services_levels import levels_of
from popschool.schools.network import shown_network

ENDED_BY_OWNER = "À la demande de la personne"


def _base() -> str:
    return current_app.config["POPSCHOOL"].base_url


@bp.route("/my/badges", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_PAPERS)
def badges() -> Response | str:
    """One's own badges: those given, and what one may ask for."""
    guards.require(Action.SEE_OWN_PAPERS)
    form = BadgeForm()
    found = last_standing_of(current_user.id, clock.today(), with_exams=False)
    one = found.lines[0] if found else None
    if form.validate_on_submit() and one is not None:
        with form.refusals():
            if form.key.data == "completion":
                services_badges.give_for_completion(one, found.title, _base(), clock.now())
            else:
                services_badges.give_for_competence(
                    current_user, form.key.data, one.enrolment.school_id, _base(), clock.now()
                )
            flash(_("Votre badge est prêt."), "good")
            return redirect(url_for(".badges", _anchor="message"))
    own = services_badges.badges_of(current_user.id)
    levels = one.levels if one is not None else levels_of([current_user.id]).get(current_user.id, {})
    return render_template(
        "completion/badges.html",
        form=form,
        badges=own,
        offers=services_badges.offers(own, levels),
        is_complete=bool(one and one.completion.is_complete and one.completion.lines),
    )


def _badge(key: str) -> Badge:
    found = services_badges.badge_with(key)
    if found is None:
        abort(404)
    return found


@bp.post("/my/badges/<key>/end")
@guards.asks(Action.END_OWN_BADGE)
def end_badge(key: str) -> Response:
    """End one of one's own badges."""
    found = _badge(key)
    guards.require(Action.END_OWN_BADGE, found.place)
    services_badges.revoke_badge(found, ENDED_BY_OWNER, current_user, clock.now())
    flash(_("Ce badge n'est plus valable."), "good")
    return redirect(url_for(".badges", _anchor="message"))


@bp.get("/my/portfolio.zip")
@guards.asks(Action.SEE_OWN_PAPERS)
def take_portfolio() -> Response:
    """One's own works, feedback, competences and badges, signed, to take away."""
    guards.require(Action.SEE_OWN_PAPERS)
    guards.note_export("portfolio", current_user._get_current_object(), school_id=current_user.home_school_id)
    content = portfolio.bundle(current_user, _base(), clock.now())
    return send_file(
        io.BytesIO(content), mimetype="application/zip", as_attachment=True, download_name="portfolio.zip", max_age=0
    )


@bp.get("/badges/<key>")
@guards.public
def badge(key: str) -> str:
    """For anybody who was shown a badge: what it is, and whether it holds. It names nobody."""
    return render_template("completion/badge.html", badge=_badge(key), form=ButtonForm())


@bp.get("/badges/<key>.jwt")
@guards.public
def badge_token(key: str) -> Answer:
    return Answer(_badge(key).token, mimetype="application/vc+jwt")


@bp.get("/badges/revoked")
@guards.public
def revoked_badges() -> dict:
    """The badges that no longer hold."""
    return services_badges.revoked_list(_base())


@bp.get("/badges/keys")
@guards.public
def badge_keys() -> dict:
    """The keys that check every badge."""
    return services_badges.public_keys()


@bp.get("/badges/issuer")
@guards.public
def badge_issuer() -> dict:
    """Who gives badges."""
    network = shown_network()
    return {
        "@context": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        "id": f"{_base()}/badges/issuer",
        "type": ["Profile"],
        "name": network.legal_name or network.name,
        "url": _base(),
        "email": network.mail,
    }
