"""The yearly report: what the rows say, what is typed, its controls, its copy; a school's, then the network's."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import paper_report, rules_figures, rules_report, services_papers, words_report
from popschool.completion import services_figures as services
from popschool.completion.forms import ReplaceForm
from popschool.completion.forms_report import FiguresForm, IdentityForm
from popschool.completion.models_papers import Document
from popschool.completion.routes_base import bp, school_for
from popschool.completion.rules_figures import Control, Wrong
from popschool.completion.rules_papers import PaperKind
from popschool.completion.services_report import is_known, years_of
from popschool.db import db
from popschool.schools.models import School
from popschool.spreadsheets import Table
from popschool.web.tables import form_named, sent


def _year(school: School, year: int) -> int:
    """Return a year whose report may be opened; 404 for another."""
    return year if is_known(school, year, clock.today()) else abort(404)


def _shown(years: list[int], one: services.Report) -> list[int]:
    """Return the years that a page leads to: the next one too, once its financial year has begun."""
    _check_begun(one)
    today = clock.today()
    begun = rules_report.exercise(today.year + 1, one.filled.identity.first_month)[0] <= today
    return [today.year + 1, *years] if begun else years


@bp.get("/schools/<int:school_id>/report/<int:year>")
@guards.asks(Action.MANAGE_FUNDING)
def report(school_id: int, year: int) -> str:
    """A school's part of the bilan pédagogique et financier, to be copied into the official form."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    one = services.of_school(school, _year(school, year), clock.today())
    return render_template(
        "completion/report.html",
        school=school,
        year=year,
        years=_shown(years_of(school, clock.today()), one),
        one=one,
        paper=paper_report,
        rules=rules_report,
        figures=rules_figures,
        words_report=words_report,
        mend=lambda control: _mending(control, school, year),
        at=lambda name, **given: url_for(f".{name}", **{"school_id": school.id, "year": year} | given),
        table_at=lambda kind: url_for(".report_table", school_id=school.id, year=year, kind=kind),
    )


def _mending(control: Control, school: School, year: int) -> tuple[str, str] | None:
    """Return the page that mends what a control says, and the words of its link."""
    if control.what is Wrong.NO_LINE:
        return url_for(".fundings", school_id=school.id), _("Voir qui paie")
    if control.what is Wrong.NO_SPECIALITY:
        return url_for("schools.school", school_id=school.id), _("Voir les promos de l'école")
    if control.what in (Wrong.YEAR_OPEN, Wrong.IDENTITY_MISSING, Wrong.TOTALS_DIFFER, Wrong.HOURS_DISAGREE):
        return None
    return url_for(".report_figures", school_id=school.id, year=year), _("Écrire les montants")


