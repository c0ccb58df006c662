"""The queue: what waits for an answer, the oldest first."""

from flask import render_template, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action, Role
from popschool.grading import rules, services_queue
from popschool.grading.routes_base import bp, just_sent
from popschool.grading.services_queue import WAITING, Filters
from popschool.projects.rules import Timing
from popschool.web.paging import LINES, Page, offset, page_number

STATE_NAMES = {
    WAITING: _l("En attente"),
    rules.Decision.TO_COMPLETE: _l("À reprendre"),
    rules.Decision.VALIDATED: _l("Validés"),
}
TIMING_NAMES = {Timing.LATE: _l("En retard"), Timing.ON_TIME: _l("À l'heure")}


@bp.get("/queue")
@guards.asks(Action.SEE_QUEUE)
def queue() -> str:
    """Show what waits in all the cohorts that this person reads."""
    guards.require(Action.SEE_QUEUE)
    actor, now = guards.actor(), clock.now()
    choices = services_queue.cohorts_read(actor.trains_in, actor.schools_as(Role.SCHOOL_MANAGER))
    filters = _filters(choices)
    cohorts = [choice.id for choice in choices]
    totals = services_queue.totals(cohorts, filters)
    number = page_number(request.args.get("page"), totals.count)
    lines = services_queue.lines(cohorts, filters, current_user.id, now, offset(number), LINES)
    return render_template(
        "grading/queue.html",
        choices=choices,
        projects=_projects(choices, filters),
        filters=filters,
        states=STATE_NAMES,
        timings=TIMING_NAMES,
        totals=totals,
        page=Page(lines, number, totals.count),
        now=now,
        trains_in=actor.trains_in,
        sent=just_sent(now),
    )


def _filters(choices: list[services_queue.Choice]) -> Filters:
    """Read the filters of the address; what makes no sense shows everything."""
    cohort = request.args.get("cohort", type=int)
    project = request.args.get("project", type=int)
    state, timing = request.args.get("state", WAITING), request.args.get("timing", "")
    return Filters(
        cohort=cohort if any(choice.id == cohort for choice in choices) else None,
        project=project if any(project == one for choice in choices for one, _title in choice.projects) else None,
        state=state if state in services_queue.STATES else WAITING,
        timing=timing if timing in services_queue.TIMINGS else "",
    )


def _projects(choices: list[services_queue.Choice], filters: Filters) -> list[tuple[int, str]]:
    """Return the projects to choose from, each once."""
    found: dict[int, str] = {}
    for choice in choices:
        if filters.cohort in (None, choice.id):
            for project_id, title in choice.projects:
                found.setdefault(project_id, title)
    return list(found.items())
