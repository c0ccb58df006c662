"""Popschool, the learning management system of Pop School's fifteen fabriques.

Each folder is something the school does; the tree and its order are in docs/architecture.md. `app.py` at the top
level and `popschool/cli.py` are the only files that know every feature.
"""
