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
    question = _question()
    found = services.find(question, _scopes(), with_team=guards.actor().holds(*STAFF)) if question else None
    return render_template("courses/search.html", question=question, found=found)


@bp.get("/words")
@guards.asks(Action.SEARCH_COURSES)
def words() -> str:
    """The glossary of one's programmes: each word with what it means, and the project that says it."""
    guards.require(Action.SEARCH_COURSES)
    question = _question()
    return render_template("courses/words.html", question=question, words=services.glossary(_scopes(), question))


def _question() -> str:
    return " ".join(request.args.get("q", "").replace("\0", "").split())[:LONGEST_QUESTION]


def _scopes() -> list[services.Scope]:
    """Return where the person here may look: their cohorts' courses, or for staff without any all that serve."""
    actor = guards.actor()
    mine = actor.learns_in | actor.learnt_in | actor.trains_in
    return services.scopes_of(mine) if mine else services.live_scopes() if actor.holds(*STAFF) else []
