"""The copy sheet of the yearly report: each place on its line, and totals that the form accepts."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from popschool import clock
from popschool.attendance.models import PresenceDay
from popschool.completion import services_figures, services_funding, services_report
from popschool.completion.models_papers import Document
from popschool.completion.paper_report import Filled, rows
from popschool.completion.rules_figures import Control, Identity, Money, Wrong, controls, together
from popschool.completion.rules_funding import FundingKind
from popschool.completion.rules_papers import AlreadyIssued, NotReady
from popschool.completion.rules_report import Count, Place, exercise, line_of_person, lines_of_goal
from popschool.db import db
from popschool.schools.models import Network
from tests.completion.paths import (
    HERE,
    ISSUED,
    START,
    TODAY,
    attend,
    in_order,
    make_path,
    paper_of,
    pay,
    read_aloud,
    work_in_company,
)
from tests.completion.sheets import sheet_from
from tests.factories import make_enrolment, make_network_manager, make_person, make_school, save
from tests.shown import shown


def place(minutes=210, funder="region", speciality="326", **more) -> Place:
    return Place(1, "Élodie", minutes, funder, speciality=speciality, **more)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"funder": "region"}, "c"),
        ({"funder": "state"}, "c"),
        ({"funder": "region", "employer": "Atelier du Canal"}, "a"),
        ({"funder": "opco"}, "a"),
        ({"funder": None, "nature": "apprenticeship"}, "b"),
        ({"funder": "person"}, "d"),
        ({"funder": "cpf"}, None),  # the account says nothing of a job: somebody has to
        ({"funder": None}, None),
    ],
)
def test_who_pays_says_the_line_of_a_person(given, line):
    assert line_of_person(place(**given)) == line


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        ({"certification": "RNCP37674", "level": 5}, ["a", "a5"]),
        ({"certification": "RNCP37873", "level": 7}, ["a", "a6"]),
        ({"certification": "RS5893"}, ["b"]),
        ({}, ["d"]),
        ({"nature": "vae"}, ["f"]),
    ],
)
def test_the_certification_says_the_line_of_an_action(given, lines):
    assert lines_of_goal(place(**given)) == lines


def test_what_has_no_line_is_named_and_the_totals_then_differ():
    found = sheet_from([place(), place(funder=None, speciality="")])

    assert found.unsorted == {"F-1": ["Élodie"], "F-4": ["Élodie"]}
    assert not found.agrees


def test_a_year_is_copied_from_the_register(app):
    """40 half-days of 3 h 30 by one person, led by one trainer, 14 h in a company that the report leaves out."""
    path = make_path()
    attend(path, ["J"] + [HERE] * 39)
    pay(path)
    work_in_company(path, date(2027, 5, 3), date(2027, 5, 28), [420, 420])
    services_funding.save_action(path.cohort, "training", ["Publier"], "326", path.manager.id, ISSUED)
    school = path.cohort.school_id

    found = services_report.yearly_sheet([school], *exercise(2027))

    assert found.people["c"] == Count(1, 39 * 210)
    assert found.trainers == Count(1, 40 * 210)
    assert found.specialities == [("326", Count(1, 39 * 210))]
    assert found.payers == {"6": ["Région 2027-118"]}
    assert found.agrees
    table = rows(Filled(found, Money(), Identity(), 2027))
    assert ("F-1", "c", "Personnes en recherche d'emploi formées par votre organisme", 1, 136.5, "") in table
    services_funding.say_setting(school, "company_in_report", "yes", date(2027, 1, 1), True, path.manager, ISSUED)
    assert services_report.yearly_sheet([school], *exercise(2027)).people["c"] == Count(1, 39 * 210 + 840)
    pay(path, funder="Atelier du Canal", kind=FundingKind.COMPANY, employer="Atelier du Canal")
    assert services_report.yearly_sheet([school], *exercise(2027)).people["a"].people == 1, (
        "an employee is one, whoever else pays"
    )
    assert services_report.yearly_sheet([school], *exercise(TODAY.year - 1)).total == Count()


SAID = {
    "legal_form": "Association", "activity_code": "85.59A", "is_public": "yes", "turnover_share": "92,5",
    "director": "Claude Martin", "quality": "directrice générale",
}  # fmt: skip
WHOLE = Identity("Pop School", "32591234567", "12345678900012", "Valenciennes", "03 53 01 00 01", "a@example.org", SAID)


def wrong(places, typed, identity=WHOLE, payers=None, is_over=True) -> list[Wrong]:
    return [
        one.what for one in controls(sheet_from(places, payers or {"6": ["Région"]}), Money(typed), identity, is_over)
    ]


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ({}, Wrong.FIGURES_MISSING),
        ({"C6": 1000}, Wrong.NO_CHARGES),
        ({"C6": 1000, "D": 900, "D_salaries": 700, "D_fees": 300}, Wrong.CHARGES_SHORT),
        ({"C6": 1000, "D": 900, "F2_people": 2}, Wrong.TOO_MANY_GIVEN),
        ({"C6": 1000, "D": 900, "F2_minutes": 211}, Wrong.TOO_MANY_GIVEN),
        ({"C7": 1000, "D": 900, "C6": 5}, Wrong.EUROS_WITHOUT_PAYER),
        ({"D": 900}, Wrong.PAYER_WITHOUT_EUROS),
        ({"C6": 1000, "C10": 50, "D": 900}, Wrong.ENTRUSTED_WITHOUT_EUROS),
    ],
)
def test_each_control_of_the_form_is_made_before_it_is_filed(typed, what):
    assert what in wrong([place()], typed)


def test_a_report_in_order_has_no_control_that_fails():
    typed = {"C6": 1000, "D": 900, "D_salaries": 600, "D_fees": 300, "F2_people": 1, "F2_minutes": 210}

    assert wrong([place()], typed) == []
    assert wrong([place()], typed, is_over=False) == [Wrong.YEAR_OPEN]
    assert wrong([place(funder=None, speciality="")], typed) == [Wrong.NO_LINE, Wrong.NO_SPECIALITY]
    assert controls(sheet_from([place()], {"6": ["R"]}), Money(typed), Identity(), True) == [
        Control(Wrong.IDENTITY_MISSING, Identity().missing)
    ]


@given(st.lists(st.dictionaries(st.sampled_from(["C1", "C2a", "C2h", "C6", "C11", "D"]), st.integers(0, 10**6))))
def test_what_schools_typed_adds_up_line_by_line_and_line_2_within_the_total(schools):
    found = together(Money(one) for one in schools)

    assert found.total == sum(Money(one).total for one in schools)
    assert found.alternating == sum(one.get("C2a", 0) + one.get("C2h", 0) for one in schools) <= found.total
    assert all(found.of(line) is None for line in ("C1", "D") if not any(line in one for one in schools))


@pytest.fixture
def filed(app):
    """A school whose year is over, with everything typed, and its network's own words."""
    path = make_path()
    attend(path, [HERE] * 4)
    pay(path)
    services_funding.save_action(path.cohort, "training", ["Publier"], "326", path.manager.id, ISSUED)
    network = db.session.query(Network).one()
    network.phone, network.mail = "0353010001", "contact@example.org"
    save()
    services_figures.say_figures(None, 2026, SAID, path.manager, ISSUED)
    typed = {"C6": 12500, "D": 11000, "D_salaries": 8000, "D_fees": None, "E_people": 1, "E_minutes": 390}
    services_figures.say_figures(path.cohort.school_id, 2027, typed, path.manager, ISSUED)
    return path


