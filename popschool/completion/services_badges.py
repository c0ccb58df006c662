"""Badges: given to those who ask for what they reached, ended with a reason, and listed for whoever checks them."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from popschool import audit, jobs
from popschool.completion import rules_badges, tokens
from popschool.completion.models_badges import Badge, BadgeKey, BadgeRevocation
from popschool.completion.rules_badges import CRITERIA, LEVEL_NAMES, Said
from popschool.completion.services_completion import Standing
from popschool.completion.services_levels import Reached, levels_of
from popschool.courses.models import Competence
from popschool.db import db, transaction, upsert
from popschool.grading.models import Award, Feedback
from popschool.schools.models import Network, Person

LEVEL_TAKEN_BACK = "Le niveau a été retiré"


@dataclass(frozen=True)
class Offer:
    """A competence that was reached, and the badge that says so, if it was given."""

    reached: Reached
    badge: Badge | None


def badges_of(person_id: int) -> Sequence[Badge]:
    """Return a person's badges, the last first."""
    return db.session.scalars(
        select(Badge)
        .where(Badge.person_id == person_id)
        .order_by(Badge.id.desc())
        .options(joinedload(Badge.revocation))
    ).all()


def offers_of(person_id: int) -> list[Offer]:
    """Return what a person may have a badge for, by competence. Two queries."""
    return offers(badges_of(person_id), levels_of([person_id]).get(person_id, {}))


def offers(badges: Sequence[Badge], levels: Mapping[str, Reached]) -> list[Offer]:
    """Return what somebody with these badges and levels may have a badge for, by competence."""
    holding: dict[tuple[str, int], Badge] = {}
    for badge in badges:
        if badge.revocation is None:
            holding.setdefault((badge.about, badge.level), badge)
    return [Offer(levels[key], holding.get((key, levels[key].level))) for key in sorted(levels)]


def give_for_competence(person: Person, key: str, school_id: int, base_url: str, now: datetime) -> Badge:
    """Give the badge of a competence at the level reached; the same is given once. Raises NotReached."""
    offer = next((one for one in offers_of(person.id) if one.reached.key == key), None)
    if offer is None:
        raise rules_badges.NotReached
    if offer.badge is not None:
        return offer.badge
    one = offer.reached
    level = LEVEL_NAMES[one.level]
    return _give(
        person, school_id, base_url, now, about=one.key, level=one.level, name=f"{one.title} ({level.lower()})",
        description=f"Compétence {one.key}, {one.block}." if one.block else f"Compétence {one.key}.",
        narrative=CRITERIA[one.level], kind="Competency",
        proof=f"{one.deliverable}, version {one.version}, le {one.awarded_at:%d/%m/%Y}",
    )  # fmt: skip


def give_for_completion(standing: Standing, title: str, base_url: str, now: datetime) -> Badge:
    """Give the badge of a whole training. Raises NotReached while something is left."""
    if not standing.completion.is_complete or not standing.completion.lines:
        raise rules_badges.NotReached
    about = f"completion/{standing.enrolment.id}"
    for badge in badges_of(standing.person.id):
        if badge.about == about and badge.revocation is None:
            return badge
    asked = ", ".join(f"{line.part} {line.done}/{line.asked}" for line in standing.completion.lines)
    return _give(
        standing.person, standing.enrolment.school_id, base_url, now, about=about, level=0, name=title,
        description=f"Formation suivie jusqu'au bout : {title}.", 
        narrative=f"Tout ce qui est demandé est fait : {asked}.", kind="Course",
    )  # fmt: skip


def _give(
    person: Person, school_id: int, base_url: str, now: datetime, *, about: str, level: int, name: str, proof: str = "",
    **words: Any,
) -> Badge:  # fmt: skip
    with transaction(lock=f"badges/{person.id}"):
        network = db.session.scalars(select(Network)).one()
        key = secrets.token_hex(16)
        said = Said(
            id=f"{base_url}/badges/{key}",
            base_url=base_url,
            issuer_name=network.legal_name or network.name,
            name=name,
            about=f"{about}@{level}",
            mail=person.mail or f"person-{person.id}",
            salt=secrets.token_hex(16),
            given_at=now,
            proof=proof,
            **words,
        )
        badge = Badge(
            school_id=school_id,
            person_id=person.id,
            key=key,
            about=about,
            level=level,
            name=name,
            token=tokens.signed(rules_badges.claims(rules_badges.credential(said), now)),
            jwk=tokens.public_jwk(),
            given_at=now,
        )
        db.session.add(badge)
        _keep_key(badge.jwk)
        audit.record("give_badge", badge, actor_id=person.id, now=now, about=about, level=level)
    return badge


