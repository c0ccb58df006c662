"""What is told to other programs: addresses, what each is told, every try, and what is done when one is away."""

import base64
import json
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from popschool import audit, jobs, outbound
from popschool.auth import codes
from popschool.auth.actors import read_actors
from popschool.auth.rules import Action, may
from popschool.db import db, transaction, upsert
from popschool.http_out import Answer
from popschool.messages.services import tell
from popschool.portal import rules_webhooks as rules
from popschool.portal.models import Delivery, DeliveryTry, Hook
from popschool.portal.rules_webhooks import Event, Outcome
from popschool.schools.models import Person, School

PURPOSE, SECRET_BYTES = "webhook", 24
DELIVER = "popschool.portal.tasks:deliver"
MOST_AT_ONCE = 20
DAYS_KEPT = 90
Post = Callable[[str, bytes, dict[str, str]], Answer]


def add_hook(school: School, url: str, events: Collection[Event], by: Person, now: datetime) -> Hook:
    """Let an address be told what happens in a school. Raises EventsMissing, TooManyHooks or OutboundRefused."""
    outbound.check_url(url, schemes=("https",))
    with transaction(lock=f"webhooks/{school.id}"):
        rules.check_hook(events, len(hooks_of(school.id)))
        secret = rules.SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        hook = Hook(
            school_id=school.id,
            person_id=by.id,
            url=url.strip(),
            events=sorted(map(str, events)),
            secret_encrypted=codes.encrypted(PURPOSE, secret),
            created_at=now,
        )
        db.session.add(hook)
        audit.record("add_webhook", hook, actor_id=by.id, now=now, events=hook.events)
    return hook


def secret_of(hook: Hook) -> str:
    """Return the secret that signs what is sent; nothing once the installation's own has changed."""
    return codes.decrypted(PURPOSE, hook.secret_encrypted) or ""


def hooks_of(school_id: int) -> Sequence[Hook]:
    """Return the addresses of a school that were not taken away."""
    asked = select(Hook).where(Hook.school_id == school_id, Hook.ended_at.is_(None))
    return db.session.scalars(asked.order_by(Hook.id)).all()


def is_heard(school_id: int, event: Event) -> bool:
    """Say whether anybody is told of this in a school. One query."""
    asked = select(Hook.events).where(Hook.school_id == school_id, Hook.ended_at.is_(None), Hook.stopped_at.is_(None))
    return any(event in events for events in db.session.scalars(asked))


def stop(hook: Hook, by_id: int, now: datetime) -> None:
    """Send nothing more to an address, until it is started again."""
    with transaction(lock=hook):
        hook.stopped_at, hook.is_given_up = now, False
        db.session.add(hook)
        audit.record("stop_webhook", hook, actor_id=by_id, now=now)


def start(hook: Hook, by_id: int, now: datetime) -> None:
    """Send again to an address, what waits first."""
    with transaction(lock=hook):
        hook.stopped_at, hook.is_given_up, hook.waits_until = None, False, None
        db.session.add(hook)
        audit.record("start_webhook", hook, actor_id=by_id, now=now)
        jobs.enqueue(DELIVER, key=f"webhook/{hook.id}", webhook_id=hook.id)


def end(hook: Hook, by_id: int, now: datetime) -> None:
    """Take an address away; what it was told stays."""
    with transaction(lock=hook):
        hook.ended_at = now
        db.session.add(hook)
        audit.record("end_webhook", hook, actor_id=by_id, now=now)


def deliveries_of(hook_id: int, offset: int, limit: int) -> tuple[Sequence[Delivery], int]:
    """Return a page of what an address was told, the last first, and how many there are."""
    asked = select(Delivery).where(Delivery.webhook_id == hook_id).order_by(Delivery.id.desc())
    total = db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.webhook_id == hook_id)) or 0
    return db.session.scalars(asked.offset(offset).limit(limit)).all(), total


def last_tries(deliveries: Sequence[Delivery]) -> dict[int, DeliveryTry]:
    """Return the last try of each of these. One query."""
    numbers = [one.id for one in deliveries]
    last = (
        select(func.max(DeliveryTry.id)).where(DeliveryTry.delivery_id.in_(numbers)).group_by(DeliveryTry.delivery_id)
    )
    return {one.delivery_id: one for one in db.session.scalars(select(DeliveryTry).where(DeliveryTry.id.in_(last)))}


def send_again(delivery: Delivery, by_id: int, now: datetime) -> None:
    """Tell it again, under the same name: a receiver that took it already knows it. Raises HookStopped."""
    hook = delivery.webhook
    if hook.stopped_at is not None or hook.ended_at is not None:
        raise rules.HookStopped
    with transaction(lock=hook):
        delivery.outcome, delivery.attempts, delivery.next_at = str(Outcome.WAITING), 0, now
        delivery.first_tried_at, hook.waits_until = None, None
        db.session.add_all([delivery, hook])
        audit.record("send_webhook_again", hook, actor_id=by_id, now=now, delivery=delivery.id)
        jobs.enqueue(DELIVER, key=f"webhook/{hook.id}", webhook_id=hook.id)


