"""Who works where, on a real database: roles given and ended, people invited, accounts closed and opened again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.auth import services
from popschool.auth.actors import place_of, read_actor, read_actors, staff_of
from popschool.auth.models import Account, Invitation, RoleGrant
from popschool.auth.rules import Role
from popschool.auth.rules_granting import LastManager, LearnersAreEnrolled, RoleMisplaced, RoleNotYours
from popschool.auth.rules_signing import AccountClosed, Handle
from popschool.db import db
from popschool.schools import places
from popschool.schools.models import Person, Posting
from popschool.schools.people import HandleTaken
from tests.auth.hands import make_account, never_came, sent_to
from tests.factories import (
    TODAY,
    make_cohort,
    make_learner,
    make_manager,
    make_network_manager,
    make_person,
    make_role,
    make_school,
    make_trainer,
    save,
)

DAY = timedelta(days=1)


@pytest.fixture
def school(app):
    return make_school()


@pytest.fixture
def manager(school):
    manager = make_manager(school)
    save()
    return manager


def by(person):
    return read_actor(person.id, TODAY)


def held(person):
    return {(grant.role, grant.school_id) for grant in services.read_grants(person.id)}


def invite(manager, school, now, mail="nouvelle@example.org", role=Role.TRAINER, names=("Formatrice", "Nouvelle")):
    return services.invite_staff(
        Handle("mail", mail), *names, role, school_id=school.id if school else None, by=by(manager), now=now
    )


def test_a_role_is_given_once_by_who_may(school, manager, now):
    person = make_person()
    save()

    first = services.grant_role(person, Role.TRAINER, school.id, by=by(manager), now=now)
    again = services.grant_role(person, Role.TRAINER, school.id, by=by(manager), now=now)

    assert first.id == again.id
    assert held(person) == {("trainer", school.id)}
    assert db.session.scalars(select(AuditEntry.action)).all() == ["role.granted"]


@pytest.mark.parametrize(
    ("role", "where", "refusal"),
    [
        (Role.TRAINER, "elsewhere", RoleNotYours),
        (Role.NETWORK_MANAGER, None, RoleNotYours),
        (Role.AUTHOR, None, RoleNotYours),
        (Role.LEARNER, "here", LearnersAreEnrolled),
        (Role.TRAINER, None, RoleMisplaced),
    ],
)
def test_a_manager_gives_no_role_beyond_their_school(school, manager, now, role, where, refusal):
    person, elsewhere = make_person(), make_school()
    save()
    school_id = {"here": school.id, "elsewhere": elsewhere.id, None: None}[where]

    with pytest.raises(refusal):
        services.grant_role(person, role, school_id, by=by(manager), now=now)
    assert held(person) == set()


def test_a_role_that_ended_stays_on_record(school, manager, now):
    person = make_person()
    grant = make_role(person, Role.TRAINER, school)
    save()

    services.end_role(grant, by=by(manager), now=now)
    services.end_role(grant, by=by(manager), now=now + DAY)

    assert held(person) == set()
    kept = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
    assert (kept.ended_at, kept.ended_by_id) == (now, manager.id)
    with pytest.raises(RoleNotYours):
        services.end_role(make_role(person, Role.TRAINER, make_school()), by=by(manager), now=now)


def test_the_postings_of_a_trainer_end_with_their_role(school, manager, now):
    cohort = make_cohort(school)
    trainer = make_trainer(cohort)
    save()
    to_come = make_cohort(school, starts_on=TODAY + 9 * DAY)
    save()
    places.post(trainer, to_come, TODAY + 9 * DAY, None, manager.id, now)
    grant = services.read_grants(trainer.id)[0]

    services.end_role(grant, by=by(manager), now=now)

    assert read_actor(trainer.id, TODAY).trains_in == frozenset()
    assert read_actor(trainer.id, TODAY + 9 * DAY).trains_in == frozenset()
    ends = {one.cohort_id: one.ends_on for one in db.session.scalars(select(Posting))}
    assert ends == {cohort.id: TODAY, to_come.id: TODAY + 8 * DAY}
    services.grant_role(trainer, Role.TRAINER, school.id, now=now)
    assert read_actor(trainer.id, TODAY + 9 * DAY).trains_in == frozenset()
    places.post(trainer, to_come, TODAY + 9 * DAY, None, manager.id, now)
    assert read_actor(trainer.id, TODAY + 9 * DAY).trains_in == {to_come.id}


def test_the_network_keeps_a_manager(app, now):
    first, second = make_network_manager(), make_network_manager()
    save()
    boss = by(first)

    services.end_role(services.read_grants(second.id)[0], by=boss, now=now)

    with pytest.raises(LastManager):
        services.end_role(services.read_grants(first.id)[0], by=boss, now=now)
    with pytest.raises(LastManager):
        services.close_account(first, by_id=first.id, now=now)


def test_a_manager_whose_account_is_closed_does_not_count(app, now):
    first, second = make_network_manager(), make_network_manager()
    save()
    services.close_account(second, by_id=first.id, now=now)

    with pytest.raises(LastManager):
        services.close_account(first, by_id=first.id, now=now)


def test_a_new_member_of_staff_is_invited(school, manager, now):
    person, is_invited = invite(manager, school, now)

    assert is_invited
    assert (person.name, person.home_school_id) == ("Formatrice Nouvelle", school.id)
    assert person.search_key.startswith("formatrice nouvelle nouvelle@example.org")
    assert held(person) == {("trainer", school.id)}
    [message] = sent_to("nouvelle@example.org")
    assert school.name in message.text


def test_an_invitation_sent_twice_makes_one_person_one_role_and_one_message(school, manager, now):
    first, _ = invite(manager, school, now)
    second, _ = invite(manager, school, now)

    assert first.id == second.id
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1
    assert len(sent_to("nouvelle@example.org")) == 1


def test_a_member_of_staff_who_is_in_already_is_told_of_the_new_role(school, manager, now):
    person = make_account(first_name="Formatrice", last_name="Nouvelle", mail="nouvelle@example.org").person

    found, is_invited = invite(manager, school, now, names=("FORMATRICE", "Nouvelle"))
    invite(manager, school, now + DAY)

    assert (found.id, is_invited) == (person.id, False)
    assert [one.subject for one in sent_to("nouvelle@example.org")] == ["Vous avez un nouveau rôle"]


def test_a_role_is_never_given_to_somebody_by_mistake(school, manager, now):
    stranger = make_account(mail="nouvelle@example.org").person

    with pytest.raises(HandleTaken):
        invite(manager, school, now)

    assert held(stranger) == set()


def test_a_closed_account_gets_no_role(school, manager, now):
    person = make_account(first_name="Formatrice", last_name="Nouvelle", mail="nouvelle@example.org").person
    services.close_account(person, by_id=manager.id, now=now)

    with pytest.raises(AccountClosed):
        invite(manager, school, now)
    assert held(person) == set()


def test_an_invitation_beyond_ones_school_makes_nobody(school, manager, now):
    before = db.session.scalar(select(func.count()).select_from(Person))

    with pytest.raises(RoleNotYours):
        invite(manager, None, now, role=Role.NETWORK_MANAGER)

    assert db.session.scalar(select(func.count()).select_from(Person)) == before
    assert sent_to("nouvelle@example.org") == []


def test_a_closed_account_opens_nothing_and_keeps_its_work(school, manager, now):
    account = make_account(learner_number="V1")
    token = account.session_token
    services.invite(account.person, by_id=manager.id, now=now)

    services.close_account(account.person, by_id=manager.id, now=now)
    services.close_account(account.person, by_id=manager.id, now=now + DAY)

    kept = db.session.get(Account, account.person_id)
    assert (kept.closed_at, kept.session_token != token) == (now, True)
    assert db.session.scalars(select(Invitation.revoked_at)).one() == now
    services.reopen_account(account.person, by_id=manager.id, now=now)
    assert kept.closed_at is None
    assert kept.password_hash == account.password_hash


def test_somebody_who_never_came_may_be_kept_out(school, manager, now):
    person = never_came()

    services.close_account(person, by_id=manager.id, now=now)

    with pytest.raises(AccountClosed):
        services.invite(person, by_id=manager.id, now=now)


def test_staff_are_listed_by_role_then_name_page_by_page(school, manager, now, queries):
    trainers = [make_trainer(school=school, last_name=name) for name in ("B", "A")]
    make_trainer()
    save()

    with queries() as seen:
        found = services.read_staff(school.id, 1, 2)

    assert [member.person.id for member in found] == [trainers[1].id, trainers[0].id]
    assert len(seen) == 1
    assert services.count_staff(school.id) == 3
    assert services.count_staff(None) == 0


def test_a_person_stands_where_they_learn_work_and_live(app):
    learnt, home, worked, ended = make_cohort(), make_school(), make_school(), make_school()
    person = make_learner(learnt, home_school_id=home.id)
    make_role(person, Role.TRAINER, worked)
    make_role(person, Role.TRAINER, ended).ended_at = person.created_at
    save()

    place = place_of(person)

    assert place.schools == {learnt.school_id, home.id, worked.id}
    assert place.cohorts == {learnt.id}
    assert place.people == {person.id}


def test_several_people_are_read_in_one_query(app, queries):
    cohort = make_cohort()
    people = [make_learner(cohort), make_trainer(cohort), make_manager(cohort.school), make_person()]
    save()

    with queries() as seen:
        actors = read_actors([person.id for person in people], TODAY)

    assert len(seen) == 1
    learner, trainer, manager, nobody = (actors[person.id] for person in people)
    assert learner.learns_in == trainer.trains_in == {cohort.id}
    assert manager.roles == {cohort.school_id: {Role.SCHOOL_MANAGER}}
    assert (nobody.all_roles, learner.all_roles) == (frozenset(), {Role.LEARNER})
    assert actors[people[0].id] == read_actor(people[0].id, TODAY)


def test_staff_of_a_school_are_those_who_work_there_now(school, manager):
    former = make_trainer(school=school)
    services.read_grants(former.id)[0].ended_at = former.created_at
    make_trainer()
    save()

    assert db.session.scalars(staff_of({school.id})).all() == [manager.id]
