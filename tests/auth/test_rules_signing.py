"""How people say who they are, what a password may be, where a sign-in may lead, when one may try again."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from popschool.auth import passwords
from popschool.auth.rules_signing import (
    FAILURES_PER_ACCOUNT,
    FAILURES_PER_ADDRESS,
    LONGEST_PASSWORD,
    MAIL,
    NUMBER,
    PHONE,
    Handle,
    HandleUnreadable,
    PasswordCommon,
    PasswordTooLong,
    PasswordTooShort,
    check_password,
    network_of,
    next_try,
    normalise_code,
    normalise_password,
    own_path,
    read_handle,
    state_of_invitation,
)

NOW = datetime(2027, 3, 8, 9, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("written", "handle"),
    [
        (" Apprenante07@Example.org ", Handle(MAIL, "apprenante07@example.org")),
        ("06 39 98 00 07", Handle(PHONE, "+33639980007")),
        ("+33 6 39 98 00 07", Handle(PHONE, "+33639980007")),
        ("val-2027-1-007", Handle(NUMBER, "VAL20271007")),
        ("VAL 2027 1 007", Handle(NUMBER, "VAL20271007")),
    ],
)
def test_people_say_who_they_are_as_they_like(written, handle):
    assert read_handle(written) == handle


@pytest.mark.parametrize("written", ["", "   ", "apprenante", "a@b", "a@@example.org", "a@example.", "@", "=1+1"])
def test_what_names_nobody_is_refused(written):
    with pytest.raises(HandleUnreadable):
        read_handle(written)


@given(st.text(max_size=300))
def test_whatever_is_written_is_read_once_and_for_all(text):
    try:
        handle = read_handle(text)
    except HandleUnreadable:
        return
    assert read_handle(handle.value) == handle
    assert len(handle.value) <= 254


@pytest.mark.parametrize(
    ("written", "code"),
    [("123 456", "123456"), ("123-456", "123456"), ("١٢٣٤٥٦", "123456"), ("abcd-efgh", "ABCDEFGH"), ("１２３", "123")],
)
def test_a_code_is_read_from_any_keyboard(written, code):
    assert normalise_code(written) == code


COMMON = passwords.common_words()


@pytest.mark.parametrize(
    "password",
    [
        "trois chats dans la cour",
        "Vélo-Pluie-Fenêtre",
        "correcthorsebattery",
        "кот под дождём 7",
        "x7!Qm2#vL9pz",
        "le train de 8h12",
    ],
)
def test_a_phrase_of_ones_own_is_a_password(password):
    check_password(password, COMMON, ["Apprenante 07", "apprenante07@example.org"])


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("", PasswordTooShort),
        ("court", PasswordTooShort),
        ("neuf-car.", PasswordTooShort),
        ("a" * (LONGEST_PASSWORD + 1), PasswordTooLong),
        ("password123", PasswordCommon),
        ("P@ssw0rd!!", PasswordCommon),
        ("motdepasse", PasswordCommon),
        ("Motdepasse2027!", PasswordCommon),
        ("azertyuiop", PasswordCommon),
        ("1234567890", PasswordCommon),
        ("0123456789", PasswordCommon),
        ("9876543210", PasswordCommon),
        ("abcdefghij", PasswordCommon),
        ("aaaaaaaaaa", PasswordCommon),
        ("abababababab", PasswordCommon),
        ("          ", PasswordCommon),
        ("12122027121", PasswordCommon),
        ("apprenante07", PasswordCommon),
        ("Apprenante 07", PasswordCommon),
        ("ÉlodieOeuvrard", PasswordCommon),
        ("elodieœuvrard1", PasswordCommon),
        ("0639980007", PasswordCommon),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password, refusal):
    own = ["Apprenante 07", "apprenante07", "Élodie Œuvrard", "0639980007"]

    with pytest.raises(refusal):
        check_password(password, COMMON, own)


@given(st.text(max_size=260))
def test_a_password_is_judged_whatever_it_is(text):
    try:
        check_password(text, COMMON)
    except (PasswordTooShort, PasswordTooLong, PasswordCommon):
        return
    assert 10 <= len(normalise_password(text)) <= 200
    assert len(set(text.casefold())) > 2


@pytest.mark.parametrize(
    "address",
    ["/", "/today", "/cohorts/3?page=2", "/people?q=%C3%A9lodie", "/cohorts/3#message", "/signature", "/information"],
)
def test_a_sign_in_leads_to_a_page_of_ours(address):
    assert own_path(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "today",
        "https://example.org",
        "//example.org",
        "///example.org",
        "/\\example.org",
        "\\\\example.org",
        "/\t/example.org",
        "/\n/example.org",
        " //example.org",
        "javascript:alert(1)",
        "/today\\..\\x",
        "/a b",
        "/" + "a" * 2000,
        "/sign-in",
        "/sign-out",
        "/i/abc",
        "/card",
        "/password/forgotten",
    ],
)
def test_a_sign_in_leads_nowhere_else(address):
    assert own_path(address) is None


@given(st.text(st.sampled_from("/\\.:@?#%&=\t\n\r ahtps0é\0"), max_size=12))
def test_no_address_that_is_kept_leaves_the_site(text):
    kept = own_path(text)

    if kept is not None:
        assert urlsplit(urljoin("https://popschool.example/sign-in", kept)).netloc == "popschool.example"
        assert not set("\t\n\r\0\\ ") & set(kept)


def test_so_many_failures_stop_until_the_oldest_is_forgotten():
    window = 15 * MINUTE
    failures = [NOW - n * MINUTE for n in range(10)]

    assert next_try(failures[:9], 10, window) is None
    assert next_try(failures, 10, window) == NOW - 9 * MINUTE + window
    assert next_try([*failures, NOW - 12 * MINUTE], 10, window) == NOW - 9 * MINUTE + window


@given(st.lists(st.integers(0, 900), max_size=40), st.integers(1, 20))
def test_whoever_waits_as_told_may_try_again(seconds, most):
    window = timedelta(minutes=15)
    failures = [NOW - timedelta(seconds=one) for one in seconds]

    again_at = next_try(failures, most, window)

    if again_at is not None:
        assert again_at <= NOW + window
        assert next_try([one for one in failures if one > again_at - window], most, window) is None


def test_a_school_that_shares_an_address_is_stopped_far_later_than_one_account():
    assert FAILURES_PER_ADDRESS >= 20 * FAILURES_PER_ACCOUNT


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_subscriber_is_one_address(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("expires", "used", "revoked", "state"),
    [
        (1, None, None, "live"),
        (0, None, None, "expired"),
        (-1, None, None, "expired"),
        (1, -1, None, "used"),
        (1, None, -1, "revoked"),
        (-1, -2, -2, "used"),
    ],
)
def test_an_invitation_is_live_until_something_ends_it(expires, used, revoked, state):
    def at(minutes):
        return None if minutes is None else NOW + minutes * MINUTE

    assert state_of_invitation(at(expires), at(used), at(revoked), NOW) == state


def test_a_password_is_kept_by_argon2id_and_each_hash_is_its_own():
    first, second = passwords.make_hash("trois chats dans la cour"), passwords.make_hash("trois chats dans la cour")

    assert first != second
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(first, "trois chats dans la cour")
    assert not passwords.matches(first, "trois chats dans la rue")
    assert not passwords.is_outdated(first)
    assert passwords.is_outdated("$argon2id$v=19$m=8192,t=1,p=1$" + first.split("$", 4)[4])


def test_nobodys_hash_costs_what_anybodys_does():
    assert passwords.NOBODY.split("$")[:4] == passwords.make_hash("trois chats dans la cour").split("$")[:4]
    assert not passwords.matches(None, "trois chats dans la cour")
    assert not passwords.matches("pas un hash", "trois chats dans la cour")


def test_an_accent_is_the_same_on_every_keyboard():
    kept = passwords.make_hash("V\u00e9lo-Pluie-Fen\u00eatre")

    assert passwords.matches(kept, "Ve\u0301lo-Pluie-Fene\u0302tre")
