"""The record of acts is chained, and says whom it is about and from where"""

import sqlalchemy as sa
from alembic import op

from popschool.append_only import protect

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NEVER = ("UPDATE", "DELETE")


def upgrade():
    op.create_table(
        "audit_about",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_about_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "person_id", name=op.f("pk_audit_about")),
    )
    with op.batch_alter_table("audit_about", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_about_person_id"), ["person_id"], unique=False)
    op.create_table(
        "audit_link",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("chain", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_link_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("chain", "sequence", name=op.f("uq_audit_link_chain_sequence")),
    )
    op.create_table(
        "file_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_reading")),
        sa.UniqueConstraint(
            "person_id", "on", "reader_id", "part", name=op.f("uq_file_reading_person_id_on_reader_id_part")
        ),
    )
    with op.batch_alter_table("file_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_file_reading_at"), ["at"], unique=False)
    op.add_column("audit_entry", sa.Column("origin", sa.String(length=40), nullable=False, server_default=""))
    dialect = op.get_bind().dialect.name
    for table in ("audit_entry", "audit_about", "audit_link"):
        protect(op.execute, dialect, table, NEVER)


def downgrade():
    dialect = op.get_bind().dialect.name
    for act in NEVER:
        name = f"audit_entry_no_{act.lower()}"
        op.execute(f"DROP TRIGGER {name}" if dialect == "sqlite" else f"DROP TRIGGER {name} ON audit_entry")
    op.drop_table("file_reading")
    op.drop_table("audit_link")
    op.drop_table("audit_about")
    op.drop_column("audit_entry", "origin")
