"""Signing in on a real database: passwords, codes, second factors, and how many wrong tries there may be."""

from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from popschool.auth import passwords, services, services_account, services_invitations, totp
from popschool.auth import rules_signing as rules
from popschool.auth import services_signing as signing
from popschool.auth.models import Account, SignInAttempt, SignInCode
from popschool.auth.rules_signing import (
    Channel,
    CodeRefused,
    Handle,
    Purpose,
    SignInRefused,
    TooManyAttempts,
    Way,
    WrongPassword,
    read_handle,
)
from popschool.db import db
from popschool.jobs import Job
from tests.auth.hands import (
    HERE,
    PASSWORD,
    THERE,
    code_sent_to,
    later,
    make_account,
    never_came,
    run_jobs,
    sent_to,
    totp_at,
    tries,
    wrong,
)
from tests.factories import make_network_manager, save

SECRET = pyotp.random_base32()
SECOND = timedelta(seconds=1)
WINDOW = rules.ATTEMPTS_WINDOW


def by_password(account, now, password=PASSWORD, address=HERE, handle=None):
    written = handle or account.person.mail
    return signing.sign_in_with_password(read_handle(written), password, address, now)


def ask_code(person, now, purpose=Purpose.SIGN_IN, address=HERE, by="mail"):
    signing.request_code(Handle(by, getattr(person, by)), purpose, address, now)


def by_code(person, code, now, purpose=Purpose.SIGN_IN, address=HERE, visit="", by="mail"):
    return signing.sign_in_with_code(Handle(by, getattr(person, by)), purpose, code, address, now, visit)


@pytest.fixture
def hashes(monkeypatch):
    """Count the argon2 hashes that are computed."""
    counted = []

    class Counting:
        def __getattr__(self, name):
            if name in ("hash", "verify"):
                counted.append(name)
            return getattr(real, name)

    real = passwords._hasher()
    monkeypatch.setattr(passwords, "_hasher", Counting)
    return counted


@pytest.mark.parametrize("written", ["mail", "phone", "learner_number"])
def test_a_password_opens_an_account_by_mail_phone_or_number(app, now, written):
    account = make_account(phone="+33639980007", learner_number="V1")

    assert by_password(account, now, handle=getattr(account.person, written)).person_id == account.person_id


def test_a_wrong_password_an_unknown_mail_and_a_closed_account_are_refused_alike(app, now, hashes, queries):
    account, closed, without = make_account(), make_account(), make_account(password=None)
    absent = never_came(mail="absente@example.org")
    services.close_account(closed.person, by_id=account.person_id, now=now)
    answers = set()

    for handle, password in (
        (account.person.mail, "un autre mot de passe"),
        ("personne@example.org", PASSWORD),
        (closed.person.mail, PASSWORD),
        (without.person.mail, PASSWORD),
        (absent.mail, PASSWORD),
        ("0639980099", PASSWORD),
        ("INCONNU99", PASSWORD),
    ):
        hashes.clear()
        with queries() as seen, pytest.raises(SignInRefused) as refused:
            signing.sign_in_with_password(read_handle(handle), password, HERE, now)
        statements = [one.split()[0] for one in seen if "advisory" not in one]
        answers.add((str(refused.value), tuple(hashes), tuple(statements)))

    assert len(answers) == 1
    [(_words, hashed, statements)] = answers
    assert hashed == ("verify",)
    assert statements


def test_each_right_password_costs_one_hash_too(app, now, hashes):
    account = make_account()
    hashes.clear()

    by_password(account, now)

    assert hashes == ["verify"]


def test_a_hash_of_former_parameters_is_made_again(app, now):
    account = make_account()
    account.password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    save()

    by_password(account, now)

    assert not passwords.is_outdated(db.session.get(Account, account.person_id).password_hash)


def test_an_account_is_stopped_after_ten_wrong_passwords_for_a_quarter_of_an_hour(app, now):
    account = make_account()
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(SignInRefused):
            by_password(account, now, "faux faux faux")

    with pytest.raises(TooManyAttempts) as stopped:
        by_password(account, now)
    assert stopped.value.again_at == now + WINDOW
    with pytest.raises(TooManyAttempts):
        by_password(account, now + WINDOW - SECOND)
    assert by_password(account, now + WINDOW)


