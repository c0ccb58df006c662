"""How each person wants their pages: chosen before signing in or after, and found again on every page."""

import pytest

from popschool.db import db
from tests.factories import make_learner

CHOSEN = {
    "theme": "dark", "text": "3", "space": "1", "simple": "1", "listen": "1", "motion": "off", "keys": "off",
    "language": "fr",
}  # fmt: skip
SHOWN = ("theme", "text", "space", "listen", "motion", "keys")


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_what_is_chosen_is_on_the_next_page(client, log_in, is_signed_in):
    person = make_learner()
    if is_signed_in:
        log_in(person)

    client.post("/comfort", data=CHOSEN)

    page = client.get("/help").text
    for name in SHOWN:
        assert f'data-{name}="{CHOSEN[name]}"' in page
    db.session.expire_all()
    assert person.preferences == ({name: CHOSEN[name] for name in CHOSEN if name != "language"} if is_signed_in else {})


def test_a_cookie_that_was_tampered_with_chooses_nothing(client):
    client.set_cookie("comfort", "theme=%22%3E%3Cscript%3E&listen=yes&motion=2&text=3")

    page = client.get("/help").text

    assert '<html lang="fr" data-text="3">' in page
