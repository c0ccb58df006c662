"""The words of what is decided by two people: where a proposal stands, what a role gives, what is refused."""

from flask_babel import gettext as _

from popschool.auth import rules_decisions as rules
from popschool.auth import services_rights
from popschool.auth.models_decisions import Proposal
from popschool.auth.rules import Role
from popschool.auth.rules_decisions import Way
from popschool.auth.said import SAID, Said
from popschool.auth.words import ROLES
from popschool.web import languages
from popschool.web.wording import say


def state(proposal: Proposal) -> str:
    """Say where a proposal stands."""
    if proposal.answer is None:
        return _("Attend une réponse")
    way = rules.way_of(proposal.answer.is_accepted, proposal.answer.by_id, proposal.by_id)
    return {
        Way.CONFIRMED: _("Confirmée"), Way.REFUSED: _("Refusée"), Way.TAKEN_BACK: _("Retirée")
    }[way]  # fmt: skip


def _right(proposal: Proposal) -> Said:
    role = ROLES[Role(proposal.facts["role"])]
    name = proposal.person.name
    return Said(
        _("Donner le rôle « %(role)s » à %(name)s", role=role, name=name),
        _("%(name)s a ce rôle tout de suite. Si c'est sa première venue, son invitation part.", name=name),
        f"/people/{proposal.person_id}",
    )


SAID[services_rights.KIND] = _right
say(
    rules.SecondPersonNeeded,
    lambda fact: _("Le rôle « %(role)s » se donne à deux. Une personne le propose, une autre le confirme.",
                   role=ROLES[fact.role]),
)  # fmt: skip
say(rules.OwnProposal, lambda fact: _("Une autre personne que vous doit confirmer cette demande."))
say(
    rules.AnsweredAlready,
    lambda fact: _("Cette demande a déjà sa réponse, depuis le %(moment)s.", moment=languages.moment(fact.at)),
)
say(rules.WhyMissing, lambda fact: _("Écrivez pourquoi vous refusez : la personne doit le savoir."))
say(
    rules.NobodyElse,
    lambda fact: _("Personne d'autre ne peut confirmer cette demande. Il faut une autre personne responsable du "
                   "réseau. Demandez à la personne qui tient le serveur de l'inviter. Sa commande : "
                   "popschool people invite, l'adresse mail, --role network_manager. "
                   "Puis faites votre demande une nouvelle fois."),
)  # fmt: skip