NEXT_YEAR = date(2028, 2, 1)


def test_the_copy_of_a_report_is_issued_once_and_says_each_frame(filed):
    school = filed.cohort.school
    one = services_figures.of_school(school, 2027, NEXT_YEAR)
    content = services_figures.content_of(one, school, NEXT_YEAR)

    assert one.controls == []
    document = services_figures.issue(one, school, content, filed.manager, ISSUED)
    said = read_aloud(paper_of(document))

    assert document.number.endswith("-BP-0001")
    assert services_figures.of_school(school, 2027, NEXT_YEAR).issued.id == document.id
    assert in_order(
        said,
        "BILAN PÉDAGOGIQUE ET FINANCIER",
        "Cerfa n° 10443*17. Exercice du 01/01/2027 au 31/12/2027.",
        "Numéro de déclaration 32591234567",
        "Forme juridique Association",
        "SIRET 12345678900012",
        "Code NAF 85.59A",
        "Adresse publique oui",
        "Actions de formation en tout ou partie à distance non",
        "Cadre C : produits hors taxes",
        "2 Total des lignes 2a à 2h 0",
        "6 Conseils régionaux 12 500",
        "Total des produits, lignes 1 à 11 12 500",
        "Part du chiffre d'affaires global : 92,5 %.",
        "Total des charges liées à l'activité de formation 11 000",
        "dont salaires des formateurs 8 000",
        "Personnes de votre organisme 1 14,00",
        "Personnes extérieures (sous-traitance) 1 6,50",
        "c Personnes en recherche d'emploi formées par votre organisme 1 14,00",
        "(1) Total 1 14,00",
        "(2) Dont action confiée à un autre organisme",
        "(3) Total 1 14,00",
        "326 Code NSF 1 14,00",
        "(4) Total 1 14,00",
        "(5)",
        "Nom et prénom du dirigeant ou de la dirigeante Claude Martin",
        "directrice générale",
    )
    with pytest.raises(AlreadyIssued):
        services_figures.issue(one, school, content, filed.manager, ISSUED)
    with pytest.raises(NotReady):
        early = services_figures.of_school(school, 2027, TODAY)
        services_figures.issue(early, school, content, filed.manager, ISSUED)


