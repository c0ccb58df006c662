"""The way in: who are you, then a code or a password, then a second factor for those who asked for one."""

import secrets
from typing import Any

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from popschool import clock
from popschool.auth import (
    challenges,
    guards,
    kept,
    rules_signing,
    services_account,
    services_passkeys,
    services_providers,
    services_signing,
    sessions,
)
from popschool.auth.forms import (
    CardForm,
    CodeForm,
    NewPasswordForm,
    PasskeyForm,
    PasswordSignInForm,
    PressForm,
    SecondFactorForm,
    SignInForm,
)
from popschool.auth.models import Account
from popschool.auth.routes_base import bp
from popschool.auth.rules_signing import Handle, Purpose
from popschool.db import db
from popschool.schools.models import Person
from popschool.web import comfort, visitor

ASKED, PENDING, PROVED = "asked", "pending", "proved"
PASSWORD, LINK, CARD, PASSKEY = "password", "link", "card", "passkey"
HOME = "/"


@bp.route("/sign-in", methods=["GET", "POST"])
@guards.public
def sign_in() -> Any:
    """Ask who is there. A known and an unknown handle get the same page, and the same work."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(rules_signing.own_path(request.args.get("next")) or HOME)
    form = SignInForm()
    page = OTHER_WAYS.get(request.form.get("way", ""))
    if page is not None:
        return page({"handle": form.handle.data})
    if form.validate_on_submit():
        handle = form.handle.handle
        if handle.kind == rules_signing.NUMBER:
            return _offer_card(handle)
        with form.refusals("handle"):
            services_signing.request_code(handle, Purpose.SIGN_IN, address(), clock.now())
            _remember(handle, Purpose.SIGN_IN)
            return onward("auth.sign_in_code", lambda: _code_page(CodeForm(formdata=None)))
    return _sign_in_page(form)


def session_over() -> Any:
    """Answer a form whose session is over: the sign-in page, which carries its text."""
    text = kept.gather(_lost_person_id())
    g.kept_text = text
    files = [file.filename for file in request.files.values() if file.filename]
    page = _sign_in_page(SignInForm(formdata=None), is_over=True, files=files, is_kept=text is not None)
    return page, 401


def unauthorized() -> Any:
    """Send to the sign-in page, and back afterwards; a form being sent is carried along."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("auth.sign_in", next=rules_signing.own_path(request.full_path.rstrip("?"))))
    return session_over()


sessions.login_manager.unauthorized_handler(unauthorized)


@bp.route("/sign-in/password", methods=["GET", "POST"])
@guards.public
def sign_in_password() -> Any:
    """Come in with a password. What is wrong is never said, and takes the same time to find."""
    form = PasswordSignInForm(data={"handle": request.args.get("handle", "")})
    if form.validate_on_submit():
        with form.refusals():
            account = services_signing.sign_in_with_password(
                form.handle.handle, form.password.data, address(), clock.now()
            )
            return enter(account, PASSWORD)
    return _password_page(form)


@bp.route("/sign-in/code", methods=["GET", "POST"])
@guards.public
def sign_in_code() -> Any:
    """Come in with the code that was sent."""
    asked = asked_for()
    if asked is None:
        return redirect(url_for(".sign_in"))
    handle, purpose = asked
    form = CodeForm()
    if request.form.get("way") == "again":
        form = CodeForm(formdata=None)
        with form.refusals():
            services_signing.request_code(handle, purpose, address(), clock.now())
            return onward("auth.sign_in_code", lambda: _code_page(form, was_sent_again=True), again=1)
    elif form.validate_on_submit():
        with form.refusals("code"):
            account = services_signing.sign_in_with_code(
                handle, purpose, form.code.data, address(), clock.now(), visit()
            )
            return enter(account, str(purpose))
    return _code_page(form, was_sent_again="again" in request.args and request.method == "GET")


@bp.get("/sign-in/number")
@guards.public
def sign_in_number() -> Any:
    """Somebody with a number and nothing else: a card, or a password."""
    asked = asked_for()
    if asked is None:
        return redirect(url_for(".sign_in"))
    return render_template("auth/number.html", number=asked[0].value, next=session.get("next"))


