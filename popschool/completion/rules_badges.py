"""What a badge says: the words of Open Badges 3.0, as a credential that anybody can check.

Source: Open Badges Specification 3.0, 1EdTech; Verifiable Credentials Data Model 2.0, W3C.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from popschool.errors import RuleBroken

CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
LEVEL_NAMES = {1: "Imiter", 2: "Adapter", 3: "Transposer"}
CRITERIA = {
    1: "Refaire en suivant un modèle : un travail rendu le prouve, lu par une personne qui forme.",
    2: "Adapter à un cas proche : un travail rendu le prouve, lu par une personne qui forme.",
    3: "Transposer dans un cas nouveau : un travail rendu le prouve, lu par une personne qui forme.",
}


@dataclass
class NotReached(RuleBroken):
    """A badge is given for what was reached."""


@dataclass
class BadgeEnded(RuleBroken):
    """This badge was ended already."""


@dataclass(frozen=True)
class Said:
    """What a badge is about: its addresses, its words, whom it is for."""

    id: str
    base_url: str
    issuer_name: str
    name: str
    description: str
    narrative: str
    kind: str
    about: str
    mail: str
    salt: str
    given_at: datetime
    proof: str = ""


def identity(mail: str, salt: str) -> dict[str, Any]:
    """Return whom a badge is for, without saying their address: its hash, which its owner can prove."""
    digest = hashlib.sha256((mail + salt).encode()).hexdigest()
    return {
        "type": "IdentityObject",
        "identityHash": f"sha256${digest}",
        "identityType": "emailAddress",
        "hashed": True,
        "salt": salt,
    }


def credential(said: Said) -> dict[str, Any]:
    """Return the credential of a badge, before it is signed."""
    moment = f"{said.given_at:%Y-%m-%dT%H:%M:%SZ}"
    achievement: dict[str, Any] = {
        "id": f"{said.base_url}/badges/achievements/{hashlib.sha256(said.about.encode()).hexdigest()[:24]}",
        "type": ["Achievement"],
        "achievementType": said.kind,
        "name": said.name,
        "description": said.description,
        "criteria": {"narrative": said.narrative},
    }
    made: dict[str, Any] = {
        "@context": CONTEXTS,
        "id": said.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": said.name,
        "issuer": {
            "id": f"{said.base_url}/badges/issuer",
            "type": ["Profile"],
            "name": said.issuer_name,
            "url": said.base_url,
        },
        "validFrom": moment,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [identity(said.mail, said.salt)],
            "achievement": achievement,
        },
        "credentialStatus": {"id": f"{said.base_url}/badges/revoked", "type": "1EdTechRevocationList"},
    }
    if said.proof:
        made["evidence"] = [{"type": ["Evidence"], "name": said.proof}]
    return made


def claims(made: Mapping[str, Any], given_at: datetime) -> dict[str, Any]:
    """Return the credential as the claims of a JWT, with those that Open Badges 3.0 asks for beside it."""
    subject = made["credentialSubject"]["identifier"][0]["identityHash"]
    return {
        **made,
        "iss": made["issuer"]["id"],
        "jti": made["id"],
        "nbf": int(given_at.timestamp()),
        "sub": subject,
    }
