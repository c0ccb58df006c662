"""Telling people: a notice on their page, and its twin by mail, or by SMS to those who have no mail."""

from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, or_, select, update

from popschool import jobs, mail, sms
from popschool.db import db, transaction
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.schools.models import Person


def tell(
    person: Person,
    *,
    kind: str,
    title: str,
    body: str = "",
    url: str = "",
    now: datetime,
    send_at: datetime | None = None,
    key: str | None = None,
) -> Notice:
    """Add a notice at once, and send its twin at `send_at`, or at once. Inside the caller's transaction.

    Mails and SMS carry the title, one sentence and one link, and nothing personal. `key` lets `take_back` stop the twin.
    """
    notice = Notice(
        person_id=person.id,
        school_id=person.home_school_id,
        kind=kind,
        title=title[:200],
        body=body,
        url=url,
        created_at=now,
    )
    db.session.add(notice)
    link = f"{current_app.config['POPSCHOOL'].base_url}{url}" if url else ""
    more = {"person_id": person.id, "school_id": person.home_school_id, "run_at": send_at, "key": key}
    if person.mail:
        with force_locale(person.language):
            sign = _("L'équipe de Pop School")
            hello = _("Bonjour,")
        text = "\n\n".join(part for part in (hello, title + ".", body, link, sign) if part)
        mail.send(person.mail, title, text, **more)
    elif person.phone:
        sms.send(person.phone, short(title, link), **more)
    return notice


def short(title: str, link: str) -> str:
    """Return an SMS of at most 160 characters that keeps its link whole."""
    room = sms.LONGEST - len(link) - 1
    text = title.translate(sms.PLAIN)
    text = "".join(char for char in text if char in sms.GSM7)
    return f"{text[:room].rstrip()} {link}".strip()


def take_back(key: str, notices: list[Notice], now: datetime) -> None:
    """Stop a twin that has not left, and hide its notices. Inside the caller's transaction."""
    jobs.cancel(key, now)
    for notice in notices:
        notice.taken_back_at = now


def notices_of(person_id: int, offset: int, limit: int) -> tuple[list[Notice], int]:
    """Return a page of a person's notices, the newest first, and how many there are."""
    shown = (Notice.person_id == person_id, Notice.taken_back_at.is_(None))
    total = db.session.scalar(select(func.count()).select_from(Notice).where(*shown))
    lines = db.session.scalars(
        select(Notice).where(*shown).order_by(Notice.created_at.desc(), Notice.id.desc()).offset(offset).limit(limit)
    ).all()
    return list(lines), total


def mark_read(person_id: int, now: datetime) -> None:
    """Note that a person has seen their notices."""
    with transaction():
        db.session.execute(
            update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None)).values(read_at=now)
        )


def kept_messages(schools: frozenset[int] | None, text: str, offset: int, limit: int) -> tuple[list[Outgoing], int]:
    """Return a page of the messages that are kept instead of sent. `schools` None means all."""
    asked = [Outgoing.is_kept]
    if schools is not None:
        asked.append(Outgoing.school_id.in_(schools))
    if text:
        like = f"%{text.replace('%', '').replace('_', '')}%"
        asked.append(or_(Outgoing.recipient.ilike(like), Outgoing.subject.ilike(like)))
    total = db.session.scalar(select(func.count()).select_from(Outgoing).where(*asked))
    lines = db.session.scalars(select(Outgoing).where(*asked).order_by(Outgoing.id.desc()).offset(offset).limit(limit))
    return list(lines), total
