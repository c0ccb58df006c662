"""Messages weigh little, say nothing personal on a locked phone, and hold one link."""

import ast
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from popschool import messages
from popschool.messages.rules import KINDS, LONGEST_SMS, Piece, after_quiet, mail_text, next_daily, pieces, sms_text

SOURCES = Path(messages.__file__).parent.parent
PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
BASE = "https://pop.example.org"


def test_an_address_of_ours_is_a_link_and_the_stop_after_it_is_not():
    text = f"Bonjour,\n\nOuvrez ce lien : {BASE}/i/abc.\nMerci"

    assert pieces(text, BASE) == [
        [[Piece("Bonjour,", False)]],
        [
            [Piece("Ouvrez ce lien : ", False), Piece(f"{BASE}/i/abc", True), Piece(".", False)],
            [Piece("Merci", False)],
        ],
    ]


def test_somebody_elses_address_is_not_a_link():
    text = f"https://evil.example/ {BASE}.evil.example/x javascript:alert(1)"

    assert [piece.is_link for piece in pieces(text, BASE)[0][0]] == [False]


def test_a_mail_says_what_happened_then_gives_its_link():
    text = mail_text("Bonjour,", "Votre retour est là", "Lisez-le.", f"{BASE}/r/1", "L'équipe")

    assert text == f"Bonjour,\n\nVotre retour est là.\n\nLisez-le.\n\n{BASE}/r/1\n\nL'équipe\n"


def test_an_sms_keeps_its_link_whole():
    assert sms_text("Un message.", f"{BASE}/r/1", f"{BASE}/messages") == f"Un message. {BASE}/r/1"
    long = sms_text("Un message.", f"{BASE}/{'x' * LONGEST_SMS}", f"{BASE}/messages")
    assert long == f"Un message. {BASE}/messages"


def at(text, zone=PARIS):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2027-03-08T07:29", "2027-03-08T07:30"),
        ("2027-03-08T07:30", "2027-03-08T07:30"),
        ("2027-03-08T19:59", "2027-03-08T19:59"),
        ("2027-03-08T20:00", "2027-03-09T07:30"),
        ("2027-03-12T20:00", "2027-03-15T07:30"),
        ("2027-03-13T12:00", "2027-03-15T07:30"),
        ("2027-03-15T00:10", "2027-03-15T07:30"),
        ("2027-03-27T23:30", "2027-03-29T07:30"),  # the clocks change in between
    ],
)
@pytest.mark.parametrize("zone", [PARIS, REUNION], ids=["Paris", "La Réunion"])
def test_a_message_waits_for_the_morning_of_a_working_day_where_its_person_is(moment, leaves, zone):
    assert after_quiet(at(moment, zone), zone) == at(leaves, zone)


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2027-03-08T08:00", "2027-03-08T08:00"),
        ("2027-03-08T08:01", "2027-03-09T08:00"),
        ("2027-03-12T09:00", "2027-03-15T08:00"),
    ],
)
def test_the_message_of_the_day_leaves_at_eight_on_working_days(moment, leaves):
    assert next_daily(at(moment), PARIS) == at(leaves)


def test_every_kind_of_message_says_what_of_it_may_leave():
    told = set()
    for path in SOURCES.rglob("*.py"):
        tree = ast.parse(path.read_text())
        named = {
            target.id: value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for targets in node.targets
            for target, value in _pairs(targets, node.value)
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "tell":
                kinds = [one.value for one in call.keywords if one.arg == "kind"]
                told |= {one.value if isinstance(one, ast.Constant) else named.get(one.id) for one in kinds}

    assert told - {None} == set(KINDS) - {"assignment", "dates"}, "None is a parameter: of _tell_all, of those two"


def _pairs(target, value):
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]
