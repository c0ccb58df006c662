"""Rounds across cohorts"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "round_guest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_round_guest_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_round_guest_asked_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_round_guest_cohort_id")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"], name=op.f("fk_round_guest_deliverable_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_round_guest_round_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_round_guest_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_guest")),
        sa.UniqueConstraint("round_id", "cohort_id", name=op.f("uq_round_guest_round_id_cohort_id")),
    )
    with op.batch_alter_table("round_guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_guest_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_guest_deliverable_id"), ["deliverable_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_guest_school_id"), ["school_id"], unique=False)
    with op.batch_alter_table("reviewer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cohort_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_reviewer_cohort_id"), "cohort", ["cohort_id"], ["id"])


def downgrade():
    with op.batch_alter_table("reviewer", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("fk_reviewer_cohort_id"), type_="foreignkey")
        batch_op.drop_column("cohort_id")
    op.drop_table("round_guest")
