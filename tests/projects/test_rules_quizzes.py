"""Marking a quiz: right, partly, not yet, not answered; and what explains it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.projects.rules_quizzes import NothingAnswered, Verdict, mark, mark_all, plain, score

A, B, C = ({"key": key, "html": key.upper(), "text": key, "why": f"why {key}", "line": 0} for key in "abc")


def question(kind, *answers, **more):
    return {"id": "q", "kind": kind, "title": "?", "code": [], "answers": list(answers)} | more


def right(answer, rank=1):
    return answer | {"is_right": True, "rank": rank}


def wrong(answer, rank=2):
    return answer | {"is_right": False, "rank": rank}


CHOICE = question("one", right(A), wrong(B))
SEVERAL = question("several", right(A), right(B), wrong(C))
ORDER = question("order", right(C, 3), right(A, 1), right(B, 2))
TEXT = question("text", right(A | {"text": "L'attribut Alt"}), wrong(B | {"text": "title"}))
LINE = question(
    "line",
    right(A | {"line": 2}),
    wrong(B | {"line": 1}),
    code=["  <b>un</b>", "deux", "trois"],
)


@pytest.mark.parametrize(
    ("asked", "answered", "verdict"),
    [
        (CHOICE, ["a"], Verdict.RIGHT),
        (CHOICE, ["b"], Verdict.WRONG),
        (CHOICE, ["unknown"], Verdict.WRONG),
        (CHOICE, [], Verdict.EMPTY),
        (SEVERAL, ["b", "a"], Verdict.RIGHT),
        (SEVERAL, ["a"], Verdict.PARTLY),
        (SEVERAL, ["a", "b", "c"], Verdict.PARTLY),
        (SEVERAL, ["c"], Verdict.WRONG),
        (ORDER, ["a", "b", "c"], Verdict.RIGHT),
        (ORDER, ["a", "c", "b"], Verdict.WRONG),
        (ORDER, ["c", "a", "b"], Verdict.WRONG),
        (TEXT, ["l’ATTRIBUT   alt."], Verdict.RIGHT),
        (TEXT, ["title"], Verdict.WRONG),
        (TEXT, ["autre"], Verdict.WRONG),
        (LINE, ["2"], Verdict.RIGHT),
        (LINE, ["1"], Verdict.WRONG),
        (LINE, ["3"], Verdict.WRONG),
        (LINE, ["99"], Verdict.WRONG),
        (LINE, ["deux"], Verdict.WRONG),
    ],
)
def test_a_question_is_marked(asked, answered, verdict):
    assert mark(asked, answered).verdict is verdict


def test_half_of_an_order_is_partly_right():
    four = question("order", *(right({**A, "key": key}, rank) for rank, key in enumerate("abcd", 1)))

    assert mark(four, list("abdc")).verdict is Verdict.PARTLY
    assert mark(four, list("adbc")).verdict is Verdict.WRONG


def test_each_answer_given_is_explained_and_no_other():
    assert mark(CHOICE, ["b"]).why == ["why b"]
    assert mark(SEVERAL, ["a", "c"]).why == ["why a", "why c"]
    assert mark(TEXT, ["title"]).why == ["why b"]
    assert mark(LINE, ["3"]).why == []


def test_what_was_answered_and_what_is_right_can_be_read():
    assert mark(ORDER, ["c", "a", "b"]).said == ["C", "A", "B"]
    assert mark(ORDER, ["c", "a", "b"]).right == ["A", "B", "C"]
    assert mark(LINE, ["1"]).said == ["1 <code><b>un</b></code>"]
    assert mark(LINE, ["1"]).right == ["2 <code>deux</code>"]
    assert mark(TEXT, ["<autre>"]).said == ["<autre>"]


def test_some_questions_may_be_left_but_not_all():
    marked = mark_all([CHOICE, SEVERAL | {"id": "r"}], {"q": ["a"]})

    assert [one.verdict for one in marked] == [Verdict.RIGHT, Verdict.EMPTY]
    assert score(marked) == 1
    with pytest.raises(NothingAnswered):
        mark_all([CHOICE], {"q": []})


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("ÉLÈVE", "eleve"),
        ("  deux   mots ", "deux mots"),
        ("aujourd’hui", "aujourd'hui"),
        ("Fini.", "fini"),
        ("<h1>", "<h1>"),
        ("...", "..."),
        ("cœur", "cœur"),
    ],
)
def test_short_answers_are_compared_without_what_does_not_count(typed, written):
    assert plain(typed) == written


@given(st.text())
def test_an_answer_is_always_equal_to_itself(text):
    assert plain(plain(text)) == plain(text)
