"""The ledger of presence lies in parts on PostgreSQL, each chain's last line and each act's key in rows of their own"""

import sqlalchemy as sa
from alembic import op

from popschool.chain_heads import Claimed, Kept
from popschool.parts import Group
from popschool.parts_made import divide, join

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None
LEDGER = Group({"attendance_entry": "id", "attendance_content": "entry_id"})
HEADS = Kept("attendance_entry", "cohort_id", "attendance_chain")
KEYS = Claimed("attendance_entry", "key", "attendance_claim")
OF_ONE_TABLE = {
    "uq_attendance_entry_cohort_id_sequence": "cohort_id, sequence",
    "uq_attendance_entry_key": "key",
    "uq_attendance_entry_hash": "hash",
}
INSTEAD = {
    "ix_attendance_entry_cohort_id_sequence": "cohort_id, sequence",
    "ix_attendance_entry_key": "key",
}


def upgrade():
    op.create_table(
        "attendance_chain",
        sa.Column("cohort_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_attendance_chain")),
    )
    op.create_table(
        "attendance_claim",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attendance_claim")),
    )
    if op.get_bind().dialect.name == "postgresql":
        adding = [f"CREATE INDEX {name} ON attendance_entry ({columns})" for name, columns in INSTEAD.items()]
        divide(op.get_bind(), LEDGER, without=OF_ONE_TABLE, adding=adding)
    for one in (HEADS, KEYS):
        op.execute(one.catch_up())
        for statement, dialect in one.made():
            if dialect == op.get_bind().dialect.name:
                op.execute(statement)


def downgrade():
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for one in (KEYS, HEADS):
        op.execute(f"DROP TRIGGER {one.trigger}" + (" ON attendance_entry" if is_postgresql else ""))
        if is_postgresql:
            op.execute(f"DROP FUNCTION {one.trigger}()")
    if is_postgresql:
        for name in INSTEAD:
            op.execute(f"DROP INDEX {name}")
        adding = [
            f"ALTER TABLE attendance_entry ADD CONSTRAINT {name} UNIQUE ({columns})"
            for name, columns in OF_ONE_TABLE.items()
        ]
        join(op.get_bind(), LEDGER, adding=adding)
    op.drop_table("attendance_claim")
    op.drop_table("attendance_chain")
