"""Two people press at the same moment: one card, one role, one account, and somebody left to manage the network."""

from sqlalchemy import func, select

from popschool.auth import services, services_signing
from popschool.auth.models import Account, Invitation, RoleGrant
from popschool.auth.rules import Role
from popschool.auth.rules_granting import LastManager
from popschool.auth.rules_signing import Channel
from popschool.auth.services_invitations import invite
from popschool.db import db
from popschool.schools.models import Person
from tests.auth.hands import never_came
from tests.factories import make_network_manager, make_school
from tests.threads import THREADS, count, row, together


def test_a_double_press_makes_one_card_and_one_role(app, now):
    person, school, boss = never_came(learner_number="V1"), make_school(), make_network_manager()
    person_id, school_id, boss_id = person.id, school.id, boss.id

    def card():
        invite(row(Person, person_id), Channel.CARD, by_id=boss_id, now=now)

    def role():
        services.grant_role(row(Person, person_id), Role.TRAINER, school_id, now=now)

    assert together(app, *[card] * 3, *[role] * 3) == {"done": 6}
    assert db.session.scalar(select(func.count()).where(RoleGrant.person_id == person_id)) == 1
    assert count(Invitation) == 1


def test_two_managers_of_the_network_do_not_leave_it_at_once(app, now):
    grants = [services.read_grants(make_network_manager().id)[0].id for _ in range(2)]

    def leave(grant_id):
        services.end_role(row(RoleGrant, grant_id), by=None, now=now)

    said = together(app, *[lambda grant=grant: leave(grant) for grant in grants])

    assert said == {"done": 1, LastManager.__name__: 1}


def test_one_account_is_made_for_a_first_visit_by_two_ways(app, now):
    person = never_came(mail="a@example.org")
    person_id = person.id

    assert together(app, *[lambda: services_signing.ensure_account(person_id, now)] * THREADS) == {"done": THREADS}
    assert db.session.scalar(select(func.count()).where(Account.person_id == person_id)) == 1
