"""One's own account, the second factor, the staff, and the ways in that are handed to others: their pages."""

import pyotp
import pytest
from sqlalchemy import func, select

from popschool.auth import codes, services, totp
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, Invitation, RoleGrant
from popschool.auth.rules import Role
from popschool.auth.rules_signing import Channel
from popschool.auth.services_invitations import check_card, invite
from popschool.db import db
from popschool.schools.models import Person
from tests.auth.hands import HERE, PASSWORD, later, make_account, never_came, sent_to, totp_at
from tests.factories import (
    make_cohort,
    make_enrolment,
    make_learner,
    make_manager,
    make_network_manager,
    make_role,
    make_school,
    make_trainer,
    save,
)

NEW = "quatre chiens au marché"


def plain(answer):
    return answer.text.replace("\u00a0", " ").replace("\u202f", " ").replace("&#39;", "'")


@pytest.fixture
def cohort(app):
    return make_cohort()


@pytest.fixture
def mine(client):
    """Somebody who has just come in with their password."""
    account = make_account(mail="a@example.org")
    client.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
    return account


def guest_of(cohort, **given):
    """Somebody of the cohort who never came."""
    person = never_came(**{"home_school_id": cohort.school_id} | given)
    make_enrolment(person, cohort)
    save()
    return person


def again(account):
    return db.session.get(Account, account.person_id, populate_existing=True)


def test_an_account_says_what_is_known_and_which_roles_are_held(client, log_in, cohort):
    manager = make_manager(cohort.school)
    log_in(manager)

    page = client.get("/account").text

    assert manager.mail in page
    assert f"Responsable d'école, {cohort.school.name}" in page.replace("&#39;", "'")
    assert "second code" in page


def test_a_password_is_changed_with_the_present_one_and_ends_the_other_sessions(app, client, mine):
    other = app.test_client()
    other.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})

    refused = client.post("/account/password", data={"current": "pas le bon mot", "password": NEW})
    assert "Ce n'est pas votre mot de passe" in plain(refused)
    answer = client.post("/account/password", data={"current": PASSWORD, "password": NEW})

    assert "Votre mot de passe est changé" in client.get(answer.location).text
    assert client.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert sent_to("a@example.org")[-1].subject == "Votre mot de passe a changé"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "Il manque une réponse"),
        ({"current": PASSWORD}, "Il manque une réponse"),
        ({"current": PASSWORD, "password": "court"}, "Écrivez au moins 10 caractères"),
        ({"current": PASSWORD, "password": "azertyuiop"}, "Beaucoup de gens choisissent"),
        ({"current": "x" * 1001, "password": NEW}, "Écrivez 1 000 caractères au plus"),
    ],
)
def test_a_password_that_is_refused_changes_nothing(client, mine, data, reason):
    before = again(mine).password_hash

    assert reason in plain(client.post("/account/password", data=data))
    assert again(mine).password_hash == before


def test_the_present_password_is_asked_again_ten_minutes_after_a_code(client, app, now):
    account = make_account(learner_number="V1")
    issued = invite(account.person, Channel.CARD, by_id=None, now=now)
    client.post("/card", data={"number": "V1", "code": issued.secret})
    client.post("/card/password", data={"password": NEW})

    assert 'name="current"' not in client.get("/account/password").text
    with later(minutes=11):
        assert 'name="current"' in client.get("/account/password").text
        client.post("/account/password", data={"password": "cinq renards sous la pluie"})
    assert 'name="current"' not in client.get("/account/password").text


def test_leaving_everywhere_ends_every_session(app, client, mine):
    other = app.test_client()
    other.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})

    assert client.get("/sign-out/everywhere").status_code == 405
    assert client.post("/sign-out/everywhere").location == "/sign-in?out=everywhere"

    for browser in (client, other):
        assert browser.get("/account").status_code == 302


def secret_of(client):
    with client.session_transaction() as session:
        return codes.decrypted("totp", session["totp"])


def test_a_second_factor_is_set_up_and_its_recovery_codes_are_shown_until_they_are_kept(client, mine, now):
    page = client.get("/account/second")
    secret = secret_of(client)
    assert "<svg" in page.text
    assert secret[:4] in page.text
    client.get("/account/second")
    assert secret_of(client) == secret
    assert "Ce code ne marche pas" in client.post("/account/second", data={"code": "000000"}).text
    assert again(mine).totp_secret_encrypted is None

    answer = client.post("/account/second", data={"code": totp_at(secret, now)})

    assert answer.location == "/account/second/codes"
    shown = client.get("/account/second/codes")
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.text.count('<li class="mono">') == totp.RECOVERY_CODES
    file = client.get("/account/second/codes.txt")
    assert file.text.count("-") >= 2 * totp.RECOVERY_CODES
    client.post("/account/second/codes")
    assert client.get("/account/second/codes").location == "/account/second"
    assert client.get("/account/second/codes.txt").location == "/account/second"
    assert "est en service" in client.get("/account/second").text


