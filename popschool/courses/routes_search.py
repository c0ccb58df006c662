"""Search: words looked for in the courses of one's programme."""

from flask import render_template, request

from popschool.auth import guards
from popschool.auth.rules import STAFF, Action
from popschool.courses import services_search as services
from popschool.courses.routes_base import bp
from popschool.courses.rules_search import LONGEST_QUESTION


@bp.get("/search")
@guards.asks(Action.SEARCH_COURSES)
def search() -> str:
    """The pages where all the words stand. Those who have no cohort and work for the school look everywhere."""
    guards.require(Action.SEARCH_COURSES)
    question = " ".join(request.args.get("q", "").replace("\0", "").split())[:LONGEST_QUESTION]
    found = None
    if question:
        actor = guards.actor()
        mine = actor.learns_in | actor.learnt_in | actor.trains_in
        is_staff = actor.holds(*STAFF)
        scopes = services.scopes_of(mine) if mine else services.live_scopes() if is_staff else []
        found = services.find(question, scopes, with_team=is_staff)
    return render_template("courses/search.html", question=question, found=found)
