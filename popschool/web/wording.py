"""The words of each refusal: what happened, then what to do. Features say theirs; this file only keeps them."""

from collections.abc import Callable
from typing import TypeVar

from flask_babel import gettext as _

from popschool import locked
from popschool.errors import RuleBroken

Fact = TypeVar("Fact", bound=RuleBroken)
WORDS: dict[type, Callable[[RuleBroken], str]] = {}


def say(fact: type[Fact], words: Callable[[Fact], str]) -> None:
    """Keep the words of a fact: a function of the error that gives a sentence in the language of the page."""
    WORDS[fact] = words


def sentence(fact: RuleBroken) -> str:
    """Return the sentence of a fact, or of the nearest fact that it is a kind of."""
    for kind in type(fact).__mro__:
        if kind in WORDS:
            return WORDS[kind](fact)
    return _("L'école ne permet pas cela. Demandez à votre équipe de formation.")


say(
    locked.LockedAway,
    lambda fact: _(
        "Ces réponses sont sous clé, et la clé %(key)s n'est pas sur ce serveur. Rien n'est perdu. "
        "Demandez à la personne qui tient le serveur de la remettre.",
        key=fact.key_id,
    ),
)
say(
    locked.KeysMissing,
    lambda fact: _(
        "Ces réponses sont sous clé, et le fichier des clés n'est pas sur ce serveur. Rien n'est perdu. "
        "Demandez à la personne qui tient le serveur de le remettre."
    ),
)
say(
    locked.KeysUnreadable,
    lambda fact: _(
        "Ces réponses sont sous clé, et le fichier des clés est abîmé. Rien n'est perdu. "
        "Demandez à la personne qui tient le serveur de remettre sa copie."
    ),
)