@bp.route("/password/forgotten", methods=["GET", "POST"])
@guards.public
def forgotten() -> Any:
    """Ask for a code that lets one choose another password."""
    form = SignInForm()
    if form.validate_on_submit():
        handle = form.handle.handle
        if handle.kind == rules_signing.NUMBER:
            card = {"number": handle.value}
            return onward("auth.card", lambda: card_page(CardForm(formdata=None, data=card)), **card)
        with form.refusals("handle"):
            services_signing.request_code(handle, Purpose.PASSWORD, address(), clock.now())
            _remember(handle, Purpose.PASSWORD)
            return onward("auth.sign_in_code", lambda: _code_page(CodeForm(formdata=None)))
    return _forgotten_page(form)


@bp.route("/sign-in/second", methods=["GET", "POST"])
@guards.public
def sign_in_second() -> Any:
    """Ask those who set it up for the code of their application, or for their passkey."""
    pending = _pending()
    if pending is None:
        return redirect(url_for(".sign_in"))
    person_id, way = pending
    form = SecondFactorForm() if not challenges.answers() else PasskeyForm()
    if form.validate_on_submit():
        with form.refusals(None if challenges.answers() else "code"):
            if challenges.answers():
                return _begin(challenges.use(person_id, challenges.SECOND), way)
            account = services_signing.check_second_factor(person_id, form.code.data, address(), clock.now(), visit())
            return _begin(account, way)
    return second_page(form, person_id)


def second_page(form: SecondFactorForm | PasskeyForm, person_id: int) -> str:
    """Show how the second proof is given: by a code, or by a passkey of whoever has one."""
    codes_form = form if isinstance(form, SecondFactorForm) else SecondFactorForm(formdata=None)
    asked = challenges.asked_of(person_id, challenges.SECOND)
    return render_template("auth/second.html", form=form, codes_form=codes_form, asked=asked, kept=carried())


@bp.route("/sign-out", methods=["GET", "POST"])
@guards.public
def sign_out() -> Any:
    """Leave this browser. Opening the address shows a button, and does nothing."""
    if request.method == "POST":
        sessions.leave()
        flash(_("Vous êtes déconnecté ou déconnectée."), "good")
        left = redirect(url_for(".sign_in", out=1))
        left.headers["Clear-Site-Data"] = '"cache", "storage"'
        return left
    sessions.never_go_back_here()
    return render_template("auth/sign_out.html", form=PressForm())


def enter(account: Account, way: str, *, is_proved_twice: bool = False) -> Any:
    """Go in, or to the second factor first. `way` says what was proved: a password, a code, a link or a card."""
    if is_proved_twice or not services_passkeys.has_second(account):
        return _begin(account, way)
    goal, shared = next_address() or session.get("next"), is_shared()
    sessions.forget()
    visit()
    session[visitor.SHARED] = shared
    session[PENDING] = [account.person_id, way, int(clock.now().timestamp())]
    session["next"] = goal
    return onward("auth.sign_in_second", lambda: second_page(SecondFactorForm(formdata=None), account.person_id))


def begin_with(account: Account) -> Any:
    """Go in with a passkey: it is two factors in one."""
    return _begin(account, PASSKEY)


def _begin(account: Account, way: str) -> Any:
    """Begin the session, bring the settings of this browser, and go where the person was going."""
    goal = next_address() or rules_signing.own_path(session.get("next")) or HOME
    text = kept.read(carried())
    person = db.session.get_one(Person, account.person_id)
    chosen = comfort.read_cookie(request)
    sessions.begin(account, person, is_shared=is_shared())
    services_account.keep_comfort(person, chosen.as_dict())
    if way in (Purpose.PASSWORD, LINK, CARD):
        session[PROVED] = int(clock.now().timestamp())
    if way == Purpose.PASSWORD:
        form = NewPasswordForm(formdata=None)
        return onward("auth.password", lambda: password_page(form, has_one=account.password_hash is not None))
    if text is not None:
        return kept_page(text)
    if guards.SET_UP in session:
        session[guards.SET_UP] = goal
        return redirect(url_for("auth.second"))
    response = redirect(goal)
    if person.preferences and visitor.SHARED not in session:
        settings = comfort.Comfort.of({"language": person.language} | person.preferences)
        comfort.write(response, settings, secure=request.is_secure)
    return response


def kept_page(text: kept.KeptText) -> str:
    """Show the text that was kept, with a button that sends it again; never to somebody else than its writer."""
    session.pop(guards.SET_UP, None)  # the text goes first: the next sign-in asks for a second factor
    is_theirs = text.person_id in (None, current_user.id)
    return render_template("auth/kept.html", kept=text if is_theirs else None, form=PressForm(formdata=None))


