"""A period in a company: what the tutor says by a link, what a visit noted, and the papers made from them."""

from flask import abort, current_app, flash, redirect, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from popschool import clock
from popschool.attendance.models import CompanyPeriod
from popschool.auth import guards
from popschool.auth.rules import Action
from popschool.completion import labels_company
from popschool.completion import services_company as services
from popschool.completion.forms import ButtonForm
from popschool.completion.forms_company import VisitForm, evaluation_form, marks_in
from popschool.completion.routes_base import bp, enrolment_for
from popschool.completion.rules_company import How, Mark
from popschool.messages.rules import mail_text
from popschool.schools.models import Enrolment
from popschool.web import languages

WORDS = ("met", "tasks", "goes_well", "next_steps")


@bp.get("/enrolments/<int:enrolment_id>/company")
@guards.asks(Action.FOLLOW_COMPANY)
def place_company(enrolment_id: int) -> str:
    """The periods of somebody in companies: what the tutor said, the visits, and what to do next."""
    enrolment = enrolment_for(enrolment_id, Action.FOLLOW_COMPANY)
    return render_template(
        "completion/place_company.html",
        enrolment=enrolment,
        periods=services.periods_at(enrolment),
        told=services.told_of([enrolment.id])[enrolment.id],
        titles=services.competences_of(enrolment.cohort_id),
        words_company=labels_company,
        marks=Mark,
        how=How,
        form=ButtonForm(),
        today=clock.today(),
        may_issue=guards.allowed(Action.ISSUE_PAPER, enrolment.place),
    )


def _period(enrolment: Enrolment, period_id: int) -> CompanyPeriod:
    return next((one for one in services.periods_at(enrolment) if one.id == period_id), None) or abort(404)


@bp.post("/enrolments/<int:enrolment_id>/company/<int:period_id>/ask")
@guards.asks(Action.FOLLOW_COMPANY)
def ask_tutor(enrolment_id: int, period_id: int) -> Response:
    """Send the tutor the link to the evaluation, or show it to whoever will give it."""
    enrolment = enrolment_for(enrolment_id, Action.FOLLOW_COMPANY)
    period = _period(enrolment, period_id)
    secret = services.secret_of(period.id, enrolment.id)
    link = current_app.config["POPSCHOOL"].base_url + url_for(
        ".tutor_evaluation", period_id=period.id, enrolment_id=enrolment.id, secret=secret
    )
    with force_locale(languages.DEFAULT):  # a company is not written to in the language of whoever asks
        title = _("Votre avis sur le travail d'une personne")
        text = mail_text(
            _("Bonjour,"),
            _("Quelqu'un de notre école travaille chez vous depuis le %(day)s", day=languages.day(period.starts_on)),
            _("Dites-nous ce que cette personne sait faire. Cela prend cinq minutes. Il n'y a pas de compte à créer."),
            link,
            _("L'équipe de Pop School"),
        )
    if services.send_link(period, title, text, clock.now()):
        flash(_("Le lien est parti chez la personne qui suit le travail dans l'entreprise."), "good")
    else:
        flash(_("Donnez ce lien à la personne qui suit le travail dans l'entreprise : %(link)s", link=link), "good")
    return redirect(url_for(".place_company", enrolment_id=enrolment.id, _anchor="message"))


@bp.route("/company/<int:period_id>/<int:enrolment_id>/evaluation/<secret>", methods=["GET", "POST"])
@guards.public
def tutor_evaluation(period_id: int, enrolment_id: int, secret: str) -> Response | tuple[str, int] | str:
    """The tutor says what they saw of each competence: by this link, with no account. Said again, the last holds."""
    opened = services.opened_by(period_id, enrolment_id, secret, clock.today())
    if opened is None:
        return render_template("completion/no_evaluation.html"), 404
    period, enrolment = opened
    said = services.told_of([enrolment.id])[enrolment.id].evaluation_in(period.id)
    answer = _evaluated(period, enrolment, None, url_for(".tutor_thanks"), said.tutor_name if said else "")
    return answer if isinstance(answer, Response) else render_template("completion/evaluation.html", **answer)


@bp.get("/company/evaluation/thanks")
@guards.public
def tutor_thanks() -> str:
    return render_template("completion/evaluation_thanks.html")


@bp.route("/enrolments/<int:enrolment_id>/company/<int:period_id>/evaluation", methods=["GET", "POST"])
@guards.asks(Action.FOLLOW_COMPANY)
def note_evaluation(enrolment_id: int, period_id: int) -> Response | str:
    """The team writes down what the tutor told, by phone or on a visit: their name, and who noted it, are kept."""
    enrolment = enrolment_for(enrolment_id, Action.FOLLOW_COMPANY)
    period = _period(enrolment, period_id)
    back = url_for(".place_company", enrolment_id=enrolment.id, _anchor="message")
    answer = _evaluated(period, enrolment, current_user, back)
    if isinstance(answer, Response):
        flash(_("L'avis est gardé."), "good")
        return answer
    return render_template("completion/evaluation.html", **answer)


def _evaluated(period: CompanyPeriod, enrolment: Enrolment, by, after: str, name: str = "") -> Response | dict:
    """Keep an evaluation and return where to go, or return what its page shows."""
    competences = services.competences_of(enrolment.cohort_id)
    form, names = evaluation_form(competences, data={"tutor_name": name or period.tutor_name})
    if by is not None:
        form.tutor_name.label.text = _("Qui a donné cet avis")
    if form.validate_on_submit():
        with form.refusals("comment"):
            services.write_evaluation(
                period, enrolment, marks_in(form, names), form.comment.data or "", form.tutor_name.data, by,
                clock.now(), clock.today(),
            )  # fmt: skip
            return redirect(after)
    return {"period": period, "enrolment": enrolment, "form": form, "names": names, "is_noted": by is not None}


@bp.route("/enrolments/<int:enrolment_id>/company/<int:period_id>/visit", methods=["GET", "POST"])
@guards.asks(Action.FOLLOW_COMPANY)
def write_visit(enrolment_id: int, period_id: int) -> Response | str:
    """The report of a visit: when, whom, what the person does, what comes next."""
    enrolment = enrolment_for(enrolment_id, Action.FOLLOW_COMPANY)
    period = _period(enrolment, period_id)
    form = VisitForm(data={"how": How.THERE, "met": period.tutor_name})
    if form.validate_on_submit():
        with form.refusals("on"):
            words = {key: form[key].data or "" for key in WORDS}
            services.write_visit(
                period, enrolment, form.on.data, How(form.how.data), words, current_user, clock.now(), clock.today()
            )
            flash(_("Le compte rendu est gardé."), "good")
            return redirect(url_for(".place_company", enrolment_id=enrolment.id, _anchor="message"))
    return render_template("completion/visit.html", period=period, enrolment=enrolment, form=form)
