"""What needs two people: rights that one proposes and another confirms or refuses, and nobody their own."""

import pytest
from sqlalchemy import select

from popschool.audit import AuditEntry
from popschool.auth import rules_decisions, services, services_decisions, services_rights
from popschool.auth.actors import read_actor
from popschool.auth.models_decisions import Proposal, ProposalAnswer
from popschool.auth.rules import NotAllowed, Role
from popschool.auth.rules_decisions import NobodyElse, OwnProposal, Way, WhyMissing, check_answer
from popschool.auth.rules_granting import RoleNotYours
from popschool.auth.rules_signing import Handle
from popschool.db import db
from popschool.messages.models import Notice
from tests.auth.hands import run_jobs, sent_to
from tests.factories import TODAY, make_manager, make_network_manager, make_person, make_school, make_trainer, save


@pytest.mark.parametrize(
    ("accepts", "words", "by", "expected"),
    [
        (True, "", 3, Way.CONFIRMED),
        (False, "Trop tôt", 3, Way.REFUSED),
        (False, " ", 3, WhyMissing),
        (False, "", 1, Way.TAKEN_BACK),
        (True, "", 1, OwnProposal),
        (True, "", 2, OwnProposal),
    ],
)
def test_an_answer_is_of_somebody_else_and_a_refusal_says_why(accepts, words, by, expected):
    """1 proposes something for 2."""
    if isinstance(expected, Way):
        assert check_answer(accepts, words, by, 1, 2) is expected
    else:
        with pytest.raises(expected):
            check_answer(accepts, words, by, 1, 2)


def actor(person):
    return read_actor(person.id, TODAY)


def propose(by, school, now, role=Role.SCHOOL_MANAGER, mail="nouvelle@example.org"):
    return services_rights.propose_right(
        Handle("mail", mail), "Directrice", "Nouvelle", role, school_id=school.id if school else None, by=actor(by),
        now=now,
    )  # fmt: skip


def answer(proposal, by, now, accepts=True, words=""):
    return services_decisions.answer(proposal, accepts, words, by, actor(by), now)


def roles_of(person_id):
    return {grant.role for grant in services.read_grants(person_id)}


@pytest.fixture
def school(app):
    return make_school()


def test_a_manager_is_proposed_by_one_and_confirmed_by_another(school, now):
    first, second = make_manager(school), make_manager(school)
    save()

    made = propose(first, school, now)

    assert propose(first, school, now).id == made.id
    assert roles_of(made.person_id) == set()
    assert sent_to("nouvelle@example.org") == []
    assert db.session.scalars(select(Notice.person_id)).all() == [second.id]
    with pytest.raises(OwnProposal):
        answer(made, first, now)
    with pytest.raises(NotAllowed):
        answer(made, make_trainer(school=school), now)

    assert answer(made, second, now) is Way.CONFIRMED

    assert roles_of(made.person_id) == {"school_manager"}
    assert len(sent_to("nouvelle@example.org")) == 1
    assert set(db.session.scalars(select(Notice.person_id))) == {first.id, second.id}
    with pytest.raises(rules_decisions.AnsweredAlready):
        answer(made, second, now)
    written = db.session.execute(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.facts)).all()
    assert [(action, by) for action, by, _ in written if action in ("propose", "role.granted", "confirm_proposal")] == [
        ("propose", first.id), ("role.granted", second.id), ("confirm_proposal", second.id),
    ]  # fmt: skip
    assert next(facts for action, _, facts in written if action == "role.granted")["proposed_by"] == first.id


def test_a_school_with_one_manager_is_helped_by_the_network(school, now):
    alone, boss = make_manager(school), make_network_manager()
    save()
    made = propose(alone, school, now)

    run_jobs()

    assert db.session.scalars(select(Notice.person_id)).all() == [boss.id]
    assert answer(made, boss, now) is Way.CONFIRMED
    assert roles_of(made.person_id) == {"school_manager"}


def test_a_right_that_is_refused_or_taken_back_is_not_given(school, now):
    first, second = make_manager(school), make_manager(school)
    save()

    refused = propose(first, school, now)
    assert answer(refused, second, now, accepts=False, words="Elle ne vient qu'en mai.") is Way.REFUSED
    taken = propose(first, school, now)
    assert answer(taken, first, now, accepts=False) is Way.TAKEN_BACK

    assert taken.id != refused.id
    assert roles_of(refused.person_id) == set()
    assert services_decisions.contents_of(refused.id)[1] == "Elle ne vient qu'en mai."
    run_jobs()
    told = db.session.scalars(select(Notice.title).where(Notice.person_id == first.id)).all()
    assert told == ["Votre demande est refusée"]


def test_an_auditor_needs_two_people_of_the_network(school, now):
    boss = make_network_manager()
    save()

    with pytest.raises(NobodyElse):
        propose(boss, None, now, Role.AUDITOR)
    with pytest.raises(RoleNotYours):
        propose(make_manager(school), None, now, Role.AUDITOR)
    with pytest.raises(rules_decisions.SecondPersonNeeded):
        services.grant_role(make_person(), Role.AUDITOR, by=actor(boss), now=now)
    other = make_network_manager()
    save()
    made = propose(boss, None, now, Role.AUDITOR)
    answer(made, other, now)

    assert roles_of(made.person_id) == {"auditor"}


def test_a_person_who_was_proposed_confirms_nothing_for_themselves(school, now):
    boss, other, third = (make_network_manager() for _ in range(3))
    other.mail, other.first_name, other.last_name = "nouvelle@example.org", "Directrice", "Nouvelle"
    save()
    made = propose(boss, None, now, Role.AUDITOR)

    with pytest.raises(OwnProposal):
        answer(made, other, now)
    assert [one.id for one in services_decisions.deciders(made, TODAY)] == [third.id]


def test_pages_show_what_waits_and_take_one_answer(client, log_in, school):
    first, second = make_manager(school), make_manager(school)
    log_in(first)
    data = {"first_name": "Directrice", "last_name": "Nouvelle", "handle": "n@example.org", "role": "school_manager"}
    page = client.post(f"/schools/{school.id}/staff/invite", data=data).location.split("#")[0]

    assert "Retirer ma demande" in client.get(page).text
    log_in(second)
    assert page in client.get("/decisions").text
    assert "Il manque une réponse" in client.post(page, data={}).text
    client.post(page, data={"answer": "confirm"})

    assert "Confirmée" in client.get(page).text
    assert page not in client.get("/decisions").text
    proposal = db.session.scalars(select(Proposal)).one()
    assert roles_of(proposal.person_id) == {"school_manager"}
    assert db.session.scalars(select(ProposalAnswer.by_id)).all() == [second.id]
    log_in(make_manager(make_school()))
    assert client.get(page).status_code == 404
