"""Pages of the shell itself: help, the map of the site, comfort."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import refresh
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from popschool.auth import guards
from popschool.db import db, transaction
from popschool.web import comfort, languages, navigation, visitor
from popschool.web.accessibility import State, Status, grid, standing
from popschool.web.forms import Form

bp = Blueprint("web", __name__)


class ComfortForm(Form):
    """How pages look and read."""

    theme = RadioField(
        _l("Les couleurs"),
        choices=[
            SelectChoice("", _l("Comme mon téléphone")),
            SelectChoice("light", _l("Claires")),
            SelectChoice("dark", _l("Sombres")),
        ],
        default="",
    )
    text = RadioField(
        _l("La taille du texte"),
        choices=[
            SelectChoice("", _l("Normale")),
            SelectChoice("2", _l("Grande")),
            SelectChoice("3", _l("Très grande")),
        ],
        default="",
    )
    space = RadioField(
        _l("L'espace entre les lettres et les mots"),
        choices=[SelectChoice("", _l("Normal")), SelectChoice("1", _l("Plus d'espace"))],
        default="",
    )
    simple = RadioField(
        _l("Quand une page a une version simple"),
        choices=[
            SelectChoice("", _l("Montrer d'abord la version complète")),
            SelectChoice("1", _l("Montrer d'abord la version simple")),
        ],
        default="",
    )
    listen = RadioField(
        _l("Écouter une page : le téléphone la lit à voix haute"),
        choices=[
            SelectChoice("", _l("Le proposer sur les pages longues")),
            SelectChoice("1", _l("Le proposer sur toutes les pages")),
            SelectChoice("off", _l("Ne pas le proposer")),
        ],
        default="",
    )
    motion = RadioField(
        _l("Les petits mouvements, quand vous appuyez"),
        choices=[SelectChoice("", _l("Comme mon téléphone")), SelectChoice("off", _l("Aucun mouvement"))],
        default="",
    )
    keys = RadioField(
        _l("Les raccourcis du clavier, avec une seule lettre"),
        choices=[SelectChoice("", _l("Les garder")), SelectChoice("off", _l("Les enlever"))],
        default="",
    )
    language = RadioField(
        _l("La langue"), choices=[SelectChoice(code, name) for code, name in languages.NAMES.items()], default="fr"
    )


@bp.route("/comfort", methods=["GET", "POST"])
@guards.public
def comfort_page() -> Response | str:
    """Choose how pages look, signed in or not. ?language=en shows this page in English before anything is kept."""
    chosen = comfort.read(request)
    form = ComfortForm(data=chosen.as_dict() | {"language": languages.code()})
    if form.validate_on_submit():
        return _keep(comfort.Comfort.of(form.data), url_for("web.comfort_page"))
    return render_template("web/comfort.html", form=form, tags=languages.TAGS)


@bp.get("/phone")
@guards.public
def phone() -> str:
    """Say what this device keeps, and what it has not sent yet. Its script fills it in: the server cannot know."""
    return render_template("web/phone.html")


THEMES = (
    _l("Images"), _l("Cadres"), _l("Couleurs"), _l("Multimédia"), _l("Tableaux"), _l("Liens"), _l("Scripts"),
    _l("Éléments obligatoires"), _l("Structure"), _l("Présentation"), _l("Formulaires"), _l("Navigation"),
    _l("Consultation"),
)  # fmt: skip
STATES = {
    State.FULLY: _l("totalement conforme"),
    State.PARTLY: _l("partiellement conforme"),
    State.NOT: _l("non conforme"),
}
STATUSES = {
    Status.MET: _l("respecté"),
    Status.NOT_MET: _l("non respecté"),
    Status.NOT_APPLICABLE: _l("sans objet"),
    Status.NOT_LOOKED_AT: _l("à vérifier"),
}


ANSWERS = {navigation.DISABILITY, navigation.SCHOOL, navigation.NETWORK}


@bp.get("/accessibility")
@guards.public
def accessibility() -> str:
    """Declare where we stand with the RGAA, as the law words it, from the grid."""
    criteria = grid()
    found = standing(criteria)
    return render_template(
        "web/accessibility.html",
        found=found,
        state=STATES[found.state],
        counts=found.counts,
        failing=[one for one in criteria if one.status is Status.NOT_MET],
        may_answer=bool(visitor.roles() & ANSWERS),
    )


@bp.get("/accessibility/criteria")
@guards.public
def accessibility_grid() -> str:
    """The whole grid."""
    themes = [(name, [one for one in grid() if one.theme == number]) for number, name in enumerate(THEMES, start=1)]
    return render_template("web/accessibility_grid.html", themes=themes, words=STATUSES)


@bp.get("/help")
@guards.public
def help_page() -> str:
    """Say who helps, and how."""
    return render_template("web/help.html", learns="learner" in visitor.roles())


@bp.get("/site-map")
@guards.public
def site_map() -> str:
    """List every page that this person can reach from the menu."""
    return render_template("web/site_map.html", entries=navigation.links(visitor.roles()))


def _keep(chosen: comfort.Comfort, address: str) -> Response:
    person = visitor.person()
    if person is not None:
        with transaction():
            person.preferences = {name: value for name, value in chosen.as_dict().items() if name != "language"}
            person.language = chosen.language or person.language
            db.session.add(person)
    g.comfort = chosen
    refresh()
    flash(_("C'est fait. Vos pages ont changé."), "good")
    return comfort.write(redirect(address), chosen, secure=request.is_secure)
