"""Badges"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHANGED_NEVER = (
    "badge",
    "badge_revocation",
)


def upgrade():
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("jwk", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_badge_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_badge_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("key", name=op.f("uq_badge_key")),
    )
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_badge_person_id_about"), ["person_id", "about"], unique=False)
        batch_op.create_index(batch_op.f("ix_badge_school_id"), ["school_id"], unique=False)

    op.create_table(
        "badge_revocation",
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("revoked_by_id", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badge.id"], name=op.f("fk_badge_revocation_badge_id")),
        sa.ForeignKeyConstraint(["revoked_by_id"], ["person.id"], name=op.f("fk_badge_revocation_revoked_by_id")),
        sa.PrimaryKeyConstraint("badge_id", name=op.f("pk_badge_revocation")),
    )

    dialect = op.get_bind().dialect.name
    for table in CHANGED_NEVER:
        protect(op.execute, dialect, table, ("UPDATE", "DELETE"))


def downgrade():
    op.drop_table("badge_revocation")
    with op.batch_alter_table("badge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_badge_school_id"))
        batch_op.drop_index(batch_op.f("ix_badge_person_id_about"))

    op.drop_table("badge")
