"""A learner's way: one's projects, one project, the receipt, the versions. Handing in has its own file."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses.models import Revision
from popschool.db import db
from popschool.projects import rules, services, services_briefs
from popschool.projects import services_reading as reading
from popschool.projects.forms import ConfirmForm
from popschool.projects.models import Submission
from popschool.projects.routes_base import STEPS, bp, listed, require_seen
from popschool.projects.routes_margins import with_margin
from popschool.projects.services_states import version_that_counts
from popschool.web import comfort

VARIANTS = ("", "simple")


@bp.get("/projects")
@guards.asks(Action.SEE_OWN_PROJECTS)
def mine() -> str:
    """Everything set to the person here, what needs them first."""
    guards.require(Action.SEE_OWN_PROJECTS)
    now, actor = clock.now(), guards.actor()
    cohorts = actor.learns_in | actor.learnt_in
    found = reading.work_of(current_user.id, cohorts, now, has_moved=actor.has_moved)
    here = actor.learns_in or cohorts
    works = [work for work in found if work.assignment.cohort_id in here]
    works.sort(key=lambda work: rules.PRESSING.index(work.state(now)))
    before = [work for work in found if work.assignment.cohort_id not in here and work.own_sent]
    return render_template("projects/mine.html", works=works, before=before, now=now)


def _variant() -> str:
    asked = request.args.get("version")
    if asked is None:
        return "simple" if comfort.read(request).simple else ""
    return asked if asked in VARIANTS or (len(asked) == 2 and asked.isalpha()) else ""


@bp.get("/assignments/<int:assignment_id>")
@guards.asks(Action.SEE_ASSIGNMENT)
def assignment(assignment_id: int) -> str:
    """One project as a page: what it is for, its steps, what to send and by when."""
    found = reading.work_at(assignment_id, current_user.id, has_moved=guards.actor().has_moved)
    if found is None:
        abort(404)
    work, version, number = found
    guards.require(Action.SEE_ASSIGNMENT, work.assignment.place)
    if work.assignment.withdrawn_at is not None:
        return render_template("projects/gone.html", assignment=work.assignment)
    brief = services_briefs.brief_of(version, number, _variant(), current_user.id)
    is_learner = work.assignment.cohort_id in guards.actor().learns_in
    if is_learner and brief.page_id is not None:
        brief.sections = with_margin(brief.page_id, brief.sections, brief.margin)
    return render_template(
        "projects/assignment.html",
        assignment=work.assignment,
        work=work,
        brief=brief,
        number=number,
        now=clock.now(),
        listed=listed,
        is_learner=is_learner,
    )


def _submission(submission_id: int) -> Submission:
    found = reading.submission_at(submission_id)
    if found is None:
        abort(404)
    require_seen(found)
    return found


@bp.get("/submissions/<int:submission_id>/receipt")
@guards.asks(Action.SEE_SUBMISSION)
def receipt(submission_id: int) -> str:
    """Step 3: what arrived, when, and what comes next."""
    found = _submission(submission_id)
    return render_template("projects/receipt.html", submission=found, steps=STEPS)


@bp.get("/submissions/<int:submission_id>")
@guards.asks(Action.SEE_SUBMISSION)
def submission(submission_id: int) -> str:
    """One version, exactly as it was sent, among the others."""
    found = _submission(submission_id)
    owners = [owner.person for owner in found.owners]
    is_mine = current_user.id in {person.id for person in owners}
    reader = current_user.id if is_mine else owners[0].id
    versions = reading.versions_of(found.deliverable, reader)
    chosen = version_that_counts(found.deliverable_id, reader)
    decision = next((decision for one, decision, _at in versions if one.id == found.id), "")
    return render_template(
        "projects/submission.html",
        submission=found,
        owners=owners,
        versions=versions,
        chosen=chosen,
        is_mine=is_mine,
        decision=decision,
        form=ConfirmForm(),
        may_submit=guards.allowed(Action.SUBMIT_WORK, found.place),
        may_answer=guards.allowed(Action.GIVE_FEEDBACK, found.place),
    )


@bp.post("/submissions/<int:submission_id>/choose")
@guards.asks(Action.CHOOSE_VERSION)
def choose(submission_id: int) -> Response:
    """Let this version be the one that counts."""
    found = db.get_or_404(Submission, submission_id)
    guards.require(Action.CHOOSE_VERSION, found.place)
    services.choose_version(found, current_user.id, clock.now())
    flash(_("La version %(version)d est celle qui compte.", version=found.version), "good")
    return redirect(url_for(".submission", submission_id=found.id))


@bp.get("/submissions/<int:submission_id>/project")
@guards.asks(Action.SEE_SUBMISSION)
def project_as_read(submission_id: int) -> str:
    """The project's page as it was on the day this was sent."""
    found = _submission(submission_id)
    revision = db.session.get(Revision, found.revision_id)
    brief = services_briefs.brief_at(found.assignment.project_id, revision.number, _variant())
    return render_template("projects/as_read.html", submission=found, revision=revision, brief=brief, listed=listed)
