"""Pushes heard: the secret that a source shares with its forge, and the calls that it signs."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select

from popschool import audit
from popschool.courses import vault, webhooks
from popschool.courses.models import Source
from popschool.courses.models_authoring import WebhookDelivery
from popschool.courses.services_sources import ask_sync
from popschool.db import db, transaction

DAYS_KEPT = 90


class Heard(StrEnum):
    """What a call led to."""

    ASKED = "asked"
    SEEN = "seen"
    ELSEWHERE = "elsewhere"


def make_secret(source: Source, actor_id: int | None, now: datetime) -> str:
    """Give a source a new secret; its forge's calls under the old one are refused from now on."""
    secret = secrets.token_urlsafe(32)
    with transaction(lock=source):
        source.webhook_secret_encrypted = vault.seal(secret)
        audit.record("make_webhook_secret", source, actor_id=actor_id, now=now)
    return secret


def secret_of(source: Source) -> str:
    """Return the secret of a source, to be pasted at its forge; nothing before it has one."""
    return vault.open_secret(source.webhook_secret_encrypted)


def hear(source: Source, headers: Mapping[str, str], body: bytes, now: datetime) -> Heard:
    """Take a signed call: the source is read again, once for each delivery, whatever the forge repeats."""
    delivery = webhooks.delivery_name(headers, body)
    if not webhooks.is_push(headers) or not webhooks.concerns(*webhooks.pushed_branch(body), source.branch):
        return Heard.ELSEWHERE
    with transaction(lock=f"webhook/{source.id}/{delivery}"):
        mine = (WebhookDelivery.source_id == source.id) & (WebhookDelivery.delivery == delivery)
        if db.session.scalar(select(WebhookDelivery.id).where(mine)) is not None:
            return Heard.SEEN
        db.session.add(WebhookDelivery(source_id=source.id, delivery=delivery, received_at=now))
        ask_sync(source, None, reason="push")
    return Heard.ASKED


def last_heard(source: Source) -> datetime | None:
    """Return when the forge last told us of a push."""
    query = select(WebhookDelivery.received_at).where(WebhookDelivery.source_id == source.id)
    return db.session.scalar(query.order_by(WebhookDelivery.id.desc()).limit(1))


def forget_deliveries(now: datetime) -> None:
    """Remove the calls that no forge repeats any more."""
    with transaction():
        db.session.execute(delete(WebhookDelivery).where(WebhookDelivery.received_at < now - timedelta(days=DAYS_KEPT)))
