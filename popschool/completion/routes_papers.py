"""Documents: what can be made for a cohort, one seen before it is issued, then kept, sent, replaced or revoked."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock, storage
from popschool.attendance.models_sheets import Sheet
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import rules_papers, services_sending, words
from popschool.completion import services_batches as batches
from popschool.completion import services_papers as services
from popschool.completion.forms import ButtonForm, ReplaceForm, RevokeForm
from popschool.completion.models_papers import Document, DocumentBatch
from popschool.completion.routes_base import bp, cohort_for, enrolment_for, kind_of, months_of, period
from popschool.completion.rules_papers import OF_A_PERSON, Anomaly, PaperKind, What
from popschool.completion.services_facts import CohortFacts, PersonFacts, cohort_row
from popschool.completion.services_figures import years_held
from popschool.db import db
from popschool.projects.models import Submission
from popschool.schools.models import Cohort


@bp.get("/cohorts/<int:cohort_id>/papers")
@guards.asks(Action.SEE_COHORT_PAPERS)
def papers(cohort_id: int) -> str:
    """The documents of a cohort: what can be made, what keeps each one back, what was made."""
    row = cohort_row(cohort_id, clock.today()) or abort(404)
    cohort = row.Cohort
    guards.require(Action.SEE_COHORT_PAPERS, cohort.place)
    kind = kind_of(request.args.get("kind", PaperKind.CERTIFICATE))
    if kind not in OF_A_PERSON:
        abort(404)
    first, last = period(cohort)
    _of, found = services.previews(cohort, kind, first, last, clock.today(), row=row)
    shared = rules_papers.shared([one.anomalies for one in found if one.facts.issued is None])
    return render_template(
        "completion/papers.html",
        cohort=cohort,
        shared=shared,
        mend=lambda anomaly: mending(anomaly, found[0], of_cohort=True),
        kind=kind,
        kinds=services.COMPOSERS,
        first=first,
        last=last,
        months=months_of(cohort),
        found=found,
        waiting=[one for one in found if one.facts.issued is None],
        ready=[one for one in found if one.is_ready and one.facts.issued is None],
        may_issue=guards.allowed(Action.ISSUE_PAPER, cohort.place),
        form=ButtonForm(),
        batches=batches.last_of(cohort.id),
    )


@bp.post("/cohorts/<int:cohort_id>/papers/<kind>")
@guards.asks(Action.ISSUE_PAPER)
def issue_all(cohort_id: int, kind: str) -> Response:
    """Ask for every document that is ready, in the background."""
    cohort = cohort_for(cohort_id, Action.ISSUE_PAPER)
    if kind_of(kind) not in services.COMPOSERS:
        abort(404)
    first, last = period(cohort)
    batch = batches.ask(cohort, kind_of(kind), first, last, current_user, clock.now(), clock.today())
    return redirect(url_for(".batch", batch_id=batch.id, _anchor="message"))


@bp.get("/paper-batches/<int:batch_id>")
@guards.asks(Action.SEE_COHORT_PAPERS)
def batch(batch_id: int) -> str:
    """How far the documents of a cohort are, then the archive of them all."""
    found = _batch(batch_id)
    return render_template("completion/batch.html", batch=found, kind=PaperKind(found.kind))


@bp.get("/paper-batches/<int:batch_id>.zip")
@guards.asks(Action.SEE_COHORT_PAPERS)
def archive(batch_id: int) -> Response:
    found = _batch(batch_id)
    if not found.archive_hash:
        abort(404)
    guards.require_proof()
    guards.note_export("documents", found, people=batches.people_of(found), rows=len(found.documents))
    return send_file(
        storage.open(found.archive_hash),
        mimetype="application/zip",
        as_attachment=True,
        download_name=f"{found.cohort.code}-{found.kind}-{found.asked_at:%Y%m%d}.zip",
        max_age=0,
    )


def _batch(batch_id: int) -> DocumentBatch:
    found = db.get_or_404(DocumentBatch, batch_id)
    guards.require(Action.SEE_COHORT_PAPERS, found.place)
    return found


@bp.route("/enrolments/<int:enrolment_id>/papers/<kind>", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def preview(enrolment_id: int, kind: str) -> Response | str:
    """A document as it would be issued, what is wrong with it and where to mend it; then it is issued."""
    enrolment = enrolment_for(enrolment_id, Action.ISSUE_PAPER)
    if kind_of(kind) not in services.COMPOSERS:
        abort(404)
    first, last = period(enrolment.cohort)
    _of, found = services.previews(enrolment.cohort, kind_of(kind), first, last, clock.today(), enrolment.id)
    share_id = request.args.get("share", type=int)
    chosen = next((one for one in found if share_id in (None, one.facts.share.id if one.facts.share else None)), None)
    if chosen is None:
        abort(404)
    replaces = _replaced(enrolment.cohort, request.args.get("replaces", type=int))
    form = ReplaceForm(data={"seen": services.seen(chosen)})
    if form.validate_on_submit():
        if form.seen.data != services.seen(chosen):
            form.refuse(_("Les faits ont changé depuis que vous avez ouvert cette page. Relisez le papier."))
        else:
            with form.refusals("reason" if replaces else None):
                document = services.issue(chosen, current_user, clock.now(), replaces, form.reason.data or "")
                flash(_("Le papier %(number)s est fait.", number=document.number), "good")
                return redirect(url_for(".document", document_id=document.id, _anchor="message"))
        form.seen.data = services.seen(chosen)
    return render_template(
        "completion/preview.html",
        enrolment=enrolment,
        kind=kind_of(kind),
        found=found,
        one=chosen,
        said=chosen.content,
        form=form,
        replaces=replaces,
        first=first,
        last=last,
        mend=lambda anomaly: mending(anomaly, chosen),
    )


def _replaced(cohort: Cohort, document_id: int | None) -> Document | None:
    found = db.session.get(Document, document_id) if document_id else None
    return found if found is not None and found.cohort_id == cohort.id else None


def mending(anomaly: Anomaly, one: services.Preview, of_cohort: bool = False) -> tuple[str, str] | None:
    """Return the address at which an anomaly is mended, for one person or the cohort, and the words of its link."""
    return mending_of(anomaly, one.facts.of, None if of_cohort else one.facts)


def mending_of(anomaly: Anomaly, of: CohortFacts, facts: PersonFacts | None) -> tuple[str, str] | None:
    """Return where an anomaly is mended; `facts` are the person's whose it is, nobody's when it is the cohort's."""
    return _of_a_person(anomaly, facts) if facts and anomaly.what not in OF_THE_SCHOOL else _of_a_cohort(anomaly, of)