@bp.get("/schools/<int:school_id>/report/<int:year>.<kind>")
@guards.asks(Action.MANAGE_FUNDING)
def report_table(school_id: int, year: int, kind: str) -> Response:
    """The same for a spreadsheet."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    one = services.of_school(school, _year(school, year), clock.today())
    return _table(one, school, year, school.code, kind)


def _table(one: services.Report, place: School | None, year: int, name: str, kind: str) -> Response:
    table = Table(f"bpf {year}", services.COLUMNS, paper_report.rows(one.filled))
    return sent(
        table,
        form_named(kind),
        f"bpf-{name}-{year}",
        lambda rows: guards.note_export("report", place, school_id=place.id if place else None, year=year, rows=rows),
    )


@bp.route("/schools/<int:school_id>/report/<int:year>/figures", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_FUNDING)
def report_figures(school_id: int, year: int) -> Response | str:
    """The euros of a year, which accountants know, and who taught or learnt elsewhere. A change is another version."""
    school = school_for(school_id, Action.MANAGE_FUNDING)
    versions = services.versions_of(school.id, _year(school, year))
    form = FiguresForm(data=versions[0].figures if versions else {})
    if form.validate_on_submit():
        figures = {key: form[key].data for key in rules_figures.OF_A_SCHOOL}
        services.say_figures(school.id, year, figures, current_user, clock.now())
        flash(_("Les montants sont gardés."), "good")
        return redirect(url_for(".report", school_id=school.id, year=year, _anchor="message"))
    return render_template(
        "completion/report_figures.html",
        school=school,
        year=year,
        form=form,
        versions=versions,
        rules=rules_figures,
        back=url_for(".report", school_id=school.id, year=year),
    )


@bp.route("/schools/<int:school_id>/report/<int:year>/paper", methods=["GET", "POST"])
@guards.asks(Action.ISSUE_PAPER)
def report_paper(school_id: int, year: int) -> Response | str:
    """The copy as it would be issued, and what keeps it back; then it is issued, and kept."""
    school = school_for(school_id, Action.ISSUE_PAPER)
    one = services.of_school(school, _year(school, year), clock.today())
    return _paper(one, school, lambda control: _mending(control, school, year))


def _paper(one: services.Report, school: School | None, mend: Callable) -> Response | str:
    """Show the copy of a report, a school's or the network's, and issue it."""
    _check_begun(one)
    content = services.content_of(one, school, clock.today())
    replaces = _replaced(school, request.args.get("replaces", type=int))
    seen = services_papers.fingerprint(content)
    form = ReplaceForm(data={"seen": seen})
    if form.validate_on_submit():
        if form.seen.data != seen:
            form.refuse(_("Les faits ont changé depuis que vous avez ouvert cette page. Relisez le papier."))
        else:
            with form.refusals("reason" if replaces else None):
                made = services.issue(one, school, content, current_user, clock.now(), replaces, form.reason.data or "")
                flash(_("Le papier %(number)s est fait.", number=made.number), "good")
                return redirect(url_for(".document", document_id=made.id, _anchor="message"))
        form.seen.data = seen
    return render_template(
        "completion/report_paper.html",
        school=school,
        year=one.filled.year,
        one=one,
        said=content,
        form=form,
        issued=one.issued,
        replaces=replaces,
        words_report=words_report,
        mend=mend,
    )


def _check_begun(one: services.Report) -> None:
    """404 for a financial year that has not begun."""
    if one.filled.period[0] > clock.today():
        abort(404)


def _replaced(school: School | None, document_id: int | None) -> Document | None:
    found = db.session.get(Document, document_id) if document_id else None
    if found is None or school is None:
        return found if found and found.kind == PaperKind.NETWORK else None
    return found if found.school_id == school.id and found.kind == PaperKind.REPORT else None


def _of_network(year: int) -> int:
    guards.require(Action.SEE_NETWORK)
    return year if is_known(None, year, clock.today()) else abort(404)


@bp.get("/network/report/<int:year>")
@guards.asks(Action.SEE_NETWORK)
def network_report(year: int) -> str:
    """The report of the whole network: what its schools followed and typed, added up."""
    today = clock.today()
    one = services.of_network(_of_network(year), today)
    return render_template(
        "completion/report.html",
        school=None,
        year=year,
        years=_shown(list(range(today.year, today.year - 3, -1)), one),
        one=one,
        paper=paper_report,
        rules=rules_report,
        figures=rules_figures,
        words_report=words_report,
        mend=lambda control: _mending_of_network(control, year),
        at=lambda name, **given: url_for(f".{name.replace('report', 'network_report', 1)}", **{"year": year} | given),
        table_at=lambda kind: url_for(".network_report_table", year=year, kind=kind),
    )


def _mending_of_network(control: Control, year: int) -> tuple[str, str] | None:
    if control.what is Wrong.IDENTITY_MISSING:
        return url_for(".network_report_figures", year=year), _("Dire qui fait le bilan")
    return None if control.what is Wrong.YEAR_OPEN else (url_for("schools.network"), _("Voir les écoles"))


@bp.route("/network/report/<int:year>/paper", methods=["GET", "POST"])
@guards.asks(Action.SEE_NETWORK)
def network_report_paper(year: int) -> Response | str:
    """The copy of the whole network's report, as it would be issued; then it is issued, and kept."""
    one = services.of_network(_of_network(year), clock.today())
    return _paper(one, None, lambda control: _mending_of_network(control, year))


@bp.get("/network/report/<int:year>.<kind>")
@guards.asks(Action.SEE_NETWORK)
def network_report_table(year: int, kind: str) -> Response:
    """The same for a spreadsheet."""
    return _table(services.of_network(_of_network(year), clock.today()), None, year, "reseau", kind)


@bp.route("/network/report/<int:year>/figures", methods=["GET", "POST"])
@guards.asks(Action.SEE_NETWORK)
def network_report_figures(year: int) -> Response | str:
    """What the network says of itself in frames A, C and H. It holds for the next years, until it says otherwise."""
    versions = services.versions_of(None, _of_network(year))
    said = versions[0].figures if versions else services.identity_of(year)
    form = IdentityForm(data=said)
    if form.validate_on_submit():
        figures = {key: (form[key].data or "").strip() for key in rules_figures.OF_THE_NETWORK}
        services.say_figures(None, year, figures, current_user, clock.now())
        flash(_("C'est gardé."), "good")
        return redirect(url_for(".network_report", year=year, _anchor="message"))
    return render_template(
        "completion/report_figures.html",
        school=None,
        year=year,
        form=form,
        versions=versions,
        rules=rules_figures,
        back=url_for(".network_report", year=year),
    )
