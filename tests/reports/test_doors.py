"""Doors: whoever comes in sees what is theirs, on their days, and nothing of another's; each look is written down."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Table, event, select
from sqlalchemy.sql import visitors

from popschool import clock
from popschool.audit import AuditEntry
from popschool.auth import services as auth
from popschool.auth.rules import Role
from popschool.completion import services_papers
from popschool.completion.rules_papers import PaperKind
from popschool.completion.services_papers import FUNDER
from popschool.db import db
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.reports import counting, services_doors, services_questions, services_seen
from popschool.reports.models import Door, Question
from popschool.reports.rules_doors import (
    LONGEST_LINK,
    DoorClosed,
    DoorEndMissing,
    DoorKind,
    DoorTooLong,
    HolderMissing,
    NoPeriod,
    PayerMissing,
    QuestionEmpty,
    check_door,
    is_open,
)
from popschool.reports.services_doors import Wish
from popschool.reports.visible import selection_of
from popschool.schools.models import Enrolment
from tests.completion.paths import HERE, ISSUED, START, TODAY, attend, make_path, pay
from tests.factories import make_enrolment, make_network_manager, make_person, make_role, save

END_OF_WEEK = date(2027, 1, 8)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({}, None),
        ({"has_payer": False}, PayerMissing),
        ({"is_link": True}, DoorEndMissing),
        ({"is_link": True, "ends_on": TODAY + LONGEST_LINK}, None),
        ({"is_link": True, "ends_on": TODAY + LONGEST_LINK + timedelta(days=1)}, DoorTooLong),
        ({"ends_on": TODAY - timedelta(days=1)}, DoorTooLong),
        ({"kind": DoorKind.AUDITOR, "has_payer": False}, DoorEndMissing),
        ({"kind": DoorKind.AUDITOR, "has_payer": False, "ends_on": TODAY}, NoPeriod),
        ({"kind": DoorKind.AUDITOR, "has_payer": False, "ends_on": TODAY, "covers": (START, TODAY)}, None),
        ({"covers": (TODAY, START)}, NoPeriod),
    ],
)
def test_a_door_says_for_whom_which_days_and_until_when(given, refused):
    asked = {"kind": DoorKind.FUNDER, "is_link": False, "has_payer": True, "covers": (None, None), "ends_on": None}
    if refused is None:
        check_door(**asked | given, today=TODAY)
        return
    with pytest.raises(refused):
        check_door(**asked | given, today=TODAY)


def test_the_last_day_of_a_door_is_open_and_the_next_is_not():
    assert is_open(False, TODAY, TODAY)
    assert not is_open(False, TODAY, TODAY + timedelta(days=1))
    assert not is_open(True, None, TODAY)


@pytest.fixture
def path(app):
    """Somebody paid for by a Region until Friday, by France Travail from Monday on, with a paper for each."""
    found = make_path()
    attend(found, [HERE] * 10 + ["J"] + [HERE] * 9)
    found.region = pay(found, funder="Région", ends_on=END_OF_WEEK)
    found.next = pay(found, funder="France Travail", starts_on=date(2027, 1, 11))
    found.first = found.issue(kind=PaperKind.ATTENDANCE, first=START, last=END_OF_WEEK)
    found.second = found.issue(kind=PaperKind.ATTENDANCE, first=date(2027, 1, 11), last=date(2027, 1, 15))
    found.both = found.issue(kind=PaperKind.ATTENDANCE, first=START, last=date(2027, 1, 15))
    return found


def opened(path, share=None, is_link=False, by=None, **given) -> Door:
    """Open a door to a share's funder, for its account or by a link."""
    if not is_link:
        by = make_person("Financeur", mail="agent@example.org")
        make_role(by, Role.FUNDER if share else Role.AUDITOR)
        save()
    ends_on = TODAY + timedelta(days=30) if is_link or share is None else None
    wish = Wish(
        DoorKind.FUNDER if share else DoorKind.AUDITOR,
        is_link,
        "Agence",
        "agent@example.org",
        share.funding.funder_id if share else None,
        **{"ends_on": ends_on} | given,
    )
    return services_doors.open_door(path.cohort.school_id, wish, path.manager, ISSUED, TODAY)


def test_a_funder_sees_its_own_days_and_the_papers_made_within_them(path):
    door = opened(path, path.region)

    seen = services_seen.person_of(door, path.enrolment.id, TODAY)
    papers, total = services_seen.documents_of(door, 0, 25)

    assert (seen.sums.hours.due, seen.sums.hours.realised) == (10 * 210, 10 * 210)
    assert services_seen.figures_of(door, TODAY).hours.due == 10 * 210
    assert ([one.id for one in papers], total) == ([path.first.id], 1)
    assert services_seen.document_of(door, path.first.id) is not None
    assert services_seen.document_of(door, path.both.id) is None, "it tells of days that another pays for"
    assert services_seen.document_of(door, path.second.id) is None