OF_THE_SCHOOL = rules_papers.OF_THE_COHORT - {What.FUNDING_MISSING} | {What.COMPANY_NOT_SIGNED, What.TUTOR_MISSING}


def _of_a_cohort(anomaly: Anomaly, of: CohortFacts) -> tuple[str, str] | None:
    what, school_id, cohort_id = anomaly.what, of.cohort.school_id, of.cohort.id
    if what is What.FUNDING_MISSING:
        return url_for(".fundings", school_id=school_id), _("Voir qui paie")
    if what is What.SIGNATORY_MISSING:
        return url_for(".signatory", school_id=school_id), _("Dire qui signe")
    if what is What.NETWORK_PAPERS_MISSING:
        return url_for("schools.school", school_id=school_id), _("Voir les papiers de l'école")
    if what in (What.WEEKS_NOT_SEALED, What.TITLES_DIFFER):
        return url_for("attendance.sheets", cohort_id=cohort_id), _("Voir les feuilles de la promo")
    if what in (What.COMPANY_NOT_SIGNED, What.COMPANY_MISSING, What.TUTOR_MISSING):
        return url_for("attendance.company_periods", cohort_id=cohort_id), _("Voir les périodes en entreprise")
    if what is What.OBJECTIVES_MISSING:
        return url_for(".training_action", cohort_id=cohort_id), _("Écrire les objectifs")
    return None


def _of_a_person(anomaly: Anomaly, facts: PersonFacts) -> tuple[str, str] | None:
    what = anomaly.what
    if what is What.HALF_DAYS_MISSING:
        month = anomaly.facts["days"][0].strftime("%Y-%m") if anomaly.facts["days"] else ""
        return url_for("attendance.person", person_id=facts.person.id, month=month), _("Voir ces séances")
    if what in (What.HOURS_OVER_AGREED, What.FUNDING_MISSING, What.EMPLOYER_MISSING):
        return url_for(".place_funding", enrolment_id=facts.enrolment.id), _("Voir qui paie cette place")
    if what in (What.NOT_CONFIRMED, What.RULE_CHANGED, What.MONTHLY_ASKED) and facts.share:
        return url_for(".funding", funding_id=facts.share.funding_id), _("Voir les règles de la convention")
    if what is What.MOTIVES_REFUSED and facts.share:
        school_id, funder_id = facts.enrolment.school_id, facts.share.funding.funder_id
        return url_for(".funder_codes", school_id=school_id, funder_id=funder_id), _("Voir ce que ce financeur accepte")
    if what is What.ALREADY_ISSUED:
        return url_for(".document", document_id=anomaly.facts["id"]), _("Voir ce papier")
    if what in (What.EVALUATION_MISSING, What.VISIT_MISSING):
        return url_for(".place_company", enrolment_id=facts.enrolment.id), _("Voir la période en entreprise")
    if what is What.NAME_MISSING:
        return url_for("schools.person", person_id=facts.person.id), _("Voir cette personne")
    return None


def document_for(document_id: int, action: Action) -> Document:
    found = services.read_document(document_id)
    if found is None:
        abort(404)
    guards.require(action, found.place)
    return found


