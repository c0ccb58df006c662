"""What people are sent to come in: codes, invitations, news of their password. Texts are short; an SMS holds in one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from popschool import mail, sms
from popschool.auth import rules_signing as rules
from popschool.schools.models import Person
from popschool.web import languages


def send_code(person: Person, code: str, by: str) -> None:
    """Send a six-digit code by mail or by SMS, inside the caller's transaction."""
    with language_of(person):
        if by == rules.PHONE:
            text = _("Pop School : votre code est %(code)s. Il marche 10 minutes.", code=code)
            sms.send(person.phone, text, person_id=person.id, school_id=person.home_school_id)
            return
        text = _(
            "Bonjour,\n\nVotre code est %(code)s.\n\nÉcrivez-le sur la page où vous l'avez demandé. Il marche "
            "10 minutes.\n\nVous n'avez rien demandé ? Ne faites rien : sans ce code, personne n'entre.\n\nPop School",
            code=code,
        )
        subject = _("Votre code : %(code)s", code=code)
        _write(person, subject, text, school_id=person.home_school_id)


def send_invitation(person: Person, token: str, school: str, school_id: int | None, by: str) -> None:
    """Send the link of an invitation, by mail or by SMS, inside the caller's transaction."""
    link = invitation_link(token)
    with language_of(person):
        if by == rules.Channel.SMS:
            text = _("Pop School : votre accès est prêt. Ouvrez ce lien : %(link)s", link=link)
            sms.send(person.phone, text, person_id=person.id, school_id=school_id)
            return
        subject = _("Votre accès à Pop School est prêt")
        text = _(
            "Bonjour,\n\n%(school)s vous ouvre un accès à Pop School. Vous y trouvez vos projets, vos rendus et les "
            "retours de votre équipe.\n\nOuvrez ce lien, puis suivez la page :\n%(link)s\n\nLe lien marche 14 jours, "
            "une seule fois. S'il est trop vieux, la page vous en envoie un autre.\n\nPop School",
            school=school or "Pop School",
            link=link,
        )
        _write(person, subject, text, school_id=school_id)


def tell_password_changed(person: Person) -> None:
    """Tell a person that their password was changed, inside the caller's transaction."""
    with language_of(person):
        if person.mail:
            text = _(
                "Bonjour,\n\nLe mot de passe de votre compte vient de changer.\n\nCe n'est pas vous ? Demandez un "
                "nouveau mot de passe ici, puis prévenez votre école :\n%(link)s\n\nPop School",
                link=address("/password/forgotten"),
            )
            _write(person, _("Votre mot de passe a changé"), text, school_id=person.home_school_id)
        elif person.phone:
            text = _("Pop School : votre mot de passe a changé. Ce n'est pas vous ? Appelez votre école.")
            sms.send(person.phone, text, person_id=person.id, school_id=person.home_school_id)


def tell_second_factor(person: Person, is_on: bool) -> None:
    """Tell a person that a second code is asked for, or no longer, inside the caller's transaction."""
    with language_of(person):
        if is_on:
            subject = _("Votre second code est en service")
            said = _("À chaque connexion, le code de votre application est maintenant demandé.")
            sms_text = _("Pop School : votre second code est en service. Ce n'est pas vous ? Appelez votre école.")
        else:
            subject = _("Votre second code est arrêté")
            said = _("À la connexion, le code de votre application n'est plus demandé.")
            sms_text = _("Pop School : votre second code est arrêté. Ce n'est pas vous ? Appelez votre école.")
        if person.mail:
            text = _("Bonjour,\n\n%(said)s\n\nCe n'est pas vous ? Prévenez votre école.\n\nPop School", said=said)
            _write(person, subject, text, school_id=person.home_school_id)
        elif person.phone:
            sms.send(person.phone, sms_text, person_id=person.id, school_id=person.home_school_id)


def tell_passkey(person: Person, name: str, is_added: bool) -> None:
    """Tell a person that a passkey opens their account, or no longer does, inside the caller's transaction."""
    with language_of(person):
        if is_added:
            subject = _("Une clé d'accès ouvre votre compte")
            said = _("Une clé d'accès vient d'être ajoutée à votre compte : %(name)s.", name=name)
            sms_text = _("Pop School : une clé d'accès ouvre votre compte. Ce n'est pas vous ? Appelez votre école.")
        else:
            subject = _("Une clé d'accès est retirée")
            said = _("Cette clé d'accès n'ouvre plus votre compte : %(name)s.", name=name)
            sms_text = _("Pop School : une clé d'accès est retirée. Ce n'est pas vous ? Appelez votre école.")
        if person.mail:
            text = _("Bonjour,\n\n%(said)s\n\nCe n'est pas vous ? Prévenez votre école.\n\nPop School", said=said)
            _write(person, subject, text, school_id=person.home_school_id)
        elif person.phone:
            sms.send(person.phone, sms_text, person_id=person.id, school_id=person.home_school_id)


def tell_new_device(person: Person, browser: str, system: str, now: datetime) -> None:
    """Tell a person that their account was just used on a device that it never was, inside the caller's transaction."""
    if not person.mail:
        return
    with language_of(person):
        text = _(
            "Bonjour,\n\nVotre compte vient de s'ouvrir sur un appareil nouveau : %(device)s, le %(day)s à %(hour)s."
            "\n\nC'est vous ? Ne faites rien.\n\nCe n'est pas vous ? Déconnectez cet appareil ici, puis changez votre "
            "mot de passe :\n%(link)s\n\nPop School",
            device=" ".join(part for part in (browser, system) if part) or _("appareil inconnu"),
            day=languages.day(now),
            hour=languages.hour(now),
            link=address("/account/devices"),
        )
        _write(person, _("Un nouvel appareil sur votre compte"), text, school_id=person.home_school_id)


def tell_role_given(person: Person, school: str) -> None:
    """Tell somebody who comes in already that they have one more role, inside the caller's transaction."""
    with language_of(person):
        if person.mail:
            text = _(
                "Bonjour,\n\nVous avez un nouveau rôle : %(school)s. Connectez-vous pour voir ses pages :\n%(link)s\n\n"
                "Pop School",
                school=school or "Pop School",
                link=address("/account"),
            )
            _write(person, _("Vous avez un nouveau rôle"), text, school_id=person.home_school_id)
        elif person.phone:
            text = _("Pop School : vous avez un nouveau rôle. Connectez-vous pour le voir.")
            sms.send(person.phone, text, person_id=person.id, school_id=person.home_school_id)


def invitation_link(token: str) -> str:
    return address(f"/i/{token}")


def address(path: str) -> str:
    return current_app.config["POPSCHOOL"].base_url + path


def site() -> str:
    """Return where Popschool is, as somebody copies it from paper."""
    return address("").removeprefix("https://")


@contextmanager
def language_of(person: Person) -> Iterator[None]:
    with force_locale(person.language or "fr"):
        yield


def _write(person: Person, subject: str, text: str, school_id: int | None) -> None:
    """Send a mail in the language of this moment, which says so when a machine translated it."""
    made = languages.made_by_machine()
    mail.send(person.mail, subject, f"{text}\n\n{made}" if made else text, person_id=person.id, school_id=school_id)
