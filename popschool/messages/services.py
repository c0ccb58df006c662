"""Telling people: a notice on their page, and its twin by mail, or by SMS to those who have no mail."""

from collections.abc import Iterable
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, or_, select, update

from popschool import mail, outbox, sms
from popschool.db import db, transaction
from popschool.messages import rules
from popschool.messages.models import Notice
from popschool.outbox import Outgoing
from popschool.schools.models import Person
from popschool.schools.rules import search_key

PAGE = "/messages"


def tell(
    person: Person,
    *,
    kind: str,
    title: str,
    body: str = "",
    in_mail: str | None = None,
    url: str = "",
    twin_url: str = "",
    now: datetime,
    send_at: datetime | None = None,
    key: str | None = None,
) -> Notice:
    """Add a notice at once, and send its twin at `send_at`, or at once. Inside the caller's transaction.

    `title` and `body` may be lazy: they are worded in the person's language. `url` is a path of ours. A mail has title,
    body and link, or `in_mail` instead of a body that says who somebody is or what they wrote; an SMS only says that
    there is something, with the link. `twin_url` is the path that they have when it opens without an account: nothing
    of it is kept on the page. Telling the same `key` again adds nothing, and
    `take_back` stops a twin that has not left.
    """
    told = db.session.scalars(select(Notice).where(Notice.key == key)).first() if key is not None else None
    if told is not None:
        return told
    with force_locale(person.language or "fr"):
        notice = Notice(
            person_id=person.id,
            school_id=person.home_school_id,
            kind=kind,
            title=str(title)[:200],
            body=str(body),
            url=url,
            key=key,
            created_at=now,
        )
        db.session.add(notice)
        said = notice.body if in_mail is None else str(in_mail)
        _send_twin(person, notice, said, twin_url or url, send_at)
    return notice


def _send_twin(person: Person, notice: Notice, said: str, url: str, send_at: datetime | None) -> None:
    base = current_app.config["POPSCHOOL"].base_url
    link = f"{base}{url}" if url else ""
    to_whom = {"person_id": person.id, "school_id": person.home_school_id, "run_at": send_at, "key": notice.key}
    if person.mail:
        text = rules.mail_text(_("Bonjour,"), notice.title, said, link or f"{base}{PAGE}", _("L'équipe de Pop School"))
        mail.send(person.mail, notice.title, text, **to_whom)
    elif person.phone:
        sentence = _("Pop School : vous avez un nouveau message.")
        sms.send(person.phone, rules.sms_text(sms.plain(sentence), link, f"{base}{PAGE}"), **to_whom)


def take_back(key: str, notices: Iterable[Notice], now: datetime) -> None:
    """Stop a twin that has not left, and hide its notices. Inside the caller's transaction."""
    outbox.take_back(key, now)
    for notice in notices:
        notice.taken_back_at, notice.key = now, None


def notices_of(person_id: int, offset: int, limit: int) -> tuple[list[Notice], int]:
    """Return a page of a person's notices, the newest first, and how many there are."""
    shown = (Notice.person_id == person_id, Notice.taken_back_at.is_(None))
    lines = db.session.scalars(
        select(Notice).where(*shown).order_by(Notice.created_at.desc(), Notice.id.desc()).offset(offset).limit(limit)
    ).all()
    return list(lines), db.session.scalar(select(func.count()).select_from(Notice).where(*shown)) or 0


def count_unread(person_id: int) -> int:
    """Return how many notices a person has not seen."""
    unread = (Notice.person_id == person_id, Notice.read_at.is_(None), Notice.taken_back_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(Notice).where(*unread)) or 0


def mark_read(person_id: int, now: datetime) -> None:
    """Note that a person has seen their notices."""
    with transaction():
        db.session.execute(
            update(Notice).where(Notice.person_id == person_id, Notice.read_at.is_(None)).values(read_at=now)
        )


def outgoing_messages(
    schools: frozenset[int] | None, text: str, now: datetime, offset: int, limit: int
) -> tuple[list[Outgoing], int]:
    """Return a page of the mails and SMS to the people of these schools (None: of all), the newest first, and how many.

    `text` is looked for in the address, the subject, and the person's name without accents.
    """
    asked = [or_(Outgoing.sent_at.is_(None), Outgoing.sent_at <= now)]
    if schools is not None:
        asked.append(Outgoing.person_id.in_(select(Person.id).where(Person.home_school_id.in_(schools))))
    if text:
        named = select(Person.id).where(Person.search_key.contains(search_key(text), autoescape=True))
        asked.append(
            or_(
                Outgoing.recipient.icontains(text, autoescape=True),
                Outgoing.subject.icontains(text, autoescape=True),
                Outgoing.person_id.in_(named),
            )
        )
    lines = db.session.scalars(select(Outgoing).where(*asked).order_by(Outgoing.id.desc()).offset(offset).limit(limit))
    return list(lines), db.session.scalar(select(func.count()).select_from(Outgoing).where(*asked)) or 0
