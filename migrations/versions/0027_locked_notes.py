"""Notes of arrangements and motives of absence lie locked"""

import sqlalchemy as sa
from alembic import op

from popschool import locked

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

LOCKED = {
    "accommodation": {"format": sa.String(200), "breaks": sa.String(200)},
    "excuse": {"code": sa.String(10), "note": sa.Text(), "answer": sa.String(500)},
}


def upgrade():
    """Widen, then lock what lies open, in place: a version that still serves reads these texts on two pages only."""
    found = {name: _rows(name, columns) for name, columns in LOCKED.items()}
    if any(value for rows in found.values() for _id, *values in rows for value in values):
        locked.keyring()  # made, if need be, before any table is changed
    for name, columns in LOCKED.items():
        if op.get_bind().dialect.name == "postgresql":
            for column, kind in columns.items():
                op.alter_column(name, column, existing_type=kind, type_=sa.Text())
        _put(name, columns, found[name], lambda text: text if locked.is_locked(text) else locked.lock(text))


def downgrade():
    for name, columns in LOCKED.items():
        _put(name, columns, _rows(name, columns), lambda text: locked.unlock(text) if locked.is_locked(text) else text)
        if op.get_bind().dialect.name == "postgresql":
            for column, kind in columns.items():
                op.alter_column(name, column, existing_type=sa.Text(), type_=kind)


def _table(name, columns):
    return sa.table(name, sa.column("id", sa.Integer), *(sa.column(column, sa.Text) for column in columns))


def _rows(name, columns):
    return op.get_bind().execute(sa.select(_table(name, columns))).all()


def _put(name, columns, rows, change):
    table = _table(name, columns)
    for number, *values in rows:
        changed = {column: change(text) for column, text in zip(columns, values, strict=True) if text}
        if changed:
            op.get_bind().execute(sa.update(table).where(table.c.id == number).values(changed))