def test_an_account_is_one_by_mail_phone_and_number_and_from_everywhere(app, now):
    account = make_account(phone="+33639980007", learner_number="V1")
    for number in range(rules.FAILURES_PER_ACCOUNT):
        handle = [account.person.mail, "0639980007", "V-1"][number % 3]
        with pytest.raises(SignInRefused):
            by_password(account, now, "faux faux faux", address=f"203.0.113.{number}", handle=handle)

    with pytest.raises(TooManyAttempts):
        by_password(account, now, address="203.0.113.99")


def test_an_unknown_handle_is_stopped_like_a_known_one(app, now):
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(SignInRefused):
            signing.sign_in_with_password(read_handle("personne@example.org"), "faux", HERE, now)

    with pytest.raises(TooManyAttempts) as stopped:
        signing.sign_in_with_password(read_handle("personne@example.org"), "faux", HERE, now)
    assert stopped.value.again_at == now + WINDOW


def test_a_right_password_clears_the_wrong_ones(app, now):
    account = make_account()
    for _ in range(2):
        for _ in range(rules.FAILURES_PER_ACCOUNT - 1):
            with pytest.raises(SignInRefused):
                by_password(account, now, "faux faux faux")
        by_password(account, now)

    assert tries().count(True) == 2


def test_whoever_guesses_at_a_password_shuts_its_owner_out_of_no_other_way(app, now):
    account = make_account(learner_number="V1")
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(SignInRefused):
            by_password(account, now, "faux faux faux", address=THERE)

    ask_code(account.person, now)
    assert by_code(account.person, code_sent_to(account.person.mail), now)
    card = services_invitations.invite(account.person, Channel.CARD, by_id=None, now=now)
    assert services_invitations.check_card("V1", card.secret, HERE, now)
    link = services_invitations.invite(account.person, Channel.LINK, by_id=None, now=now)
    assert services_invitations.accept(link.invitation.id, None, HERE, now)


def test_a_new_password_is_not_stopped_by_the_tries_at_the_former(app, now):
    account = make_account()
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(SignInRefused):
            by_password(account, now, "faux faux faux")

    services_account.set_password(account.person, "quatre chiens au marché", now)

    assert by_password(account, now, "quatre chiens au marché")


@pytest.fixture
def crowded(app, now):
    """A whole school at one address, where as many tries went wrong as may."""
    db.session.add_all(
        SignInAttempt(handle_hash=f"somebody {number}", address_hash=signing.address_key(HERE), at=now, succeeded=False)
        for number in range(rules.FAILURES_PER_ADDRESS - 1)
    )
    save()


def test_a_whole_school_shares_an_address_and_is_stopped_far_later(crowded, now):
    account = make_account()

    with pytest.raises(SignInRefused):
        by_password(account, now, "faux faux faux")
    for act in (lambda: by_password(account, now), lambda: ask_code(account.person, now)):
        with pytest.raises(TooManyAttempts):
            act()
    assert by_password(account, now, address=THERE)
    assert by_password(account, now + WINDOW)


def test_at_an_address_that_is_stopped_a_card_and_a_link_still_open(crowded, now):
    account, person = make_account(learner_number="V1"), never_came(learner_number="V2")
    with pytest.raises(SignInRefused):
        by_password(account, now, "faux faux faux")

    card = services_invitations.invite(person, Channel.CARD, by_id=None, now=now)
    assert services_invitations.check_card("V2", card.secret, HERE, now)
    assert services_invitations.accept(card.invitation.id, PASSWORD, HERE, now)


def test_right_tries_do_not_count_against_an_address(crowded, now):
    account = make_account()

    for _ in range(5):
        assert by_password(account, now)


def test_one_subscriber_has_one_address_in_ipv6(crowded, now):
    db.session.query(SignInAttempt).update({"address_hash": signing.address_key("2001:db8:1:2::1")})
    save()
    account = make_account()
    with pytest.raises(SignInRefused):
        by_password(account, now, "faux", address="2001:db8:1:2:9:9:9:9")

    with pytest.raises(TooManyAttempts):
        by_password(account, now, address="2001:db8:1:2:3:4:5:6")
    assert by_password(account, now, address="2001:db8:1:3::1")


