"""Signing in, invitations, one's own account, the staff: the pages are in the files named after each."""

from flask import Blueprint

bp = Blueprint("auth", __name__, template_folder="templates")

from popschool.auth import (  # noqa: E402  they put their pages on `bp`
    routes_account,
    routes_invitations,
    routes_join,
    routes_sign_in,
    routes_staff,
    routes_totp,
    tasks,
    words,
)

__all__ = [
    "bp", "routes_account", "routes_invitations", "routes_join", "routes_sign_in", "routes_staff", "routes_totp",
    "tasks", "words",
]  # fmt: skip