def is_shared() -> bool:
    """Say whether somebody said, on this way in, that others use this device too."""
    return "shared" in request.form or bool(session.get(visitor.SHARED))


def just_proved() -> bool:
    """Say whether this session began a moment ago with something sent to the person, or a card."""
    proved = session.get(PROVED)
    return proved is not None and clock.now().timestamp() - proved < rules_signing.PENDING_LIFE.total_seconds()


def address() -> str:
    return request.remote_addr or ""


def visit() -> str:
    """Return the secret of this browser's visit; it tells a double click from a replay."""
    return session.setdefault("visit", secrets.token_hex(8))


def carried() -> str | None:
    """Return the text that this form carries along; None when there is none, or when it is not ours."""
    text = g.get("kept_text") or request.form.get("kept")
    return text if kept.read(text) else None


def asked_for() -> tuple[Handle, Purpose] | None:
    """Return who asked for a code in this browser, and what for."""
    asked = session.get(ASKED)
    return (Handle(asked[0], asked[1]), Purpose(asked[2])) if asked else None


def _remember(handle: Handle, purpose: Purpose) -> None:
    visit()
    session[ASKED] = [handle.kind, handle.value, str(purpose)]
    session["next"] = rules_signing.own_path(request.form.get("next"))
    session[visitor.SHARED] = is_shared()


def _pending() -> tuple[int, str] | None:
    """Return who gave a first proof and has a second to give."""
    if PENDING not in session:
        return None
    person_id, way, since = session[PENDING]
    if clock.now().timestamp() - since > rules_signing.PENDING_LIFE.total_seconds():
        session.pop(PENDING)
        return None
    return person_id, way


def _lost_person_id() -> int | None:
    """Return whose session this was, when the browser still says so."""
    person_id = str(session.get("_user_id") or "").partition(":")[0]
    return int(person_id) if person_id.isdigit() else None


def onward(endpoint: str, page: Any, **values: Any) -> Any:
    """Redirect after a POST, except when a text is carried: then the next page carries it on."""
    return page() if carried() else redirect(url_for(endpoint, **values))


def next_address() -> str | None:
    return rules_signing.own_path(request.values.get("next"))


def _sign_in_page(form: SignInForm, is_over: bool = False, **more: Any) -> str:
    return render_template(
        "auth/sign_in.html",
        form=form,
        kept=carried(),
        next=None if is_over else next_address(),
        is_over=is_over,
        offered=services_providers.offered(),
        **more,
    )


def _password_page(form: PasswordSignInForm) -> str:
    return render_template("auth/sign_in_password.html", form=form, kept=carried(), next=next_address())


def _forgotten_page(form: SignInForm) -> str:
    return render_template("auth/forgotten.html", form=form, kept=carried())


def card_page(form: CardForm) -> str:
    return render_template("auth/card.html", form=form, kept=carried())


def password_page(form: NewPasswordForm, *, has_one: bool, asks_current: bool = False) -> str:
    """Show where a password is chosen; a text that is carried comes back after it."""
    return render_template("auth/password.html", form=form, asks_current=asks_current, has_one=has_one, kept=carried())


def _code_page(form: CodeForm, was_sent_again: bool = False) -> str:
    handle, purpose = asked_for()
    return render_template(
        "auth/sign_in_code.html",
        form=form,
        handle=handle,
        purpose=purpose,
        kept=carried(),
        was_sent_again=was_sent_again,
    )


def _offer_card(handle: Handle) -> Any:
    """A number alone receives no message: offer its card, or a password, whether or not it exists."""
    if carried():
        return _password_page(PasswordSignInForm(formdata=None, data={"handle": handle.value}))
    _remember(handle, Purpose.SIGN_IN)
    return redirect(url_for(".sign_in_number"))


# Each way in, begun again from a page that carries a text. A link would leave the text behind.
OTHER_WAYS = {
    "password": lambda data: _password_page(PasswordSignInForm(formdata=None, data=data)),
    "forgotten": lambda data: _forgotten_page(SignInForm(formdata=None, data=data)),
    "code": lambda data: _sign_in_page(SignInForm(formdata=None, data=data)),
    "card": lambda data: card_page(CardForm(formdata=None)),
}
