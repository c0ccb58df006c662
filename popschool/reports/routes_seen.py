"""What a funder or an auditor sees: by their account, or by a link without one. Each look is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import checking, services_papers
from popschool.completion.models_papers import Document
from popschool.db import transaction
from popschool.reports import services_doors as doors
from popschool.reports import services_questions as questions
from popschool.reports import services_seen as services
from popschool.reports.forms import TextForm
from popschool.reports.models import Door
from popschool.reports.routes_base import bp
from popschool.reports.routes_lists import table_sent
from popschool.reports.rules_doors import DoorKind
from popschool.web.paging import LINES, Page, offset, page_number

Answer = Response | tuple[str, int] | str


@dataclass(frozen=True)
class Entered:
    """A door that somebody came in by: with their account, or with the secret of its link."""

    door: Door
    secret: str = ""

    def to(self, page: str, **given: Any) -> str:
        """Return the address of another page behind the same door."""
        if self.secret:
            return url_for(f".link_{page}", secret=self.secret, **given)
        return url_for(f".door_{page}", door_id=self.door.id, **given)

    @property
    def is_audit(self) -> bool:
        return self.door.kind == DoorKind.AUDITOR


def held(door_id: int) -> Entered:
    """Return the door of the account here; 404 for anybody else's."""
    door = doors.read_door(door_id) or abort(404)
    guards.require(Action.SEE_DOOR, door.place)
    return Entered(door)


def linked(secret: str) -> Entered | None:
    door = doors.door_at(secret)
    return Entered(door, secret) if door is not None else None


def through(entered: Entered | None, show: Callable[..., Answer], *about: int | str) -> Answer:
    """Show a page behind a door that is open; say that it is shut otherwise."""
    if entered is None:
        return render_template("reports/no_door.html", ended=None), 404
    if not doors.is_open(entered.door, clock.today()):
        return render_template("reports/no_door.html", ended=entered.door), 410
    return show(entered, *about)


@bp.get("/doors")
@guards.asks(Action.SEE_OWN_DOORS)
def mine() -> Answer:
    """The doors of a funder's or an auditor's account; the only one opens at once."""
    guards.require(Action.SEE_OWN_DOORS)
    found = doors.doors_held(current_user.id, clock.today())
    if len(found) == 1:
        return redirect(url_for(".door_board", door_id=found[0].id))
    return render_template("reports/my_doors.html", doors=found)


@bp.get("/doors/<int:door_id>")
@guards.asks(Action.SEE_DOOR)
def door_board(door_id: int) -> Answer:
    """The figures and the people that an account sees."""
    return through(held(door_id), _board)


@bp.get("/d/<secret>")
@guards.public
def link_board(secret: str) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _board)


def _board(entered: Entered) -> str:
    door, today = entered.door, clock.today()
    sums = services.figures_of(door, today)
    number = page_number(request.args.get("page"), sums.entered)
    lines = services.people_of(door, today, offset(number), LINES, sums.entered)
    doors.note_look(door, "board", clock.now())
    return render_template(
        "reports/seen_board.html",
        entered=entered,
        door=door,
        sums=sums,
        page=Page(lines, number, sums.entered),
        questions=services.questions_of(door),
    )


@bp.get("/doors/<int:door_id>/documents")
@guards.asks(Action.SEE_DOOR)
def door_documents(door_id: int) -> Answer:
    """The documents that an account sees, with their proof."""
    return through(held(door_id), _documents)


@bp.get("/d/<secret>/documents")
@guards.public
def link_documents(secret: str) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _documents)


def _documents(entered: Entered) -> str:
    number = page_number(request.args.get("page"))
    found, total = services.documents_of(entered.door, offset(number), LINES)
    if not found and number > 1:
        number = 1
        found, total = services.documents_of(entered.door, 0, LINES)
    doors.note_look(entered.door, "documents", clock.now())
    return render_template(
        "reports/seen_documents.html",
        entered=entered,
        door=entered.door,
        page=Page(found, number, total),
        end_of=services_papers.end_of,
    )


@bp.route("/doors/<int:door_id>/people/<int:enrolment_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_DOOR)
def door_person(door_id: int, enrolment_id: int) -> Answer:
    """One person: their hours, their documents, what is asked about them."""
    return through(held(door_id), _person, enrolment_id)


@bp.route("/d/<secret>/people/<int:enrolment_id>", methods=["GET", "POST"])
@guards.public
def link_person(secret: str, enrolment_id: int) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _person, enrolment_id)


