"""What is copied by hand elsewhere: the rate of a CPF, the steps of KAIROS, the form of the GEN; nothing is guessed."""

from datetime import date, timedelta

import pytest

from popschool import clock
from popschool.completion import services_funding
from popschool.completion.models import EnrolmentFunding, Funding
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.completion.rules_hours import Hours
from popschool.db import db
from popschool.reports import rules_declared as rules
from popschool.reports import services_declared as services
from popschool.reports import services_layouts
from popschool.reports.models_declared import KairosEntry
from popschool.reports.rules_declared import Done, Known, Step, Student, Wrong
from popschool.reports.rules_lists import Listed
from tests.completion.paths import END, HERE, ISSUED, START, TODAY, attend, make_path
from tests.factories import add

EXAMPLE = Hours(planned=37800, due=37800, attended=35340, unjustified=2460, company=16380, company_planned=16800)


@pytest.mark.parametrize(
    ("hours", "agreed", "left_early", "reason", "percent", "state", "wrong"),
    [
        (EXAMPLE, None, False, "", 95, Done.PARTLY, ()),
        (EXAMPLE, 54600, False, "", 95, Done.PARTLY, ()),
        (Hours(planned=600, due=600, attended=598, unjustified=2), None, False, "", 99, Done.PARTLY, ()),
        (Hours(planned=600, due=600, attended=600), None, False, "", 100, Done.WHOLE, ()),
        (Hours(planned=300, due=300, attended=300), 600, True, "employment", 50, Done.PARTLY, ()),
        (Hours(planned=300, due=300, attended=300), 600, True, "", 50, Done.PARTLY, (Wrong.NO_REASON,)),
        (Hours(planned=300, due=300, attended=300), None, True, "other", None, Done.PARTLY, (Wrong.NO_DURATION,)),
        (Hours(planned=600, due=600, attended=590, missing=10), None, False, "", 98, Done.PARTLY, (Wrong.UNSAID,)),
        (Hours(planned=600, due=600, attended=600), 500, False, "", 99, Done.PARTLY, (Wrong.OVER,)),
    ],
)
def test_the_rate_of_a_cpf_is_whole_and_100_only_of_the_whole(hours, agreed, left_early, reason, percent, state, wrong):
    found = rules.rate(hours, agreed, True, left_early, reason)

    if Wrong.OVER in wrong:
        assert found.wrong == wrong
        assert not found.may_declare
        return
    assert (found.percent, found.state, found.wrong) == (percent, state, wrong)
    assert found.may_declare == (not wrong)
    assert not rules.rate(hours, agreed, False, left_early, reason).may_declare


def test_what_is_due_in_kairos_follows_the_days_of_a_place():
    first, last = date(2027, 1, 4), date(2027, 7, 12)

    assert rules.steps_due(first, last, None, date(2027, 1, 1)) == [Step.ENROLLED]
    assert rules.steps_due(first, last, None, date(2027, 2, 1)) == [Step.ENROLLED, Step.ENTERED, Step.PRESENCE]
    assert rules.steps_due(first, last, date(2027, 3, 1), date(2027, 3, 2))[-1] is Step.LEFT
    assert rules.steps_due(first, last, None, date(2027, 7, 13))[-1] is Step.ENDED


def test_the_form_says_of_how_many_each_figure_is_known():
    known = Student(True, True, False, 25, dropped=True, has_title=False, later={"three_months": "permanent"})
    silent = Student(None, None, None, None, dropped=False, has_title=True, later={"three_months": None})

    found = rules.form([known, silent], frozenset({"permanent"}))

    assert found["people"] == Known(2, 2, 2)
    assert found["women"] == Known(1, 1, 2)
    assert not found["women"].is_sure
    assert found["under_26"] == Known(1, 1, 2)
    assert (found["dropped"], found["titles"]) == (Known(1, 2, 2), Known(1, 2, 2))
    assert found["three_months"] == Known(1, 1, 2)
    assert found["six_months"] == Known(None, 0, 0)
    assert found["priority_areas"].count is None


