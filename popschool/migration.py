"""Bringing a database to this version. Several processes may start at once: one of them does it."""

import logging

from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy import text

from popschool.db import db
from popschool.places import migrations_folder

LOCK = 0x706F70  # "pop"


def init_app(app: Flask) -> None:
    Migrate(app, db, directory=str(migrations_folder()), render_as_batch=True, compare_type=True)


def upgrade_all() -> None:
    """Run every migration that is missing."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if db.engine.dialect.name != "postgresql":
        upgrade(directory=str(migrations_folder()))
        return
    with db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        try:
            upgrade(directory=str(migrations_folder()))
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