def revoke_badge(badge: Badge, reason: str, by: Person, now: datetime) -> None:
    """End a badge: the list of those ended names it from now on. Raises BadgeEnded."""
    with transaction(lock=f"badges/{badge.person_id}"):
        if db.session.get(BadgeRevocation, badge.id, populate_existing=True) is not None:
            raise rules_badges.BadgeEnded
        db.session.add(BadgeRevocation(badge_id=badge.id, reason=reason.strip(), revoked_by_id=by.id, revoked_at=now))
        audit.record("revoke_badge", badge, actor_id=by.id, now=now, about=badge.about)


def end_withdrawn(now: datetime, changed_since: datetime | None = None) -> int:
    """End the badges of competences whose level was taken back; return how many.

    Who took the level back is who ended the badge. `changed_since`, only those whose owner had a level changed since.
    """
    asked = select(Badge).where(Badge.id.not_in(select(BadgeRevocation.badge_id)), Badge.level > 0)
    if changed_since is not None:
        changed = select(Award.person_id).where(Award.awarded_at >= changed_since, Award.reason != "")
        undone = select(Award.person_id).join(Feedback, Feedback.id == Award.feedback_id)
        asked = asked.where(
            or_(Badge.person_id.in_(changed), Badge.person_id.in_(undone.where(Feedback.undone_at >= changed_since)))
        )
    badges = db.session.scalars(asked.order_by(Badge.id)).all()
    levels = levels_of(sorted({badge.person_id for badge in badges}))
    ended = 0
    for badge in jobs.stoppable(badges):
        reached = levels.get(badge.person_id, {}).get(badge.about)
        if reached is not None and reached.level >= badge.level:
            continue
        with transaction(lock=f"badges/{badge.person_id}"):
            if db.session.get(BadgeRevocation, badge.id, populate_existing=True) is None:
                db.session.add(
                    BadgeRevocation(
                        badge_id=badge.id, reason=LEVEL_TAKEN_BACK, revoked_by_id=_last_trainer(badge), revoked_at=now
                    )
                )
                audit.record("revoke_badge", badge, actor_id=None, now=now, about=badge.about)
                ended += 1
    return ended


def _last_trainer(badge: Badge) -> int:
    """Return who decided last of a competence for the owner of a badge."""
    asked = (
        select(Award.trainer_id)
        .join(Competence, Competence.id == Award.competence_id)
        .where(Award.person_id == badge.person_id, Competence.key == badge.about)
        .order_by(Award.id.desc())
        .limit(1)
    )
    return db.session.scalars(asked).first() or badge.person_id


def badge_with(key: str) -> Badge | None:
    return db.session.scalars(select(Badge).where(Badge.key == key).options(joinedload(Badge.revocation))).first()


def revoked_list(base_url: str) -> dict[str, Any]:
    """Return the badges that no longer hold, for whoever checks one. It says no name. One query."""
    rows = db.session.execute(
        select(Badge.key).join(BadgeRevocation, BadgeRevocation.badge_id == Badge.id).order_by(Badge.id)
    )
    return {
        "id": f"{base_url}/badges/revoked",
        "issuer": f"{base_url}/badges/issuer",
        "revokedCredential": [{"id": f"{base_url}/badges/{row.key}", "revoked": True} for row in rows],
    }


def public_keys() -> dict[str, list]:
    """Return the keys that check every badge ever given, the one of today first. One query."""
    today = tokens.public_jwk()
    kept = db.session.scalars(select(BadgeKey).where(BadgeKey.kid != today["kid"]).order_by(BadgeKey.kid))
    return {"keys": [today, *(one.jwk for one in kept)]}


def _keep_key(jwk: dict[str, str]) -> None:
    db.session.execute(upsert(BadgeKey).values(kid=jwk["kid"], jwk=jwk).on_conflict_do_nothing())


def find_keys_again() -> None:
    """Keep the keys of the badges that are there."""
    with transaction():
        for jwk in db.session.scalars(select(Badge.jwk).distinct()).all():
            _keep_key(jwk)