def read(answer) -> str:
    """Return a page with ordinary spaces."""
    return answer.get_data(as_text=True).replace("\u202f", " ").replace("\u00a0", " ")


def test_figures_are_typed_kept_as_versions_and_refused_with_what_was_typed(filed, client, log_in):
    log_in(filed.manager)
    address = f"/schools/{filed.cohort.school_id}/report/{TODAY.year}"

    refused = read(client.post(f"{address}/figures", data={"C6": "douze mille", "D": "11000"}))
    client.post(f"{address}/figures", data={"C6": "13 000 €", "D": "11000,00", "E_minutes": "6,5"})
    page = read(client.get(address))

    assert 'value="douze mille"' in refused and "Exemple : 12 500" in refused
    assert "13 000 €" in page
    found = services_figures.versions_of(filed.cohort.school_id, 2027)
    assert [one.figures["C6"] for one in found] == [13000, 12500], "what was typed before stays"
    assert found[0].figures == {"C6": 13000, "D": 11000, "E_minutes": 390}


def test_the_network_adds_its_schools_up(filed, client, log_in):
    other = make_path(make_school(network_id=filed.cohort.school.network_id, name="École de Lens"))
    attend(other, [HERE] * 2)
    services_figures.say_figures(other.cohort.school_id, 2027, {"C6": 500, "C7": 40}, other.manager, ISSUED)

    one = services_figures.of_network(2027, NEXT_YEAR)

    assert (one.filled.sheet.total, one.filled.sheet.trainers) == (Count(2, 6 * 210), Count(2, 6 * 210))
    assert (one.filled.money.of("C6"), one.filled.money.of("C7"), one.filled.money.total) == (13000, 40, 13040)
    assert [found.what for found in one.controls if found.blocks] == [Wrong.NO_LINE, Wrong.NO_SPECIALITY]
    log_in(filed.manager)
    assert client.get("/network/report/2027").status_code == 403
    boss = make_network_manager()
    save()
    log_in(boss)
    client.post("/network/report/2027/figures", data=SAID | {"director": "Dominique Petit"})
    assert "Dominique Petit" in client.get("/network/report/2027").get_data(as_text=True)
    assert "13040" in client.get("/network/report/2027.csv").get_data(as_text=True)


