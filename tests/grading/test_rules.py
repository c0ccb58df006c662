from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.grading import rules
from popschool.grading.rules import Awarded, Decision, Target, WorkState
from popschool.projects import rules_criteria, rules_links

NOW = datetime(2027, 3, 8, 9, 5, tzinfo=UTC)
SENT = NOW - timedelta(minutes=9)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (None, ("pas encore", "en partie", "oui")),
        (["à revoir", "presque", "réussi"], ("à revoir", "presque", "réussi")),
        (["oui"], ("pas encore", "en partie", "oui")),
    ],
)
def test_marks_are_said_in_the_words_of_the_project_or_of_the_school(own, expected):
    assert rules_criteria.mark_words(own) == expected


def test_a_deliverable_is_read_with_its_own_criteria_and_those_of_all():
    criteria = [{"id": "a", "of": None}, {"id": "b", "of": "page"}, {"id": "c", "of": "code"}]

    assert [criterion["id"] for criterion in rules_criteria.criteria_of(criteria, "page")] == ["a", "b"]


@pytest.mark.parametrize(
    ("proves", "expected"),
    [([], [("x/1", 1), ("x/2", 2)]), (["x/2"], [("x/2", 2)]), (["x/9"], [("x/1", 1), ("x/2", 2)])],
)
def test_a_deliverable_proves_what_it_says_or_all_that_its_project_works_on(proves, expected):
    data = {
        "competences": [{"id": "x/1", "level": 1}, {"id": "x/2", "level": 2}],
        "deliverables": [{"id": "page", "proves": proves}],
    }

    assert rules.targets_of(data, "page") == expected


@pytest.mark.parametrize(
    ("sent_at", "newer", "expected"),
    [
        (NOW, None, True),
        (NOW - timedelta(minutes=10) + SECOND, None, True),
        (NOW - timedelta(minutes=10), None, False),
        (SENT, 3, False),
    ],
)
def test_an_answer_is_taken_back_for_ten_minutes_unless_a_newer_version_came(sent_at, newer, expected):
    assert rules.may_undo(sent_at, NOW, newer) is expected


def test_undoing_too_late_says_until_when_it_was_possible():
    with pytest.raises(rules.TooLateToUndo) as refused:
        rules.check_undo(NOW - timedelta(hours=1), NOW)

    assert refused.value.until == NOW - timedelta(minutes=50)


@pytest.mark.parametrize(("seen", "number", "refused"), [(0, 0, False), (0, 1, True), (1, 1, False), (1, 2, True)])
def test_an_answer_written_beside_another_is_refused(seen, number, refused):
    sent_at = NOW if number else None
    if not refused:
        rules.check_seen(seen, number, "Formateur 03", sent_at)
        return
    with pytest.raises(rules.AnsweredMeanwhile) as error:
        rules.check_seen(seen, number, "Formateur 03", sent_at)
    assert error.value.trainer == "Formateur 03"


def award(id, competence, level, minutes=0, holds=True, proof=0):
    return Awarded(id, competence, level, NOW + timedelta(minutes=minutes), proof, holds)


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ([], {}),
        ([award(1, 5, 1)], {5: 1}),
        ([award(1, 5, 1), award(2, 5, 2, 1)], {5: 2}),
        ([award(2, 5, 2, 1), award(1, 5, 1)], {5: 2}),
        ([award(1, 5, 3), award(2, 5, 2, 1)], {5: 2}),
        ([award(1, 5, 2), award(2, 5, 0, 1)], {}),
        ([award(1, 5, 2), award(2, 5, 0, 1), award(3, 5, 1, 2)], {5: 1}),
        ([award(1, 5, 1), award(2, 5, 3, 1, holds=False)], {5: 1}),
        ([award(1, 5, 1), award(2, 6, 2)], {5: 1, 6: 2}),
        ([award(1, 5, 1), award(2, 5, 2)], {5: 2}),
    ],
)
def test_on_one_proof_the_last_award_that_holds_gives_the_level(awards, expected):
    assert rules.level_reached(awards) == expected


@pytest.mark.parametrize(
    ("awards", "expected"),
    [
        ([award(1, 5, 2, proof=1), award(2, 5, 1, 1, proof=2)], {5: 2}),
        ([award(1, 5, 1, proof=1), award(2, 5, 2, 1, proof=2)], {5: 2}),
        ([award(1, 5, 2, proof=1), award(2, 5, 1, 1, proof=2), award(3, 5, 0, 2, proof=1)], {5: 1}),
        ([award(1, 5, 2, proof=1), award(2, 5, 2, 1, proof=2), award(3, 5, 0, 2, proof=1)], {5: 2}),
        ([award(1, 5, 3, proof=1, holds=False), award(2, 5, 1, 1, proof=2)], {5: 1}),
        ([award(1, 5, 1, proof=1), award(2, 5, 0, 1, proof=1)], {}),
    ],
)
def test_a_competence_has_the_highest_level_that_one_of_its_proofs_gives(awards, expected):
    assert rules.level_reached(awards) == expected


