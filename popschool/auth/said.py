"""What is proposed, as it is said to who reads it: each feature says its own kinds."""

from collections.abc import Callable
from dataclasses import dataclass

from popschool.auth.models_decisions import Proposal


@dataclass(frozen=True)
class Said:
    """A proposal in words: a title, and what a confirmation does. `url` leads to the thing."""

    title: str
    effect: str
    url: str = ""


SAID: dict[str, Callable[[Proposal], Said]] = {}


def said(proposal: Proposal) -> Said:
    return SAID[proposal.kind](proposal)
