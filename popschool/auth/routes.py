"""Signing in, invitations, one's own account, the staff: the pages are in the files named after each."""

from popschool.auth import (
    routes_account,
    routes_decisions,
    routes_devices,
    routes_invitations,
    routes_join,
    routes_passkeys,
    routes_proof,
    routes_providers,
    routes_sign_in,
    routes_staff,
    routes_totp,
    tasks,
    words,
)
from popschool.auth.routes_base import bp

__all__ = [
    "bp", "routes_account", "routes_decisions", "routes_devices", "routes_invitations", "routes_join",
    "routes_passkeys", "routes_proof", "routes_providers", "routes_sign_in", "routes_staff", "routes_totp", "tasks",
    "words",
]  # fmt: skip
