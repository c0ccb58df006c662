"""The blueprint of courses, and the words of its refusals."""

from flask import Blueprint
from flask_babel import gettext as _

from popschool.courses import rules, words
from popschool.web import wording

bp = Blueprint("courses", __name__)
bp.add_app_template_filter(words.said)

wording.say(
    rules.SourceNameTaken,
    lambda fact: _("Un autre cours s'appelle déjà « %(name)s ». Choisissez un autre nom court.", name=fact.name),
)
wording.say(
    rules.SourceNameUnreadable,
    lambda fact: _("Le nom court s'écrit en lettres minuscules, chiffres et tirets. Exemple : cours-web"),
)
wording.say(
    rules.SourceUnknown,
    lambda fact: _("Aucun cours ne s'appelle « %(name)s ». Regardez la liste des cours.", name=fact.name),
)
wording.say(
    rules.SyncUnderWay,
    lambda fact: _("Le cours « %(name)s » est déjà en train d'être lu. Attendez une minute.", name=fact.name),
)
wording.say(
    rules.PageChanged,
    lambda fact: _("Cette page a changé dans le dépôt pendant que vous écriviez. Regardez les deux textes."),
)
wording.say(
    rules.PageNotWritable,
    lambda fact: _(
        "« %(path)s » ne peut pas être écrit ici. Choisissez un fichier qui finit par « .md », de moins de 300 ko.",
        path=fact.path,
    ),
)
wording.say(
    rules.PreviewNameUnreadable,
    lambda fact: _("Écrivez le nom d'une branche, ou le numéro entier d'un commit (40 signes)."),
)
