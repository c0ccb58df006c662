"""Ways in for people who have none yet: links by mail and SMS, printed cards."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from popschool import audit
from popschool.auth import codes, letters, passwords
from popschool.auth import rules_signing as rules
from popschool.auth.models import Account, Invitation
from popschool.auth.rules_signing import (
    AccountClosed,
    Channel,
    InvitationDead,
    NobodyReachable,
    SignInRefused,
    TooManyAttempts,
    Way,
)
from popschool.auth.services_account import check_new_password, keep_password
from popschool.auth.services_signing import (
    close_attempt,
    ensure_account,
    find,
    is_second_click,
    mark_of,
    note_refused,
    open_attempt,
    person_key,
)
from popschool.db import db, transaction
from popschool.schools.models import Enrolment, Person, School
from popschool.schools.rules import normalise_number

CARD_LETTERS = 8
# Asked for twice so close, it is a double click. A new card costs nothing, a new message is read by somebody.
AGAIN_AFTER = {
    Channel.MAIL: timedelta(minutes=1),
    Channel.SMS: timedelta(minutes=1),
    Channel.CARD: rules.DOUBLE_CLICK,
}
RENEWED_AN_HOUR = 3


@dataclass(frozen=True)
class Issued:
    """An invitation just made. `secret` is its token or the code of its card; None when one had just been sent."""

    invitation: Invitation
    secret: str | None

    @property
    def link(self) -> str | None:
        return letters.invitation_link(self.secret) if self.secret else None


@dataclass(frozen=True)
class Guest:
    """A person of a cohort as the page of invitations shows them."""

    person: Person
    joined_at: datetime | None
    closed_at: datetime | None
    invited_at: datetime | None
    channel: str | None

    @property
    def state(self) -> str:
        if self.closed_at is not None:
            return "closed"
        if self.joined_at is not None:
            return "joined"
        return "invited" if self.invited_at is not None else "never"


def best_channel(person: Person) -> Channel:
    """Return how an invitation reaches a person: mail, else SMS, else a printed card."""
    if person.mail:
        return Channel.MAIL
    return Channel.SMS if person.phone else Channel.CARD


def invite(
    person: Person,
    channel: Channel | None = None,
    *,
    by_id: int | None,
    now: datetime,
    school_id: int | None = None,
) -> Issued:
    """Make a way in and send it. Earlier ones of its kind stop working; a double click sends one.

    Raises NobodyReachable or AccountClosed.
    """
    channel = channel or best_channel(person)
    school_id = school_id if school_id is not None else person.home_school_id
    if (channel is Channel.MAIL and not person.mail) or (channel is Channel.SMS and not person.phone):
        raise NobodyReachable(person.name)
    if channel is Channel.CARD and not person.learner_number:
        raise NobodyReachable(person.name)
    with transaction(lock=person):
        _refuse_closed(person)
        live = _live(person.id, channel, now)
        again_after = AGAIN_AFTER.get(channel)
        for invitation in live:
            is_same = (invitation.channel, invitation.created_by_id) == (channel, by_id)
            if again_after and is_same and invitation.created_at > now - again_after:
                return Issued(invitation, None)
        for invitation in live:
            invitation.revoked_at = now
        issued = _issue(person, channel, by_id, school_id, now)
        audit.record("person.invited", person, actor_id=by_id, school_id=school_id, now=now, channel=channel)
        if channel in (Channel.MAIL, Channel.SMS):
            school = db.session.get(School, school_id) if school_id else None
            letters.send_invitation(person, issued.secret, school.name if school else "", school_id, channel)
    return issued


def _refuse_closed(person: Person) -> None:
    account = db.session.get(Account, person.id, populate_existing=True)
    if account is not None and account.closed_at is not None:
        raise AccountClosed(person.name)


def _live(person_id: int, channel: Channel, now: datetime) -> Sequence[Invitation]:
    """Read the invitations of one kind that still work: a card replaces cards, a link replaces links."""
    kinds = (Channel.CARD,) if channel is Channel.CARD else (Channel.MAIL, Channel.SMS, Channel.LINK)
    return db.session.scalars(
        select(Invitation)
        .where(
            Invitation.person_id == person_id,
            Invitation.channel.in_(kinds),
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .execution_options(populate_existing=True)
    ).all()


def _issue(person: Person, channel: Channel, by_id: int | None, school_id: int | None, now: datetime) -> Issued:
    nonce = secrets.token_hex(16) if channel is Channel.CARD else ""
    secret = card_code(nonce) if channel is Channel.CARD else codes.token()
    invitation = Invitation(
        person_id=person.id,
        school_id=school_id,
        channel=channel,
        code_hash=_card_hash(person.id, secret) if channel is Channel.CARD else _link_hash(secret),
        nonce=nonce,
        sent_to=_way_to(person, channel),
        created_by_id=by_id,
        created_at=now,
        expires_at=now + (rules.CARD_LIFE if channel is Channel.CARD else rules.LINK_LIFE),
    )
    db.session.add(invitation)
    db.session.flush()
    return Issued(invitation, secret)


def _way_to(person: Person, channel: str) -> str:
    """Return where a message of this kind goes; nothing for a card or a link that is handed over."""
    return {Channel.MAIL: person.mail, Channel.SMS: person.phone}.get(channel) or ""


def card_code(nonce: str) -> str:
    """Return the code printed on a card."""
    return codes.spelled("card", nonce, CARD_LETTERS)


def _card_hash(person_id: int, code: str) -> str:
    return codes.fingerprint("card", person_id, rules.normalise_code(code))


def _link_hash(token: str) -> str:
    return codes.fingerprint("invitation", token)


def find_link(token: str) -> Invitation | None:
    """Read an invitation by the token of its link, with its person; live or dead."""
    return db.session.scalars(
        select(Invitation)
        .join(Person, Person.id == Invitation.person_id)
        .options(contains_eager(Invitation.person))
        .where(Invitation.code_hash == _link_hash(token), Invitation.channel != Channel.CARD)
    ).first()


def state(invitation: Invitation, now: datetime) -> str:
    """Return used, revoked, expired or live. A link sent to an address that was corrected since is revoked."""
    if invitation.used_at is None and invitation.sent_to != _way_to(invitation.person, invitation.channel):
        return "revoked"
    return rules.state_of_invitation(invitation.expires_at, invitation.used_at, invitation.revoked_at, now)


def check_card(number: str, code: str, address: str, now: datetime) -> Invitation:
    """Return the invitation of a card, without using it.

    Raises TooManyAttempts, SignInRefused when the two do not go together, InvitationDead for an old card.
    """
    known = find(rules.Handle(rules.NUMBER, normalise_number(number)[:20]))
    attempt_id = open_attempt(known.key(Way.CARD), Way.CARD, address, now)
    person_id = known.person.id if known.person else 0
    invitation = db.session.scalars(
        select(Invitation).where(Invitation.code_hash == _card_hash(person_id, code))
    ).first()
    if invitation is None or not known.may_enter:
        note_refused(known.person_id, Way.CARD, now)
        raise SignInRefused
    if state(invitation, now) != "live":
        raise InvitationDead(state(invitation, now))
    with transaction():
        close_attempt(attempt_id)
    return invitation


def accept(invitation_id: int, password: str | None, address: str, now: datetime, visit: str = "") -> Account:
    """Use an invitation, once: the person has an account from now on, with this password if one is chosen.

    Whatever else was sent or printed for them stops working. Raises InvitationDead, AccountClosed, or what is wrong
    with the password.
    """
    invitation = db.session.get_one(Invitation, invitation_id)
    person = db.session.get_one(Person, invitation.person_id)
    kept = None
    if password is not None:
        check_new_password(person, password)
        kept = passwords.make_hash(password)
    with transaction(lock=person):
        db.session.refresh(invitation)
        _refuse_closed(person)
        key, mark = person_key(person.id, Way.LINK), mark_of(visit, invitation.code_hash)
        if state(invitation, now) == "used" and is_second_click(key, mark, now):
            return ensure_account(person.id, now)
        if state(invitation, now) != "live":
            raise InvitationDead(state(invitation, now))
        account = ensure_account(person.id, now)
        invitation.used_at = now
        close_attempt(open_attempt(key, Way.LINK, address, now, mark))
        _revoke_waiting(person.id, now)
        if kept is not None:
            keep_password(account, person, kept, now)
        audit.record(
            "account.joined", person, actor_id=person.id, school_id=invitation.school_id, now=now, by=invitation.channel
        )
    return account


def _revoke_waiting(person_id: int, now: datetime) -> None:
    """Once somebody is in, a card or a link that lies about opens nothing."""
    for invitation in db.session.scalars(
        select(Invitation).where(
            Invitation.person_id == person_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
        )
    ):
        invitation.revoked_at = now


def renew(invitation: Invitation, now: datetime) -> None:
    """Send a new link in place of a dead one, the same way if it still reaches the person.

    Raises TooManyAttempts after a few in an hour.
    """
    person = invitation.person
    since = now - timedelta(hours=1)
    sent = db.session.scalars(
        select(Invitation.created_at).where(Invitation.person_id == person.id, Invitation.created_at > since)
    ).all()
    again_at = rules.next_try(sent, RENEWED_AN_HOUR, timedelta(hours=1))
    if again_at is not None and again_at > now:
        raise TooManyAttempts(again_at)
    try:
        channel = Channel(invitation.channel) if _way_to(person, invitation.channel) else best_channel(person)
        invite(person, channel, by_id=None, now=now, school_id=invitation.school_id)
    except (AccountClosed, NobodyReachable):
        return  # Said to nobody: the page answers alike.


def can_be_sent_again(invitation: Invitation) -> bool:
    """Say whether a dead link can be replaced by a message to the person."""
    return invitation.channel != Channel.CARD and best_channel(invitation.person) is not Channel.CARD


def read_guests(cohort_id: int, today: date) -> list[Guest]:
    """Read the people enrolled in a cohort, with the last invitation of each. One query."""
    last = (
        select(Invitation.person_id, func.max(Invitation.id).label("id"))
        .join(Enrolment, Enrolment.person_id == Invitation.person_id)
        .where(Enrolment.cohort_id == cohort_id)
        .group_by(Invitation.person_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Person, Account.created_at, Account.closed_at, Invitation.created_at, Invitation.channel)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(last, last.c.person_id == Person.id)
        .outerjoin(Invitation, Invitation.id == last.c.id)
        .where(Enrolment.cohort_id == cohort_id, func.coalesce(Enrolment.left_on, Enrolment.ends_on) >= today)
        .order_by(Person.last_name, Person.first_name, Person.id)
    )
    found = {row[0].id: Guest(*row) for row in rows}
    return list(found.values())


def invite_all(guests: Sequence[Guest], *, by_id: int, school_id: int, now: datetime) -> dict[Channel, int]:
    """Invite everybody who never came in, by mail or SMS; those with neither are counted under card, to be printed."""
    sent = dict.fromkeys((Channel.MAIL, Channel.SMS, Channel.CARD), 0)
    with transaction():
        for guest in guests:
            if guest.state not in ("never", "invited"):
                continue
            channel = best_channel(guest.person)
            sent[channel] += 1
            if channel is not Channel.CARD:
                invite(guest.person, channel, by_id=by_id, now=now, school_id=school_id)
    return sent


def print_cards(people: Sequence[Person], *, by_id: int, school_id: int | None, now: datetime) -> int:
    """Make a new card for each of these people who has a learner's number; earlier cards stop working."""
    with_number = [person for person in people if person.learner_number]
    with transaction(lock=with_number):
        for person in with_number:
            invite(person, Channel.CARD, by_id=by_id, now=now, school_id=school_id)
    return len(with_number)


def read_cards(people: Sequence[Person], *, by_id: int, now: datetime) -> list[tuple[Person, str]]:
    """Read the cards that somebody made for these people within the hour, with their codes. One query."""
    by_person = {person.id: person for person in people}
    rows = db.session.scalars(
        select(Invitation)
        .where(
            Invitation.person_id.in_(by_person),
            Invitation.channel == Channel.CARD,
            Invitation.created_by_id == by_id,
            Invitation.created_at > now - rules.CARD_SHOWN,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .order_by(Invitation.id)
    )
    cards = {row.person_id: row for row in rows}
    return [(person, card_code(cards[person.id].nonce)) for person in people if person.id in cards]


def read_last(person_id: int) -> Invitation | None:
    """Read the last invitation of a person."""
    return db.session.scalars(
        select(Invitation).where(Invitation.person_id == person_id).order_by(Invitation.id.desc()).limit(1)
    ).first()
