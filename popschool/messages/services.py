"""Telling people: a notice on their page, and its twin by mail or SMS as they chose: at once, or once a day."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select, update

from popschool import clock, jobs, mail, outbox, sms
from popschool.db import count_up_to, db, transaction
from popschool.messages import rules
from popschool.messages.models import Notice
from popschool.messages.rules import Choices, Says, Topic, Way
from popschool.outbox import Outgoing
from popschool.schools.models import Person
from popschool.schools.rules import search_key
from popschool.web import languages

PAGE = "/messages"
DAILY = "popschool.messages.tasks:tell_of_the_day"
ABOUT = {
    Topic.WORK: _l("votre travail"),
    Topic.REVIEW: _l("vos relectures"),
    Topic.PRESENCE: _l("votre présence"),
    Topic.PAPERS: _l("vos papiers"),
    Topic.HELP: _l("l'aide et votre compte"),
}


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

    `title` and `body` may be lazy: they are worded in the person's language. `url` is a path of ours. A mail says what
    its kind may say (`rules.KINDS`), or `in_mail` instead of a body that says who somebody is or what they wrote; an
    SMS only says that there is something, with the link. `twin_url` is the path that they have when it opens without an
    account: nothing of it is kept on the page. Telling the same `key` again adds nothing, and `take_back` stops a twin
    that has not left. Nothing leaves at night or at weekends, unless it is urgent.
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
        _send_twin(person, notice, None if in_mail is None else str(in_mail), twin_url or url, send_at or now)
    return notice


def told_among(keys: Collection[str]) -> set[str]:
    """Return those of these keys that somebody was told under. One query."""
    return set(db.session.scalars(select(Notice.key).where(Notice.key.in_(keys)))) if keys else set()


def _send_twin(person: Person, notice: Notice, in_mail: str | None, url: str, leaves_at: datetime) -> None:
    kind, choices = rules.KINDS.get(notice.kind, rules.UNKNOWN), Choices.of(person.message_choices or {})
    way = _way_for(person, choices, kind)
    if way is Way.PAGE:
        return
    if choices.is_daily and not kind.is_urgent:
        notice.daily_at = leaves_at
        _plan_daily(person, leaves_at)
        return
    if not (choices.is_anytime or kind.is_urgent):
        leaves_at = rules.after_quiet(leaves_at, _zone_of(person))
    title, body = _said_outside(notice, kind, in_mail)
    _send(person, way, title, body, url, leaves_at if leaves_at > notice.created_at else None, notice.key)


def _said_outside(notice: Notice, kind: rules.Kind, in_mail: str | None) -> tuple[str, str]:
    """Return the title and the words that a mail may show to whoever sees the phone."""
    if kind.says is Says.NOTHING:
        title = _("Un message sur %(topic)s", topic=ABOUT[kind.topic])
        return title, in_mail or _("Ouvrez-le sur votre page : elle seule dit de quoi il s'agit.")
    return notice.title, in_mail if in_mail is not None else notice.body if kind.says is Says.ALL else ""


def _send(
    person: Person,
    way: Way,
    title: str,
    body: str,
    url: str,
    run_at: datetime | None,
    key: str | None,
    sentence: str = "",
) -> None:
    """Send by mail, or by SMS with its `sentence`, in the caller's transaction."""
    base = current_app.config["POPSCHOOL"].base_url
    link = f"{base}{url}" if url else ""
    to_whom = {"person_id": person.id, "school_id": person.home_school_id, "run_at": run_at, "key": key}
    if way is Way.MAIL:
        sign = "\n\n".join(part for part in (_("L'équipe de Pop School"), languages.made_by_machine()) if part)
        text = rules.mail_text(_("Bonjour,"), title, body, link or f"{base}{PAGE}", sign)
        mail.send(person.mail, title, text, **to_whom)
    else:
        sentence = sms.plain(sentence or _("Pop School : vous avez un nouveau message."))
        sms.send(person.phone, rules.sms_text(sentence, link, f"{base}{PAGE}"), **to_whom)


