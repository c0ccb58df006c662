"""How long each kind of data stays, without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.portal.rules_retention import GO_WHEN_ASKED, Kept, is_due, kept_through

LEFT, EVIDENCE, ASKED = date(2027, 7, 12), date(2031, 12, 31), date(2027, 9, 1)
DAYS = st.dates(date(2020, 1, 1), date(2045, 1, 1))


@pytest.mark.parametrize(
    ("kept", "alone", "asked"),
    [
        (Kept.NEEDS, date(2028, 7, 12), date(2027, 8, 31)),
        (Kept.ACCOUNT, date(2030, 7, 12), date(2027, 8, 31)),
        (Kept.WORK, date(2030, 7, 12), date(2030, 7, 12)),
        (Kept.EVIDENCE, EVIDENCE, EVIDENCE),
        (Kept.NAME, EVIDENCE, EVIDENCE),
    ],
)
def test_each_kind_of_data_has_its_last_day_and_asking_moves_what_the_law_does_not_hold(kept, alone, asked):
    assert kept_through(kept, LEFT, EVIDENCE, None) == alone
    assert kept_through(kept, LEFT, EVIDENCE, ASKED) == asked
    assert not is_due(kept, LEFT, EVIDENCE, None, alone)


def test_somebody_who_never_learnt_goes_when_they_ask_and_not_before():
    assert all(kept_through(kept, None, None, None) is None for kept in Kept)
    assert all(is_due(kept, None, None, ASKED, ASKED) for kept in Kept)


@given(st.sampled_from(Kept), DAYS, DAYS, DAYS, DAYS)
def test_asking_never_makes_anything_stay_longer_nor_evidence_go_sooner(kept, left, evidence, asked, today):
    asked = max(asked, left)
    alone, then = (is_due(kept, left, evidence, one, today) for one in (None, asked))

    if kept not in GO_WHEN_ASKED:
        assert then == alone
    if kept in (Kept.EVIDENCE, Kept.NAME) and today <= evidence:
        assert not then
    if is_due(Kept.NAME, left, evidence, asked, today):
        assert is_due(Kept.WORK, left, evidence, asked, today)
        assert is_due(Kept.EVIDENCE, left, evidence, asked, today)
