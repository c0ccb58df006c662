"""Badges checked by a verifier that knows nothing of the house, and a portfolio that says whether it was changed."""

import base64
import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from sqlalchemy import delete

from popschool.completion import portfolio, services_badges, tokens
from popschool.completion.models_badges import BadgeKey
from popschool.completion.rules_badges import BadgeEnded, NotReached
from popschool.db import db, transaction
from popschool.grading.models import Award
from tests.conftest import NOW
from tests.factories import make_award, make_learner, make_trainer, save

BASE = "https://ecole.example.org"


@pytest.fixture
def badge(app):
    award = make_award(level=2)
    save()
    return services_badges.give_for_competence(award.person, award.competence.key, award.school_id, BASE, NOW)


def verified(token: str) -> dict:
    """Check a badge as another school would: with the key that its header carries, and nothing of ours."""
    header = json.loads(_padded(token.split(".", maxsplit=1)[0]))
    return json.loads(jws.deserialize_compact(token, ECKey.import_key(header["jwk"]), algorithms=["ES256"]).payload)


def _padded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_an_independent_verifier_accepts_a_badge(badge):
    said = verified(badge.token)

    subject = said["credentialSubject"]
    [owner] = subject["identifier"]
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert said["jti"] == said["id"] == f"{BASE}/badges/{badge.key}"
    assert said["iss"] == said["issuer"]["id"]
    assert subject["achievement"]["achievementType"] == "Competency"
    assert owner["identityHash"] == "sha256$" + hashlib.sha256((badge.person.mail + owner["salt"]).encode()).hexdigest()
    assert badge.person.mail not in json.dumps(said)


def test_the_published_keys_check_it_too(badge):
    [key] = services_badges.public_keys()["keys"]

    assert key["kid"] == json.loads(_padded(badge.token.split(".")[0]))["kid"]
    jws.deserialize_compact(badge.token, ECKey.import_key(key), algorithms=["ES256"])


def test_the_keys_of_before_go_on_checking_what_they_signed(badge, app):
    before = badge.jwk["kid"]
    app.config["SECRET_KEY"] = "another secret, for the badges to come"
    today = tokens.public_jwk()["kid"]

    assert today != before and [key["kid"] for key in services_badges.public_keys()["keys"]] == [today, before]

    with transaction():
        db.session.execute(delete(BadgeKey))
    assert [key["kid"] for key in services_badges.public_keys()["keys"]] == [today]
    services_badges.find_keys_again()
    assert [key["kid"] for key in services_badges.public_keys()["keys"]] == [today, before]


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_byte_is_refused(badge, part):
    parts = badge.token.split(".")
    changed = "A" if parts[part][20] != "A" else "B"
    parts[part] = parts[part][:20] + changed + parts[part][21:]

    with pytest.raises((JoseError, ValueError)):
        jws.deserialize_compact(".".join(parts), ECKey.import_key(badge.jwk), algorithms=["ES256"])


def test_the_same_badge_is_given_once_and_nobody_has_what_they_did_not_reach(badge):
    again = services_badges.give_for_competence(badge.person, badge.about, badge.school_id, BASE, NOW)

    assert again.id == badge.id
    with pytest.raises(NotReached):
        services_badges.give_for_competence(badge.person, "RNCP0/0", badge.school_id, BASE, NOW)


def test_an_ended_badge_is_in_the_list_that_verifiers_read(badge):
    assert services_badges.revoked_list(BASE)["revokedCredential"] == []

    services_badges.revoke_badge(badge, "À la demande de la personne", badge.person, NOW)

    status = verified(badge.token)["credentialStatus"]
    listed = services_badges.revoked_list(BASE)
    assert status == {"id": listed["id"], "type": "1EdTechRevocationList"}
    assert listed["revokedCredential"] == [{"id": f"{BASE}/badges/{badge.key}", "revoked": True}]
    with pytest.raises(BadgeEnded):
        services_badges.revoke_badge(badge, "Encore", badge.person, NOW)


def test_the_key_is_the_same_after_a_restart(app):
    first = tokens.public_jwk()
    tokens._key.cache_clear()

    assert tokens.public_jwk() == first


def test_a_portfolio_is_read_without_the_house_and_says_whether_it_was_changed(badge):
    with zipfile.ZipFile(io.BytesIO(portfolio.bundle(badge.person, BASE, NOW))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}

    key = ECKey.import_key(json.loads(files["key.json"]))
    manifest = json.loads(jws.deserialize_compact(files["manifest.jwt"].decode(), key, algorithms=["ES256"]).payload)
    facts = json.loads(files["portfolio.json"])
    assert set(manifest["files"]) == set(files) - {"manifest.jwt", "key.json"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in manifest["files"].items())
    assert [one["level"] for one in facts["competences"]] == [2]
    assert f"badges/{badge.key}.jwt" in files
    assert b"<script" not in files["index.html"]


def test_what_somebody_wrote_is_never_markup_in_a_portfolio():
    facts = {
        "person": {"first_name": "<b>", "last_name": "&"},
        "competences": [],
        "works": [
            {"id": 1, "title": "<i>", "version": 1, "text": "<script>alert(1)</script>", "link": "", "repository": "",
             "files": [], "feedback": []}
        ],
    }  # fmt: skip

    made = portfolio.page(facts)

    assert "<script>" not in made
    assert "&lt;script&gt;" in made


def test_a_page_gives_and_ends_a_badge(badge, client, log_in):
    log_in(badge.person)

    assert badge.name in client.get("/my/badges").text
    assert client.get(f"/badges/{badge.key}.jwt").text == badge.token
    assert client.post(f"/my/badges/{badge.key}/end").status_code == 302
    assert len(client.get("/badges/revoked").json["revokedCredential"]) == 1
    assert "plus valable" in client.get(f"/badges/{badge.key}").text


def test_nobody_ends_somebody_elses_badge(badge, client, log_in):
    log_in(make_learner())
    save()

    assert client.post(f"/my/badges/{badge.key}/end").status_code in (403, 404)
    log_in(make_trainer())
    save()
    assert client.post(f"/my/badges/{badge.key}/end").status_code in (403, 404)


def test_a_badge_ends_when_its_level_is_taken_back(badge):
    """Whoever took the level back ended the badge; the badge of a level that still holds stays."""
    award = db.session.query(Award).filter_by(person_id=badge.person_id).one()
    later = NOW + timedelta(days=2)

    assert services_badges.end_withdrawn(later) == 0
    db.session.add(
        Award(
            school_id=award.school_id, person_id=award.person_id, competence_id=award.competence_id, level=0,
            submission_id=award.submission_id, feedback_id=award.feedback_id, trainer_id=award.trainer_id,
            awarded_at=later, reason="Le travail n'était pas le sien",
        )
    )  # fmt: skip
    db.session.commit()
    assert services_badges.end_withdrawn(later, later + timedelta(seconds=1)) == 0, "nothing changed since then"
    assert services_badges.end_withdrawn(later, later - timedelta(days=1)) == 1
    assert services_badges.end_withdrawn(later) == 0
    db.session.expire_all()

    assert badge.revocation.revoked_by_id == award.trainer_id
    assert [one["id"] for one in services_badges.revoked_list(BASE)["revokedCredential"]] == [
        f"{BASE}/badges/{badge.key}"
    ]
