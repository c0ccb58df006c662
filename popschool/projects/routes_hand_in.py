"""Handing in, by steps: what is sent, everything once more, then the button that sends."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.db import db
from popschool.errors import RuleBroken
from popschool.git import GitFailed
from popschool.outbound import OutboundRefused
from popschool.projects import rules, rules_files, services, services_drafts
from popschool.projects import services_reading as reading
from popschool.projects.forms import HandInForm, SendForm
from popschool.projects.models import Deliverable, Draft, Submission
from popschool.projects.routes_base import STEPS, bp
from popschool.projects.services_windows import own_window
from popschool.web import wording


def _deliverable(deliverable_id: int) -> Deliverable:
    found = db.get_or_404(Deliverable, deliverable_id, options=[joinedload(Deliverable.assignment)])
    guards.require(Action.SUBMIT_WORK, found.place)
    return found


@bp.route("/deliverables/<int:deliverable_id>/submit", methods=["GET", "POST"])
@guards.asks(Action.SUBMIT_WORK)
def submit(deliverable_id: int) -> Response | str:
    """Step 1: what is sent. Whatever is typed or chosen is kept, even when something is refused.

    A new version begins with what the last one held, so that nothing has to be written twice.
    """
    found = _deliverable(deliverable_id)
    now, draft = clock.now(), services_drafts.draft_of(deliverable_id, current_user.id)
    last = services_drafts.last_version(found, current_user.id) if draft is None else None
    form = HandInForm() if request.method == "POST" else _filled_in(draft, last)
    window = own_window(found.assignment, current_user.id)
    if request.method == "POST":
        is_sound = form.validate()
        draft, refused = _keep(found, form, now, last)
        for one in refused:
            form.refuse(wording.sentence(one), _field_of(one))
        if "keep" in request.form and not refused:
            flash(_("Votre brouillon est gardé."), "good")
            return redirect(url_for(".assignment", assignment_id=found.assignment_id))
        if request.form.getlist("remove") and not refused:
            return redirect(url_for(".submit", deliverable_id=found.id) + "#fichiers")
        if is_sound and not refused and _is_ready(form, found, draft, now):
            return redirect(url_for(".check", deliverable_id=found.id))
    return render_template(
        "projects/submit.html",
        form=form,
        deliverable=found,
        draft=draft,
        basis=last if draft is None else None,
        files=draft.files if draft is not None else services_drafts.files_of(last) if last is not None else [],
        window=window,
        now=now,
        steps=STEPS,
    )


def _filled_in(draft: Draft | None, last: Submission | None) -> HandInForm:
    if draft is not None or last is None:
        return HandInForm(obj=draft)
    return HandInForm(data={"basis": last.id, "text": last.text, "link": last.link, "repository": last.repository})


def _keep(
    deliverable: Deliverable, form: HandInForm, now: datetime, last: Submission | None
) -> tuple[Draft, list[RuleBroken]]:
    is_basis = last is not None and form.basis.data == str(last.id)
    return services_drafts.save_draft(
        deliverable,
        current_user.id,
        now,
        text=form.text.data or "",
        link=form.link.data or "",
        repository=form.repository.data or "",
        note=form.note.data or "",
        uploads=[_upload(file) for file in form.files.data or [] if file and file.filename],
        removed=request.form.getlist("remove"),
        basis=last if is_basis else None,
    )


def _upload(file: FileStorage) -> services_drafts.Upload:
    """Read a file no further than what can be kept, and learn how large it really is."""
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    return services_drafts.Upload(file.filename or "", file.stream.read(rules_files.LARGEST_FILE + 1), size)


def _field_of(error: RuleBroken) -> str | None:
    if isinstance(error, rules_files.FileRefused | rules_files.FileTooHeavy | rules_files.TooManyFiles):
        return "files"
    if isinstance(error, rules.TextTooLong):
        return "note" if error.most == rules.LONGEST_NOTE else "text"
    return None


def _is_ready(form: HandInForm, deliverable: Deliverable, draft: Draft, now: datetime) -> bool:
    """Say beside its field what is still missing or wrong; note where the repository stands."""
    try:
        services_drafts.check_draft(deliverable, draft)
        services.check_taken(deliverable.assignment, current_user.id, now)
        services_drafts.find_commit(draft, now)
    except rules.NothingToSend as lacking:
        form.refuse(wording.sentence(lacking), lacking.missing[0])
    except OutboundRefused as refused:
        form.refuse(wording.sentence(refused), "link" if _is_refused(draft.link) else "repository")
    except GitFailed as failed:
        form.refuse(wording.sentence(failed), "repository")
    except RuleBroken as broken:
        form.refuse(wording.sentence(broken))
    else:
        return True
    return False


def _is_refused(link: str) -> bool:
    return bool(link) and services_drafts.refusal_of(link) is not None


@bp.route("/deliverables/<int:deliverable_id>/check", methods=["GET", "POST"])
@guards.asks(Action.SUBMIT_WORK)
def check(deliverable_id: int) -> Response | str:
    """Step 2: everything once more, then the button that sends."""
    found = _deliverable(deliverable_id)
    now, form = clock.now(), SendForm()
    draft = services_drafts.draft_of(found.id, current_user.id)
    if request.method == "GET" and draft is None:
        return redirect(url_for(".submit", deliverable_id=found.id))
    if form.validate_on_submit():
        with form.refusals():
            if draft is not None and draft.key == form.key.data:
                services_drafts.find_commit(draft, now)
            sent = services.submit_work(found, current_user, now, form.key.data or "")
            return redirect(url_for(".receipt", submission_id=sent.id))
        draft = services_drafts.draft_of(found.id, current_user.id)
    form.key.data = draft.key if draft is not None else ""
    team_name, mates = "", []
    if found.assignment.work != "alone":
        team_name, mates, _drafts = reading.mates_of(found.assignment, current_user.id)
    return render_template(
        "projects/check.html",
        form=form,
        deliverable=found,
        draft=draft,
        steps=STEPS,
        team_name=team_name,
        mates=mates,
        window=own_window(found.assignment, current_user.id),
        now=now,
    )
