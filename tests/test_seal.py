"""A seal is the organisation's signature and an authority's stamp; a changed byte breaks both."""

import io
import subprocess
from dataclasses import replace

import pikepdf
import pytest

from popschool import doctor, seal
from tests.authority import make_owner, stamping, write_pem, write_pkcs12


@pytest.fixture(scope="module")
def authority():
    return make_owner("Autorité d'essai")


@pytest.fixture(scope="module")
def school(authority):
    return make_owner("Pop School", authority)


@pytest.fixture(scope="module")
def clock_maker(authority):
    return make_owner("Horloge d'essai", authority, stamps=True)


@pytest.fixture(scope="module")
def document():
    """A small PDF."""
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    made.save(out)
    return out.getvalue()


def signatures(folder, data):
    """Return what pdfsig, which is not ours, says of a document."""
    (folder / "held.pdf").write_bytes(data)
    return subprocess.run(["pdfsig", folder / "held.pdf"], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("form", ["pem", "pkcs12"])
def test_a_signature_names_its_owner_and_covers_the_whole_file(tmp_path, document, school, authority, form):
    path = tmp_path / "seal"
    if form == "pem":
        found = seal.read_seal(write_pem(path, school, authority))
    else:
        found = seal.read_seal(write_pkcs12(path, school, authority, "mot de passe"), "mot de passe")

    said = signatures(tmp_path, seal.signed(document, found, "Essai"))

    assert "Signer Certificate Common Name: Pop School" in said
    assert "ETSI.CAdES.detached" in said
    assert "Total document signed" in said
    assert "Signature is Valid" in said


def test_a_changed_byte_breaks_the_signature(tmp_path, document, school, authority):
    found = seal.read_seal(write_pem(tmp_path / "seal.pem", school, authority))
    made = bytearray(seal.signed(document, found, "Essai"))
    made[200] ^= 1

    assert "Signature is Valid" not in signatures(tmp_path, bytes(made))


def test_a_stamp_is_of_the_authority_and_of_these_bytes(tmp_path, document, clock_maker, authority):
    with stamping(clock_maker, authority) as url:
        made = seal.stamped(document, url)

    said = signatures(tmp_path, made)
    assert "Signer Certificate Common Name: Horloge d'essai" in said
    assert "Total document signed" in said
    verified = verify_stamp(tmp_path, made, authority)
    assert verified.returncode == 0, verified.stderr
    made = made.replace(b"/Type", b"/Typo", 1)
    assert verify_stamp(tmp_path, made, authority).returncode != 0


def verify_stamp(folder, data, authority):
    """Check a stamp as openssl does, from the ranges that the file says are covered."""
    with pikepdf.open(io.BytesIO(data)) as opened:
        stamp = next(field.V for field in opened.Root.AcroForm.Fields if str(field.T) == seal.STAMP_FIELD)
        first, size, second, rest = map(int, stamp.ByteRange)
        token = bytes(stamp.Contents)
    (folder / "covered").write_bytes(data[first : first + size] + data[second : second + rest])
    (folder / "token").write_bytes(token)
    (folder / "above.pem").write_bytes(authority.certificate_pem)
    command = ["openssl", "ts", "-verify", "-in", "token", "-token_in", "-data", "covered", "-CAfile", "above.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stamp_after_a_signature_leaves_it_valid(tmp_path, document, school, clock_maker, authority):
    found = seal.read_seal(write_pem(tmp_path / "seal.pem", school, authority))
    with stamping(clock_maker, authority) as url:
        made = seal.stamped(seal.signed(document, found, "Essai"), url)

    assert signatures(tmp_path, made).count("Signature is Valid") == 1
    assert verify_stamp(tmp_path, made, authority).returncode == 0


def test_fields_of_a_seal_are_out_of_sight_and_printable(document, tmp_path, school, authority):
    found = seal.read_seal(write_pem(tmp_path / "seal.pem", school, authority))

    with pikepdf.open(io.BytesIO(seal.signed(document, found, "Essai"))) as made:
        [field] = made.pages[0].Annots

        assert max(map(float, field.Rect)) < 0
        assert int(field.F) & 4 and not int(field.F) & 2


# A time-stamping answer whose status is 2, "rejection", and that holds no stamp.
REFUSAL = bytes.fromhex("30053003020102")


@pytest.mark.parametrize("answers", [b"", b"<html>", REFUSAL], ids=["nothing", "a page", "a refusal"])
def test_an_authority_that_refuses_is_said(document, clock_maker, authority, answers):
    with stamping(clock_maker, authority, answers=answers) as url, pytest.raises(seal.StampRefused, match=url):
        seal.stamped(document, url)


def test_an_authority_that_is_not_there_is_said(document):
    with pytest.raises(seal.StampRefused, match="does not answer"):
        seal.stamped(document, "http://127.0.0.1:9/")


def test_a_seal_that_cannot_be_read_says_why(tmp_path, school, authority):
    locked = write_pkcs12(tmp_path / "locked", school, authority, "mot de passe")
    (tmp_path / "text").write_text("bonjour")
    (tmp_path / "alone").write_bytes(school.key_pem)
    (tmp_path / "other").write_bytes(school.key_pem + authority.certificate_pem)

    for name, why in [
        ("missing", "cannot be read"),
        ("text", "neither"),
        ("alone", "neither"),
        ("other", "no certificate"),
    ]:
        with pytest.raises(seal.SealUnreadable, match=why):
            seal.read_seal(str(tmp_path / name))
    with pytest.raises(seal.SealUnreadable, match="password"):
        seal.read_seal(locked, "autre")


def test_the_doctor_says_whose_seal_it_is_and_until_when(app, tmp_path, school, authority):
    settings = app.config["POPSCHOOL"]
    ended = make_owner("Ancienne", authority, days=-30)

    def said(**changes):
        return next(one for one in doctor.examine(replace(settings, **changes)) if one.name == "seal")

    assert "not signed" in said().detail
    good = said(seal_key=write_pem(tmp_path / "seal.pem", school, authority), tsa_url="https://horloge.example.org")
    assert good.is_sound and "CN=Pop School" in good.detail and ", time-stamped" in good.detail
    old = said(seal_key=write_pem(tmp_path / "old.pem", ended, authority))
    assert not old.is_sound and "renew" in old.detail
    assert not said(seal_key=str(tmp_path / "missing.pem")).is_sound