def test_tries_are_forgotten_after_a_day(crowded, now):
    account = make_account()
    ask_code(account.person, now, address=THERE)

    signing.forget_tries(now + rules.ATTEMPTS_KEPT + SECOND)

    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 0
    assert db.session.scalar(select(func.count()).select_from(SignInCode)) == 0


@pytest.mark.parametrize(("by", "recipient"), [("mail", "a@example.org"), ("phone", "+33639980007")])
def test_a_code_comes_by_mail_or_sms_and_opens_an_account(app, now, by, recipient):
    account = make_account(password=None, **{"mail": None, "learner_number": "V1", by: recipient})

    ask_code(account.person, now, by=by)

    assert by_code(account.person, code_sent_to(recipient), now, by=by).person_id == account.person_id


def test_an_sms_with_a_code_is_short_and_plain(app, now):
    account = make_account(phone="+33639980007")
    ask_code(account.person, now, by="phone")

    [message] = sent_to("+33639980007")

    assert len(message.text) <= 160
    assert message.text.isascii() or "é" in message.text


def test_a_code_lets_somebody_in_for_the_first_time(app, now):
    person = never_came(mail="a@example.org")
    ask_code(person, now)

    account = by_code(person, code_sent_to("a@example.org"), now)

    assert (account.person_id, account.password_hash) == (person.id, None)


def test_a_code_is_written_with_spaces_or_in_other_digits(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")

    assert by_code(account.person, f" {code[:3]} {code[3:]} ".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), now)