def with_second(client, mine, now):
    client.get("/account/second")
    secret = secret_of(client)
    client.post("/account/second", data={"code": totp_at(secret, now)})
    return secret


def test_recovery_codes_are_shown_for_ten_minutes(client, mine, now):
    with_second(client, mine, now)

    with later(minutes=11):
        assert client.get("/account/second/codes").location == "/account/second"


@pytest.mark.parametrize("address", ["/account/second/codes/new", "/account/second/stop"])
def test_a_second_factor_changes_only_after_the_password(client, mine, now, address):
    with_second(client, mine, now)
    before = again(mine).recovery_code_hashes

    assert 'name="current"' in client.get(address).text
    for data in ({}, {"current": "pas le bon mot"}):
        client.post(address, data=data)
    assert again(mine).recovery_code_hashes == before
    client.post(address, data={"current": PASSWORD})

    assert again(mine).recovery_code_hashes != before


def test_without_a_password_a_code_of_the_application_is_asked(client, app, now):
    secret = pyotp.random_base32()
    account = make_account(password=None, secret=secret, mail="a@example.org")
    with client.session_transaction() as session:
        session["_user_id"] = f"{account.person_id}:{account.session_token}"

    assert "Ce code ne marche pas" in client.post("/account/second/stop", data={"code": "000000"}).text
    assert again(account).totp_secret_encrypted is not None
    client.post("/account/second/stop", data={"code": totp_at(secret, now)})

    assert again(account).totp_secret_encrypted is None


@pytest.mark.parametrize("address", ["/account/second/codes/new", "/account/second/stop"])
def test_there_is_nothing_to_change_without_a_second_factor(client, mine, address):
    assert client.get(address).location == "/account/second"
    assert client.post(address, data={"current": PASSWORD}).location == "/account/second"


def test_a_manager_lets_somebody_in_who_lost_their_telephone(client, log_in, cohort):
    trainer = make_account(secret=pyotp.random_base32(), mail="t@example.org")
    make_role(trainer.person, Role.TRAINER, cohort.school)
    log_in(make_manager(cohort.school))
    address = f"/people/{trainer.person_id}/second/stop"

    assert address in client.get(f"/people/{trainer.person_id}/close-account").text
    client.get(address)
    client.post(address)
    assert again(trainer).totp_secret_encrypted is not None
    client.post(address, data={"sure": "y"})

    assert again(trainer).totp_secret_encrypted is None
    assert sent_to("t@example.org")[-1].subject == "Votre second code est arrêté"
    assert client.get(address).location == f"/people/{trainer.person_id}/close-account"


def test_nobody_takes_the_second_factor_of_somebody_above_away(client, log_in, cohort):
    boss = make_account(secret=pyotp.random_base32(), home_school_id=cohort.school_id)
    make_role(boss.person, Role.NETWORK_MANAGER)
    log_in(make_manager(cohort.school))

    assert client.post(f"/people/{boss.person_id}/second/stop", data={"sure": "y"}).status_code == 409
    assert again(boss).totp_secret_encrypted is not None


@pytest.mark.parametrize(("channel", "recipient"), [("mail", "g@example.org"), ("sms", "+33639980007")])
def test_a_manager_invites_one_person_by_the_way_they_choose(client, log_in, cohort, channel, recipient):
    person = guest_of(cohort, mail="g@example.org", phone="+33639980007", learner_number="V1")
    log_in(make_manager(cohort.school))

    page = client.get(f"/people/{person.id}/invite").text
    assert page.count('name="channel"') == 3
    answer = client.post(f"/people/{person.id}/invite", data={"channel": channel})

    assert "est partie" in client.get(answer.location).text
    assert len(sent_to(recipient)) == 1
    assert client.post(f"/people/{person.id}/invite", data={"channel": "card"}).location == f"/people/{person.id}/card"


