"""Jobs of messages: the one message of the day, what waits for a second person, and the answer."""

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from popschool import clock
from popschool.auth import services_decisions
from popschool.auth.said import said
from popschool.db import transaction
from popschool.messages import services
from popschool.messages.services import tell


def tell_proposal(proposal_id: int) -> None:
    """Tell those who may confirm a proposal. Again, it tells nobody twice."""
    proposal, now = services_decisions.proposal_at(proposal_id), clock.now()
    if proposal is None or proposal.answer is not None:
        return
    with transaction():
        for person in services_decisions.deciders(proposal, clock.today()):
            tell(
                person,
                kind="proposal",
                title=_l("Une demande attend votre réponse"),
                body=LazyString(lambda: said(proposal).title),
                in_mail=_l("Une personne demande quelque chose qui se fait à deux. Confirmez, ou refusez."),
                url=f"/decisions/{proposal.id}",
                now=now,
                key=f"proposal/{proposal.id}/{person.id}",
            )


def tell_answer(proposal_id: int) -> None:
    """Tell whoever made a proposal what was answered."""
    proposal = services_decisions.proposal_at(proposal_id)
    if proposal is None or proposal.answer is None:
        return
    is_accepted = proposal.answer.is_accepted
    with transaction():
        tell(
            proposal.by,
            kind="proposal_answer",
            title=_l("Votre demande est confirmée") if is_accepted else _l("Votre demande est refusée"),
            body=LazyString(lambda: said(proposal).title),
            in_mail=_l("La réponse vous attend sur le site."),
            url=f"/decisions/{proposal.id}",
            now=clock.now(),
            key=f"proposal-answer/{proposal.id}",
        )


def tell_of_the_day(person_id: int) -> None:
    """Send somebody the one message of the day that they asked for."""
    services.tell_of_the_day(person_id, clock.now())
