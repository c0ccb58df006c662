"""Sending a document to the person that it is about: a notice on their page, and its twin."""

from datetime import datetime
from typing import Any

from popschool.completion.models_papers import Document
from popschool.completion.services_papers import act, chain_name, check_holds
from popschool.db import transaction
from popschool.messages import services as messages
from popschool.schools.models import Person


def send(document: Document, title: Any, by: Person, now: datetime) -> None:
    """Tell a person that their document is there; it is written down. Raises AlreadyRevoked."""
    person = document.person
    assert person is not None, "a document of a cohort is sent to nobody"
    with transaction(lock=chain_name(document.school_id)):
        check_holds(document)
        messages.tell(
            person, kind="document", title=title, body=document.number, url=f"/documents/{document.id}", now=now
        )
        act(document, "sent", by.id, now, to=person.id)
