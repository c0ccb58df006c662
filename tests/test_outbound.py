"""Addresses that people give us: which may be called."""

import pytest

from popschool import outbound
from popschool.outbound import check_url, is_inside


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("http://127.0.0.1/", outbound.AddressInside),
        ("http://localhost:8000/", outbound.AddressInside),
        ("http://localhost./", outbound.AddressInside),
        ("http://2130706433/", outbound.AddressInside),
        ("http://0x7f.1/", outbound.AddressInside),
        ("http://[::1]/", outbound.AddressInside),
        ("http://[::ffff:10.0.0.1]/", outbound.AddressInside),
        ("http://[fe80::1%25lo]/", outbound.OutboundRefused),
        ("http://169.254.169.254/latest/meta-data", outbound.AddressInside),
        ("http://example.invalid/", outbound.HostUnknown),
        ("ftp://example.org/", outbound.SchemeRefused),
        ("javascript:alert(1)", outbound.SchemeRefused),
        ("example.org", outbound.SchemeRefused),
        ("", outbound.SchemeRefused),
        ("https://name:secret@8.8.8.8/", outbound.CredentialsRefused),
        ("https://name@8.8.8.8/", outbound.CredentialsRefused),
        ("https://8.8.8.8:25/", outbound.PortRefused),
        ("https://8.8.8.8:99999/", outbound.AddressUnreadable),
        ("https://", outbound.AddressUnreadable),
        ("https://8.8.8.8\\@127.0.0.1/", outbound.AddressUnreadable),
        ("https://8.8.8.8/" + "a" * 2000, outbound.AddressUnreadable),
    ],
)
def test_addresses_that_are_never_called(url, refusal):
    with pytest.raises(refusal):
        check_url(url, allow_inside=False)


def test_an_address_outside_is_given_with_its_numbers():
    assert check_url("https://8.8.8.8/a", allow_inside=False) == outbound.Destination(
        "https", "8.8.8.8", 443, ("8.8.8.8",)
    )


def test_a_name_that_leads_both_ways_is_refused(monkeypatch):
    answers = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(outbound.socket, "getaddrinfo", lambda *asked, **more: answers)

    with pytest.raises(outbound.AddressInside):
        check_url("https://example.org/", allow_inside=False)


def test_a_trial_may_call_its_own_machine():
    assert check_url("http://127.0.0.1:8000/", allow_inside=True).port == 8000


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "10.1.2.3", "100.64.0.1", "172.31.0.1", "192.168.1.1", "224.0.0.1", "255.255.255.255", "::", "::1"]
    + [
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:db8::1",
    ],
)
def test_private_numbers_are_inside(address):
    assert is_inside(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2a00:1450:4007::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_public_numbers_are_outside(address):
    assert not is_inside(address)
