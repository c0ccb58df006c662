"""Lists for funders as the school keeps them: asked for, read, approved or refused; and each table as a file."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import services_funding, services_papers
from popschool.completion.models import Funding
from popschool.completion.models_papers import Document
from popschool.db import db
from popschool.reports import labels_lists, words_lists
from popschool.reports import services_due as services
from popschool.reports import services_lists as lists
from popschool.reports.forms import ButtonForm
from popschool.reports.forms_lists import NOW, ApproveForm, ListForm, RefuseForm
from popschool.reports.models_lists import ReportDue, ReportSchedule
from popschool.reports.routes_base import bp
from popschool.reports.rules_lists import Listed, Rhythm, first_turn
from popschool.schools.models import School
from popschool.web.paging import LINES, Page, offset, page_number
from popschool.web.tables import form_named, sent

SHOWN = 50


@bp.context_processor
def _words() -> dict[str, Any]:
    return {"list_words": labels_lists, "said_wrong": words_lists.wrong, "told_once": words_lists.told_once}


def _school(school_id: int) -> School:
    school = db.get_or_404(School, school_id)
    guards.require(Action.ISSUE_PAPER, school.place)
    return school


@bp.get("/schools/<int:school_id>/lists")
@guards.asks(Action.ISSUE_PAPER)
def school_lists(school_id: int) -> str:
    """The lists that wait for a manager, those decided, and those that come back."""
    school = _school(school_id)
    number = page_number(request.args.get("page"))
    found, total = services.due_of(school.id, offset(number), LINES)
    return render_template(
        "reports/lists.html",
        school=school,
        page=Page(found, min(number, max(1, -(-total // LINES))), total),
        schedules=services.schedules_of(school.id),
        form=ButtonForm(),
    )


@bp.route("/schools/<int:school_id>/lists/new", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def ask_list(school_id: int) -> Response | str:
    """Ask for a list of some days, now or on a day, once or again."""
    school = _school(school_id)
    form = ListForm()
    fundings = {one.funding.id: one.funding for one in services_funding.fundings_of(school.id)}
    form.agreement.choices = [SelectChoice(key, _named(one)) for key, one in fundings.items()]
    if form.validate_on_submit():
        with form.refusals():
            return redirect(_ask(school, form, fundings[form.agreement.data]))
    return render_template("reports/ask_list.html", school=school, form=form)


def _named(funding: Funding) -> str:
    return ", ".join(one for one in (funding.funder.name, funding.agreement) if one)


def _ask(school: School, form: ListForm, funding: Funding) -> str:
    """Do what the form says, and return the page that shows it. The state of hours is of a whole funder."""
    listed = Listed(form.listed.data)
    only = funding if listed is Listed.INVOICE else None
    first, last, now = form.first.data, form.last.data, clock.now()
    if form.rhythm.data == NOW:
        due = services.ask(school, listed, funding.funder, only, first, last, current_user, now)
        return url_for(".due_list", due_id=due.id)
    rhythm = Rhythm(form.rhythm.data)
    turn = first_turn(form.on.data or clock.today(), first, last, rhythm, clock.today())
    services.schedule(school, listed, funding.funder, only, rhythm, turn, current_user, now)
    flash(_("C'est noté. La liste attendra votre accord, ici."), "good")
    return url_for(".school_lists", school_id=school.id, _anchor="message")


@bp.post("/list-schedules/<int:schedule_id>/end")
@guards.asks(Action.ISSUE_PAPER)
def end_list(schedule_id: int) -> Response:
    """Prepare a list no more."""
    one = db.get_or_404(ReportSchedule, schedule_id)
    guards.require(Action.ISSUE_PAPER, one.place)
    services.end_schedule(one, current_user, clock.now())
    flash(_("Cette liste ne reviendra plus. Celles qui attendent restent."), "good")
    return redirect(url_for(".school_lists", school_id=one.school_id, _anchor="message"))


def _due(due_id: int) -> ReportDue:
    due = services.read_due(due_id) or abort(404)
    guards.require(Action.ISSUE_PAPER, due.place)
    return due


@bp.route("/lists/<int:due_id>", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def due_list(due_id: int) -> Response | str:
    """A list as it would be issued, and what keeps it back; then it is issued, and its funder is told."""
    due = _due(due_id)
    before = services.issued_before(due) if due.decided_at is None else None
    form = ApproveForm(data={"seen": due.seen})
    if form.validate_on_submit():
        with form.refusals("reason" if before else None):
            document = services.approve(
                due, form.seen.data or "", current_user, clock.now(), clock.today(), form.reason.data or ""
            )
            flash(_("La liste est acceptée. Le papier %(number)s est fait.", number=document.number), "good")
            return redirect(url_for("completion.document", document_id=document.id, _anchor="message"))
        form.seen.data = due.seen
    return render_template(
        "reports/due_list.html",
        due=due,
        form=form,
        before=before,
        said=_shortened(due.content) if due.content else None,
        listed=Listed(due.listed),
        lines=len(due.table["rows"]),
        shown=SHOWN,
    )


def _shortened(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a list says with its first lines alone: a page is not as long as a file."""
    blocks = [one | {"rows": one["rows"][:SHOWN]} if one["t"] == "table" else one for one in content["blocks"]]
    return content | {"blocks": blocks}


@bp.post("/lists/<int:due_id>/prepare")
@guards.asks(Action.ISSUE_PAPER)
def prepare_again(due_id: int) -> Response:
    """Have a list that waits made again, once what was wrong is mended."""
    due = _due(due_id)
    if due.decided_at is None:
        services.prepare(due, clock.now(), clock.today())
        flash(_("La liste dit les faits de maintenant."), "good")
    return redirect(url_for(".due_list", due_id=due.id, _anchor="message"))


@bp.route("/lists/<int:due_id>/refuse", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def refuse_list(due_id: int) -> Response | str:
    """Refuse a list, and say why."""
    due = _due(due_id)
    form = RefuseForm()
    if form.validate_on_submit():
        with form.refusals("reason"):
            services.refuse(due, form.reason.data or "", current_user, clock.now())
            flash(_("La liste est refusée. Personne ne la recevra."), "good")
            return redirect(url_for(".school_lists", school_id=due.school_id, _anchor="message"))
    return render_template("reports/refuse_list.html", due=due, form=form, listed=Listed(due.listed))


@bp.get("/documents/<int:document_id>/table.<kind>")
@guards.asks(Action.SEE_PAPER)
def document_table(document_id: int, kind: str) -> Response:
    """The table of a list as it was issued, for a spreadsheet."""
    document = db.get_or_404(Document, document_id, options=[joinedload(Document.content)])
    guards.require(Action.SEE_PAPER, document.place)
    return table_sent(document, kind)


def table_sent(document: Document, kind: str, **facts: Any) -> Response:
    """Return the table that a document was issued with, and write down who takes it; 404 for one without a table."""
    form, table = form_named(kind), lists.table_of(document) or abort(404)
    people = services_papers.people_named(document)

    def note(rows: int) -> None:
        guards.note_export("list", document, people=people, number=document.number, form=str(form), rows=rows, **facts)

    return sent(table, form, document.number, note)
