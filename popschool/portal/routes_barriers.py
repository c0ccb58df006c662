"""Somebody says what keeps them out of a page: a person of the school hears of it, and answers within a week."""

from hashlib import sha256

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from popschool import clock
from popschool.auth import guards, services
from popschool.auth.rules import Action
from popschool.db import db, transaction
from popschool.messages.services import tell
from popschool.portal.routes_base import bp
from popschool.schools.models import Person
from popschool.web.forms import Form


class BarrierForm(Form):
    """What happens, and where."""

    what = TextAreaField(_l("Qu'est-ce qui vous bloque ?"), [InputRequired(), Length(max=2000)])
    where = StringField(_l("Sur quelle page ?"), [InputRequired(), Length(max=300)])


@bp.route("/accessibility/report", methods=["GET", "POST"])
@guards.asks(Action.SEE_OWN_NOTICES)
def barrier() -> Response | str:
    """Say what keeps one out; the disability contact hears of it, and the person has a receipt."""
    guards.require(Action.SEE_OWN_NOTICES)
    form = BarrierForm()
    if form.validate_on_submit():
        report(db.session.get_one(Person, current_user.id), form.what.data.strip(), form.where.data.strip())
        flash(_("C'est envoyé. Une personne de l'école vous répond en une semaine."), "good")
        return redirect(url_for("web.accessibility"))
    return render_template("portal/barrier.html", form=form)


def report(person: Person, what: str, where: str) -> None:
    """Tell who answers, and whoever said it. Sent twice within a day, it is told once."""
    now = clock.now()
    key = f"barrier/{person.id}/{now:%Y%m%d}/{sha256((what + where).encode()).hexdigest()[:16]}"
    reach = person.mail or person.phone or person.learner_number
    body = _l(
        "Page : %(where)s\n\n%(what)s\n\nSignalé par %(name)s, %(reach)s. Répondez en une semaine.",
        where=where, what=what, name=person.name, reach=reach,
    )  # fmt: skip
    with transaction():
        for one in services.read_contacts(person.home_school_id):
            tell(one, kind="barrier", title=_l("Un problème d'accessibilité est signalé"), body=body,
                 in_mail=_l("Quelqu'un est bloqué sur une page. Son message vous attend. Répondez en une semaine."),
                 url=url_for("messages.mine"), now=now, key=f"{key}/{one.id}")  # fmt: skip
        tell(person, kind="barrier_sent", title=_l("Votre message sur l'accessibilité est arrivé"),
             body=_l("Une personne de l'école vous répond en une semaine."), url=url_for("web.accessibility"),
             now=now, key=key)  # fmt: skip