def _person(entered: Entered, enrolment_id: int) -> Answer:
    door = entered.door
    seen = services.person_of(door, enrolment_id, clock.today()) or abort(404)
    form = TextForm()
    if form.validate_on_submit():
        with form.refusals("text"):
            questions.ask(door, seen.row.enrolment, None, form.text.data, clock.now())
            flash(_("C'est envoyé. L'école répond sur cette page."), "good")
            return redirect(entered.to("person", enrolment_id=enrolment_id, _anchor="message"))
    doors.note_look(door, "person", clock.now(), seen.row.enrolment.person_id, enrolment=enrolment_id)
    found, _total = services.documents_of(door, 0, LINES, enrolment_id)
    return render_template(
        "reports/seen_person.html",
        entered=entered,
        door=door,
        seen=seen,
        documents=found,
        end_of=services_papers.end_of,
        questions=services.questions_of(door, enrolment_id),
        form=form,
    )


@bp.route("/doors/<int:door_id>/documents/<int:document_id>", methods=["GET", "POST"])
@guards.asks(Action.SEE_DOOR)
def door_document(door_id: int, document_id: int) -> Answer:
    """One document: what it says, whether it holds, what proves it, what is asked about it."""
    return through(held(door_id), _document, document_id)


@bp.route("/d/<secret>/documents/<int:document_id>", methods=["GET", "POST"])
@guards.public
def link_document(secret: str, document_id: int) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _document, document_id)


def _document(entered: Entered, document_id: int) -> Answer:
    door, found = entered.door, _shown(entered, document_id)
    form = TextForm()
    if found.enrolment is not None and form.validate_on_submit():
        with form.refusals("text"):
            questions.ask(door, found.enrolment, found, form.text.data, clock.now())
            flash(_("C'est envoyé. L'école répond sur cette page."), "good")
            return redirect(entered.to("document", document_id=found.id, _anchor="message"))
    doors.note_look(door, "document", clock.now(), found.person_id, document=found.id)
    return render_template(
        "reports/seen_document.html",
        entered=entered,
        door=door,
        document=found,
        said=found.content.content if found.content else None,
        is_sound=checking.is_sound(found),
        ended=services_papers.end_of(found),
        proofs=services_papers.proofs_of(found),
        questions=services.questions_of(door, document_id=found.id),
        form=form,
        table_at=lambda kind: entered.to("table", document_id=found.id, kind=kind),
    )


@bp.get("/doors/<int:door_id>/documents/<int:document_id>.pdf")
@guards.asks(Action.SEE_DOOR)
def door_paper(door_id: int, document_id: int) -> Answer:
    """The file of a document."""
    return through(held(door_id), _paper, document_id)


@bp.get("/d/<secret>/documents/<int:document_id>.pdf")
@guards.public
def link_paper(secret: str, document_id: int) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _paper, document_id)


def _paper(entered: Entered, document_id: int) -> Response:
    found = _shown(entered, document_id)
    if found.paper is None:
        abort(404)
    people = [found.person_id] if found.person_id is not None else []
    with transaction():
        doors.note_look(entered.door, "paper", clock.now(), found.person_id, document=found.id)
        guards.note_export("document", found, people=people, number=found.number, door=entered.door.id)
    return send_file(
        storage.open(found.paper.hash),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{found.number}.pdf",
        max_age=0,
    )


@bp.get("/doors/<int:door_id>/documents/<int:document_id>/table.<kind>")
@guards.asks(Action.SEE_DOOR)
def door_table(door_id: int, document_id: int, kind: str) -> Answer:
    """The table of a list, for a spreadsheet."""
    return through(held(door_id), _table, document_id, kind)


@bp.get("/d/<secret>/documents/<int:document_id>/table.<kind>")
@guards.public
def link_table(secret: str, document_id: int, kind: str) -> Answer:
    """The same, by a link."""
    return through(linked(secret), _table, document_id, kind)


def _table(entered: Entered, document_id: int, kind: str) -> Response:
    found = _shown(entered, document_id)
    with transaction():
        doors.note_look(entered.door, "table", clock.now(), document=found.id)
        return table_sent(found, kind, door=entered.door.id)


def _shown(entered: Entered, document_id: int) -> Document:
    return services.document_of(entered.door, document_id) or abort(404)