def test_one_person_of_a_door_is_counted_from_their_place_and_days_alone(path):
    """As a board counts them, in a statement that asks none of the tables that a door does not show."""
    door = opened(path, path.region)
    selection, read = selection_of(door, TODAY, path.enrolment.id), set()

    def keep(context):
        read.update(one.name for one in visitors.iterate(context.statement) if isinstance(one, Table))

    shown = ("hours", "month", "places")
    board = [row for row in counting.count(selection, counting.BY_PLACE) if row.what in shown]
    event.listen(db.session, "do_orm_execute", keep)
    place = counting.count_place(selection)
    event.remove(db.session, "do_orm_execute", keep)

    assert sorted(map(repr, place)) == sorted(map(repr, board)) != []
    assert read == {"school", "cohort", "enrolment", "enrolment_funding", "funding", "funder", "presence_day"}


def test_a_certificate_is_shown_to_the_funder_that_it_was_made_for(path):
    preview = path.preview(kind=PaperKind.ATTENDANCE)
    document = services_papers.keep(
        PaperKind.CERTIFICATE,
        {
            "school_id": path.cohort.school_id, "cohort_id": path.cohort.id, "enrolment_id": path.enrolment.id,
            "share_id": path.next.id, "person_id": path.person.id,
        },
        (START, date(2027, 1, 31)), preview.content, [], "VAL", path.manager, ISSUED,
    )  # fmt: skip

    own, other = opened(path, path.next), opened_again(path, path.region)

    assert services_seen.document_of(own, document.id) is not None
    assert services_seen.document_of(other, document.id) is None


def opened_again(path, share) -> Door:
    return opened(path, share, is_link=True)


@pytest.mark.parametrize(
    ("pays_for_all", "is_named", "is_shown"), [(True, False, True), (False, False, False), (False, True, True)]
)
def test_the_statement_of_a_month_is_shown_to_whoever_it_is_for(path, pays_for_all, is_named, is_shown):
    if not pays_for_all:
        make_enrolment(make_person("Autre"), path.cohort)
        save()
    place = {"school_id": path.cohort.school_id, "cohort_id": path.cohort.id}
    month = services_papers.keep(
        PaperKind.MONTH, place | {"enrolment_id": None, "share_id": None, "person_id": None},
        (START, END_OF_WEEK), path.preview(kind=PaperKind.ATTENDANCE).content,
        [(FUNDER, path.region.funding.funder_id)] if is_named else [], "VAL", path.manager, ISSUED,
    )  # fmt: skip

    found = services_seen.document_of(opened(path, path.region), month.id)

    assert (found is not None) is is_shown


def test_an_auditor_sees_every_funder_s_people_in_the_period_alone(path):
    door = opened(path, covers_from=START, covers_to=END_OF_WEEK)
    later = opened(path, is_link=True, covers_from=date(2027, 1, 11), covers_to=TODAY)

    assert {one.id for one in services_seen.documents_of(door, 0, 25)[0]} == {path.first.id, path.both.id}
    assert {one.id for one in services_seen.documents_of(later, 0, 25)[0]} == {path.second.id, path.both.id}
    assert services_seen.figures_of(later, TODAY).hours.due == 10 * 210
    assert services_seen.figures_of(later, TODAY).hours.justified == 210


def test_a_door_to_one_school_shows_nothing_of_another(path):
    elsewhere = make_path(school=None, last_name="Ailleurs")
    door = opened(path, covers_from=START, covers_to=TODAY)

    assert services_seen.person_of(door, elsewhere.enrolment.id, TODAY) is None
    assert [row.enrolment.id for row in services_seen.people_of(door, TODAY, 0, 25, 1)] == [path.enrolment.id]


def test_a_door_that_closed_or_ended_opens_no_more(path, client, log_in):
    door = opened(path, path.region, is_link=True)
    address = f"/d/{services_doors.secret_of(door)}"
    clock.freeze(ISSUED)

    assert client.get(address).status_code == 200
    assert "Lœuvre" in client.get(address).text
    clock.freeze(ISSUED + timedelta(days=31))
    assert client.get(address).status_code == 410
    clock.freeze(ISSUED)
    services_doors.close_door(door, path.manager, ISSUED)
    with pytest.raises(DoorClosed):
        services_doors.close_door(door, path.manager, ISSUED)
    for page in ("", "/documents", f"/people/{path.enrolment.id}", f"/documents/{path.first.id}",
                 f"/documents/{path.first.id}.pdf"):  # fmt: skip
        answer = client.get(address + page)
        assert (answer.status_code, "Lœuvre" in answer.text) == (410, False)
    assert client.get("/d/guessed").status_code == 404


def test_an_account_that_is_no_funder_any_more_comes_in_no_more(path, client, log_in):
    door = opened(path, path.region)
    clock.freeze(ISSUED)
    log_in(door.person)
    assert client.get(f"/doors/{door.id}").status_code == 200
    [grant] = auth.read_grants(door.person_id)

    grant.ended_at = ISSUED
    save()

    assert [client.get(page).status_code for page in ("/doors", f"/doors/{door.id}")] == [403, 403]


