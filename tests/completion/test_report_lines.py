"""The rows under the yearly report: for any history, each line is the sum of the places that it opens to."""

import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from popschool.completion import rules_report as rules
from popschool.completion.rules_figures import CHARGES, OF_A_SCHOOL, TYPED_COUNTS, Money, together
from popschool.completion.rules_funding import FunderKind
from popschool.completion.rules_report import LINES_C, OTHERS, Count, Place
from popschool.completion.services_report_kept import network_part, part_from, part_kept
from popschool.completion.services_report_lines import parts_of, value_of
from tests.completion.sheets import sheet_from

PLACES = st.lists(
    st.builds(
        Place,
        enrolment_id=st.integers(1, 10_000),
        name=st.just("Sam Test"),
        minutes=st.integers(1, 60_000),
        funder=st.none() | st.sampled_from([str(kind) for kind in FunderKind]),
        employer=st.sampled_from(["", "Atelier Vert"]),
        certification=st.sampled_from(["", "RNCP37674", "RS5616"]),
        level=st.none() | st.integers(2, 8),
        nature=st.sampled_from(["training", "assessment", "vae", "apprenticeship"]),
        speciality=st.sampled_from(["", *(f"{code}" for code in range(320, 329))]),
        school_id=st.integers(1, 3),
    ),
    max_size=30,
    unique_by=lambda one: one.enrolment_id,
)


@given(PLACES)
@settings(max_examples=200)
def test_every_line_is_the_sum_of_the_rows_that_it_opens_to(places):
    sheet = sheet_from(places)

    lines = {("F-1", line): count for line, count in sheet.people.items()}
    lines |= {("F-3", line): count for line, count in sheet.goals.items()}
    lines |= {("F-4", code or OTHERS): count for code, count in sheet.specialities}
    lines |= {(frame, total): sheet.totals[total.strip("()")] for frame, total in rules.TOTALS.items()}
    lines["G", "(5)"] = sheet.entrusted
    for (frame, line), count in lines.items():
        rows = rules.in_line(places, frame, line)
        assert (len(rows), sum(one.minutes for one in rows)) == (count.people, count.minutes)
        parts = [rules.part_of([one for one in places if one.school_id == school], {}) for school in (1, 2, 3)]
        shown = rules.codes_of(rules.added(parts))
        counts = [rules.count_of(part, frame, line, shown) for part in parts]
        assert Count(sum(one.people for one in counts), sum(one.minutes for one in counts)) == count
        assert rules.count_of(rules.added(parts), frame, line, shown) == count


@given(st.lists(st.dictionaries(st.sampled_from(sorted(OF_A_SCHOOL)), st.integers(0, 10**6)), min_size=1))
def test_what_is_written_on_a_line_is_the_sum_of_what_its_schools_wrote(schools):
    written, charges = together(Money(one) for one in schools), [("D", line) for line in CHARGES]
    for frame, line in [("C", line) for line in [*LINES_C, "2", "total"]] + charges + [*TYPED_COUNTS]:
        parts = zip(*(value_of(one, frame, line) for one in schools), strict=True)
        sums = tuple(None if set(part) == {None} else sum(one or 0 for one in part) for part in parts)
        assert sums == value_of(written.typed, frame, line)
    assert value_of(written.typed, "C", "total")[0] in (written.total, None)
    for line in ("2", "total"):
        assert sum(euros for *_name, euros in parts_of(written.typed, line)) == (
            value_of(written.typed, "C", line)[0] or 0
        )


@given(PLACES)
@settings(max_examples=200)
def test_totals_1_3_and_4_are_equal_as_soon_as_every_place_has_its_lines(places):
    sheet = sheet_from(places)
    counted = sum(not place.is_entrusted for place in places)

    assert len(sheet.specialities) <= rules.SPECIALITIES_SHOWN + 1
    assert sheet.totals["3"].people == counted == sheet.total.people
    missing = Counter({frame: len(names) for frame, names in sheet.unsorted.items()})
    assert sheet.totals["1"].people + missing["F-1"] == sheet.totals["4"].people + missing["F-4"] == counted
    if not sheet.unsorted:
        assert sheet.agrees
        assert sheet.totals["1"].minutes == sheet.totals["3"].minutes == sheet.totals["4"].minutes


@given(PLACES)
def test_each_place_says_every_line_that_it_went_to_and_no_other(places):
    shown = rules.codes_shown(places)

    for place in places:
        for frame, line in rules.lines_of(place, shown):
            assert place in rules.in_line(places, frame, line)
        assert place.is_entrusted == (rules.lines_of(place, shown) == [("G", "(5)")])


def test_specialities_past_the_fifth_are_one_line():
    places = [Place(number, "Sam", 10 * number, "region", speciality=str(320 + number)) for number in range(1, 8)]

    assert rules.codes_shown(places) == ["327", "326", "325", "324", "323"]
    assert [one.enrolment_id for one in rules.in_line(places, "F-4", OTHERS)] == [1, 2]


LED = st.dictionaries(
    st.integers(1, 3), st.dictionaries(st.integers(1, 5), st.integers(1, 9_000), max_size=4), max_size=3
)


@given(PLACES, LED)
@settings(max_examples=200)
def test_what_schools_bring_apart_adds_up_to_what_they_bring_together(places, led):
    """Whatever the schools, and whether their parts were kept meanwhile."""
    names = {one.enrolment_id: one.name for one in places}
    parts = [
        rules.part_of([one for one in places if one.school_id == school], led.get(school, {})) for school in (1, 2, 3)
    ]
    kept = [part_from(json.loads(json.dumps(part_kept(part)))) for part in parts]
    minutes = Counter()
    for own in led.values():
        minutes.update(own)

    assert kept == parts
    assert rules.sheet_of(rules.added(kept), names) == rules.sheet_of(rules.part_of(places, minutes), names)


AGREEMENTS = st.lists(st.tuples(st.sampled_from(["1", "6", "9"]), st.integers(1, 3)), max_size=60)


@given(AGREEMENTS)
def test_a_network_keeps_few_payers_of_each_line_and_says_how_many_more_there_are(given_by):
    """However many pay: what is kept of the whole, and its page, stay small."""
    agreements = [
        (school, rules.Agreement(line, f"2027-{number}", number, f"Payeur {number}"))
        for number, (line, school) in enumerate(given_by)
    ]
    parts = {
        school: part_kept(rules.part_of([], {}, [one for of, one in agreements if of == school]))
        for school in (1, 2, 3)
    }

    kept = json.loads(json.dumps(network_part(parts)["part"]))
    sheet = rules.sheet_of(part_from(kept), {})

    assert sheet == rules.sheet_of(rules.part_of([], {}, [one for _of, one in agreements]), {})
    lines = Counter(line for line, _school in given_by)
    assert {line: len(some) for line, some in sheet.payers.items()} == {
        line: min(count, rules.PAYERS_SHOWN) for line, count in lines.items()
    }
    assert sheet.other_payers == {
        line: count - rules.PAYERS_SHOWN for line, count in lines.items() if count > rules.PAYERS_SHOWN
    }
    assert len(kept["agreements"]) <= 3 * rules.PAYERS_SHOWN
