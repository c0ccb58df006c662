"""The pages of lists: asked for, read with what is wrong, approved, refused, taken as files; columns laid out."""

import io

import openpyxl
import pytest
from sqlalchemy import select

from popschool import clock
from popschool.audit import AuditEntry
from popschool.completion.models_papers import Document
from popschool.completion.rules_papers import What
from popschool.db import db
from popschool.reports import words_lists
from popschool.reports.models_lists import ReportDue, ReportLayout
from popschool.reports.tasks import prepare_list
from tests.completion.paths import HERE, ISSUED, attend, make_path, pay
from tests.factories import make_network_manager, save
from tests.shown import field, shown


def test_a_list_goes_from_its_form_to_its_file(app, client, log_in):
    path = make_path()
    attend(path, [HERE] * 4)
    funding = pay(path).funding
    clock.freeze(ISSUED)
    log_in(path.manager)
    school = f"/schools/{path.cohort.school_id}/lists"
    asked = {"listed": "hours", "agreement": funding.id, "first": "2027-01-04", "last": "2027-01-31", "rhythm": "now"}

    assert client.post(f"{school}/new", data=asked).status_code == 302
    due = db.session.scalars(select(ReportDue)).one()
    assert "La liste se prépare" in client.get(f"/lists/{due.id}").text
    prepare_list(due.id)
    page = client.get(f"/lists/{due.id}").text
    assert "Cette liste est prête" in page and "14,00" in page and "à lire" in client.get(school).text
    assert client.post(f"/lists/{due.id}", data={"seen": "0" * 64}).status_code == 200
    assert db.session.query(Document).count() == 0
    assert client.post(f"/lists/{due.id}", data={"seen": due.seen}).status_code == 302

    document = db.session.scalars(select(Document)).one()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/documents/{document.id}/table.xlsx").data))
    rows = list(book.active.iter_rows(values_only=True))
    assert rows[0][:2] == ("Nom", "Prénom") and rows[1][8:10] == (14, 14) and rows[2][0] == "Total"
    entry = db.session.query(AuditEntry).filter_by(action="export_list").one()
    assert (entry.facts["form"], entry.facts["rows"]) == ("xlsx", 2)
    assert client.get(f"/documents/{document.id}/table.exe").status_code == 404


def test_a_list_is_refused_with_a_reason_and_one_that_comes_back_ends(app, client, log_in):
    path = make_path()
    funding = pay(path).funding
    clock.freeze(ISSUED)
    log_in(path.manager)
    school = f"/schools/{path.cohort.school_id}/lists"
    asked = {"agreement": funding.id, "first": "2027-06-01", "last": "2027-06-30"}
    client.post(f"{school}/new", data=asked | {"listed": "invoice", "rhythm": "now"})
    due = db.session.scalars(select(ReportDue)).one()
    prepare_list(due.id)

    assert "Le prix d&#39;une heure" in client.get(f"/lists/{due.id}").text.replace("\u2019", "&#39;").replace(
        "'", "&#39;"
    )
    assert client.post(f"/lists/{due.id}/refuse", data={"reason": ""}).status_code == 200
    assert client.post(f"/lists/{due.id}/refuse", data={"reason": "Avenant"}).status_code == 302
    assert due.decision == "refused" and "Avenant" in client.get(f"/lists/{due.id}").text

    wrong = client.post(f"{school}/new", data=asked | {"listed": "hours", "rhythm": "monthly", "on": "2027-07-01"})
    assert wrong.status_code == 200 and "à venir" in wrong.text
    client.post(f"{school}/new", data=asked | {"listed": "hours", "rhythm": "monthly", "on": "2027-08-05"})
    assert "Ce qui revient" in client.get(school).text
    client.post("/list-schedules/1/end")
    assert "Ce qui revient" not in client.get(school).text