def test_the_copy_of_the_network_is_a_paper_that_no_school_opens(filed, client, log_in):
    boss = make_network_manager()
    save()
    log_in(boss)
    with at(NEXT_YEAR):
        page = client.get("/network/report/2027/paper").get_data(as_text=True)
        seen = re.search(r'name="seen"[^>]*value="(\w+)"', page)[1]
        issued = client.post("/network/report/2027/paper", data={"seen": seen})
        document = db.session.query(Document).one()
        said = read_aloud(paper_of(document))

        assert issued.status_code == 302 and document.number == "RESEAU-2028-BP-0001"
        assert in_order(
            said, "Toutes les écoles du réseau", "Exercice du 01/01/2027 au 31/12/2027.", "(1) Total 1 14,00"
        )
        assert "Cette copie est déjà faite" in shown(client.get("/network/report/2027/paper"))
        twin = shown(client.get(f"/documents/{document.id}"))
        assert "Bilan pédagogique et financier du réseau" in twin and "Total des produits, lignes 1 à 11" in twin
        figures = re.findall(r"\d+,\d\d", said)
        assert figures and set(figures) <= set(re.findall(r"\d+,\d\d", twin))
        assert "Association Pop School" in shown(client.get(f"/check/{document.code}"))
        log_in(filed.manager)
        assert client.get(f"/documents/{document.id}").status_code in (403, 404)


FIGURE = re.compile(r'<tr role="row"><th.*?</tr>', re.S)


def figures_opened(page: str) -> dict[str, list[str]]:
    """Return the figures of a report that open to their rows, by address, as they are shown."""
    found = {}
    for row in FIGURE.findall(page):
        link = re.search(r'href="([^"]*/report/\d+/[A-G][^"]*)"', row)
        if link:
            found[link[1].replace("&amp;", "&")] = re.findall(r"<td[^>]*>([^<]*)</td>", row)
    return found


def test_every_figure_of_a_report_opens_to_the_rows_that_it_adds_up(filed, client, log_in):
    """Each line of each frame, the school's and then the network's, ends with the figure that was clicked."""
    boss, school = make_network_manager(), filed.cohort.school_id
    save()
    log_in(boss)
    opened = {}
    for address in (f"/schools/{school}/report/2027", "/network/report/2027"):
        for link, figures in figures_opened(client.get(address).get_data(as_text=True)).items():
            opened[link] = client.get(link).get_data(as_text=True)
            total = re.search(r"<tfoot.*?</tfoot>|<dl class=\"answers\".*?</dl>", opened[link], re.S)[0]
            assert all(figure in total for figure in figures[-1:]), (link, figures)
    ends = {link.split("/report/2027/")[1] for link in opened}
    assert ends == {
        "C/6", "C/2", "C/total", "D/D", "D/D_salaries", "E/own", "E/outside", "F-1/c", "F-1/(1)", "F-3/d", "F-3/(3)",
        "F-4/326", "F-4/(4)",
    }  # fmt: skip
    trainer = re.search(r'href="([^"]*/led/\d+)"', opened[f"/schools/{school}/report/2027/E/own"])[1]
    led = client.get(trainer).get_data(as_text=True)
    assert led.count("/half-days/") == led.count(f">{filed.cohort.code}<") == 4
    people = client.get(f"/network/report/2027/F-1/c?school={school}")
    assert f"/enrolments/{filed.enrolment.id}/report/2027" in people.get_data(as_text=True)
    for nothing in ("F-1/z", "D/D2", "E/(1)", "F-4/", "C/2i"):
        assert client.get(f"/schools/{school}/report/2027/{nothing}").status_code == 404


