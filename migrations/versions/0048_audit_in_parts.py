"""The record of acts lies in parts on PostgreSQL, and each chain's last line in a row of its own"""

import sqlalchemy as sa
from alembic import op

from popschool.chain_heads import Kept
from popschool.parts import Group
from popschool.parts_made import divide, join

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None
AUDIT = Group({"audit_entry": "id", "audit_about": "entry_id", "audit_link": "entry_id"})
HEADS = Kept("audit_link", "chain", "audit_head")
ONE_LINE = "uq_audit_link_chain_sequence"
IN_CHAIN = "ix_audit_link_chain_sequence"


def upgrade():
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "archived_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_of", sa.String(length=20), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("away_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archived_part")),
        sa.UniqueConstraint("part_of", "low", "hash", name=op.f("uq_archived_part_part_of_low_hash")),
    )
    if op.get_bind().dialect.name == "postgresql":
        divide(
            op.get_bind(),
            AUDIT,
            without=[ONE_LINE],
            adding=[f"CREATE INDEX {IN_CHAIN} ON audit_link (chain, sequence)"],
        )
    op.execute(HEADS.catch_up())
    for statement, dialect in HEADS.made():
        if dialect == op.get_bind().dialect.name:
            op.execute(statement)


def downgrade():
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM archived_part WHERE away_at IS NOT NULL")):
        raise RuntimeError("parts are away: bring them back first, with popschool archive --restore")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {HEADS.trigger} ON audit_link")
        op.execute(f"DROP FUNCTION {HEADS.trigger}()")
        op.execute(f"DROP INDEX {IN_CHAIN}")
        join(
            op.get_bind(), AUDIT, adding=[f"ALTER TABLE audit_link ADD CONSTRAINT {ONE_LINE} UNIQUE (chain, sequence)"]
        )
        op.execute("DROP FUNCTION add_part(text, bigint, bigint)")
    else:
        op.execute(f"DROP TRIGGER {HEADS.trigger}")
    op.drop_table("archived_part")
    op.drop_table("audit_head")