def test_a_code_works_once(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")
    by_code(account.person, code, now, visit="this browser")

    for visit in ("", "another browser"):
        with pytest.raises(CodeRefused):
            by_code(account.person, code, now, visit=visit)


def test_a_double_click_in_one_browser_is_not_a_replay(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")
    by_code(account.person, code, now, visit="this browser")

    assert by_code(account.person, code, now + SECOND, visit="this browser")
    with pytest.raises(CodeRefused):
        by_code(account.person, code, now + rules.DOUBLE_CLICK, visit="this browser")


def test_a_code_is_too_old_after_ten_minutes(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")

    with pytest.raises(CodeRefused):
        by_code(account.person, code, now + rules.CODE_LIFE)
    assert by_code(account.person, code, now + rules.CODE_LIFE - SECOND)


def test_a_code_bears_five_wrong_tries(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")
    for _ in range(rules.CODE_TRIES):
        with pytest.raises(CodeRefused):
            by_code(account.person, wrong(code), now)

    with pytest.raises(CodeRefused):
        by_code(account.person, code, now)


def test_only_the_last_code_works(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    first = code_sent_to("a@example.org")
    later_on = now + rules.DOUBLE_CLICK
    ask_code(account.person, later_on)
    second = code_sent_to("a@example.org")

    if first != second:
        with pytest.raises(CodeRefused):
            by_code(account.person, first, later_on)
    assert by_code(account.person, second, later_on)


def test_a_double_click_sends_one_code_to_anybody(app, now):
    account = make_account(mail="a@example.org")

    for delay in (0, 9):
        ask_code(account.person, now + delay * SECOND)
        signing.request_code(Handle("mail", "absente@example.org"), Purpose.SIGN_IN, HERE, now + delay * SECOND)

    assert len(sent_to("a@example.org")) == 1
    assert db.session.scalar(select(func.count()).select_from(SignInCode)) == 2
    ask_code(account.person, now + 9 * SECOND, Purpose.PASSWORD)
    assert len(sent_to("a@example.org")) == 2


def test_a_code_that_was_used_is_followed_by_another_at_once(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    by_code(account.person, code_sent_to("a@example.org"), now)

    ask_code(account.person, now + SECOND)

    assert len(sent_to("a@example.org")) == 2


def test_a_code_for_a_password_is_not_one_to_sign_in(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now, Purpose.PASSWORD)
    code = code_sent_to("a@example.org")

    with pytest.raises(CodeRefused):
        by_code(account.person, code, now)
    assert by_code(account.person, code, now, Purpose.PASSWORD)


def test_a_code_is_somebodys(app, now):
    account, other = make_account(mail="a@example.org"), make_account(mail="b@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")
    ask_code(other.person, now)

    if code != code_sent_to("b@example.org"):
        with pytest.raises(CodeRefused):
            by_code(other.person, code, now)


def test_an_unknown_mail_and_a_closed_account_ask_for_a_code_like_anybody(app, now, queries):
    account, closed = make_account(mail="a@example.org"), make_account(mail="b@example.org")
    services.close_account(closed.person, by_id=account.person_id, now=now)
    done = set()

    for mail in ("a@example.org", "b@example.org", "personne@example.org"):
        with queries() as seen:
            signing.request_code(Handle("mail", mail), Purpose.SIGN_IN, HERE, now)
        done.add(tuple(one.split()[0] for one in seen))

    assert len(done) == 1
    assert db.session.scalar(select(func.count()).where(Job.task == signing.SEND_CODE)) == 3
    assert [len(sent_to(f"{who}@example.org")) for who in ("a", "b", "personne")] == [1, 0, 0]


def test_five_codes_are_asked_in_a_quarter_of_an_hour_at_most(app, now):
    account = make_account(mail="a@example.org")
    for number in range(rules.CODES_ASKED):
        ask_code(account.person, now + number * rules.DOUBLE_CLICK)

    with pytest.raises(TooManyAttempts) as stopped:
        ask_code(account.person, now + WINDOW - SECOND)
    assert stopped.value.again_at == now + WINDOW
    ask_code(account.person, now + WINDOW)
    assert len(sent_to("a@example.org")) == rules.CODES_ASKED + 1


def test_a_code_that_is_asked_too_late_is_not_sent(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)

    with later(minutes=10):
        run_jobs()

    assert sent_to("a@example.org") == []


def test_a_code_is_kept_nowhere_once_it_is_sent(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")

    assert db.session.scalars(select(Job.arguments).where(Job.task == signing.SEND_CODE)).one() == {}
    assert code not in db.session.scalars(select(SignInCode.code_hash)).one()


def test_a_code_does_not_open_an_account_closed_since(app, now):
    account = make_account(mail="a@example.org")
    ask_code(account.person, now)
    code = code_sent_to("a@example.org")
    services.close_account(account.person, by_id=None, now=now)

    with pytest.raises(CodeRefused):
        by_code(account.person, code, now)


def test_a_code_sent_to_a_mail_that_was_corrected_opens_nothing(app, now):
    account = make_account(mail="fausse@example.org")
    ask_code(account.person, now)
    code = code_sent_to("fausse@example.org")
    account.person.mail = "juste@example.org"
    other = make_account(mail="fausse@example.org")

    with pytest.raises(CodeRefused):
        by_code(other.person, code, now)


def test_a_second_factor_takes_each_code_once(app, now):
    account = make_account(secret=SECRET)
    code = totp_at(SECRET, now)

    def check(code, at=now, visit=""):
        return signing.check_second_factor(account.person_id, code, HERE, at, visit)

    assert check(code)
    with pytest.raises(CodeRefused):
        check(code)
    with pytest.raises(CodeRefused):
        check(totp_at(SECRET, now - 30 * SECOND))
    assert check(totp_at(SECRET, now + 30 * SECOND), now + 30 * SECOND)


def test_a_second_factor_bears_a_clock_that_is_half_a_minute_wrong(app, now):
    for shift, expected in ((-60, None), (-30, True), (0, True), (30, True), (60, None)):
        code = totp_at(SECRET, now + shift * SECOND)
        assert (totp.matching_step(SECRET, code, now, None) is not None) is bool(expected), shift


def test_a_second_factor_is_stopped_after_ten_wrong_codes(app, now):
    account = make_account(secret=SECRET)
    for number in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(CodeRefused):
            signing.check_second_factor(account.person_id, "000000", HERE, now + number * SECOND)

    with pytest.raises(TooManyAttempts):
        signing.check_second_factor(account.person_id, totp_at(SECRET, now), HERE, now + 10 * SECOND)


def test_a_double_click_on_a_second_factor_is_not_a_replay(app, now):
    account = make_account(secret=SECRET)
    code = totp_at(SECRET, now)

    signing.check_second_factor(account.person_id, code, HERE, now, "this browser")

    assert signing.check_second_factor(account.person_id, code, HERE, now + SECOND, "this browser")
    with pytest.raises(CodeRefused):
        signing.check_second_factor(account.person_id, code, HERE, now + SECOND, "another")


def start(account, now):
    secret = totp.make_secret()
    nonce = services_account.start_totp(account, secret, totp_at(secret, now), now)
    return secret, totp.recovery_codes(nonce)


def test_a_second_factor_begins_with_a_first_code(app, now):
    account = make_account(mail="a@example.org")

    with pytest.raises(CodeRefused):
        services_account.start_totp(account, SECRET, "000000", now)
    secret, recovery = start(account, now)

    assert secret not in account.totp_secret_encrypted
    assert len(set(recovery)) == totp.RECOVERY_CODES
    assert "second code" in sent_to("a@example.org")[-1].subject
    with pytest.raises(CodeRefused):  # the code that began it is used up
        signing.check_second_factor(account.person_id, totp_at(secret, now), HERE, now)


def test_each_recovery_code_works_once(app, now):
    account = make_account()
    _secret, recovery = start(account, now)

    def check(code):
        return signing.check_second_factor(account.person_id, code, HERE, now)

    assert check(recovery[0].lower().replace("-", " "))
    with pytest.raises(CodeRefused):
        check(recovery[0])
    assert all(check(code) for code in recovery[1:])
    assert db.session.get(Account, account.person_id).recovery_code_hashes == []


def test_new_recovery_codes_end_the_former(app, now):
    account = make_account()
    _secret, former = start(account, now)

    fresh = totp.recovery_codes(services_account.renew_recovery_codes(account, now))

    with pytest.raises(CodeRefused):
        signing.check_second_factor(account.person_id, former[0], HERE, now)
    assert signing.check_second_factor(account.person_id, fresh[0], HERE, now)


def test_recovery_codes_are_kept_as_hashes_of_one_person(app, now):
    first, second = make_account(), make_account()
    _secret, recovery = start(first, now)
    start(second, now)

    assert not any(code.replace("-", "") in str(first.recovery_code_hashes) for code in recovery)
    with pytest.raises(CodeRefused):
        signing.check_second_factor(second.person_id, recovery[0], HERE, now)


def test_a_second_factor_that_is_stopped_is_asked_no_more_and_its_person_is_told(app, now):
    account, boss = make_account(mail="a@example.org"), make_network_manager()
    save()
    start(account, now)

    services_account.stop_totp(account, boss.id, now)
    services_account.stop_totp(account, boss.id, now)

    assert (account.totp_secret_encrypted, account.recovery_code_hashes) == (None, [])
    subjects = [one.subject for one in sent_to("a@example.org")]
    assert subjects == ["Votre second code est en service", "Votre second code est arrêté"]


def test_the_present_password_is_asked_before_a_change_and_its_tries_are_counted(app, now):
    account = make_account()

    services_account.confirm_password(account, PASSWORD, HERE, now)
    for _ in range(rules.FAILURES_PER_ACCOUNT):
        with pytest.raises(WrongPassword):
            services_account.confirm_password(account, "faux", HERE, now)
    with pytest.raises(TooManyAttempts):
        services_account.confirm_password(account, PASSWORD, HERE, now)
    assert by_password(account, now)


def test_a_new_password_ends_every_session_and_its_owner_is_told(app, now):
    account = make_account(mail="a@example.org")
    before = account.session_token

    changed = services_account.set_password(account.person, "quatre chiens au marché", now)

    assert changed.session_token != before
    assert sent_to("a@example.org")[-1].subject == "Votre mot de passe a changé"
    with pytest.raises(SignInRefused):
        by_password(account, now)


def test_a_first_password_is_news_to_nobody(app, now):
    account = make_account(password=None, mail="a@example.org")

    services_account.set_password(account.person, PASSWORD, now)

    assert sent_to("a@example.org") == []


def test_a_password_is_not_made_of_its_owners_name(app, now):
    account = make_account(first_name="Apprenante", last_name="Valenciennes", mail="a@example.org")

    with pytest.raises(rules.PasswordCommon):
        services_account.set_password(account.person, "ApprenanteValenciennes1", now)


def test_the_ways_in_are_counted_apart(app):
    keys = {signing.person_key(7, way) for way in Way} | {signing.person_key(8, Way.CODE)}

    assert len(keys) == len(Way) + 1
