"""Alembic's way into the application: its engine, its tables, batches so that SQLite can change a table too."""

from alembic import context
from flask import current_app
from sqlalchemy import JSON

from popschool.db import UtcMoment, db


def render_item(kind, item, autogen_context):
    """Write our own column types by the plain ones they are kept as."""
    if kind == "type" and isinstance(item, UtcMoment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def compare_type(context_, inspected, column, inspected_type, metadata_type):
    """Our moments and JSON are what they say on both databases."""
    return False if isinstance(metadata_type, (UtcMoment, JSON)) else None


def run() -> None:
    options = current_app.extensions["migrate"].configure_args | {
        "render_item": render_item,
        "compare_type": compare_type,
    }
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
