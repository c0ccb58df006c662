"""What a funder says of the motives of absence: its papers follow it, and the school's own record does not move."""

import csv
import io
from datetime import date

import pytest
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from popschool import clock
from popschool.attendance import services_marks
from popschool.attendance.models import PresenceDay
from popschool.attendance.rules import Absence, Mark
from popschool.attendance.services_marks import Said
from popschool.audit import AuditEntry
from popschool.completion import rules_codes, services_codes, services_funding
from popschool.completion.models_codes import FunderCode
from popschool.completion.rules_codes import Missed, Saying
from popschool.completion.rules_funding import FunderKind
from popschool.completion.rules_hours import Hours
from popschool.completion.rules_papers import PaperKind, What
from popschool.db import db, transaction
from tests.completion.paths import ISSUED, START, attend, late, make_path, pay

SINCE = date(2027, 1, 5)
TRAIN, ILL = Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-TRA"), Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL")


def test_the_last_thing_said_of_a_day_holds_from_it():
    said = [
        Saying(1, "AJ-TRA", False, SINCE),
        Saying(3, "AJ-TRA", True, date(2027, 2, 1)),
        Saying(2, "X", False, SINCE),
    ]
    days = (date(2027, 1, 4), SINCE, date(2027, 2, 1))

    assert [rules_codes.is_accepted(said, "AJ-TRA", day) for day in days] == [True, False, True]
    assert rules_codes.is_accepted(said, "", SINCE)
    missed = [Missed(day, 210, code) for day in days for code in ("AJ-TRA", "AJ-MAL")]
    assert rules_codes.refused(said, missed) == [Missed(SINCE, 210, "AJ-TRA")]


def test_hours_that_a_funder_refuses_still_add_up():
    hours = rules_codes.without(Hours(planned=420, due=420, attended=210, justified=210), 90)

    assert (hours.justified, hours.unjustified, hours.adds_up) == (120, 90, True)


@pytest.fixture
def path(app):
    """Two half-days missed for a train and an illness, one late for a train, one there; and who pays."""
    path = make_path()
    path.share = pay(path)
    by_train = Said(Mark.PARTIAL, Absence.JUSTIFIED, late_minutes=30, code="AJ-TRA")
    attend(path, [TRAIN, TRAIN, ILL, by_train, late(20), "P"])
    return path


def refuse(path, code="AJ-TRA", since=SINCE, **given):
    fields = {"is_accepted": False, "funder_code": "", "words": ""} | given
    return services_codes.say_code(
        path.cohort.school_id, path.share.funding.funder, code, since=since, by=path.manager, now=ISSUED, **fields
    )


def test_the_papers_of_a_funder_count_as_it_does_and_the_record_stays(path):
    before = path.preview(last=date(2027, 1, 31), kind=PaperKind.ATTENDANCE)
    refuse(path)
    after = path.preview(last=date(2027, 1, 31), kind=PaperKind.ATTENDANCE)

    assert (before.facts.hours.justified, before.facts.hours.unjustified) == (3 * 210 + 30, 20)
    # The first day is before the funder said so: both half-days of the train stay justified.
    assert (after.facts.hours.justified, after.facts.hours.unjustified) == (3 * 210, 50)
    assert after.facts.hours.adds_up
    [(_month, hours)] = after.facts.counted.months
    assert hours.unjustified == 50
    [told] = [one for one in after.anomalies if one.what is What.MOTIVES_REFUSED]
    assert not told.blocks
    assert told.facts["minutes"] == 30
    assert sum(db.session.scalars(select(PresenceDay.justified))) == 3 * 210 + 30


def test_a_correction_is_what_counts_and_another_funder_is_not_concerned(path):
    refuse(path, since=START)
    services_marks.mark(path.half_days[0], path.person, ILL_AGAIN, path.manager, ISSUED)
    other = services_funding.add_funder(path.cohort.school_id, FunderKind.OPCO, "Opco", "", "", path.manager.id, ISSUED)
    services_codes.say_code(
        path.cohort.school_id, other, "AJ-MAL", is_accepted=False, funder_code="", words="", since=START,
        by=path.manager, now=ISSUED,
    )  # fmt: skip

    hours = path.preview(kind=PaperKind.ATTENDANCE).facts.hours
    assert (hours.justified, hours.unjustified) == (2 * 210, 210 + 30 + 20)


ILL_AGAIN = Said(Mark.ABSENT, Absence.JUSTIFIED, code="AJ-MAL", reason="Le papier est venu.", role="school")


def test_a_funder_reads_its_own_codes_and_no_other_motive(path, client, log_in):
    clock.freeze(ISSUED)
    school, funder = path.cohort.school_id, path.share.funding.funder_id
    address = f"/schools/{school}/funders/{funder}/absence-codes"
    log_in(path.manager)
    given = {"is_accepted": "no", "funder_code": "T4", "words": "Transports", "since": "2027-01-01"}
    kept = client.post(f"{address}/AJ-TRA", data=given, follow_redirects=True)
    assert "Transports" in kept.text
    assert "ne justifie pas" in kept.text

    told = client.get(f"/schools/{school}/funders/{funder}/absences/2027-01.csv")
    rows = list(csv.DictReader(io.StringIO(told.data.decode("utf-8-sig")), delimiter=";"))

    assert [(row["Date"], row["Minutes"], row["Code"], row["Justifiée pour le financeur"]) for row in rows] == [
        ("04/01/2027", "210", "T4", "non"),
        ("04/01/2027", "210", "T4", "non"),
        ("05/01/2027", "210", "AJ", "oui"),
        ("05/01/2027", "30", "T4", "non"),
        ("06/01/2027", "20", "AI", "non"),
    ]
    assert {row["Nom"] for row in rows} == {"Lœuvre"}
    assert db.session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "export_absences")).one()["rows"] == 5
    none = client.get(f"/schools/{school}/funders/{funder}/absences/2027-02.csv")
    assert "parmi ceux que ce financeur paie" in none.text
    assert none.status_code == 409
    for wrong in (f"{address}/AJ-XYZ", f"/schools/{school}/funders/999999/absence-codes"):
        assert client.get(wrong).status_code == 404
    assert client.get(f"/schools/{school}/funders/{funder}/absences/2027-13.csv").status_code == 404
    log_in(path.trainer)
    assert client.get(address).status_code == 403


def test_what_a_funder_said_is_never_rewritten(path):
    refuse(path)
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(delete(FunderCode))
