"""Lists for funders, from signed half-days to the document that its door shows; nothing wrong is ever issued."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from popschool.attendance import services_sheets
from popschool.audit import AuditEntry
from popschool.completion import services_funding
from popschool.completion.models_papers import Document
from popschool.completion.rules_papers import ChangeReasonMissing, NotReady, What
from popschool.db import db
from popschool.outbox import Outgoing
from popschool.reports import rules_lists as rules
from popschool.reports import services_doors, services_due, services_layouts, services_lists, services_seen
from popschool.reports.models_lists import ReportDue, ReportLayout
from popschool.reports.rules_doors import DoorKind
from popschool.reports.rules_lists import COLUMNS, Listed, Rhythm, Turn
from popschool.reports.services_doors import Wish
from tests.completion.paths import HERE, ISSUED, START, TODAY, attend, late, make_path, pay
from tests.factories import make_network_manager, save

LAST = date(2027, 1, 15)


@pytest.fixture
def path(app):
    """Two weeks of somebody whom a Region pays for at 12,50 euros an hour: 9 half-days followed of 10, then 20."""
    found = make_path()
    attend(found, [HERE] * 7 + ["J", "A", late(30)] + [HERE] * 10)
    found.share = pay(found, funder="Région")
    found.funding = found.share.funding
    price(found, "1250")
    for monday in (START, START + timedelta(days=7)):
        services_sheets.close_week(found.cohort, monday, found.manager, ISSUED)
    return found


def price(path, cents, since=START, key="hour_price"):
    services_funding.say_setting(
        path.cohort.school_id, key, cents, since, True, path.manager, ISSUED, funding_id=path.funding.id
    )


def asked(path, listed=Listed.INVOICE, first=START, last=LAST):
    funding = path.funding if listed is Listed.INVOICE else None
    due = services_due.ask(
        path.cohort.school, listed, path.funding.funder, funding, first, last, path.manager, ISSUED
    )  # fmt: skip
    services_due.prepare(due, ISSUED, TODAY)
    return due


def approved(path, **given):
    due = asked(path, **given)
    return services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)


def wrongs(due):
    return {one["what"]: one for one in due.anomalies}


def test_an_annex_bills_the_hours_of_closed_weeks(path):
    """17 whole half-days of 3 h 30 and one of 3 h: 62,5 hours at 12,50 euros."""
    document = approved(path)

    table = document.content.content["table"]
    row = dict(zip([column[0] for column in table["columns"]], table["rows"][0], strict=True))
    assert (row["last_name"], row["hours"], row["price"], row["amount"]) == ("Lœuvre", "62.50", "12.50", "781.25")
    assert [row["first"], row["last"]] == ["2027-01-04", "2027-01-15"]
    assert table["rows"][1][0] == "Total" and "781.25" in table["rows"][1]
    assert document.number.endswith("-AH-0001") and table["layout"] == 0


def test_hours_of_a_week_that_is_open_are_left_out_and_said(path):
    attend(path, [HERE, HERE], first=date(2027, 1, 18))
    due = asked(path, last=date(2027, 1, 31))

    told = wrongs(due)[What.NOT_SEALED_LEFT_OUT]
    assert not due.blocks and told["facts"]["minutes"] == 420
    assert services_lists.unpacked(told["facts"])["days"] == [date(2027, 1, 18)]
    assert due.table["rows"][0][8] == "62.50"


def test_the_hours_of_a_list_add_up_to_what_was_planned(path):
    document = approved(path, listed=Listed.HOURS)

    table = document.content.content["table"]
    row = dict(zip([column[0] for column in table["columns"]], table["rows"][0], strict=True))
    assert [row[key] for key in ("due", "attended", "distance", "justified", "unjustified", "rate")] == [
        "70.00", "62.50", "0.00", "3.50", "4.00", "89.3",
    ]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), [("hour_price", "1300"), ("billing", "flat"), ("rounding", "quarter")])
def test_a_rule_that_changes_in_the_middle_keeps_an_annex_back(path, key, value):
    price(path, value, since=date(2027, 1, 11), key=key)
    due = asked(path)

    told = wrongs(due)[What.RULE_CHANGED]
    assert services_lists.unpacked(told["facts"]) == {"key": key, "day": date(2027, 1, 11)}
    with pytest.raises(NotReady):
        services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)
    assert db.session.query(Document).count() == 0
    assert approved(path, last=date(2027, 1, 10)).ends_on == date(2027, 1, 10)


def test_each_thing_that_is_missing_keeps_a_list_back(path):
    price(path, "0", since=date(2027, 1, 4))
    assert wrongs(asked(path))[What.PRICE_MISSING]["blocks"]
    attend(path, ["-"], first=date(2027, 1, 18))
    missing = wrongs(asked(path, last=date(2027, 1, 20)))[What.HALF_DAYS_MISSING]
    assert missing["blocks"] and missing["who"] == path.person.name
    nobody = asked(path, listed=Listed.HOURS, first=date(2026, 1, 1), last=date(2026, 1, 31))
    assert [one["what"] for one in nobody.anomalies] == [What.NOBODY_PAID] and nobody.blocks
    assert What.PERIOD_OPEN in wrongs(asked(path, last=TODAY))


def test_a_flat_agreement_says_hours_without_an_amount(path):
    price(path, "flat", key="billing")
    document = approved(path)

    row = document.content.content["table"]["rows"][0]
    assert row[8:11] == ["62.50", None, None]


def test_more_hours_than_agreed_since_the_beginning_keep_an_annex_back(path):
    path.share.minutes_agreed = 3000
    save()
    due = asked(path, first=date(2027, 1, 11))

    assert wrongs(due)[What.HOURS_OVER_AGREED]["facts"] == {"minutes": 3750, "agreed": 3000}


def test_facts_that_changed_since_they_were_read_are_read_again(path):
    due = asked(path)
    seen = due.seen
    price(path, "1300")

    with pytest.raises(rules.FactsChanged):
        services_due.approve(due, seen, path.manager, ISSUED, TODAY)
    assert due.seen != seen and due.table["rows"][0][9] == "13.00"
    assert services_due.approve(due, due.seen, path.manager, ISSUED, TODAY).content is not None
    with pytest.raises(rules.AlreadyDecided):
        services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)


def test_a_list_that_was_issued_is_replaced_with_a_reason(path):
    first = approved(path)
    price(path, "1300")
    due = asked(path)

    with pytest.raises(ChangeReasonMissing):
        services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)
    second = services_due.approve(due, due.seen, path.manager, ISSUED, TODAY, reason="Avenant 2")
    assert second.replaces_id == first.id and first.acts[-1].what == "replaced"


def test_a_refused_list_says_why_and_is_issued_to_nobody(path):
    due = asked(path)
    with pytest.raises(ChangeReasonMissing):
        services_due.refuse(due, " ", path.manager, ISSUED)
    services_due.refuse(due, "Le prix est à revoir", path.manager, ISSUED)

    assert (due.decision, due.reason, due.content, due.document_id) == ("refused", "Le prix est à revoir", {}, None)
    assert db.session.query(Document).count() == 0
    assert db.session.query(AuditEntry).filter_by(action="refused_report").count() == 1


def test_the_doors_of_the_funder_are_told_and_show_the_list_and_no_other_does(path):
    other = pay(path, funder="France Travail", starts_on=date(2027, 2, 1))
    doors = [
        services_doors.open_door(
            path.cohort.school_id,
            Wish(DoorKind.FUNDER, True, name, f"{number}@example.org", funder, ends_on=TODAY + timedelta(days=9)),
            path.manager, ISSUED, TODAY,
        )
        for number, (name, funder) in enumerate(
            [("Région", path.funding.funder_id), ("France Travail", other.funding.funder_id)]
        )
    ]  # fmt: skip
    document = approved(path)

    [sent] = db.session.scalars(select(Outgoing)).all()
    assert sent.recipient == "0@example.org" and f"/documents/{document.id}" in sent.text and "781" not in sent.text
    assert [services_seen.document_of(door, document.id) is not None for door in doors] == [True, False]
    assert document.acts[-1].what == "sent"


def test_a_list_comes_back_each_month_and_is_asked_for_once(path):
    school, funder = path.cohort.school, path.funding.funder
    turn = rules.first_turn(date(2027, 2, 5), date(2027, 1, 1), date(2027, 1, 31), Rhythm.MONTHLY, date(2027, 2, 1))
    one = services_due.schedule(school, Listed.HOURS, funder, None, Rhythm.MONTHLY, turn, path.manager, ISSUED)

    assert services_due.prepare_those_due(ISSUED, date(2027, 2, 4)) == 0
    assert services_due.prepare_those_due(ISSUED, date(2027, 3, 5)) == 2
    assert services_due.prepare_those_due(ISSUED, date(2027, 3, 5)) == 0
    assert (one.next_on, one.next_first, one.next_last) == (date(2027, 4, 5), date(2027, 3, 1), date(2027, 3, 31))
    found = db.session.scalars(select(ReportDue).order_by(ReportDue.id)).all()
    assert [(due.first, due.last) for due in found] == [
        (date(2027, 1, 1), date(2027, 1, 31)), (date(2027, 2, 1), date(2027, 2, 28)),
    ]  # fmt: skip
    services_due.end_schedule(one, path.manager, ISSUED)
    assert services_due.prepare_those_due(ISSUED, date(2028, 3, 5)) == 0


def test_a_list_made_once_ends_after_its_day(path):
    turn = rules.first_turn(TODAY, START, LAST, Rhythm.ONCE, TODAY)
    one = services_due.schedule(
        path.cohort.school, Listed.INVOICE, path.funding.funder, path.funding, Rhythm.ONCE, turn, path.manager, ISSUED
    )
    assert services_due.prepare_those_due(ISSUED, TODAY) == 1 and one.ended_at is not None


@pytest.mark.parametrize(
    ("first", "last", "on", "rhythm", "refused"),
    [
        (START, LAST, TODAY, Rhythm.ONCE, None),
        (START, LAST, TODAY - timedelta(days=1), Rhythm.ONCE, rules.DayPast),
        (LAST, START, TODAY, Rhythm.ONCE, rules.PeriodInverted),
        (START, TODAY, TODAY, Rhythm.ONCE, rules.PeriodInverted),
        (START, LAST, TODAY, Rhythm.MONTHLY, rules.PeriodInverted),
        (date(2027, 1, 1), date(2027, 3, 31), TODAY, Rhythm.MONTHLY, rules.PeriodInverted),
        (date(2027, 1, 1), date(2027, 3, 31), TODAY, Rhythm.QUARTERLY, None),
    ],
)
def test_what_comes_back_is_of_whole_months_that_are_over(first, last, on, rhythm, refused):
    if refused is None:
        assert rules.first_turn(on, first, last, rhythm, TODAY) == Turn(on, first, last)
    else:
        with pytest.raises(refused):
            rules.first_turn(on, first, last, rhythm, TODAY)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.sampled_from([Rhythm.MONTHLY, Rhythm.QUARTERLY]))
def test_periods_that_come_back_leave_no_day_out_and_take_none_twice(day, rhythm):
    first = day.replace(day=1)
    last = rules.months_later(first, rules.MONTHS[rhythm]) - timedelta(days=1)
    turn = Turn(last + timedelta(days=5), first, last)
    for _time in range(5):
        after = rules.following(turn, rhythm)
        assert after.first == turn.last + timedelta(days=1) and after.last < after.on
        turn = after


ROW = st.fixed_dictionaries(
    {key: st.integers(0, 10**6).map(lambda cents: Decimal(cents).scaleb(-2)) for key in rules.SUMMED[Listed.HOURS]}
)


@given(st.lists(ROW, max_size=6), st.sampled_from(rules.SUMMED[Listed.HOURS]))
def test_a_list_that_does_not_add_up_is_never_issued(rows, key):
    for row in rows:
        row["due"] = row["attended"] + row["distance"] + row["justified"] + row["unjustified"]
    total = rules.total_of(Listed.HOURS, rows)
    rules.check_sums(Listed.HOURS, rows, total)

    with pytest.raises(rules.DoesNotAddUp):
        rules.check_sums(Listed.HOURS, rows, total | {key: total[key] + 1})
    if rows and key != "company":
        rows[0][key] += 1
        with pytest.raises(rules.DoesNotAddUp):
            rules.check_sums(Listed.HOURS, rows, rules.total_of(Listed.HOURS, rows))


# ---- layouts


def said(listed=Listed.INVOICE, keys=("amount", "last_name")):
    known = {one.key: one for one in COLUMNS[listed]}
    return [(key, f"Titre {key}", str(known[key].kind) if key in known else "text") for key in keys]


def test_each_issued_list_says_the_version_of_its_columns_and_keeps_them(path):
    network = make_network_manager()
    first = approved(path)
    services_layouts.say_layout(Listed.INVOICE, None, said(), network, ISSUED)
    due = asked(path, last=date(2027, 1, 10))
    second = services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)

    assert second.content.content["table"]["columns"] == [
        ["amount", "Titre amount", "hundredths"], ["last_name", "Titre last_name", "text"],
    ]  # fmt: skip
    assert (first.content.content["table"]["layout"], second.content.content["table"]["layout"]) == (0, 1)
    used = services_layouts.documents_laid_out(services_layouts.versions_of(Listed.INVOICE, None))
    assert [one.id for found in used.values() for one in found] == [second.id]
    assert any("version 1" in one.get("text", "") for one in second.content.content["blocks"])
    assert len(first.content.content["table"]["columns"]) == len(COLUMNS[Listed.INVOICE])


def test_a_funder_has_columns_of_its_own_and_old_versions_come_back(path):
    network, funder = make_network_manager(), path.funding.funder_id
    services_layouts.say_layout(Listed.INVOICE, None, said(keys=("hours",)), network, ISSUED)
    services_layouts.say_layout(Listed.INVOICE, funder, said(keys=("amount",)), network, ISSUED)
    services_layouts.say_layout(Listed.INVOICE, funder, said(keys=("price",)), network, ISSUED)

    def keys(of=None):
        return [one.key for one in services_layouts.layout_for(Listed.INVOICE, of).columns]

    assert (keys(), keys(funder)) == (["hours"], ["price"])
    services_layouts.restore(Listed.INVOICE, funder, 1, network, ISSUED)
    assert keys(funder) == ["amount"]
    assert [one.version for one in services_layouts.versions_of(Listed.INVOICE, funder)] == [3, 2, 1]
    assert services_layouts.restore(Listed.INVOICE, None, 0, network, ISSUED).restores == 0
    assert keys() == [one.key for one in COLUMNS[Listed.INVOICE]]
    assert services_layouts.restore(Listed.INVOICE, None, 9, network, ISSUED) is None


@pytest.mark.parametrize(
    ("columns", "refused", "facts"),
    [
        ([("motive", "Motif", "text")], rules.UnknownColumn, "motive"),
        ([("hours", "Heures", "hundredths"), ("hours", "Encore", "hundredths")], rules.ColumnTwice, "hours"),
        ([("hours", "Heures", "hundredths"), ("price", "heures", "hundredths")], rules.HeadRefused, "price"),
        ([("hours", " ", "hundredths")], rules.HeadRefused, "hours"),
        ([("hours", "x" * 81, "hundredths")], rules.HeadRefused, "hours"),
        ([("last_name", "Nom", "whole")], rules.KindRefused, "last_name"),
        ([("hours", "Heures", "=1+1")], rules.KindRefused, "hours"),
    ],
)
def test_a_layout_that_cannot_be_followed_is_refused_with_its_column(columns, refused, facts):
    with pytest.raises(refused) as found:
        rules.laid_out(Listed.INVOICE, columns)
    assert found.value.key == facts


def test_a_layout_keeps_a_column():
    with pytest.raises(rules.NoColumn):
        rules.laid_out(Listed.INVOICE, [])


def test_a_column_that_is_no_longer_there_keeps_a_list_back_by_its_name(path):
    """A version said long ago may name a column that the house has taken away since."""
    db.session.add(
        ReportLayout(
            listed="invoice", version=4, columns=[["gone", "Disparue", "text"]], said_by_id=path.manager.id,
            said_at=ISSUED,
        )
    )  # fmt: skip
    save()
    due = asked(path)

    assert due.anomalies[0]["facts"] == {"column": "gone", "version": 4} and due.blocks
    with pytest.raises(rules.FactsChanged):
        services_due.approve(due, due.seen, path.manager, ISSUED, TODAY)
    assert db.session.query(Document).count() == 0