def test_the_proof_shown_is_the_one_that_gives_the_level():
    awards = [
        award(1, 5, 2, proof=7),
        award(2, 5, 2, 1, proof=8),
        award(3, 5, 1, 2, proof=9),
        award(4, 5, 0, 3, proof=8),
    ]

    assert rules.best_proofs(awards)[5].proof == 7


AWARDS = st.lists(
    st.builds(
        award,
        id=st.integers(1, 10_000),
        competence=st.integers(1, 4),
        level=st.integers(0, 3),
        minutes=st.integers(0, 500),
        holds=st.booleans(),
        proof=st.integers(1, 3),
    ),
    unique_by=lambda award: award.id,
)


@given(AWARDS, st.randoms())
def test_the_order_in_which_awards_are_read_changes_nothing(awards, random):
    shuffled = list(awards)
    random.shuffle(shuffled)

    assert rules.level_reached(shuffled) == rules.level_reached(awards)


@given(AWARDS)
def test_an_award_whose_answer_was_undone_is_as_if_it_had_never_been(awards):
    assert rules.level_reached(awards) == rules.level_reached([award for award in awards if award.holds])


@given(AWARDS, st.integers(1, 4))
def test_withdrawing_every_proof_takes_a_level_away_and_leaves_the_others(awards, competence):
    withdrawn = [*awards, *(award(99_990 + proof, competence, 0, minutes=9_999, proof=proof) for proof in (1, 2, 3))]

    expected = {other: level for other, level in rules.level_reached(awards).items() if other != competence}
    assert rules.level_reached(withdrawn) == expected


@given(AWARDS, st.integers(1, 4), st.integers(1, 3))
def test_another_proof_never_lowers_a_level(awards, competence, level):
    more = [*awards, award(99_999, competence, level, minutes=9_999, proof=9)]

    before, after = rules.level_reached(awards), rules.level_reached(more)
    assert after == before | {competence: max(level, before.get(competence, 0))}


TARGETS = [
    Target(1, 1, "La carte", "x/1", 1),
    Target(2, 2, "Le menu", "x/1", 2),
    Target(3, 3, "Le bus", "x/1", 2),
    Target(3, 3, "Le bus", "x/2", 1),
]


@pytest.mark.parametrize(
    ("competence", "level", "done", "expected"),
    [
        ("x/1", 0, (), 1),
        ("x/1", 0, (1,), 2),
        ("x/1", 1, (), 2),
        ("x/1", 1, (2,), 3),
        ("x/1", 2, (), None),
        ("x/2", 0, (), 3),
        ("x/3", 0, (), None),
    ],
)
def test_what_comes_next_is_the_first_project_that_goes_further(competence, level, done, expected):
    found = rules.next_target(competence, level, TARGETS, done)

    assert (found.project_id if found else None) == expected


@pytest.mark.parametrize(
    ("decisions", "has_draft", "expected"),
    [
        ({}, False, WorkState.NONE),
        ({}, True, WorkState.DRAFT),
        ({1: ""}, False, WorkState.WAITING),
        ({1: "", 2: Decision.VALIDATED}, False, WorkState.WAITING),
        ({1: Decision.VALIDATED}, True, WorkState.PARTLY),
        ({1: Decision.VALIDATED, 2: Decision.VALIDATED}, False, WorkState.VALIDATED),
        ({1: Decision.VALIDATED, 2: Decision.TO_COMPLETE}, False, WorkState.TO_COMPLETE),
        ({1: "", 2: Decision.TO_COMPLETE}, True, WorkState.TO_COMPLETE),
    ],
)
def test_a_project_stands_where_its_deliverables_stand(decisions, has_draft, expected):
    assert rules.work_state([1, 2], decisions, has_draft) is expected


@pytest.mark.parametrize(
    ("last_sent", "enrolled", "expected"),
    [(None, 9, False), (None, 10, True), (9, 30, False), (10, 30, True), (20, 3, False)],
)
def test_somebody_is_silent_after_ten_days_without_sending_anything(last_sent, enrolled, expected):
    last = None if last_sent is None else NOW - timedelta(days=last_sent)

    assert rules.is_silent(last, NOW - timedelta(days=enrolled), NOW) is expected


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        ("https://github.com/a/menu.git", "https://github.com/a/menu/commit/4f2a"),
        ("https://gitlab.com/a/menu", "https://gitlab.com/a/menu/-/commit/4f2a"),
        ("https://gitlab.example.org/a/menu/", "https://gitlab.example.org/a/menu/-/commit/4f2a"),
        ("https://codeberg.org/a/menu", "https://codeberg.org/a/menu/commit/4f2a"),
        ("https://gitea.example.org/a/menu", "https://gitea.example.org/a/menu/commit/4f2a"),
        ("https://git.example.org/menu.git", "https://git.example.org/menu"),
        ("https://notgithub.com.example.org/a/menu", "https://notgithub.com.example.org/a/menu"),
        ("javascript:alert(1)", ""),
        ("ssh://git@example.org/menu", ""),
        ("", ""),
    ],
)
def test_a_repository_leads_to_its_commit_where_the_forge_is_known(repository, expected):
    assert rules_links.commit_link(repository, "4f2a") == expected


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//example.org", "example.org", "http://"]
)
def test_what_is_not_an_address_of_the_web_is_never_a_link(address):
    assert rules_links.safe_link(address) == ""
