"""The registers of a school: which there are, what is missing in each, their lines, and the paper of one."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import services_papers
from popschool.completion.models_papers import Document
from popschool.db import db
from popschool.registers import labels, rules
from popschool.registers import paper as papers
from popschool.registers import services_house as house
from popschool.registers import services_surveys as surveys
from popschool.registers.forms import PaperForm
from popschool.registers.routes_base import (
    Listing,
    Shown,
    address_of,
    asked,
    bp,
    day_asked,
    filters_asked,
    register_named,
    school_for,
    state_tag,
)
from popschool.registers.rules import ENDS, OF_A_PLACE, Register, State
from popschool.registers.services import listed
from popschool.registers.services_missing import missing
from popschool.schools.models import School
from popschool.web.languages import day
from popschool.web.paging import LINES, Page, offset, page_number


@bp.get("/schools/<int:school_id>/registers")
@guards.asks(Action.MANAGE_REGISTERS)
def school_registers(school_id: int) -> str:
    """The registers of a school, and what is missing in each."""
    school = school_for(school_id)
    return render_template("registers/registers.html", school=school, missing=missing(school.id, clock.today()))


@bp.get("/schools/<int:school_id>/registers/<name>")
@guards.asks(Action.MANAGE_REGISTERS)
def register(school_id: int, name: str) -> str:
    """The lines of a register, the last first, with what narrows them."""
    school, which = school_for(school_id), register_named(name)
    number = page_number(request.args.get("page"))
    listing = _listing(school, which, number)
    if not listing.page.lines and number > 1:
        listing = _listing(school, which, 1)
    return render_template(
        "registers/register.html", school=school, register=which, listing=listing, kept=filters_asked(), new=_new(which)
    )


def _new(which: Register) -> str | None:
    """Return the page that adds a line; an interview is written from the file of its person."""
    pages = {Register.RULES: "house_rules", Register.SURVEYS: "open_survey"}
    return None if which in OF_A_PLACE else pages.get(which, "write_record")


def _listing(school: School, which: Register, number: int) -> Listing:
    first = offset(number)
    if which is Register.RULES:
        return _receipts(school, number, first)
    if which is Register.SURVEYS:
        found, total = surveys.surveys_of(school.id, asked(), first, LINES)
        lines = [_survey(one) for one in found]
        return Listing([_l("Enquête"), _l("Auprès de"), _l("Jours"), _l("Réponses")], Page(lines, number, total))
    records, total = listed(which, school.id, asked(), clock.today(), first, LINES)
    lines = [_record(which, one) for one in records]
    states = [(str(one), labels.STATES[one]) for one in State if one in labels.STATES] if which in ENDS else []
    return Listing(_heads(which), Page(lines, number, total), states)


def _heads(which: Register) -> list[Any]:
    if which in OF_A_PLACE:
        return [_l("Personne"), _l("Promo"), _l("Le jour"), labels.field(which, rules.SHOWN[which])]
    if which is Register.COMPLAINTS:
        return [_l("Réclamation"), _l("Qui se plaint"), _l("Reçue le"), _l("Répondre avant le")]
    return [_l("Amélioration"), _l("Qui s'en occupe"), _l("Décidée le"), _l("Pour le")]


def _record(which: Register, line: Any) -> Shown:
    record = line.record
    said = record.facts.get(rules.SHOWN[which], "")
    short = said if len(said) <= 90 else f"{said[:89].rstrip()}…"
    address = address_of(record.line_id)
    if which in OF_A_PLACE:
        return Shown(address, record.enrolment.person.name, [record.enrolment.cohort.code, day(record.on), short])
    who = labels.choice("who", record.facts.get("who", "")) if which is Register.COMPLAINTS else record.owner.name
    return Shown(address, short, [who, day(record.on), day(record.due_on)], state_tag(line.state))


def _survey(line: surveys.SurveyLine) -> Shown:
    days = _("du %(first)s au %(last)s", first=day(line.opens_on), last=day(line.closes_on))
    answers = _("%(done)s sur %(asked)s", done=line.answered, asked=line.asked)
    of, page = (labels.AUDIENCES[line.audience], ".outside_survey") if line.audience else (line.cohort, ".survey")
    return Shown(url_for(page, survey_id=line.id), line.title, [of, days, answers])


def _receipts(school: School, number: int, first: int) -> Listing:
    heads = [_l("Personne"), _l("Promo"), _l("Signé le")]
    states = [(house.UNSIGNED, _l("pas encore signé")), (house.SIGNED, _l("signé"))]
    text = house.last_rules(school.id)
    found, total = house.receipts(text, asked(), clock.today(), first, LINES) if text else ([], 0)
    lines = [
        Shown(
            url_for(".place_records", enrolment_id=one.enrolment.id),
            one.enrolment.person.name,
            [one.enrolment.cohort.code, day(one.receipt.at) if one.receipt else ""],
            (_l("signé"), "good") if one.receipt else (_l("pas encore signé"), "warn"),
        )
        for one in found
    ]
    return Listing(heads, Page(lines, number, total), states, has_days=False)


@bp.route("/schools/<int:school_id>/registers/<name>/paper", methods=["GET", "POST"])
@guards.asks(Action.MANAGE_REGISTERS)
def paper(school_id: int, name: str) -> Response | str:
    """The paper of a register as it would be made, between two days; then it is made, and kept."""
    school, which, today = school_for(school_id), register_named(name), clock.today()
    last = min(day_asked("last") or today, today)
    first = day_asked("first") or last.replace(month=1, day=1)
    first = min(first, last)
    content = papers.content_of(school, which, first, last, today)
    replaces = _replaced(school, which, request.args.get("replaces", type=int))
    seen = services_papers.fingerprint(content)
    form = PaperForm(data={"seen": seen})
    if form.validate_on_submit():
        if form.seen.data != seen:
            form.refuse(_("Les faits ont changé depuis que vous avez ouvert cette page. Relisez le papier."))
        else:
            with form.refusals("reason" if replaces else None):
                made = papers.issue(
                    school, which, (first, last), content, current_user, clock.now(), replaces, form.reason.data or ""
                )
                flash(_("Le papier %(number)s est fait.", number=made.number), "good")
                return redirect(url_for("completion.document", document_id=made.id, _anchor="message"))
        form.seen.data = seen
    return render_template(
        "registers/paper.html", school=school, register=which, said=content, form=form, first=first, last=last,
        replaces=replaces,
    )  # fmt: skip


def _replaced(school: School, which: Register, document_id: int | None) -> Document | None:
    found = db.session.get(Document, document_id) if document_id else None
    kind = rules.PAPERS[which]
    return found if found and found.school_id == school.id and found.kind == kind else None