@bp.get("/documents/<int:document_id>")
@guards.asks(Action.SEE_PAPER)
def document(document_id: int) -> str:
    """A document as it was issued, on a page; its file, its proofs, and what happened to it since."""
    found = document_for(document_id, Action.SEE_PAPER)
    ended = services.end_of(found)
    may_issue = guards.allowed(Action.ISSUE_PAPER, found.place)
    return render_template(
        "completion/document.html",
        document=found,
        kind=PaperKind(found.kind),
        said=found.content.content if found.content else None,
        ended=ended,
        newer=services.replaced_by(found) if ended is not None and ended.what == "replaced" else None,
        proofs=services.proofs_of(found),
        may_issue=may_issue,
        report_years=years_held(found.starts_on, found.ends_on) if may_issue and found.enrolment_id else [],
        may_see_sheets=guards.allowed(Action.SEE_SHEETS, found.place),
        is_mine=found.person_id == current_user.id,
        form=ButtonForm(),
        board_at=lambda: _board_address(found),
        table_at=lambda kind: url_for("reports.document_table", document_id=found.id, kind=kind),
    )


def _board_address(found: Document) -> str:
    """Return the page of the board that a paper was made from, with its days and its choices."""
    said = found.content.content["chosen"] if found.content else {}
    kept = {"first": found.starts_on, "last": found.ends_on} | {key: value for key, value in said.items() if value}
    if found.cohort_id is not None:
        return url_for("reports.cohort_board", cohort_id=found.cohort_id, first=found.starts_on, last=found.ends_on)
    if found.kind == PaperKind.BOARD:
        return url_for("reports.school_board", school_id=found.school_id, **kept)
    return url_for("reports.boards", **kept)


@bp.get("/documents/<int:document_id>.pdf")
@guards.asks(Action.SEE_PAPER)
def file(document_id: int) -> Response:
    found = document_for(document_id, Action.SEE_PAPER)
    if found.paper is None:
        abort(404)
    guards.note_export("document", found, people=services.people_named(found), number=found.number)
    return send_file(
        storage.open(found.paper.hash),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{found.number}.pdf",
        max_age=0,
    )


@bp.post("/documents/<int:document_id>/send")
@guards.asks(Action.ISSUE_PAPER)
def send(document_id: int) -> Response:
    """Tell the person that their document is on their page."""
    found = document_for(document_id, Action.ISSUE_PAPER)
    services_sending.send(found, _title(found), current_user, clock.now())
    flash(_("C'est envoyé. La personne voit aussi ce papier sur sa page."), "good")
    return redirect(url_for(".document", document_id=found.id, _anchor="message"))


def _title(found: Document) -> Any:
    return words.PAPERS[PaperKind(found.kind)]


@bp.route("/documents/<int:document_id>/revoke", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def revoke(document_id: int) -> Response | str:
    """Say that a document no longer holds, with a reason that those who check it read."""
    found = document_for(document_id, Action.ISSUE_PAPER)
    guards.require_proof()
    form = RevokeForm()
    if form.validate_on_submit():
        with form.refusals("reason"):
            services.revoke(found, current_user, form.reason.data or "", clock.now())
            flash(_("Ce papier n'est plus valable. Il reste lisible, avec le motif."), "good")
            return redirect(url_for(".document", document_id=found.id, _anchor="message"))
    return render_template("completion/revoke.html", document=found, kind=PaperKind(found.kind), form=form)


@bp.get("/my/papers")
@guards.asks(Action.SEE_OWN_PAPERS)
def mine() -> str:
    """A person's own documents."""
    guards.require(Action.SEE_OWN_PAPERS)
    return render_template(
        "completion/mine.html",
        documents=services.documents_of(current_user.id),
        ends=services.end_of,
    )


@bp.get("/submissions/<int:submission_id>/papers")
@guards.asks(Action.SEE_SUBMISSION)
def of_work(submission_id: int) -> str:
    """The documents that a work is in. One's own alone, of a work made together."""
    found = db.get_or_404(Submission, submission_id)
    guards.require(Action.SEE_SUBMISSION, found.place)
    is_mine = current_user.id in found.place.people
    made = services.documents_from("submission", found.id)
    return render_template(
        "completion/of_work.html",
        submission=found,
        documents=[one for one in made if not is_mine or one.person_id == current_user.id],
        ends=services.end_of,
    )


@bp.get("/sheets/<int:sheet_id>/papers")
@guards.asks(Action.SEE_SHEETS)
def of_sheet(sheet_id: int) -> str:
    """The documents that were made from a sheet: the chain read forwards."""
    found = db.get_or_404(Sheet, sheet_id)
    guards.require(Action.SEE_SHEETS, found.place)
    return render_template(
        "completion/of_sheet.html",
        sheet=found,
        documents=services.documents_from("sheet", found.id),
        ends=services.end_of,
    )
