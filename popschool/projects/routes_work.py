"""A learner's way: one's projects, one project, the steps of handing in, the receipt, the versions."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.courses import margins
from popschool.courses.models import Revision
from popschool.db import db
from popschool.git import GitFailed
from popschool.outbound import OutboundRefused
from popschool.projects import rules, services
from popschool.projects import services_reading as reading
from popschool.projects.forms import ConfirmForm, HandInForm
from popschool.projects.models import Assignment, Deliverable, Submission
from popschool.projects.routes_base import bp, listed
from popschool.schools.models import Cohort
from popschool.web import comfort, wording

VARIANTS = ("", "simple")
STEPS = 3


@bp.get("/projects")
@guards.asks(Action.SEE_OWN_PROJECTS)
def mine() -> str:
    """Everything set to the person here, what needs them first."""
    guards.require(Action.SEE_OWN_PROJECTS)
    now, actor = clock.now(), guards.actor()
    works = reading.work_of(current_user.id, actor.learns_in or actor.learnt_in, now)
    works.sort(key=lambda work: reading.ORDER[work.state(now)])
    return render_template("projects/mine.html", works=works, now=now)


def _variant() -> str:
    asked = request.args.get("version")
    if asked is None:
        return "simple" if comfort.read(request).simple else ""
    return asked if asked in VARIANTS or (len(asked) == 2 and asked.isalpha()) else ""


@bp.get("/assignments/<int:assignment_id>")
@guards.asks(Action.SEE_ASSIGNMENT)
def assignment(assignment_id: int) -> str:
    """One project as a page: what it is for, its steps, what to send and by when."""
    found = db.get_or_404(Assignment, assignment_id)
    guards.require(Action.SEE_ASSIGNMENT, found.place)
    now = clock.now()
    works = [
        work
        for work in reading.work_of(current_user.id, frozenset({found.cohort_id}), now)
        if work.assignment.id == found.id
    ]
    number = db.session.scalar(
        db.select(Revision.number).join(Cohort, Cohort.revision_id == Revision.id).where(Cohort.id == found.cohort_id)
    )
    brief = reading.brief_at(found.project_id, number, _variant())
    if brief is None or not works:
        return render_template("projects/gone.html", assignment=found)
    if found.cohort_id in guards.actor().learns_in:
        brief.sections = margins.written(brief.page_id, brief.sections, frozenset({found.cohort_id}))
    team = reading.mates_of(found, current_user.id) if found.work != "alone" else ("", [], [])
    return render_template(
        "projects/assignment.html",
        assignment=found,
        work=works[0],
        brief=brief,
        team=team,
        now=now,
        listed=listed,
        is_learner=found.cohort_id in guards.actor().learns_in,
    )


def _deliverable(deliverable_id: int) -> Deliverable:
    found = db.get_or_404(Deliverable, deliverable_id)
    guards.require(Action.SUBMIT_WORK, found.place)
    return found


@bp.route("/deliverables/<int:deliverable_id>/submit", methods=["GET", "POST"])
@guards.asks(Action.SUBMIT_WORK)
def submit(deliverable_id: int) -> Response | str:
    """Step 1: what is sent. Whatever is typed or chosen is kept, even when something is refused."""
    found = _deliverable(deliverable_id)
    now, draft = clock.now(), services.draft_of(deliverable_id, current_user.id)
    form = HandInForm(obj=draft if request.method == "GET" else None)
    window = services.own_window(found.assignment, current_user.id, now)
    if request.method == "POST":
        is_sound = form.validate()
        uploads = [
            services.Upload(file.filename, file.read(rules.LARGEST_FILE + 1))
            for file in form.files.data or []
            if file and file.filename
        ]
        draft, refused = services.save_draft(
            found,
            current_user.id,
            now,
            text=form.text.data or "",
            link=form.link.data or "",
            repository=form.repository.data or "",
            note=form.note.data or "",
            uploads=uploads,
            removed=request.form.getlist("remove"),
        )
        for one in refused:
            form.refuse(wording.sentence(one), _field_of(one))
        if "keep" in request.form and not refused:
            flash(_("Votre brouillon est gardé."), "good")
            return redirect(url_for(".assignment", assignment_id=found.assignment_id))
        if request.form.getlist("remove") and not refused:
            return redirect(url_for(".submit", deliverable_id=found.id) + "#fichiers")
        if is_sound and not refused and _is_complete(form, found, draft, window, now):
            return redirect(url_for(".check", deliverable_id=found.id))
    return render_template(
        "projects/submit.html", form=form, deliverable=found, draft=draft, window=window, now=now, steps=STEPS
    )


def _field_of(error: rules.RuleBroken) -> str | None:
    if isinstance(error, (rules.FileRefused, rules.FileTooHeavy, rules.TooManyFiles)):
        return "files"
    return "text" if isinstance(error, rules.TextTooLong) else None


def _is_complete(form: HandInForm, deliverable: Deliverable, draft, window: rules.Window, now) -> bool:
    """Say beside its field what is still missing or wrong."""
    try:
        services.check_draft(deliverable, draft)
        if draft.repository:
            services.outbound.check_written(draft.repository)
        rules.timing(window, now)
    except rules.NothingToSend as lacking:
        form.refuse(wording.sentence(lacking), lacking.missing[0] if lacking.missing else None)
    except OutboundRefused as refused:
        form.refuse(
            wording.sentence(refused), "repository" if draft.repository and not _is_link_wrong(draft) else "link"
        )
    except rules.RuleBroken as broken:
        form.refuse(wording.sentence(broken))
    else:
        return True
    return False


def _is_link_wrong(draft) -> bool:
    if not draft.link:
        return False
    try:
        services.outbound.check_written(draft.link)
    except OutboundRefused:
        return True
    return False


@bp.route("/deliverables/<int:deliverable_id>/check", methods=["GET", "POST"])
@guards.asks(Action.SUBMIT_WORK)
def check(deliverable_id: int) -> Response | str:
    """Step 2: everything once more, then the button that sends."""
    found = _deliverable(deliverable_id)
    now, form = clock.now(), ConfirmForm()
    draft = services.draft_of(found.id, current_user.id)
    if request.method == "GET" and draft is None:
        return redirect(url_for(".submit", deliverable_id=found.id))
    if form.validate_on_submit():
        with form.refusals():
            commit = ""
            if draft is not None and draft.repository:
                try:
                    commit = services.find_commit(draft)
                except (GitFailed, OutboundRefused) as refused:
                    form.refuse(wording.sentence(refused))
                    return render_template(
                        "projects/check.html", form=form, deliverable=found, draft=draft, steps=STEPS, **_who(found)
                    )
            submission = services.submit_work(found, current_user, now, commit)
            return redirect(url_for(".receipt", submission_id=submission.id))
    return render_template("projects/check.html", form=form, deliverable=found, draft=draft, steps=STEPS, **_who(found))


def _who(deliverable: Deliverable) -> dict:
    assignment = deliverable.assignment
    name, mates, _drafts = reading.mates_of(assignment, current_user.id) if assignment.work != "alone" else ("", [], [])
    return {"team_name": name, "mates": mates}


def _submission(submission_id: int) -> Submission:
    found = db.get_or_404(Submission, submission_id)
    guards.require(Action.SEE_SUBMISSION, found.place)
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
    versions = reading.versions_of(found.deliverable_id, reader)
    chosen = services.chosen_version(found.deliverable_id, reader) or (versions[0][0].id if versions else None)
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
    brief = reading.brief_at(found.assignment.project_id, revision.number, _variant())
    return render_template("projects/as_read.html", submission=found, revision=revision, brief=brief, listed=listed)
