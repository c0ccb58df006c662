"""What the school does not allow of doors and questions, in words."""

from flask_babel import gettext as _

from popschool.reports import rules_board
from popschool.reports import rules_doors as rules
from popschool.web import languages, wording

wording.say(rules.PayerMissing, lambda fact: _("Choisissez le financeur. Ajoutez-le d'abord s'il manque."))
wording.say(rules.DoorEndMissing, lambda fact: _("Dites quel jour la porte ferme."))
wording.say(
    rules.DoorTooLong,
    lambda fact: _("Choisissez un jour à venir, au plus tard le %(day)s pour un lien.", day=languages.day(fact.most)),
)
wording.say(rules.NoPeriod, lambda fact: _("Dites le premier et le dernier jour à montrer, dans cet ordre."))
wording.say(
    rules.HolderMissing,
    lambda fact: _("Aucun compte de ce genre n'a cette adresse. Demandez au réseau de l'inviter, ou faites un lien."),
)
wording.say(rules.DoorClosed, lambda fact: _("Cette porte est déjà fermée."))
wording.say(rules.QuestionEmpty, lambda fact: _("Écrivez quelques mots."))
wording.say(
    rules_board.EmptyBoard,
    lambda fact: _("Personne n'a un jour entre ces dates, avec ces choix. Changez les dates, ou enlevez un choix."),
)
wording.say(
    rules_board.HoursDisagree,
    lambda fact: _(
        "Les heures ne s'additionnent pas : il faut les recompter. Cela touche : %(names)s.",
        names=", ".join(fact.names),
    ),
)