@pytest.fixture
def path(app):
    """A place of ten half-days, all followed but one, paid by a CPF and by France Travail."""
    path = make_path(ends_on=date(2027, 1, 8))
    attend(path, HERE * 9 + "A")
    for kind, number in ((FunderKind.CPF, "D-1"), (FunderKind.FRANCE_TRAVAIL, "")):
        funder = services_funding.add_funder(None, kind, str(kind), "", "", path.manager.id, ISSUED)
        funding = add(
            Funding(
                school_id=path.cohort.school_id, funder_id=funder.id, kind=str(FundingKind.PERSON),
                report_line="7", starts_on=START, ends_on=END, created_at=ISSUED,
            )
        )  # fmt: skip
        add(
            EnrolmentFunding(
                school_id=path.cohort.school_id, enrolment_id=path.enrolment.id, funding_id=funding.id,
                starts_on=START, ends_on=path.enrolment.ends_on, file_number=number, created_at=ISSUED,
            )
        )  # fmt: skip
    db.session.commit()
    return path


def test_a_school_reads_the_rate_with_its_rows_and_takes_its_file(path, client, log_in):
    clock.freeze(ISSUED)
    log_in(path.manager)

    [line] = services.rates_of(path.cohort, TODAY)
    page = client.get(f"/cohorts/{path.cohort.id}/cpf").text
    table = client.get(f"/cohorts/{path.cohort.id}/cpf.csv").text.splitlines()

    assert (line.rate.percent, line.rate.state, line.rate.may_declare) == (90, Done.PARTLY, True)
    assert "90" in page
    heads, row = (one.lstrip("\ufeff").split(";") for one in table)
    said = dict(zip(heads, row, strict=True))
    assert (said["Taux de réalisation (%)"], said["Service fait"], said["À déclarer"]) == ("90", "partielle", "oui")
    assert said["Dossier"] == "D-1"


def test_what_was_typed_in_kairos_is_kept_with_its_day_and_who_and_what_lacks_is_said(path, client, log_in):
    clock.freeze(ISSUED)
    log_in(path.manager)
    address = f"/cohorts/{path.cohort.id}/kairos"

    [before] = services.kairos_of(path.cohort, TODAY).lines
    assert before.wrong == (Wrong.NO_SESSION, Wrong.NO_NUMBER, Wrong.LATE)
    client.post(address, data={"number": "2027-59-1"})
    client.post(f"{address}/{path.enrolment.id}", data={"step": "aes"})
    refused = client.post(f"{address}/{path.enrolment.id}", data={"step": "left"})

    sheet = services.kairos_of(path.cohort, TODAY)
    [after] = sheet.lines
    assert refused.status_code == 409
    assert sheet.session == "2027-59-1"
    assert after.wrong == (Wrong.NO_NUMBER,)
    assert (after.done["aes"].by_id, after.done["aes"].value) == (path.manager.id, TODAY.isoformat())
    assert db.session.query(KairosEntry).count() == 2
    heads, row = client.get(f"{address}.csv").text.lstrip("\ufeff").splitlines()
    typed = ["Présence du mois saisie le", "Sortie avant la fin saisie le", "Fin et bilan saisis le"]
    assert heads.split(";")[-3:] == typed
    assert row.startswith("2027-59-1;")
    assert path.person.name in client.get(address).text
    said = [("name", "NOM", "text"), ("followed", "Heures", "whole")]
    services_layouts.say_layout(Listed.KAIROS, None, said, path.manager, ISSUED)
    heads, row = client.get(f"{address}.csv").text.lstrip("\ufeff").splitlines()
    assert (heads, row) == ("NOM;Heures", f"{path.person.last_name};32"), "31.5, as the network has it written"


def test_the_form_of_the_gen_counts_those_who_came_in_the_year(path, client, log_in):
    clock.freeze(ISSUED)
    log_in(path.manager)
    place = f"/schools/{path.cohort.school_id}/gen"

    places, figures = services.gen_form(path.cohort.school_id, 2027, TODAY)

    assert [one.id for one in places] == [path.enrolment.id]
    assert figures["people"].count == 1
    assert figures["women"] == Known(None, 0, 1)
    assert services.gen_form(path.cohort.school_id, 2026, TODAY)[0] == []
    assert client.get(f"{place}/2027").status_code == 200
    assert "Effectif;1;1;1" in client.get(f"{place}/2027.csv").text
    assert client.get(f"{place}/{(TODAY + timedelta(days=400)).year}").status_code == 404
