"""How each person wants their pages: chosen before signing in or after, and found again on every page."""

import re
from datetime import UTC, datetime

import pytest
from flask_babel import force_locale

from popschool.attendance.statements import statement, statement_version
from popschool.clock import PARIS
from popschool.db import db
from popschool.web import filters, languages
from popschool.web.assets import gathered
from tests.factories import make_half_day, make_learner

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


@pytest.mark.parametrize(
    ("language", "root", "words"),
    [
        ("ar", 'lang="ar" dir="rtl"', "ترجمة آلية"),
        ("fa", 'lang="fa-AF" dir="rtl"', "ترجمهٔ ماشینی"),
        ("uk", 'lang="uk"', "Автоматичний переклад"),
        ("tr", 'lang="tr"', "Otomatik çeviri"),
        ("pt", 'lang="pt"', "Tradução automática"),
    ],
)
def test_a_page_made_by_machine_says_so_and_one_without_translation_is_in_french(client, language, root, words):
    client.set_cookie("comfort", f"language={language}")

    made, untouched = client.get("/sign-in").text, client.get("/accessibility").text

    assert f"<html {root}" in made
    assert '<html lang="fr"' in untouched
    assert f'<p class="note note--quiet" lang="{root.split(chr(34))[1]}" dir="auto">{words}' in untouched
    assert words in made
    assert "<h1>Accessibilité" in untouched


def test_no_browser_is_given_a_machine_translation_that_nobody_chose(client):
    assert '<html lang="fr"' in client.get("/sign-in", headers={"Accept-Language": "ar,uk"}).text


def test_what_is_signed_stays_in_a_language_that_a_person_wrote(app, now):
    half_day, person = make_half_day(), make_learner()
    with app.test_request_context(), force_locale("ar"):
        assert languages.day(half_day.on).startswith("الاثنين")
        assert "Je participe à la séance" in statement(half_day, person)
        assert statement_version().endswith("-fr")


def test_a_shared_device_can_be_named_on_each_way_in(client):
    for way in ("/sign-in", "/sign-in/password", "/sign-in/passkey"):
        assert 'name="shared"' in client.get(way).text


def test_the_stylesheet_says_where_lines_begin_and_never_left_or_right():
    sides = re.compile(r"(?<![\w-])(?:left|right):|(?:margin|padding|border)-(?:left|right)|text-align:(?:left|right)")
    uneven = re.compile(r"(?:margin|padding):[^\s;}]+ ([^\s;}]+) [^\s;}]+ (?!\1[;}])[^\s;}]+[;}]")

    rules = gathered()["style.css"].plain.decode().split("}")
    found = [rule for rule in rules if sides.search(rule) or uneven.search(rule + "}")]

    assert [rule for rule in found if "direction:ltr" not in rule] == []


@pytest.mark.parametrize(("language", "written"), [("ar", "الاثنين 8 مارس، 9:02"), ("tr", "Pazartesi 8 Mart, 9:02")])
def test_a_moment_is_written_as_its_readers_write(language, written):
    moment = datetime(2027, 3, 8, 8, 2, tzinfo=UTC)

    assert filters.moment(moment, language, PARIS, moment.date()) == written