@pytest.mark.parametrize("channel", ["", "pigeon", "link", "sms"])
def test_a_way_that_does_not_reach_somebody_is_not_offered(client, log_in, cohort, channel):
    person = guest_of(cohort, mail="g@example.org")
    log_in(make_manager(cohort.school))

    answer = client.post(f"/people/{person.id}/invite", data={"channel": channel})

    assert "Erreur" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_a_trainer_prints_a_card_and_prints_it_again(client, log_in, cohort, now):
    person = guest_of(cohort, mail=None, learner_number="V1")
    log_in(make_trainer(cohort))
    address = f"/people/{person.id}/card"

    client.get(address)
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0
    client.post(address)
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-store"
    assert "1. Ouvrez le site http://127.0.0.1:8000 et" in first.text
    code = printed(first)
    with later(seconds=11) as moment:
        client.post(address)
        second = printed(client.get(address))

        assert second != code
        with pytest.raises(rules.InvitationDead):
            check_card("V1", code, HERE, moment)
        assert check_card("V1", second, HERE, moment)


def printed(answer):
    return answer.text.partition('<dd class="big mono">')[2].partition("<")[0]


def test_a_trainer_prints_no_card_for_a_colleague(client, log_in, cohort):
    colleague = guest_of(cohort, mail=None, learner_number="V1")
    make_role(colleague, Role.TRAINER, cohort.school)
    log_in(make_trainer(cohort))

    assert client.post(f"/people/{colleague.id}/card").status_code == 409
    client.post(f"/cohorts/{cohort.id}/cards")

    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0


def test_the_cards_of_a_cohort_are_made_at_once(client, log_in, cohort):
    for number in (1, 2):
        guest_of(cohort, mail=None, learner_number=f"V{number}")
    guest_of(cohort)
    make_enrolment(make_account().person, cohort)
    log_in(make_trainer(cohort))

    assert "3 personnes ne sont pas encore entrées" in plain(client.get(f"/cohorts/{cohort.id}/cards"))
    client.post(f"/cohorts/{cohort.id}/cards")
    page = client.get(f"/cohorts/{cohort.id}/cards")

    assert page.text.count('<dd class="big mono">') == 2
    assert page.headers["Cache-Control"] == "no-store"


def test_a_manager_invites_a_whole_cohort(client, log_in, cohort):
    guest_of(cohort, mail="g@example.org")
    guest_of(cohort, mail=None, learner_number="V1")
    log_in(make_manager(cohort.school))
    address = f"/cohorts/{cohort.id}/invitations"

    page = plain(client.get(client.post(address).location))

    assert "1 invitation est partie" in page
    assert "1 personne n'a ni mail ni téléphone" in page
    assert len(sent_to("g@example.org")) == 1
    client.post(address)
    assert len(sent_to("g@example.org")) == 1


def test_a_trainer_sees_the_invitations_of_a_cohort_and_sends_none(client, log_in, cohort):
    guest_of(cohort, mail="g@example.org")
    log_in(make_trainer(cohort))
    address = f"/cohorts/{cohort.id}/invitations"

    assert "Envoyer les invitations" not in client.get(address).text
    assert client.post(address).status_code == 403
    assert sent_to("g@example.org") == []


def test_a_network_manager_proposes_the_managers_of_a_school_and_another_confirms(client, log_in, app):
    school, first, second = make_school(), make_network_manager(), make_network_manager()
    log_in(first)
    data = {"first_name": "Responsable", "last_name": "Nouvelle", "handle": "n@example.org", "role": "school_manager"}

    page = client.post(f"/schools/{school.id}/staff/invite", data=data).location.split("#")[0]

    assert "Une autre personne doit maintenant confirmer" in plain(client.get(page))
    person = db.session.scalars(select(Person).where(Person.mail == "n@example.org")).one()
    assert client.get(f"/people/{person.id}").status_code == 200
    log_in(second)
    client.post(page, data={"answer": "confirm"})
    again = client.post(f"/schools/{school.id}/staff/invite", data=data)
    assert "Cette personne a déjà ce rôle" in plain(client.get(again.location))
    assert db.session.scalar(select(func.count()).where(RoleGrant.person_id == person.id)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"first_name": " "}, "Il manque une réponse"),
        ({"handle": ""}, "Il manque une réponse"),
        ({"handle": "V-123"}, "Écrivez une adresse mail ou un numéro de téléphone"),
        ({"handle": "pas une adresse"}, "Écrivez une adresse mail ou un numéro de téléphone"),
        ({"role": ""}, "Il manque une réponse"),
        ({"role": "network_manager"}, "Choisissez une réponse dans la liste"),
        ({"role": "learner"}, "Choisissez une réponse dans la liste"),
        ({"handle": "prise@example.org"}, "est déjà à quelqu'un d'autre"),
    ],
)
def test_staff_who_are_badly_described_are_not_invited(client, log_in, cohort, changes, reason):
    make_learner(cohort, mail="prise@example.org")
    log_in(make_manager(cohort.school))
    data = {"first_name": "Formatrice", "last_name": "Nouvelle", "handle": "n@example.org", "role": "trainer"}
    before = db.session.scalar(select(func.count()).select_from(RoleGrant))

    answer = client.post(f"/schools/{cohort.school_id}/staff/invite", data=data | changes)

    assert reason in plain(answer)
    assert db.session.scalar(select(func.count()).select_from(RoleGrant)) == before