def test_a_certificate_leads_to_its_line_in_each_financial_year_that_holds_its_days(filed, client, log_in):
    services_figures.say_figures(None, 2027, SAID | {"first_month": "3"}, filed.manager, ISSUED)
    document = filed.issue()
    log_in(filed.manager)

    with at(date(2037, 10, 1)):
        page = client.get(f"/documents/{document.id}").get_data(as_text=True)
        links = re.findall(rf'href="(/enrolments/{filed.enrolment.id}/report/\d+)"', page)

        assert [link[-4:] for link in links] == ["2027", "2028"], "from January to July, in years that end in February"
        assert "F-1" in client.get(links[0]).get_data(as_text=True), "however old"
        assert "ne compte pas" in client.get(links[1]).get_data(as_text=True)
        assert client.get(f"/schools/{filed.cohort.school_id}/report/2027").status_code == 200


def test_a_financial_year_that_begins_in_september_is_counted_from_it(filed, client, log_in):
    """14 hours in January 2027 are of the year that closes in August 2027; 7 in September, of the next one."""
    school = filed.cohort.school
    services_figures.say_figures(None, 2027, SAID | {"first_month": "9"}, filed.manager, ISSUED)
    db.session.execute(
        insert(PresenceDay).values(
            enrolment_id=filed.enrolment.id, on=date(2027, 9, 1), school_id=school.id, cohort_id=filed.cohort.id,
            planned=420, attended=420, distance=0, justified=0, unjustified=0, missing=0,
        )
    )  # fmt: skip
    save()

    closed, coming = (services_figures.of_school(school, year, NEXT_YEAR) for year in (2027, 2028))

    assert closed.filled.period == (date(2026, 9, 1), date(2027, 8, 31))
    assert (closed.filled.sheet.total.minutes, coming.filled.sheet.total.minutes) == (840, 420)
    assert Wrong.YEAR_OPEN in [one.what for one in coming.controls]
    assert Wrong.YEAR_OPEN not in [one.what for one in closed.controls]
    log_in(filed.manager)
    page = f"/schools/{school.id}/report"
    with at(TODAY):
        assert client.get(f"{page}/2028").status_code == 404, "it has not begun"
    with at(date(2027, 10, 1)):
        assert "du 01/09/2027 au 31/08/2028" in shown(client.get(f"{page}/2028"))
        assert f"{page}/2028" in client.get(f"{page}/2027").get_data(as_text=True)


@contextmanager
def at(day: date) -> Iterator[None]:
    clock.freeze(datetime.combine(day, time(9), UTC))
    try:
        yield
    finally:
        clock.freeze(None)


def test_the_people_of_a_line_are_shown_some_at_a_time_with_the_total_of_all(filed, client, log_in):
    places = [make_enrolment(make_person("Apprenant"), filed.cohort, starts_on=START) for _ in range(29)]
    boss, school = make_network_manager(), filed.cohort.school_id
    save()
    day = {"on": START, "school_id": school, "cohort_id": filed.cohort.id, "planned": 420, "attended": 420}
    day |= {"distance": 0, "justified": 0, "unjustified": 0, "missing": 0}
    db.session.execute(insert(PresenceDay), [day | {"enrolment_id": place.id} for place in places])
    save()
    log_in(boss)

    for address in (f"/schools/{school}/report/2027/F-3/d", f"/network/report/2027/F-3/d?school={school}"):
        first, second = client.get(address), client.get(address + ("&" if "?" in address else "?") + "page=2")
        links = [re.findall(r"/enrolments/(\d+)/report/2027", one.get_data(as_text=True)) for one in (first, second)]

        assert [len(some) for some in links] == [25, 5] and len({one for some in links for one in some}) == 30
        assert "Total de la ligne : 30" in shown(first) and "217 h" in shown(first)
    assert "217 h" in shown(client.get("/network/report/2027/F-3/d"))