def test_each_look_is_written_down_and_the_school_reads_them(path, client, log_in):
    door = opened(path, covers_from=START, covers_to=TODAY)
    clock.freeze(ISSUED)
    log_in(door.person)

    assert client.get("/doors").location == f"/doors/{door.id}"
    client.get(f"/doors/{door.id}")
    client.get(f"/doors/{door.id}/people/{path.enrolment.id}")
    client.get(f"/doors/{door.id}/documents/{path.first.id}")

    looks = db.session.scalars(select(AuditEntry).where(AuditEntry.action == services_doors.LOOK)).all()
    assert [(one.facts["page"], one.actor_id) for one in looks] == [
        ("board", door.person_id), ("person", door.person_id), ("document", door.person_id),
    ]  # fmt: skip
    log_in(path.manager)
    key = client.get(f"/doors/{door.id}/key").text
    assert f"/documents/{path.first.id}" in key and "cette personne" in key


def test_an_account_is_opened_only_to_somebody_who_holds_the_role(path):
    wish = Wish(DoorKind.FUNDER, False, "Agence", "nobody@example.org", path.region.funding.funder_id)

    with pytest.raises(HolderMissing):
        services_doors.open_door(path.cohort.school_id, wish, path.manager, ISSUED, TODAY)


def test_a_question_and_its_answer_are_told_by_mail_and_on_page(path, client, log_in):
    door = opened(path, path.region)
    clock.freeze(ISSUED)
    log_in(door.person)
    page = f"/doors/{door.id}/documents/{path.first.id}"

    empty = client.post(page, data={"text": " "})
    sent = client.post(page, data={"text": "Pourquoi 35 heures ?"})

    assert (empty.status_code, sent.status_code) == (200, 302)
    question = db.session.scalars(select(Question)).one()
    told = db.session.scalars(select(Notice).where(Notice.person_id == path.manager.id)).all()
    assert [one.url for one in told] == [f"/questions/{question.id}"]
    log_in(path.manager)
    assert "à répondre" in client.get(f"/schools/{path.cohort.school_id}/questions").text
    client.post(f"/questions/{question.id}", data={"text": "Deux jours par semaine, trois fois."})
    log_in(door.person)
    db.session.expire_all()
    assert "Deux jours par semaine" in client.get(page).text
    answered = db.session.scalars(select(Notice).where(Notice.person_id == door.person_id)).all()
    assert [one.url for one in answered] == [f"/doors/{door.id}/people/{path.enrolment.id}"]
    assert {one.recipient for one in db.session.scalars(select(Outgoing))} >= {"agent@example.org"}


def test_an_answer_goes_by_mail_to_whoever_came_by_a_link(path):
    door = opened(path, path.region, is_link=True)
    question = services_questions.ask(door, path.enrolment, None, "Pourquoi ?", ISSUED)

    with pytest.raises(QuestionEmpty):
        services_questions.answer(question, "  ", path.manager, ISSUED)
    services_questions.answer(question, "Voici pourquoi.", path.manager, ISSUED)

    [sent] = db.session.scalars(select(Outgoing).where(Outgoing.recipient == "agent@example.org"))
    assert f"/d/{services_doors.secret_of(door)}/people/{path.enrolment.id}" in sent.text


def test_a_manager_opens_a_door_and_what_is_missing_is_said(path, client, log_in):
    clock.freeze(ISSUED)
    log_in(path.manager)
    address = f"/schools/{path.cohort.school_id}/doors/new"
    asked = {"kind": "funder", "way": "link", "for_whom": "Agence", "funder": path.region.funding.funder_id}

    without_end = client.post(address, data=asked)
    strange = client.post(address, data=asked | {"funder": 99, "ends_on": "2027-08-01"})
    done = client.post(address, data=asked | {"ends_on": "2027-08-01"})

    assert "Dites quel jour la porte ferme" in without_end.text and "Agence" in without_end.text
    assert strange.status_code == 200
    names = [name for _number, name in services_doors.funders_for(path.cohort.school_id)]
    of_network = [name for _number, name in services_doors.funders_for(None)]
    assert of_network == [f"{name}, {path.cohort.school.name}" for name in names], "which school each is of"
    [door] = db.session.scalars(select(Door))
    assert done.location == f"/doors/{door.id}/key#message"
    assert f"/d/{services_doors.secret_of(door)}" in client.get(done.location).text
    assert "fermée" in client.post(f"/doors/{door.id}/key", follow_redirects=True).text
    assert db.session.query(Enrolment).count() == 1


def test_a_school_knows_nothing_of_the_doors_of_the_network(path, client, log_in):
    clock.freeze(ISSUED)
    asked = Wish(DoorKind.AUDITOR, True, "Contrôle", covers_from=START, covers_to=TODAY, ends_on=TODAY)
    door = services_doors.open_door(None, asked, path.manager, ISSUED, TODAY)

    log_in(path.manager)
    refused = client.get(f"/doors/{door.id}/key")
    log_in(make_network_manager())

    assert refused.status_code == 404
    assert client.get(f"/doors/{door.id}/key").status_code == 200