def test_staff_of_a_school_are_seen_by_their_manager_wherever_they_come_from(client, log_in, cohort):
    visitor = make_trainer(school=make_school(), last_name="Visiteuse")
    make_role(visitor, Role.TRAINER, cohort.school)
    log_in(make_manager(cohort.school))

    assert f"/people/{visitor.id}" in client.get(f"/schools/{cohort.school_id}/staff").text
    assert client.get(f"/people/{visitor.id}").status_code == 200
    assert "Visiteuse" in client.get("/people?q=visiteuse").text
    assert client.get(f"/people/{visitor.id}/edit").status_code == 409


def test_a_role_ends_after_a_yes(client, log_in, cohort):
    trainer = make_trainer(cohort)
    log_in(make_manager(cohort.school))
    grant = services.read_grants(trainer.id)[0]

    for data in (None, {"sure": ""}):
        client.post(f"/roles/{grant.id}/end", data=data)
    assert services.read_grants(trainer.id)
    client.post(f"/roles/{grant.id}/end", data={"sure": "y"})

    assert services.read_grants(trainer.id) == []


def test_a_role_of_the_network_or_of_another_school_is_not_there(client, log_in, cohort):
    boss, other = make_network_manager(), make_trainer()
    grants = [services.read_grants(one.id)[0].id for one in (boss, other)]
    log_in(make_manager(cohort.school))

    assert [client.post(f"/roles/{one}/end", data={"sure": "y"}).status_code for one in grants] == [404, 404]
    assert all(services.read_grants(one.id) for one in (boss, other))


def test_an_account_is_closed_and_opened_again(client, app, log_in, cohort):
    account = make_account(mail="a@example.org", home_school_id=cohort.school_id)
    make_enrolment(account.person, cohort)
    theirs = app.test_client()
    theirs.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
    log_in(make_manager(cohort.school))
    address = f"/people/{account.person_id}/close-account"

    client.post(address)
    assert theirs.get("/account").status_code == 200
    client.post(address, data={"sure": "y"})
    assert theirs.get("/account").status_code == 302
    refused = theirs.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
    assert "Cela ne va pas ensemble" in refused.text
    client.post(address)
    answer = theirs.post("/sign-in/password", data={"handle": "a@example.org", "password": PASSWORD})
    assert answer.location == "/"


def test_nobody_closes_the_account_of_somebody_above(client, log_in, cohort):
    boss = make_network_manager(home_school_id=cohort.school_id)
    make_network_manager()
    log_in(make_manager(cohort.school))

    assert client.post(f"/people/{boss.id}/close-account", data={"sure": "y"}).status_code == 409
    assert db.session.get(Account, boss.id).closed_at is None


def test_lists_of_staff_and_guests_come_25_lines_at_a_time(client, log_in, cohort):
    for _ in range(30):
        make_trainer(school=cohort.school)
        make_enrolment(never_came(), cohort)
    log_in(make_manager(cohort.school))

    for address in (f"/schools/{cohort.school_id}/staff", f"/cohorts/{cohort.id}/invitations"):
        first, second = (client.get(f"{address}?page={number}").text for number in (1, 2))
        assert (first.count('href="/people/'), 5 <= second.count('href="/people/') <= 6) == (25, True), address


@pytest.mark.parametrize(
    "page", ["/account", "/account/password", "/cohorts/{cohort}/invitations", "/schools/{school}/staff"]
)
def test_these_pages_take_few_queries_however_many_people(client, log_in, cohort, queries, page):
    log_in(make_manager(cohort.school))
    path = page.format(cohort=cohort.id, school=cohort.school_id)

    def asked():
        save()
        with queries() as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    first = asked()
    for _ in range(12):
        make_trainer(school=cohort.school)
        make_enrolment(never_came(), cohort)

    assert asked() == first <= 8


def test_somebody_whose_account_is_closed_is_not_invited(client, log_in, cohort, now):
    person = guest_of(cohort, mail="g@example.org")
    services.close_account(person, by_id=None, now=now)
    log_in(make_manager(cohort.school))

    client.post(f"/cohorts/{cohort.id}/invitations")
    refused = client.post(f"/people/{person.id}/invite", data={"channel": "mail"})

    assert "est fermé" in refused.text
    assert sent_to("g@example.org") == []
