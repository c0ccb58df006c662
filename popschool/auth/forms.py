"""Is what came in to sign in, to invite or to change an account well formed?"""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from popschool.auth.rules_signing import MAIL, NUMBER, PHONE, Handle, HandleUnreadable, read_handle
from popschool.web.forms import DayField, Form

LONGEST_TYPED = 1000
PRINTED = r"[!-~]+\Z"


class HandleField(StringField):
    """A mail, a phone or a learner's number; `handle` is what was read. `kinds` are those that make sense here."""

    def __init__(self, label: Any, kinds: tuple[str, ...] = (MAIL, PHONE, NUMBER), **given: Any):
        super().__init__(label, [InputRequired(), Length(max=254)], **given)
        self.kinds = kinds
        self.handle: Handle | None = None

    def pre_validate(self, form: Form) -> None:
        if not (self.data or "").strip():
            return
        try:
            self.handle = read_handle(self.data)
        except HandleUnreadable:
            self.handle = None
        if self.handle is not None and self.handle.kind in self.kinds:
            return
        if NUMBER in self.kinds:
            raise ValidationError(
                _l(
                    "Nous ne reconnaissons pas cette adresse. Écrivez une adresse mail, un téléphone ou votre numéro "
                    "d'apprenant. Exemple : apprenante07@example.org"
                )
            )
        raise ValidationError(
            _l("Écrivez une adresse mail ou un numéro de téléphone. Exemple : apprenante07@example.org")
        )


class SignInForm(Form):
    """Who is there."""

    handle = HandleField(_l("Adresse mail, téléphone ou numéro"))


class PasswordSignInForm(Form):
    """Who is there, with a password."""

    handle = HandleField(_l("Adresse mail, téléphone ou numéro"))
    password = PasswordField(_l("Mot de passe"), [InputRequired(), Length(max=LONGEST_TYPED)])


class CodeForm(Form):
    """A code that was sent."""

    code = StringField(_l("Code à 6 chiffres"), [InputRequired(), Length(max=20)])


class SecondFactorForm(Form):
    """A code of an application, or one of recovery."""

    code = StringField(_l("Code de votre application, ou code de secours"), [InputRequired(), Length(max=40)])


class PasskeyForm(Form):
    """What a device answered, written by the script of the page."""

    credential = HiddenField()


class PasskeyNameForm(PasskeyForm):
    """A passkey to keep, and how its owner calls the device that holds it."""

    name = StringField(_l("Nom de l'appareil"), [InputRequired(), Length(max=80)])


class CardForm(Form):
    """What a printed card says."""

    number = StringField(_l("Votre numéro"), [InputRequired(), Length(max=40)])
    code = StringField(_l("Le code de votre carte"), [InputRequired(), Length(max=40)])


class NewPasswordForm(Form):
    """A password to keep. What makes one too easy is for the rules to say."""

    password = PasswordField(_l("Nouveau mot de passe"), [InputRequired(), Length(max=LONGEST_TYPED)])


class ChangePasswordForm(NewPasswordForm):
    """A password to keep, with the one it replaces."""

    current = PasswordField(_l("Mot de passe actuel"), [InputRequired(), Length(max=LONGEST_TYPED)])


class ConfirmPasswordForm(Form):
    """One's own password, before a change that matters."""

    current = PasswordField(_l("Votre mot de passe"), [InputRequired(), Length(max=LONGEST_TYPED)])


class PressForm(Form):
    """Nothing but a button."""


class ConfirmForm(Form):
    """A box that says one means it."""

    sure = BooleanField(_l("Oui, je suis sûr ou sûre"), [DataRequired()])


class InviteForm(Form):
    """How an invitation travels; only the ways that reach the person are offered."""

    channel = RadioField(_l("Comment envoyer l'invitation ?"), [InputRequired()])


class StaffForm(Form):
    """Somebody to invite to the staff."""

    first_name = StringField(_l("Prénom"), [InputRequired(), Length(max=80)])
    last_name = StringField(_l("Nom"), [InputRequired(), Length(max=80)])
    handle = HandleField(_l("Adresse mail ou téléphone"), kinds=(MAIL, PHONE))
    role = RadioField(_l("Rôle"), [InputRequired()])


class ProviderForm(Form):
    """The service by which the people of a school sign in."""

    name = StringField(
        _l("Nom à afficher"),
        [InputRequired(), Length(max=60)],
        description=_l("Il suit « Se connecter avec ». Exemple : le compte de l'école de Valenciennes"),
    )
    issuer = StringField(
        _l("Adresse du service"),
        [InputRequired(), Length(max=500)],
        description=_l("On l'appelle aussi « issuer ». Exemple : https://compte.example.org"),
    )
    client_id = StringField(
        _l("Identifiant donné par le service"),
        [InputRequired(), Length(max=300), Regexp(PRINTED, message=_l("Recopiez ce que le service affiche."))],
        description=_l("On l'appelle aussi « client id »."),
    )
    new_secret = PasswordField(
        _l("Secret donné par le service"),
        [Optional(), Length(max=500), Regexp(PRINTED, message=_l("Recopiez ce que le service affiche."))],
    )
    domains = StringField(
        _l("Fins d'adresses mail acceptées"),
        [InputRequired(), Length(max=1000)],
        description=_l("Une ou plusieurs, avec une virgule entre elles. Exemple : ecole.example, campus.example"),
    )
    proves_twice = BooleanField(_l("Ce service demande déjà une seconde preuve"))


class UnlinkForm(Form):
    """Somebody whose account at the service has changed."""

    handle = HandleField(_l("Adresse mail de la personne"), kinds=(MAIL,))


class PostForm(Form):
    """A trainer of the school, and from when until when they follow a cohort."""

    trainer = SelectField(_l("Formateur ou formatrice"), coerce=int)
    starts_on = DayField(_l("À partir du"), [InputRequired()])
    ends_on = DayField(_l("Jusqu'au"), [Optional()])
