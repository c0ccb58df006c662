"""Where people are, when, and how what names them is compared."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.schools import rules
from popschool.schools.rules import (
    AlreadyEnrolled,
    DatesInverted,
    NumberUnreadable,
    OutsideCohort,
    PhoneUnreadable,
    check_free,
    check_within,
    is_activity_number,
    is_siret,
    name_key,
    normalise_mail,
    normalise_phone,
    overlap,
    read_number,
    search_key,
)

MONDAY = date(2027, 3, 8)
DAY = timedelta(days=1)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((0, 5), (5, 9), True),
        ((0, 4), (5, 9), False),
        ((0, None), (5, 9), True),
        ((6, None), (0, 5), False),
        ((0, None), (9, None), True),
        ((0, 9), (3, 4), True),
        ((0, 9), (3, 2), False),
        ((3, 2), (3, 2), False),
    ],
)
def test_periods_overlap_when_they_share_a_day(first, second, expected):
    def at(period):
        start, end = period
        return MONDAY + start * DAY, None if end is None else MONDAY + end * DAY

    assert overlap(at(first), at(second)) is expected
    assert overlap(at(second), at(first)) is expected


@given(days, days, days, days)
def test_an_overlap_is_a_day_that_both_periods_hold(start, end, other_start, other_end):
    held = {start + n * DAY for n in range((end - start).days + 1)}
    other = {other_start + n * DAY for n in range((other_end - other_start).days + 1)}

    assert overlap((start, end), (other_start, other_end)) is bool(held & other)


def test_a_place_is_within_its_cohort():
    check_within(MONDAY, MONDAY, "VAL-2027-1", MONDAY, MONDAY)

    for starts_on, ends_on in ((MONDAY - DAY, MONDAY), (MONDAY, MONDAY + DAY)):
        with pytest.raises(OutsideCohort):
            check_within(starts_on, ends_on, "VAL-2027-1", MONDAY, MONDAY)
    with pytest.raises(DatesInverted):
        check_within(MONDAY + DAY, MONDAY, "VAL-2027-1", MONDAY, MONDAY + DAY)


def test_two_places_of_one_person_share_no_day():
    places = [(MONDAY, MONDAY + 4 * DAY), (MONDAY + 10 * DAY, MONDAY + 9 * DAY)]

    check_free("VAL-2027-1", (MONDAY + 5 * DAY, MONDAY + 20 * DAY), places)
    with pytest.raises(AlreadyEnrolled) as refused:
        check_free("VAL-2027-1", (MONDAY + 4 * DAY, MONDAY + 9 * DAY), places)

    assert (refused.value.starts_on, refused.value.ends_on) == places[0]


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Élancourt", "elancourt"),
        ("  APPRENANTE   07 ", "apprenante 07"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("LŒUVRE", "loeuvre"),
        ("D’Arc", "d'arc"),
        ("Jean\u2011Marie", "jean-marie"),
        ("Straße", "strasse"),
        ("ﬁlle", "fille"),
        ("Zoe\u0308", "zoe"),
        ("a\0b", "ab"),
        ("İstanbul", "istanbul"),
    ],
)
def test_a_search_sees_neither_accents_nor_capitals(written, searched):
    assert search_key(written) == searched


@given(st.text())
def test_a_search_key_is_its_own_key(text):
    key = search_key(text)

    assert search_key(key) == key
    assert key == key.strip()


@given(st.text(st.characters(codec="utf-8", categories=("Ll", "Lu")), min_size=1))
def test_capitals_never_matter_to_a_search(text):
    assert search_key(text.upper().lower()) == search_key(text.upper())


@pytest.mark.parametrize(
    ("first", "second", "are_same"),
    [
        (("Jean-Marie", "D’Arc"), ("jean marie", "d'arc"), True),
        (("Apprenante 07", "Dupré"), ("DUPRE", "apprenante 07"), True),
        (("Apprenante 07", "Dupré"), ("Apprenante 08", "Dupré"), False),
        (("Anne", "Marie"), ("Anne-Marie", ""), True),
        (("Anne", "Anne"), ("Anne", ""), False),
    ],
)
def test_a_name_is_its_words_in_any_order(first, second, are_same):
    assert (name_key(*first) == name_key(*second)) is are_same


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("06 39 98 00 07", "+33639980007"),
        ("06.39.98.00.07", "+33639980007"),
        ("+33 (0)6 39 98 00 07", "+33639980007"),
        ("0033639980007", "+33639980007"),
        ("+33639980007", "+33639980007"),
        ("0692 12 34 56", "+262692123456"),
        ("٠٦٣٩٩٨٠٠٠٧", "+33639980007"),
        ("06\u00a039\u00a098\u00a000\u00a007", "+33639980007"),
        ("+32 470 12 34 56", "+32470123456"),
    ],
)
def test_a_phone_is_kept_in_one_way(written, kept):
    assert normalise_phone(written) == kept
    assert normalise_phone(kept) == kept


@pytest.mark.parametrize("written", ["", "06 39", "téléphone", "+", "+0639980007", "06 39 98 00 07 08"])
def test_what_is_no_phone_is_refused(written):
    with pytest.raises(PhoneUnreadable):
        normalise_phone(written)


@given(st.text(max_size=40))
def test_a_phone_that_is_read_can_be_sent_to(text):
    try:
        kept = normalise_phone(text)
    except PhoneUnreadable:
        return
    assert kept.startswith("+")
    assert kept[1:].isascii()
    assert kept[1:].isdigit()
    assert 8 <= len(kept) <= 16


def test_a_mail_is_kept_in_small_letters():
    assert normalise_mail("  Apprenante07@Example.ORG ") == "apprenante07@example.org"
    assert normalise_mail("rene\u0301@example.org") == "ren\u00e9@example.org"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("val-2027-1 007", "VAL20271007"),
        ("VAL\u20112027\u20111\u2011007", "VAL20271007"),
        ("a1", "A1"),
        ("2027/0042", "20270042"),
        ("VAL٢٠٢٧", "VAL2027"),
    ],
)
def test_a_number_is_kept_without_what_makes_it_readable(written, kept):
    assert read_number(written) == kept


@pytest.mark.parametrize(
    "written", ["", "A", "VALENCIENNES", "A" * 20 + "1", "06 39 98 00 07", "0033639980007", "é1", "a@1", "=1+1"]
)
def test_a_number_that_nobody_could_sign_in_with_is_refused(written):
    with pytest.raises(NumberUnreadable):
        read_number(written)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("73282932000074", True),
        ("73282932000075", False),
        ("35600000000048", True),
        ("35600000049837", True),
        ("35600000049838", False),
        ("7328293200007", False),
        ("732829320000740", False),
        ("7328293200007A", False),
        ("00000000000000", False),
        ("٧٣٢٨٢٩٣٢٠٠٠٠٧٤", False),
        ("", False),
    ],
)
def test_a_siret_passes_its_check(number, expected):
    assert is_siret(number) is expected


@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda text: not text.startswith("356000000")))
def test_one_last_digit_makes_a_siret(start):
    valid = [number for digit in "0123456789" if is_siret(number := start + digit)]

    assert len(valid) == (1 if start.strip("0") else 0)


@given(st.text("0123456789", min_size=14, max_size=14), st.integers(0, 13), st.integers(1, 9))
def test_a_wrong_digit_in_a_siret_is_seen(number, place, more):
    changed = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]

    if not number.startswith("356000000") and not changed.startswith("356000000"):
        assert not (is_siret(number) and is_siret(changed))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("32590123459", True),
        ("942A0012320", True),
        ("942B001232A", True),
        ("3259012345", False),
        ("325901234590", False),
        ("3259012345A", False),
        ("", False),
    ],
)
def test_a_declaration_of_activity_has_eleven_digits(number, expected):
    assert is_activity_number(number) is expected


def test_every_reason_to_leave_is_written_once():
    assert len({reason.value for reason in rules.ExitReason}) == len(rules.ExitReason)
