"""Spaces that hold a French sentence together."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool import typography
from popschool.typography import french, of_person, of_place


def test_the_example_of_the_docstring_holds():
    assert doctest.testmod(typography) == (0, 1)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Besoin d'aide ?", "Besoin d'aide\u202f?"),
        ("Bravo !", "Bravo\u202f!"),
        ("Erreur : rien", "Erreur\u00a0: rien"),
        (" : ", "\u00a0: "),
        ("un ; deux", "un\u202f; deux"),
        ("Lire « %(title)s »", "Lire «\u00a0%(title)s\u00a0»"),
        ("%(n)s %% de temps en plus.", "%(n)s\u00a0%% de temps en plus."),
        ("Dites « oui ? »", "Dites «\u00a0oui\u202f?\u00a0»"),
    ],
)
def test_a_sign_stays_with_its_word(written, shown):
    assert french(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "Need help?",
        "Open “%(title)s”: %(size)s people",
        "https://example.org/a?b=c",
        "à 9:30 %(name)s",
        "Bonjour,\n\n%(link)s",
        "a ?b ::hover",
        "",
    ],
)
def test_nothing_else_moves(written):
    assert french(written) == written


@given(st.text(alphabet="aé «»:;!?%()s\n\u00a0\u202f"))
def test_only_spaces_change_and_setting_twice_changes_nothing_more(text):
    shown = french(text)

    assert shown.replace("\u00a0", " ").replace("\u202f", " ") == text.replace("\u00a0", " ").replace("\u202f", " ")
    assert french(shown) == shown


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Karim 04", "de Karim 04"),
        ("Apprenante 07 VAL-2027-1", "d'Apprenante 07 VAL-2027-1"),
        ("Élodie", "d'Élodie"),
        ("Hélène", "d'Hélène"),
        ("Yves", "d'Yves"),
        ("Yasmina", "de Yasmina"),
        ("Le Thi", "de Le Thi"),
        ("", "de "),
    ],
)
def test_de_is_shortened_before_a_vowel(name, expected):
    assert of_person(name) == expected


@pytest.mark.parametrize(
    ("town", "expected"),
    [
        ("Lens", "de Lens"),
        ("Amiens", "d'Amiens"),
        ("Élancourt", "d'Élancourt"),
        ("Le Havre", "du Havre"),
        ("Les Mureaux", "des Mureaux"),
        ("La Rochelle", "de La Rochelle"),
    ],
)
def test_a_town_brings_its_article(town, expected):
    assert of_place(town) == expected
