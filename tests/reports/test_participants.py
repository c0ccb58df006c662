"""Participants of an operation: counted once, asked what holds for them, told apart when sensitive; what is missing."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from popschool import clock, locked
from popschool.audit import AuditEntry, FileReading
from popschool.auth.rules import Role
from popschool.completion import services_funding
from popschool.completion import services_retention as retention
from popschool.completion.models import Funding
from popschool.completion.rules_funding import FunderKind, FundingKind
from popschool.db import db
from popschool.outbox import Outgoing
from popschool.reports import rules_participants as rules
from popschool.reports import services_layouts
from popschool.reports import services_participants as services
from popschool.reports.models_participants import Operation, ParticipantForm
from popschool.reports.rules_lists import Listed
from popschool.reports.rules_participants import (
    BY_KEY,
    LOCKED,
    QUESTIONS,
    REFUSED,
    Moment,
    Participant,
    Said,
    Terms,
    What,
    Who,
)
from popschool.schools.models import Enrolment
from tests.completion.paths import END, ISSUED, START, TODAY, make_path
from tests.factories import add, make_cohort, make_enrolment, make_learner, make_person, make_role

USUAL = [Terms.usual(START)]
ENTRY = {
    "birth": "1998-03-27", "sex": "woman", "postcode": "59100", "town": "Roubaix", "rural": "no",
    "situation": "looking", "without_job": "12_to_24", "diploma": "3_4", "resources": "aah", "single_parent": "no",
    "disability": "yes", "nationality": "no", "origin": REFUSED, "housing": "no",
}  # fmt: skip


def participant(said=None, **given) -> Participant:
    facts = {"person_id": 1, "name": "Ana", "has_contact": True, "first_on": START, "last_on": None}
    return Participant(**facts | given, said=said or {})


def said(answers, on=START) -> Said:
    return Said(answers, frozenset(answers), on)


def test_a_question_is_asked_only_after_the_answer_that_calls_for_it():
    keys = [one.key for one in rules.asked(Moment.ENTRY, USUAL[0], {"situation": "working"})]

    assert "without_job" not in keys
    assert "without_job" in [one.key for one in rules.asked(Moment.ENTRY, USUAL[0], ENTRY)]
    assert [one.key for one in rules.asked(Moment.EXIT, USUAL[0], {})] == ["situation_out", "qualification"]


def test_only_what_may_be_refused_is_refused_and_all_of_it_is_under_lock():
    assert {one.key for one in QUESTIONS if one.may_refuse} == {"disability", "nationality", "origin", "housing"}
    assert {one.key for one in QUESTIONS if one.may_refuse} < LOCKED
    assert rules.check(BY_KEY["origin"], REFUSED, TODAY) == REFUSED
    for key, wrong in (
        ("resources", REFUSED), ("postcode", "5910"), ("birth", "2027-07-21"), ("birth", "1900-01-01"),
        ("birth", "hier"), ("town", " "), ("sex", "yes"),
    ):  # fmt: skip
        with pytest.raises(rules.AnswerWrong):
            rules.check(BY_KEY[key], wrong, TODAY)


def test_what_is_missing_names_who_must_act_and_turns_late_after_the_limit():
    left = participant({Moment.ENTRY: said(ENTRY)}, last_on=date(2027, 6, 30))
    due = date(2027, 7, 1)

    soon = rules.standing(left, USUAL, due)
    late = rules.standing(left, USUAL, due + timedelta(days=29))
    silent = rules.standing(participant(has_contact=False), USUAL, START)

    assert [(gap.moment, gap.who, gap.is_late) for gap in soon.gaps] == [(Moment.EXIT, Who.PERSON, False)]
    assert [(gap.moment, gap.who, gap.is_late) for gap in late.gaps] == [(Moment.EXIT, Who.SCHOOL, True)]
    assert (soon.there, soon.due, soon.percent) == (15, 17, 88)
    assert silent.gaps[0].keys == (rules.CONTACT,)
    assert silent.percent == 0


def test_a_question_added_on_the_way_is_not_asked_of_those_who_came_before():
    before = Terms(START, 28, frozenset(BY_KEY) - {"rural"})
    terms = [before, Terms(date(2027, 3, 1), 14, frozenset(BY_KEY))]
    answers = said({key: value for key, value in ENTRY.items() if key != "rural"})
    early = participant({Moment.ENTRY: answers})
    late = participant({Moment.ENTRY: answers}, first_on=date(2027, 3, 1))

    found = [rules.standing(one, terms, date(2027, 3, 8)) for one in (early, late)]

    assert found[0].is_complete
    assert found[1].gaps[0].keys == ("rural",)
    told = rules.anomalies(found, terms, START, END, [("Fonds", True, START, END)])
    changed = next(one for one in told if one.what is What.TERMS_CHANGED)
    assert changed.facts == {"since": date(2027, 3, 1), "keys": ["rural"], "people": 1}
    assert rules.terms_on(terms, START - timedelta(days=9)) is before


def test_counts_are_those_of_the_union_and_small_ones_under_lock_are_not_told():
    older = {**ENTRY, "birth": "1965-01-01", "situation": "working"}
    found = rules.counts(
        [participant({Moment.ENTRY: said(ENTRY)}), participant({Moment.ENTRY: said(older)}), participant()]
    )

    assert (found["participants"], found["answered"], found["looking"], found["long"]) == (3, 2, 1, 1)
    assert (found["18_to_29"], found["over_54"], found["3_4"], found["working"]) == (1, 1, 2, 1)
    yes, no = {"disability": "yes"}, {"disability": "no"}
    assert rules.locked_counts([yes] * 4 + [no] * 9)["disability"] is None
    assert rules.locked_counts([yes] * 5 + [no] * 9)["disability"] == 5
    assert rules.locked_counts([yes] * 9 + [no])["disability"] is None


@pytest.fixture
def operation(app):
    """An operation of one cohort with two people: one left and came back."""
    path = make_path()
    cohort, other = path.cohort, make_cohort(path.cohort.school, code="SUITE", starts_on=START, ends_on=END)
    mate = make_learner(cohort, first_name="Zoé", last_name="Zola", mail="zoe@example.org")
    funder = services_funding.add_funder(None, FunderKind.EUROPE, "Fonds", "", "", path.manager.id, ISSUED)
    funding = add(
        Funding(
            school_id=cohort.school_id, funder_id=funder.id, kind=str(FundingKind.GROUP), agreement="C-1",
            report_line="4", is_funded_by_union=True, starts_on=START, ends_on=END, created_at=ISSUED,
        )
    )  # fmt: skip
    places = [path.enrolment, db.session.scalars(select(Enrolment).where(Enrolment.person_id == mate.id)).one()]
    path.enrolment.left_on, path.enrolment.exit_reason = date(2027, 2, 1), "moved_cohort"
    places.append(make_enrolment(path.person, other, starts_on=date(2027, 3, 1), ends_on=date(2027, 6, 30)))
    for place in places:
        services_funding.fund(place, funding, place.starts_on, None, path.manager.id, ISSUED)
    values = {"name": "Numérique", "number": "N-7", "referent": "Léa", "starts_on": START, "ends_on": END}
    made = services.save_operation(cohort.school, None, values, [funding.id], path.manager, ISSUED)
    made.path, made.mate, made.funding = path, mate, funding
    return made


def answer(operation, person, moment, answers, client):
    """Answer on the phone: each page as it comes, then the check."""
    form = services.form_for(operation, person.id, moment, clock.now())
    secret = services.link_of(form)
    page = client.get(f"/eu/{secret}")
    assert page.status_code == 200
    terms = services.terms_for(form, clock.today())
    for _number in range(len(QUESTIONS)):
        missing = [one for one in rules.asked(moment, terms, form.draft or {}) if one.key not in (form.draft or {})]
        if not missing:
            break
        reply = client.post(f"/eu/{secret}/{missing[0].key}", data={"said": answers[missing[0].key]})
        assert reply.status_code == 302, reply.text
        db.session.refresh(form)
    assert client.post(f"/eu/{secret}/check").status_code == 302
    return secret


def test_one_participant_an_operation_even_who_left_and_came_back(operation):
    found = services.known_in(operation, TODAY)

    assert [one.person.id for one in found] == [operation.path.person.id, operation.mate.id]
    assert (found[0].participant.first_on, found[0].participant.last_on) == (START, date(2027, 6, 30))
    assert found[0].cohorts == tuple(sorted((operation.path.cohort.code, "SUITE")))


def forgotten(today):
    return sum(removed for what, removed in retention.run(ISSUED, today) if what == "locked_answers")


def test_sensitive_answers_go_once_five_years_are_over_and_what_was_asked_stays(operation, client):
    clock.freeze(ISSUED)
    answer(operation, operation.path.person, Moment.ENTRY, ENTRY, client)
    form = services.form_for(operation, operation.mate.id, Moment.ENTRY, ISSUED)
    services.keep_draft(form, "disability", "yes", TODAY)
    was = services.known_in(operation, TODAY)[0]
    assert operation.path.enrolment.left_on.year == 2027
    operation.ends_on = date(2028, 3, 31)
    db.session.commit()

    assert forgotten(date(2033, 12, 31)) == 0, "five years after the operation"
    key, since = "retention_years", date(2027, 1, 1)
    services_funding.say_setting(operation.school_id, key, "10", since, True, operation.path.manager, ISSUED)
    assert forgotten(date(2034, 1, 1)) == 0, "the agreement asks for ten"
    services_funding.say_setting(operation.school_id, key, "3", since, True, operation.path.manager, ISSUED)
    runs = [forgotten(date(2034, 1, 1)) for _time in range(2)]

    db.session.expire_all()
    assert (runs, form.draft, services.under_lock(list(was.answers.values()))) == ([1, 0], None, {})
    now_known = services.known_in(operation, TODAY)[0]
    assert now_known.answers[Moment.ENTRY].asked == was.answers[Moment.ENTRY].asked
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "forget_locked_answers")).one()
    assert (told.actor_id, told.facts["count"], told.facts["rule"]) == (None, 1, "retention_years: 5")


def test_answers_on_a_phone_reach_the_file_and_what_is_sensitive_lies_apart_under_lock(operation, client, log_in):
    clock.freeze(ISSUED)
    answer(operation, operation.path.person, Moment.ENTRY, ENTRY, client)
    answer(
        operation, operation.path.person, Moment.EXIT, {"situation_out": "training", "qualification": "partly"}, client
    )

    with db.engine.connect() as connection:
        lying = str(connection.execute(text("SELECT facts FROM participant_answer")).all())
        under = connection.execute(text("SELECT said FROM participant_locked")).scalars().all()
        drafts = connection.execute(text("SELECT draft FROM participant_form")).scalars().all()
    assert "Roubaix" in lying
    assert not any(f'"{key}"' in lying or f"'{key}'" in lying for key in LOCKED)
    assert len(under) == 1
    assert under[0].startswith(locked.HEAD)
    assert drafts == [None, None]

    contact = make_person()
    make_role(contact, Role.DISABILITY_CONTACT, operation.school)
    log_in(operation.path.manager)
    open_file = client.get(f"/operations/{operation.id}/participants.csv").text
    assert client.get(f"/operations/{operation.id}/participants-locked.csv").status_code == 403
    assert client.get(f"/operations/{operation.id}/participants/{operation.path.person.id}/locked").status_code == 403
    log_in(contact)
    whole = client.get(f"/operations/{operation.id}/participants-locked.csv").text
    page = client.get(f"/operations/{operation.id}/participants/{operation.path.person.id}/locked").text

    heads, first, *_rest = (line.split(";") for line in whole.splitlines())
    line = dict(zip([heads[0].lstrip("\ufeff"), *heads[1:]], first, strict=True))
    assert (line["handicap"], line["origine_étrangère"], line["ressources"]) == (
        "oui",
        "ne souhaite pas répondre",
        "AAH",
    )
    assert (line["date_entrée"], line["date_sortie"], line["délai_saisie_jours"]) == ("04/01/2027", "30/06/2027", "20")
    assert (line["situation_entrée"], line["durée_sans_emploi"]) == ("demandeur d'emploi", "12–24 mois")
    assert (line["situation_sortie"], line["complétude_pct"], line["opération"]) == ("en formation", "100", "N-7")
    assert "handicap" not in open_file
    assert "AAH" not in open_file
    assert "AAH" in page
    readings = db.session.scalars(select(FileReading.part).where(FileReading.reader_id == contact.id)).all()
    assert readings == ["locked"]
    told = db.session.scalars(select(AuditEntry.action).where(AuditEntry.actor_id == contact.id)).all()
    assert sorted(told) == ["export_participants", "open_locked_answers"]
    said = [("ressources", "Ressources", "text"), ("nom", "Nom", "text")]
    services_layouts.say_layout(Listed.PARTICIPANTS, None, said, operation.path.manager, ISSUED)
    arranged = client.get(f"/operations/{operation.id}/participants-locked.csv").text
    log_in(operation.path.manager)
    lying_open = client.get(f"/operations/{operation.id}/participants.csv").text
    assert [one.lstrip("\ufeff").splitlines()[0] for one in (arranged, lying_open)] == ["Ressources;Nom", "Nom"]


def test_a_wrong_answer_is_said_beside_it_and_nothing_incomplete_is_sent(operation, client):
    clock.freeze(ISSUED)
    form = services.form_for(operation, operation.mate.id, Moment.ENTRY, ISSUED)
    secret = services.link_of(form)

    wrong = client.post(f"/eu/{secret}/postcode", data={"said": "591"})
    client.post(f"/eu/{secret}/sex", data={"said": "woman"})
    early = client.post(f"/eu/{secret}/check")

    assert wrong.status_code == 200
    assert "cinq chiffres" in wrong.text
    assert early.location.endswith("/birth")
    assert services.known_in(operation, TODAY)[1].answers == {}
    assert client.get("/eu/nothing").status_code == 404
    assert client.get(f"/eu/{secret}/nothing").status_code == 404
    clock.freeze(ISSUED + rules.LINK_LASTS + timedelta(days=1))
    assert client.get(f"/eu/{secret}").status_code == 404


def test_what_is_wrong_of_an_operation_is_said_and_an_empty_file_is_not_made(operation, client, log_in):
    clock.freeze(ISSUED)
    log_in(operation.path.manager)
    values = {"name": "Vide", "number": "", "referent": "", "starts_on": START, "ends_on": date(2027, 3, 1)}
    empty = services.save_operation(operation.school, None, values, [], operation.path.manager, ISSUED)

    page = client.get(f"/operations/{empty.id}").text
    refused = client.get(f"/operations/{empty.id}/participants.xlsx")

    assert "Aucune convention n" in page
    assert refused.status_code == 409
    assert "Vide" in refused.text
    with pytest.raises(rules.FundingElsewhere):
        services.save_operation(operation.school, empty, values, [operation.funding.id], operation.path.manager, ISSUED)
    with pytest.raises(rules.OperationTooShort):
        services.save_operation(
            operation.school, None, {**values, "ends_on": START}, [], operation.path.manager, ISSUED
        )
    assert db.session.scalars(select(Operation.name).order_by(Operation.id)).all() == ["Numérique", "Vide"]
    shown = client.get(f"/operations/{operation.id}").text
    assert "100 % des dossiers" in shown.replace("\u202f", " ").replace("\xa0", " ")


def test_a_message_opens_the_questions_without_an_account(operation, client, log_in):
    clock.freeze(ISSUED)
    log_in(operation.path.manager)

    client.get(f"/operations/{operation.id}/participants/{operation.mate.id}")
    client.post(f"/operations/{operation.id}/participants/{operation.mate.id}", data={"moment": "entry"})

    asked = select(ParticipantForm).where(ParticipantForm.person_id == operation.mate.id)
    form = db.session.scalars(asked.where(ParticipantForm.moment == "entry")).one()
    sent = db.session.scalars(select(Outgoing)).all()
    assert form.sent_at == ISSUED
    assert any(services.link_of(form) in one.text for one in sent)
