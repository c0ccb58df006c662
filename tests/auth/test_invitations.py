"""Ways in for those who have none yet, on a real database: by mail, by SMS, on a card; each used once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.auth import rules_signing as rules
from popschool.auth import services, services_account
from popschool.auth import services_invitations as invitations
from popschool.auth.models import Account, Invitation
from popschool.auth.rules import Role
from popschool.auth.rules_signing import (
    AccountClosed,
    Channel,
    InvitationDead,
    NobodyReachable,
    PasswordCommon,
    PasswordTooShort,
    SignInRefused,
    TooManyAttempts,
    read_handle,
)
from popschool.auth.services_signing import sign_in_with_password
from popschool.db import db
from popschool.outbox import Outgoing
from tests.auth.hands import HERE, PASSWORD, THERE, link_sent_to, make_account, never_came, sent_to
from tests.factories import TODAY, make_cohort, make_enrolment, make_manager, make_role, save

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
NOBODY_WAYS = {"mail": None, "phone": None, "learner_number": "V1"}


def invite(person, now, channel=None, by_id=None, **given):
    return invitations.invite(person, channel, by_id=by_id, now=now, **given)


def accept(issued, now, password=PASSWORD, visit=""):
    return invitations.accept(issued.invitation.id, password, HERE, now, visit)


def state(issued, now):
    db.session.refresh(issued.invitation)
    return invitations.state(issued.invitation, now)


def card_of(person, now):
    return invite(person, now, Channel.CARD)


@pytest.mark.parametrize(
    ("ways", "channel", "recipient"),
    [
        ({"mail": "a@example.org", "phone": "+33639980007"}, Channel.MAIL, "a@example.org"),
        ({"mail": None, "phone": "+33639980007"}, Channel.SMS, "+33639980007"),
    ],
)
def test_an_invitation_goes_by_mail_or_by_sms(app, now, ways, channel, recipient):
    person = never_came(**ways)

    issued = invite(person, now)

    assert issued.invitation.channel == channel
    assert link_sent_to(recipient) == f"/i/{issued.secret}"
    assert invitations.find_link(issued.secret).id == issued.invitation.id


def test_whoever_has_neither_gets_a_card(app, now):
    person = never_came(**NOBODY_WAYS)

    assert invitations.best_channel(person) is Channel.CARD
    issued = invite(person, now)

    assert len(issued.secret.replace("-", "")) == 8
    assert db.session.scalar(select(func.count()).select_from(Outgoing)) == 0
    assert invitations.find_link(issued.secret) is None


def test_an_invitation_by_sms_is_one_sms_in_its_alphabet(app, now):
    person = never_came(mail=None, phone="+33639980007")
    invite(person, now)

    [message] = sent_to("+33639980007")

    assert len(message.text) <= 160
    assert not set("çêîôûëïœ’«»–…") & set(message.text)


@pytest.mark.parametrize("channel", [Channel.MAIL, Channel.SMS])
def test_a_message_needs_somewhere_to_go(app, now, channel):
    with pytest.raises(NobodyReachable):
        invite(never_came(**NOBODY_WAYS), now, channel)


def test_a_card_needs_a_number(app, now):
    with pytest.raises(NobodyReachable):
        card_of(never_came(learner_number=None), now)


def test_a_secret_is_kept_as_a_hash(app, now):
    person = never_came(learner_number="V1")
    for issued in (invite(person, now), card_of(person, now)):
        assert issued.secret not in issued.invitation.code_hash
        assert len(issued.invitation.code_hash) == 64


def test_a_new_link_ends_the_former_and_leaves_the_card(app, now):
    person = never_came(learner_number="V1", phone="+33639980007")
    first, card = invite(person, now), card_of(person, now)

    second = invite(person, now + MINUTE, Channel.SMS)

    assert [state(one, now + MINUTE) for one in (first, card, second)] == ["revoked", "live", "live"]


def test_a_card_that_is_printed_again_ends_the_former(app, now):
    person = never_came(learner_number="V1")
    first = card_of(person, now)

    second = card_of(person, now + rules.DOUBLE_CLICK)

    assert second.secret != first.secret
    with pytest.raises(InvitationDead) as dead:
        invitations.check_card("V1", first.secret, HERE, now + MINUTE)
    assert dead.value.why == "revoked"
    assert invitations.check_card("V1", second.secret, HERE, now + MINUTE)


@pytest.mark.parametrize(("channel", "delay"), [(Channel.MAIL, 59 * SECOND), (Channel.CARD, 9 * SECOND)])
def test_a_double_click_makes_one_invitation(app, now, channel, delay):
    person = never_came(learner_number="V1")
    first = invite(person, now, channel)

    again = invite(person, now + delay, channel)

    assert (again.invitation.id, again.secret) == (first.invitation.id, None)
    assert db.session.scalar(select(func.count()).select_from(Invitation)) == 1


def test_a_closed_account_is_not_invited(app, now):
    account = make_account()
    services.close_account(account.person, by_id=None, now=now)

    with pytest.raises(AccountClosed):
        invite(account.person, now)


def test_a_link_opens_an_account_with_a_password(app, now):
    person = never_came(mail="a@example.org")
    issued = invite(person, now)

    account = accept(issued, now)

    assert account.person_id == person.id
    assert sign_in_with_password(read_handle("a@example.org"), PASSWORD, HERE, now)
    assert state(issued, now) == "used"


def test_a_link_opens_an_account_without_a_password(app, now):
    issued = invite(never_came(), now)

    assert accept(issued, now, password=None).password_hash is None


def test_an_invitation_is_used_once(app, now):
    issued = invite(never_came(), now)
    accept(issued, now, visit="this browser")

    for visit in ("", "another browser"):
        with pytest.raises(InvitationDead) as dead:
            accept(issued, now, visit=visit)
        assert dead.value.why == "used"
    with pytest.raises(InvitationDead):
        accept(issued, now + rules.DOUBLE_CLICK, visit="this browser")


def test_a_double_click_on_an_invitation_lets_the_same_browser_in(app, now):
    issued = invite(never_came(), now)
    first = accept(issued, now, visit="this browser")

    assert accept(issued, now + SECOND, visit="this browser").person_id == first.person_id


@pytest.mark.parametrize(("password", "refusal"), [("court", PasswordTooShort), ("motdepasse", PasswordCommon)])
def test_a_password_that_is_refused_leaves_the_invitation_as_it_was(app, now, password, refusal):
    issued = invite(never_came(), now)

    with pytest.raises(refusal):
        accept(issued, now, password=password)

    assert state(issued, now) == "live"
    assert accept(issued, now)


@pytest.mark.parametrize(("channel", "life"), [(Channel.MAIL, rules.LINK_LIFE), (Channel.CARD, rules.CARD_LIFE)])
def test_an_invitation_grows_too_old(app, now, channel, life):
    issued = invite(never_came(learner_number="V1"), now, channel)

    assert state(issued, now + life - SECOND) == "live"
    assert state(issued, now + life) == "expired"
    with pytest.raises(InvitationDead):
        accept(issued, now + life)


def test_once_somebody_is_in_what_lies_about_opens_nothing(app, now):
    person = never_came(learner_number="V1")
    link, card = invite(person, now), card_of(person, now)

    accept(link, now)

    assert state(card, now) == "revoked"
    with pytest.raises(InvitationDead):
        invitations.check_card("V1", card.secret, HERE, now)


def test_a_link_sent_to_a_mail_that_was_corrected_opens_nothing(app, now):
    person = never_came(mail="fausse@example.org")
    issued = invite(person, now)
    person.mail = "juste@example.org"
    save()

    assert state(issued, now) == "revoked"
    with pytest.raises(InvitationDead):
        accept(issued, now)
    invitations.renew(issued.invitation, now + MINUTE)
    assert len(sent_to("juste@example.org")) == 1


def test_a_password_changed_by_an_invitation_is_told_to_its_owner(app, now):
    account = make_account(mail="a@example.org", learner_number="V1")
    token = account.session_token

    accept(card_of(account.person, now), now, password="quatre chiens au marché")

    assert sent_to("a@example.org")[-1].subject == "Votre mot de passe a changé"
    assert db.session.get(Account, account.person_id).session_token != token


@pytest.mark.parametrize("why", ["expired", "used", "revoked"])
def test_a_dead_link_gives_a_new_one_at_once(app, now, why):
    person = never_came(mail="a@example.org")
    issued = invite(person, now)
    later = now + (rules.LINK_LIFE if why == "expired" else MINUTE)
    if why == "used":
        accept(issued, now)
    if why == "revoked":
        invite(person, now + SECOND, Channel.LINK, by_id=None)
    assert state(issued, later) == why
    assert invitations.can_be_sent_again(issued.invitation)

    invitations.renew(issued.invitation, later)

    fresh = invitations.find_link(link_sent_to("a@example.org").removeprefix("/i/"))
    assert invitations.state(fresh, later) == "live"
    assert accept(invitations.Issued(fresh, None), later)


def test_a_dead_link_gives_three_new_ones_an_hour_at_most(app, now):
    issued = invite(never_came(), now)
    for number in range(1, invitations.RENEWED_AN_HOUR):
        invitations.renew(issued.invitation, now + 2 * number * MINUTE)

    with pytest.raises(TooManyAttempts):
        invitations.renew(issued.invitation, now + 30 * MINUTE)
    invitations.renew(issued.invitation, now + 61 * MINUTE)


def test_the_dead_link_of_a_closed_account_sends_nothing_and_says_nothing(app, now):
    person = never_came(mail="a@example.org")
    issued = invite(person, now)
    services.close_account(person, by_id=None, now=now)
    sent = len(sent_to("a@example.org"))

    invitations.renew(issued.invitation, now + MINUTE)

    assert len(sent_to("a@example.org")) == sent


def test_a_link_that_was_handed_over_is_sent_again_by_the_way_that_reaches_its_person(app, now):
    issued = invite(never_came(mail="a@example.org"), now, Channel.LINK)
    assert sent_to("a@example.org") == []

    invitations.renew(issued.invitation, now + rules.LINK_LIFE)

    assert len(sent_to("a@example.org")) == 1


@pytest.mark.parametrize("number", ["v1", "V-1", " V 1 ", "V1"])
def test_a_card_is_read_however_it_is_typed(app, now, number):
    issued = card_of(never_came(learner_number="V1"), now)

    found = invitations.check_card(number, issued.secret.lower().replace("-", " "), HERE, now)

    assert (found.id, found.used_at) == (issued.invitation.id, None)


def test_a_wrong_card_an_unknown_number_and_a_closed_account_are_refused_alike(app, now, queries):
    right = card_of(never_came(learner_number="V1"), now)
    other = card_of(never_came(learner_number="V2"), now)
    closed = make_account(learner_number="V3")
    services.close_account(closed.person, by_id=None, now=now)
    done = set()

    for number, code in (
        ("V1", "AAAA-AAAA"),
        ("V1", other.secret),
        ("INCONNU9", right.secret),
        ("V3", right.secret),
        ("", ""),
    ):
        with queries() as seen, pytest.raises(SignInRefused) as refused:
            invitations.check_card(number, code, HERE, now)
        done.add((str(refused.value), tuple(one.split()[0] for one in seen)))

    assert len(done) == 1


def test_a_card_is_stopped_after_ten_wrong_codes_and_its_person_still_has_a_password(app, now):
    account = make_account(learner_number="V1")
    issued = card_of(account.person, now)
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(SignInRefused):
            invitations.check_card("V1", "AAAA-AAAA", THERE, now)

    with pytest.raises(TooManyAttempts):
        invitations.check_card("V1", issued.secret, HERE, now)
    assert sign_in_with_password(read_handle("V1"), PASSWORD, HERE, now)


def test_a_card_is_shown_within_the_hour_to_who_made_it_and_to_nobody_else(app, now):
    person = never_came(learner_number="V1")
    maker, other = make_manager(), make_manager()
    save()
    issued = invite(person, now, Channel.CARD, by_id=maker.id)

    def shown(by, moment):
        return [code for _person, code in invitations.read_cards([person], by_id=by.id, now=moment)]

    assert shown(maker, now + MINUTE) == [issued.secret]
    assert shown(other, now + MINUTE) == []
    assert shown(maker, now + rules.CARD_SHOWN) == []
    accept(issued, now + MINUTE)
    assert shown(maker, now + 2 * MINUTE) == []


@pytest.fixture
def cohort(app):
    return make_cohort()


def guests(cohort, today=TODAY):
    return invitations.read_guests(cohort.id, today)


def test_a_cohort_says_who_came_in_who_was_invited_and_who_was_not(cohort, now, queries):
    joined = make_account().person
    closed = make_account().person
    invited, never, gone = (never_came() for _ in range(3))
    for person in (joined, closed, invited, never):
        make_enrolment(person, cohort)
    make_enrolment(gone, cohort, left_on=TODAY - timedelta(days=1))
    services.close_account(closed, by_id=None, now=now)
    invite(invited, now)
    invite(invited, now + 2 * MINUTE, Channel.LINK)

    with queries() as seen:
        found = {guest.person.id: guest for guest in guests(cohort)}

    assert len(seen) == 1
    assert {one: guest.state for one, guest in found.items()} == {
        joined.id: "joined",
        closed.id: "closed",
        invited.id: "invited",
        never.id: "never",
    }
    assert found[invited.id].channel == "link"


def test_everybody_who_never_came_is_invited_by_the_way_that_reaches_them(cohort, now):
    manager = make_manager(cohort.school)
    make_enrolment(make_account().person, cohort)
    make_enrolment(never_came(mail="a@example.org"), cohort)
    make_enrolment(never_came(mail=None, phone="+33639980007"), cohort)
    make_enrolment(never_came(**NOBODY_WAYS), cohort)
    save()

    sent = invitations.invite_all(guests(cohort), by_id=manager.id, school_id=cohort.school_id, now=now)

    assert sent == {Channel.MAIL: 1, Channel.SMS: 1, Channel.CARD: 1}
    assert len(sent_to("a@example.org")) == len(sent_to("+33639980007")) == 1
    assert cohort.school.name in sent_to("a@example.org")[0].text


def test_cards_are_made_for_those_who_have_a_number(cohort, now):
    manager = make_manager(cohort.school)
    with_number, without = never_came(**NOBODY_WAYS), never_came()
    save()

    made = invitations.print_cards([with_number, without], by_id=manager.id, school_id=cohort.school_id, now=now)

    assert made == 1
    [(person, code)] = invitations.read_cards([with_number, without], by_id=manager.id, now=now)
    assert person.id == with_number.id
    assert invitations.check_card("V1", code, HERE, now)


def test_what_was_made_and_used_is_on_record_and_without_secrets(app, now):
    person = never_came(learner_number="V1")
    issued = invite(person, now)
    account = accept(issued, now)
    services_account.end_sessions(account, now)

    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()

    assert [entry.action for entry in entries] == ["person.invited", "account.joined", "sessions.ended"]
    assert issued.secret not in str([entry.facts for entry in entries])


def test_a_role_does_not_travel_with_a_card(cohort, now):
    """A person who is both staff and a learner keeps both once they are in."""
    person = never_came(learner_number="V1")
    make_role(person, Role.TRAINER, cohort.school)
    save()

    account = accept(card_of(person, now), now)

    assert [grant.role for grant in services.read_grants(account.person_id)] == ["trainer"]