def _way_for(person: Person, choices: Choices, kind: rules.Kind) -> Way:
    return rules.way_for(choices, kind, bool(person.mail), bool(person.phone))


def _zone_of(person: Person) -> ZoneInfo:
    return person.home_school.zone if person.home_school else clock.PARIS


def polite_moment(now: datetime, zone: ZoneInfo = clock.PARIS) -> datetime | None:
    """Return when a message to somebody outside may leave; None: at once."""
    moment = rules.after_quiet(now, zone)
    return moment if moment > now else None


def _plan_daily(person: Person, moment: datetime) -> None:
    run_at = rules.next_daily(moment, _zone_of(person))
    jobs.enqueue(DAILY, key=f"daily/{person.id}", run_at=run_at, person_id=person.id)


def tell_of_the_day(person_id: int, now: datetime) -> None:
    """Send one message that counts what somebody was told since the last one and has not seen. Again, it is silent."""
    with transaction(lock=f"daily/{person_id}"):
        person = db.session.get_one(Person, person_id)
        choices = Choices.of(person.message_choices or {})
        waiting = db.session.scalars(
            select(Notice)
            .where(Notice.person_id == person_id, Notice.daily_at.is_not(None), Notice.taken_back_at.is_(None))
            .order_by(Notice.id)
        ).all()
        later = [one.daily_at for one in waiting if one.daily_at and one.daily_at > now]
        if later:
            _plan_daily(person, min(later))
        ways: dict[Way, Counter[Topic]] = {Way.MAIL: Counter(), Way.SMS: Counter()}
        for notice in waiting:
            if notice.daily_at and notice.daily_at <= now:
                notice.daily_at = None
                kind = rules.KINDS.get(notice.kind, rules.UNKNOWN)
                way = _way_for(person, choices, kind)
                if notice.read_at is None and way is not Way.PAGE:
                    ways[way][kind.topic] += 1
        for way, counts in ways.items():
            if counts:
                _send_daily(person, way, counts)


def _send_daily(person: Person, way: Way, counts: Counter[Topic]) -> None:
    with force_locale(person.language or "fr"):
        lines = [
            ngettext("%(num)d message sur %(topic)s", "%(num)d messages sur %(topic)s", count, topic=ABOUT[topic])
            for topic, count in counts.items()
        ]
        sentence = ngettext(
            "Pop School : vous avez %(num)d nouveau message.",
            "Pop School : vous avez %(num)d nouveaux messages.",
            counts.total(),
        )
        _send(person, way, _("Vos messages du jour"), "\n".join(lines), PAGE, None, None, sentence)


def keep_choices(person: Person, choices: Choices) -> None:
    """Keep how somebody wants to be told from now on."""
    with transaction():
        db.session.get_one(Person, person.id).message_choices = choices.as_dict()


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
    schools: frozenset[int] | None, text: str, now: datetime, offset: int, limit: int, most: int
) -> tuple[list[Outgoing], int]:
    """Return a page of the mails and SMS to the people of these schools (None: of all), the newest first, and how many.

    A message is of the school that its person had when it was written: the index of schools has them in their order.
    They are counted up to `most`, and one more stands for the rest. `text` is looked for in the address, the subject,
    and the person's name without accents.
    """
    asked, newest = [or_(Outgoing.sent_at.is_(None), Outgoing.sent_at <= now)], [Outgoing.id.desc()]
    if schools is not None:
        asked += [Outgoing.school_id.in_(schools), Outgoing.person_id.is_not(None)]
        newest.insert(0, Outgoing.created_at.desc())
    if text:
        named = select(Person.id).where(Person.search_key.contains(search_key(text), autoescape=True))
        asked.append(
            or_(
                Outgoing.recipient.icontains(text, autoescape=True),
                Outgoing.subject.icontains(text, autoescape=True),
                Outgoing.person_id.in_(named),
            )
        )
    lines = db.session.scalars(select(Outgoing).where(*asked).order_by(*newest).offset(offset).limit(limit))
    return list(lines), count_up_to(select(Outgoing.id).where(*asked), most)
