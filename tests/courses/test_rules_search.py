"""Words as they are looked for, and the passage where they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.courses.rules_search import PASSAGE, asked_words, fold, index_words, marked, passage


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Élèves répétés", "eleve repete"),
        ("L'œuvre de l’école", "l oeuvre de l ecole"),
        ("Boucles et tableaux", "boucle et tableau"),
        ("CSS, bus, gros", "css bus gro"),
        ("<h1> index.html", "h1 inde html"),
        ("snake_case", "snake case"),
        ("", ""),
    ],
)
def test_words_are_indexed_without_what_does_not_count(written, words):
    assert index_words(written) == words


def test_small_words_are_not_looked_for_unless_they_are_all_there_is():
    assert asked_words("Comment faire un tableau dans la page ?") == ["faire", "tableau", "page"]
    assert asked_words("la page la page") == ["page"]
    assert asked_words("le la") == ["le", "la"]
    assert asked_words("  ?! ") == []
    assert len(asked_words(" ".join(f"mot{number}" for number in range(50)))) == 8


def said(parts):
    return "".join(f"[{text}]" if is_asked else text for text, is_asked in parts)


def test_a_passage_shows_what_was_looked_for():
    text = "Au début. " * 30 + "Ajoutez deux Éléments à la page. " + "Puis la fin. " * 30

    found = said(passage(text, ["element"]))

    assert found.startswith("… ") and found.endswith(" …")
    assert "deux [Éléments] à la page." in found
    assert len(found) < PASSAGE + 20


def test_the_last_word_may_be_a_beginning_and_the_others_are_whole():
    assert said(marked("Les tableaux, la table", ["tab"])) == "Les [tableaux], la [table]"
    assert said(marked("Les tableaux, la table", ["tab", "fin"])) == "Les tableaux, la table"
    assert said(marked("Un cœur, des cœurs", ["coeur"])) == "Un [cœur], des [cœurs]"


def test_a_page_without_the_word_shows_its_beginning():
    assert said(passage("Une page courte.", ["rien"])) == "Une page courte."
    assert said(passage("Une page courte.", [])) == "Une page courte."


@given(
    st.text(max_size=300), st.lists(st.text(st.characters(categories=("Ll", "Nd")), min_size=1, max_size=5), max_size=3)
)
def test_a_passage_is_always_a_piece_of_the_text(text, words):
    parts = passage(text, words)
    inner = "".join(piece for piece, _ in parts).removeprefix("… ").removesuffix(" …")

    assert inner in text or inner.strip() in text
    assert len(fold(text)) == len(text)


@given(st.text(st.characters(codec="latin-1"), max_size=90))
def test_what_a_page_says_is_found_by_saying_it(text):
    assert set(asked_words(text)) <= set(index_words(text).split())