def test_the_network_lays_columns_out_and_takes_a_version_up_again(app, client, log_in):
    log_in(make_network_manager())
    assert "/network/layouts/invoice" in client.get("/network/layouts").text
    said = {"place_hours": "1", "head_hours": "Heures", "kind_hours": "tenths", "place_last_name": "2"}
    assert client.post("/network/layouts/invoice", data=said).status_code == 302
    first = db.session.scalars(select(ReportLayout)).one()
    assert first.columns == [["hours", "Heures", "tenths"], ["last_name", "Nom", "text"]]

    twice = said | {"head_last_name": "heures"}
    refused = client.post("/network/layouts/invoice", data=twice)
    assert refused.status_code == 200 and "last_name" in refused.text
    assert client.post("/network/layouts/invoice", data={"place_hours": ""}).status_code == 200
    client.post("/network/layouts/invoice", data={"place_amount": "1"})
    client.post("/network/layouts/invoice/restore", data={"version": "1"})
    page = client.get("/network/layouts/invoice").text
    assert "Version 3" in page and "Elle reprend la version 1" in page.replace("\u00a0", " ")
    assert client.post("/network/layouts/invoice/restore", data={"version": "9"}).status_code == 404


def test_two_people_who_lay_out_the_same_list_are_told_and_lose_nothing(app, client, log_in):
    log_in(make_network_manager())
    said = {"place_hours": "1", "head_hours": "Heures", "kind_hours": "tenths", "seen": "0"}
    client.post("/network/layouts/invoice", data=said)

    late = client.post("/network/layouts/invoice", data=said | {"head_hours": "Mes heures"})
    after = client.post(
        "/network/layouts/invoice", data=said | {"head_hours": "Mes heures", "seen": field(late, "seen")}
    )

    assert late.status_code == 200 and "Quelqu'un vient de changer ces colonnes" in shown(late)
    assert "Mes heures" in late.text and after.status_code == 302
    heads = [one.columns[0][1] for one in db.session.scalars(select(ReportLayout).order_by(ReportLayout.version))]
    assert heads == ["Heures", "Mes heures"]


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"place_hours": "premier"}, "place_hours"),
        ({"place_hours": "0"}, "place_hours"),
        ({"place_hours": "1", "kind_hours": "roman"}, "kind_hours"),
        ({"place_hours": "1", "head_hours": "x" * 81}, "head_hours"),
        ({"place_motive": "1"}, None),
    ],
)
def test_a_wrong_layout_is_said_beside_its_field_and_nothing_is_kept(app, client, log_in, said, wrong):
    log_in(make_network_manager())

    page = client.post("/network/layouts/invoice", data=said)

    assert page.status_code == 200 and db.session.scalars(select(ReportLayout)).all() == []
    assert f'id="{wrong}-e"' in page.text if wrong else "Gardez au moins une colonne" in shown(page)
    assert client.get("/network/layouts/nothing").status_code == 404


def test_a_version_that_names_a_column_of_the_past_is_told_and_can_be_mended(app, client, log_in):
    manager = make_network_manager()
    old = ReportLayout(listed="invoice", version=1, columns=[["old", "Ancienne", "text"]], said_by_id=manager.id,
                       said_at=clock.now())  # fmt: skip
    db.session.add(old)
    save()
    log_in(manager)

    page = shown(client.get("/network/layouts/invoice"))

    assert "La version 1 nomme une colonne qui n'existe pas" in page and "Aucun papier n'est fait avec elle" in page
    assert client.post("/network/layouts/invoice", data={"place_hours": "1", "seen": "1"}).status_code == 302
    refused = client.post("/network/layouts/invoice/restore", data={"version": "1"})
    assert refused.status_code == 409 and "n'existe pas" in shown(refused)


def test_what_is_true_of_several_people_is_told_once_with_how_many_they_are(app):
    def told(who, count):
        facts = {"count": count}
        return {"who": who, "enrolment": 1, "what": str(What.NOT_CONFIRMED), "facts": facts, "blocks": False}

    with app.test_request_context():
        alike = words_lists.told_once([told("Ana", 15), told("Cléo", 15)])
        apart = words_lists.told_once([told("Ana", 15), told("Bob", 2), told("Cléo", 15)])

    assert [(one["who"], one["enrolment"], one["facts"]["count"]) for one in alike] == [("2 personnes", None, 15)]
    assert [one["who"] for one in apart] == ["Ana", "Bob", "Cléo"], "nobody loses their name"
