"""How a message is written so that it weighs little, says nothing personal on a locked phone, and holds one link.

And whether it leaves, how and when: each person chooses, and nothing wakes anybody.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST_SMS = 160
LONGEST_BODY = 6_000
DAY_STARTS, DAY_ENDS, DAILY_AT = time(7, 30), time(20), time(8)
FRIDAY = 4


class Topic(StrEnum):
    """What people choose about; every kind of message has one."""

    WORK = "work"
    REVIEW = "review"
    PRESENCE = "presence"
    PAPERS = "papers"
    HELP = "help"


class Way(StrEnum):
    """How a message reaches somebody; the page always has it too."""

    MAIL = "mail"
    SMS = "sms"
    PAGE = "page"


class Says(StrEnum):
    """What of a notice may be read on a locked phone: all of it, its title, or only that there is one."""

    ALL = "all"
    TITLE = "title"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Kind:
    """An urgent one leaves at once, whatever was chosen: an account's safety, a session that is being signed."""

    topic: Topic
    says: Says
    is_urgent: bool = False


KINDS = {
    "assignment": Kind(Topic.WORK, Says.ALL),
    "dates": Kind(Topic.WORK, Says.ALL),
    "reminder": Kind(Topic.WORK, Says.ALL),
    "receipt": Kind(Topic.WORK, Says.ALL),
    "feedback": Kind(Topic.WORK, Says.ALL),
    "extension": Kind(Topic.WORK, Says.NOTHING),
    "level": Kind(Topic.WORK, Says.TITLE),
    "review": Kind(Topic.REVIEW, Says.ALL),
    "review_answer": Kind(Topic.REVIEW, Says.NOTHING),
    "sign": Kind(Topic.PRESENCE, Says.ALL, is_urgent=True),
    "countersign": Kind(Topic.PRESENCE, Says.ALL, is_urgent=True),
    "absence": Kind(Topic.PRESENCE, Says.NOTHING),
    "document": Kind(Topic.PAPERS, Says.TITLE),
    "survey": Kind(Topic.PAPERS, Says.ALL),
    "questionnaire": Kind(Topic.PAPERS, Says.ALL),
    "participant": Kind(Topic.PAPERS, Says.ALL),
    "house_rules": Kind(Topic.PAPERS, Says.ALL),
    "improvement": Kind(Topic.PAPERS, Says.TITLE),
    "question": Kind(Topic.PAPERS, Says.TITLE),
    "answer": Kind(Topic.PAPERS, Says.TITLE),
    "complaint": Kind(Topic.HELP, Says.NOTHING),
    "help": Kind(Topic.HELP, Says.NOTHING),
    "barrier": Kind(Topic.HELP, Says.TITLE),
    "barrier_sent": Kind(Topic.HELP, Says.TITLE),
    "barrier_answer": Kind(Topic.HELP, Says.TITLE),
    "proposal": Kind(Topic.HELP, Says.TITLE),
    "proposal_answer": Kind(Topic.HELP, Says.TITLE),
    "webhook": Kind(Topic.HELP, Says.ALL),
    "account": Kind(Topic.HELP, Says.ALL, is_urgent=True),
}
UNKNOWN = Kind(Topic.HELP, Says.NOTHING)


@dataclass(frozen=True)
class Choices:
    """What somebody chose: a way for some topics, one message a day, or any hour of any day."""

    ways: dict[Topic, Way] = field(default_factory=dict)
    is_daily: bool = False
    is_anytime: bool = False

    @classmethod
    def of(cls, kept: dict) -> "Choices":
        """Keep what makes sense, whatever comes in.

        >>> Choices.of({"work": "sms", "review": "pigeon", "daily": True})
        Choices(ways={<Topic.WORK: 'work'>: <Way.SMS: 'sms'>}, is_daily=True, is_anytime=False)
        """
        ways = {topic: Way(kept[topic]) for topic in Topic if kept.get(topic) in set(Way)}
        return cls(ways, bool(kept.get("daily")), bool(kept.get("anytime")))

    def as_dict(self) -> dict[str, object]:
        """Return only what was chosen."""
        times = {"daily": self.is_daily, "anytime": self.is_anytime}
        return {str(topic): str(way) for topic, way in self.ways.items()} | {
            name: True for name, chosen in times.items() if chosen
        }


def way_for(choices: Choices, kind: Kind, has_mail: bool, has_phone: bool) -> Way:
    """Say how a message goes: as chosen when it can, by mail first otherwise. An urgent one never waits on a page."""
    usual = Way.MAIL if has_mail else Way.SMS if has_phone else Way.PAGE
    wished = choices.ways.get(kind.topic, usual)
    can_go = {Way.MAIL: has_mail, Way.SMS: has_phone, Way.PAGE: not kind.is_urgent}[wished]
    return wished if can_go else usual


def after_quiet(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment from this one on that is neither at night nor at a weekend, where the person is."""
    local = moment.astimezone(zone)
    if local.weekday() <= FRIDAY and DAY_STARTS <= local.time() < DAY_ENDS:
        return moment
    day = local.date() if local.time() < DAY_STARTS else local.date() + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    return datetime.combine(day, DAY_STARTS, zone).astimezone(moment.tzinfo)


def next_daily(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return when the one message of the day leaves that can tell of this moment."""
    day = moment.astimezone(zone).date()
    while day.weekday() > FRIDAY or datetime.combine(day, DAILY_AT, zone) < moment:
        day += timedelta(days=1)
    return datetime.combine(day, DAILY_AT, zone).astimezone(moment.tzinfo)


@dataclass(frozen=True)
class Piece:
    """A part of a line: plain text, or the address of a page of ours."""

    text: str
    is_link: bool


def pieces(text: str, base_url: str) -> list[list[list[Piece]]]:
    """Cut a text into paragraphs, lines and pieces, so that a page can show it with its link.

    Only an address of ours is a link: a text may quote what somebody else wrote.
    """
    address = re.compile(rf"({re.escape(base_url)}/[^\s<>\"]*[^\s<>\".,;:!?)])")
    return [
        [
            [Piece(part, bool(address.fullmatch(part))) for part in address.split(line) if part]
            for line in paragraph.splitlines()
        ]
        for paragraph in re.split(r"\n\s*\n", text.strip())
        if paragraph
    ]


def mail_text(hello: str, title: str, body: str, link: str, sign: str) -> str:
    """Return a mail: who is greeted, what happened, one link, who writes."""
    said = title if title.endswith((".", "!", "?")) else f"{title}."
    return "\n\n".join(part for part in (hello, said, body.strip()[:LONGEST_BODY], link, sign) if part) + "\n"


def sms_text(sentence: str, link: str, home: str) -> str:
    """Return an SMS with its link whole: to the page, or to the list of messages when the page's is too long."""
    wanted = f"{sentence} {link or home}"
    return wanted if len(wanted) <= LONGEST_SMS else f"{sentence} {home}"
