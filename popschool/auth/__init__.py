"""Signing in, roles, and one table of who may do what.

Owns: account, role grant, invitation, sign-in code, sign-in attempt. `rules.py` holds the table of permissions, which
is the only place where one is decided; `guards.py` asks it for routes.
"""