def spread(school_id: int, event: Event, subject_id: int, happened_at: datetime, data: dict, now: datetime) -> int:
    """Write what happened down for each address that is told of it; twice, it is once. Returns how many are told.

    Whoever asked for an address must still be allowed to: an address stops with the rights of its owner.
    """
    with transaction():
        wanted = [
            hook for hook in hooks_of(school_id)
            if hook.stopped_at is None and event in hook.events and hook.created_at <= happened_at
        ]  # fmt: skip
        owners = read_actors({hook.person_id for hook in wanted}, now.date()) if wanted else {}
        told = [hook for hook in wanted if may(owners[hook.person_id], Action.MANAGE_WEBHOOKS, hook.place)]
        content = {"type": str(event), "timestamp": happened_at.isoformat().replace("+00:00", "Z"), "data": data}
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        for hook in told:
            row = {
                "webhook_id": hook.id, "event": str(event), "subject_id": subject_id, "body": body, "created_at": now,
                "outcome": str(Outcome.WAITING), "attempts": 0, "next_at": now,
            }  # fmt: skip
            db.session.execute(upsert(Delivery).values(**row).on_conflict_do_nothing())
            jobs.enqueue(DELIVER, key=f"webhook/{hook.id}", webhook_id=hook.id)
    return len(told)


def deliver(hook_id: int, post: Post, clock_now: Callable[[], datetime]) -> None:
    """Send what waits for one address, the oldest first, and come back for the rest.

    An address whose receiver is away is left alone until its next turn, whatever happens meanwhile: it costs one short
    call each time, and nobody else waits behind it for long.
    """
    hook = db.session.get(Hook, hook_id)
    for _turn in range(MOST_AT_ONCE):
        now = clock_now()
        if hook is None or hook.stopped_at is not None or hook.ended_at is not None:
            return
        if hook.waits_until is not None and hook.waits_until > now:
            break
        delivery = _next(hook.id, now)
        if delivery is None:
            break
        body = delivery.body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Popschool",
            "webhook-id": delivery.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": rules.signature(secret_of(hook), delivery.message_id, now, body),
        }
        db.session.commit()  # no transaction stays open while another machine thinks
        _note(hook, delivery, post(hook.url, body, headers), clock_now())
    _come_back(hook)


def _next(hook_id: int, now: datetime) -> Delivery | None:
    waiting = (Delivery.webhook_id == hook_id, Delivery.outcome == str(Outcome.WAITING), Delivery.next_at <= now)
    return db.session.scalars(select(Delivery).where(*waiting).order_by(Delivery.id).limit(1)).first()


def _note(hook: Hook, delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Write a try down, and what follows from it."""
    with transaction(lock=hook):
        db.session.add(
            DeliveryTry(
                delivery_id=delivery.id,
                at=now,
                status=answer.status,
                error=answer.error,
                milliseconds=answer.milliseconds,
            )
        )
        delivery.attempts += 1
        delivery.first_tried_at = delivery.first_tried_at or now
        if rules.is_accepted(answer.status):
            delivery.outcome, delivery.next_at = str(Outcome.DELIVERED), None
            hook.worked_at, hook.waits_until = now, None
        else:
            delivery.next_at = rules.next_try(delivery.attempts, now)
            if delivery.next_at is None:
                delivery.outcome = str(Outcome.FAILED)
            if answer.status in rules.AWAY:
                hook.waits_until = delivery.next_at
            has_worked = hook.worked_at is not None and hook.worked_at >= delivery.first_tried_at
            if rules.stops_hook(answer.status, delivery.next_at is None, has_worked):
                _give_up(hook, now)
        db.session.add_all([delivery, hook])


def _give_up(hook: Hook, now: datetime) -> None:
    """Leave a receiver alone, and say so to whoever asked for it."""
    hook.stopped_at, hook.is_given_up, hook.waits_until = now, True, None
    audit.record("give_up_webhook", hook, actor_id=None, now=now)
    tell(
        hook.person,
        kind="webhook",
        title=_l("Un programme ne répond plus"),
        body=_l("Nous ne lui envoyons plus rien. Réparez-le, puis relancez les envois."),
        url=f"/hooks/{hook.id}",
        now=now,
    )


def _come_back(hook: Hook | None) -> None:
    """Plan the next turn of an address, when something waits for it."""
    if hook is None or hook.stopped_at is not None:
        return
    with transaction():
        waiting = (Delivery.webhook_id == hook.id, Delivery.outcome == str(Outcome.WAITING))
        first = db.session.scalar(select(func.min(Delivery.next_at)).where(*waiting))
        if first is not None:
            due = max(first, hook.waits_until) if hook.waits_until is not None else first
            jobs.enqueue(DELIVER, key=f"webhook/{hook.id}", run_at=due, webhook_id=hook.id)


def forget_bodies(now: datetime) -> int:
    """Empty what was told three months ago: it names people. Each line stays, with its tries."""
    with transaction():
        old = update(Delivery).where(Delivery.created_at < now - timedelta(days=DAYS_KEPT), Delivery.body != "")
        done = old.where(Delivery.outcome != str(Outcome.WAITING)).values(body="")
        return db.session.execute(done.execution_options(synchronize_session=False)).rowcount
