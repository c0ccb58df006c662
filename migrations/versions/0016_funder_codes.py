"""What each funder says of the motives of absence

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from popschool.append_only import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "funder_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("funder_code", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_funder_code_funder_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_funder_code_said_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_funder_code_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder_code")),
    )
    op.create_index(op.f("ix_funder_code_school_id_funder_id"), "funder_code", ["school_id", "funder_id"])
    op.create_index(op.f("ix_funder_code_funder_id"), "funder_code", ["funder_id"])
    protect(op.execute, op.get_bind().dialect.name, "funder_code", ("UPDATE", "DELETE"))


def downgrade():
    op.drop_table("funder_code")
