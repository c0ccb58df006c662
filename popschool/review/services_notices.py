"""What people are told of a round. Nobody's name but the reader's own is in any of it."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from popschool.db import db
from popschool.messages.services import tell
from popschool.projects.services_help import trainers_of
from popschool.review.models import Reviewer, Round, RoundGuest, Work
from popschool.schools.models import Person
from popschool.web import languages

KIND, ANSWER = "review", "review_answer"
QUEUE = "/reviews"


def tell_opened(found: Round, assignment_id: int, people: Iterable[Person], now: datetime) -> None:
    """Tell the cohort, before anybody sends, that others will read their work, and who will know whose it is."""
    for person in people:
        with force_locale(person.language):
            who = (
                _("Les noms seront visibles.")
                if found.is_named
                else _("Les noms sont cachés : n'écrivez pas le vôtre dans votre travail.")
            )
            body = _("Des personnes de la promo liront votre travail, et vous lirez le leur. %(who)s", who=who)
            if not found.is_oral:
                body += " " + _("Il y a quelqu'un que vous ne pouvez pas relire ? Dites-le dans « Mes relectures ».")
            title = _("Une relecture entre vous : %(title)s", title=found.title)
        tell(
            person,
            kind=KIND,
            title=title,
            body=body,
            url=f"/assignments/{assignment_id}",
            now=now,
            key=f"review-opened/{found.id}/{person.id}",
        )


def tell_started(found: Round, reviewers: Iterable[Reviewer], now: datetime) -> None:
    """Tell each reviewer that works wait for them."""
    for reviewer in reviewers:
        with force_locale(reviewer.person.language):
            body = _("À finir avant le %(when)s.", when=languages.moment(found.ends_at))
        tell(
            reviewer.person,
            kind=KIND,
            title=_l("Des travaux à relire : %(title)s", title=found.title),
            body=body,
            url=QUEUE,
            now=now,
            key=f"review-started/{found.id}/{reviewer.person_id}",
        )


def tell_reminder(found: Round, reviewer: Reviewer, left: int, now: datetime) -> None:
    """Remind somebody, kindly, of what is left."""
    with force_locale(reviewer.person.language):
        title = _("Une relecture vous attend : %(title)s", title=found.title)
        body = ngettext(
            "Il vous reste %(num)d travail à relire avant le %(when)s.",
            "Il vous reste %(num)d travaux à relire avant le %(when)s.",
            left,
            when=languages.moment(found.ends_at),
        )
    key = f"review-reminder/{found.id}/{reviewer.person_id}/{reviewer.reminders}"
    tell(reviewer.person, kind=KIND, title=title, body=body, url=QUEUE, now=now, key=key)


def tell_more_work(found: Round, reviewer: Reviewer, more: int, now: datetime) -> None:
    """Tell somebody that they have more to read: another reviewer does not come, or a work came late."""
    with force_locale(reviewer.person.language):
        title = ngettext(
            "Un travail de plus à relire : %(title)s",
            "%(num)d travaux de plus à relire : %(title)s",
            more,
            title=found.title,
        )
        body = _("Chaque travail doit avoir ses relectures. Merci ! À finir avant le %(when)s.",
                 when=languages.moment(found.ends_at))  # fmt: skip
    tell(reviewer.person, kind=KIND, title=title, body=body, url=QUEUE, now=now)


def tell_more_time(found: Round, reviewers: Iterable[Reviewer], now: datetime) -> None:
    """Tell those who have not finished that they have more time."""
    for reviewer in reviewers:
        with force_locale(reviewer.person.language):
            title = _("Vous avez plus de temps pour relire : %(title)s", title=found.title)
            body = _("À finir avant le %(when)s.", when=languages.moment(found.ends_at))
        tell(reviewer.person, kind=KIND, title=title, body=body, url=QUEUE, now=now)


def tell_released(found: Round, authors: Iterable[Person], now: datetime) -> None:
    """Tell authors that they can read what was said of their work."""
    for person in authors:
        tell(
            person,
            kind=KIND,
            title=_l("Vos relectures sont arrivées : %(title)s", title=found.title),
            body=_l("Lisez ce qui marche, et les idées pour continuer."),
            url=QUEUE,
            now=now,
            key=f"review-released/{found.id}/{person.id}",
        )


def tell_booked(found: Round, author: Person, starts_at: datetime, now: datetime) -> None:
    """Tell an author that somebody comes to hear of their work."""
    with force_locale(author.language):
        body = _("Quelqu'un vient écouter votre travail le %(when)s.", when=languages.moment(starts_at))
    tell(
        author,
        kind=KIND,
        title=_l("Un rendez-vous est pris : %(title)s", title=found.title),
        body=body,
        url=f"/rounds/{found.id}/slots",
        now=now,
    )


def tell_called_off(found: Round, person: Person, starts_at: datetime, now: datetime) -> None:
    """Tell somebody that a meeting does not take place."""
    with force_locale(person.language):
        body = _("Celui du %(when)s n'a pas lieu. Choisissez-en un autre.", when=languages.moment(starts_at))
    tell(
        person,
        kind=KIND,
        title=_l("Un rendez-vous est annulé : %(title)s", title=found.title),
        body=body,
        url=f"/rounds/{found.id}/slots",
        now=now,
    )


def tell_set_aside(found: Round, reviewer: Reviewer, reason: str, now: datetime) -> None:
    """Tell a reviewer, and nobody else, why their review is not used."""
    tell(
        reviewer.person,
        kind=ANSWER,
        title=_l("Une de vos relectures est mise de côté : %(title)s", title=found.title),
        body=reason,
        url=QUEUE,
        now=now,
    )


def tell_withdrawn(work: Work, reason: str, now: datetime) -> None:
    """Tell authors that nobody reads their work any more, and why."""
    for owner in work.submission.owners:
        tell(
            owner.person,
            kind=KIND,
            title=_l("Votre travail n'est plus relu : %(title)s", title=work.round.title),
            body=reason,
            url=QUEUE,
            now=now,
            key=f"review-withdrawn/{work.id}/{owner.person_id}",
        )


def tell_answered(found: Round, person: Person, answer: str, now: datetime) -> None:
    """Tell an author what became of what they reported or asked."""
    tell(
        person,
        kind=ANSWER,
        title=_l("Votre équipe vous a répondu : %(title)s", title=found.title),
        body=answer,
        url=QUEUE,
        now=now,
    )


def tell_invited(guest: RoundGuest, now: datetime) -> None:
    """Ask the trainers of another cohort whether it joins a round."""
    for trainer in trainers_of(guest.cohort_id, now.date()):
        with force_locale(trainer.language):
            title = _("Une promo propose de se relire avec la vôtre : %(title)s", title=guest.round.title)
            body = _(
                "Les noms restent cachés. Répondez avant le %(when)s.", when=languages.moment(guest.round.starts_at)
            )
        url = f"/rounds/guests/{guest.id}"
        tell(trainer, kind=KIND, title=title, body=body, url=url, now=now, key=f"review-guest/{guest.id}/{trainer.id}")


def tell_joined(guest: RoundGuest, now: datetime) -> None:
    """Tell whoever asked what the other cohort's trainer answered."""
    asker = db.session.get_one(Person, guest.asked_by_id)
    with force_locale(asker.language):
        title = (
            _("La promo %(code)s se joint à la relecture : %(title)s", code=guest.cohort.code, title=guest.round.title)
            if guest.agreed
            else _("La promo %(code)s ne peut pas se joindre à la relecture", code=guest.cohort.code)
        )
    tell(asker, kind=KIND, title=title, url=f"/rounds/{guest.round_id}", now=now, key=f"review-joined/{guest.id}")


def tell_team(found: Round, kind: str, now: datetime) -> None:
    """Tell the trainers of the cohort what needs them: the end, a report, an appeal, a round that cannot start."""
    for trainer in trainers_of(found.cohort_id, now.date()):
        with force_locale(trainer.language):
            title = {
                "moderating": _("Relecture à conclure : %(title)s", title=found.title),
                "report": _("Une relecture est signalée : %(title)s", title=found.title),
                "appeal": _("Un avis vous est demandé : %(title)s", title=found.title),
                "stuck": _("Relecture impossible pour le moment : %(title)s", title=found.title),
            }[kind]
        key = f"review-{kind}/{found.id}/{trainer.id}" if kind in ("moderating", "stuck") else None
        tell(trainer, kind=KIND, title=title, url=f"/rounds/{found.id}", now=now, key=key)
