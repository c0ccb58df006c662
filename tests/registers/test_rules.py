"""Registers: what a line asks, when it is late, and that the answers of a survey tell nobody's."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.registers import rules
from popschool.registers.rules import Draft, Register, State

TODAY = date(2027, 3, 8)
SAID = {"stage": "way", "said": "Le projet avance.", "decided": "Un point chaque lundi."}
COMPLAINT = {"who": "learner", "said": "La salle est froide."}
CHANGE = {"source": "team", "what": "Régler le chauffage."}


@pytest.mark.parametrize(
    ("register", "draft", "error"),
    [
        (Register.INTERVIEWS, Draft(TODAY, SAID | {"decided": "  "}), rules.TextMissing),
        (Register.INTERVIEWS, Draft(TODAY + timedelta(days=1), SAID), rules.DayToCome),
        (Register.POSITIONING, Draft(TODAY, {"means": "test"}), rules.TextMissing),
        (Register.COMPLAINTS, Draft(TODAY, {"who": "learner"}), rules.TextMissing),
        (Register.IMPROVEMENTS, Draft(TODAY, CHANGE), rules.OwnerMissing),
        (Register.IMPROVEMENTS, Draft(TODAY, CHANGE, TODAY), rules.OwnerMissing),
    ],
)
def test_a_line_without_what_its_register_asks_is_refused(register, draft, error):
    with pytest.raises(error):
        rules.checked(register, draft, TODAY)


def test_a_complaint_is_answered_within_a_month_whoever_does_not_say_their_name():
    kept = rules.checked(Register.COMPLAINTS, Draft(TODAY, COMPLAINT), TODAY)

    assert (kept.due_on, kept.facts["name"]) == (date(2027, 4, 7), "")


@pytest.mark.parametrize(
    ("register", "due_on", "has_ended", "state"),
    [
        (Register.INTERVIEWS, TODAY - timedelta(days=9), False, State.KEPT),
        (Register.COMPLAINTS, TODAY, False, State.WAITING),
        (Register.COMPLAINTS, TODAY - timedelta(days=1), False, State.LATE),
        (Register.IMPROVEMENTS, TODAY - timedelta(days=1), True, State.ENDED),
    ],
)
def test_a_line_is_late_the_day_after_its_last(register, due_on, has_ended, state):
    assert rules.state_of(register, due_on, has_ended, TODAY) is state


@pytest.mark.parametrize(
    ("messages", "day", "written"),
    [(0, 0, True), (1, 3, False), (1, 4, True), (2, 11, True), (3, 20, False), (0, -1, False), (1, 22, False)],
)  # fmt: skip
def test_people_are_asked_on_the_first_day_then_reminded_twice(messages, day, written):
    closes_on = TODAY + rules.SURVEY_LASTS

    assert rules.reminds(messages, TODAY, closes_on, TODAY + timedelta(days=day)) is written


RATINGS = st.fixed_dictionaries({name: st.sampled_from(rules.RATINGS) for name in rules.QUESTIONS})
ANSWERS = st.lists(st.tuples(RATINGS, st.text(max_size=9)), max_size=9)


@given(ANSWERS, st.booleans())
def test_answers_are_shown_once_over_from_five_on_and_each_is_counted_once(answers, is_closed):
    found = rules.results(9, answers, is_closed)

    assert found.answered == len(answers)
    if not is_closed or len(answers) < rules.FEWEST_ANSWERS:
        assert (found.counts, found.comments) == ({}, ())
    else:
        assert all(found.counts[name].total() == len(answers) for name in rules.QUESTIONS)
        assert found.counts["pace"] == Counter(ratings["pace"] for ratings, _text in answers)


@given(ANSWERS, ANSWERS)
def test_no_two_looks_at_a_survey_that_goes_on_give_the_answer_between_them(before, since):
    """Whatever came between two looks, both say nothing: nothing can be subtracted."""
    first, second = rules.results(9, before, is_closed=False), rules.results(9, [*before, *since], is_closed=False)

    assert (first.counts, second.counts) == ({}, {})


def test_the_order_of_comments_is_not_that_of_answers():
    ratings = dict.fromkeys(rules.QUESTIONS, 4)
    answers = [(ratings, text) for text in ("e", "b", "d", "a", "c")]

    assert list(rules.results(5, answers, is_closed=True).comments) == ["a", "b", "c", "d", "e"]
