"""Spoken reviews"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_oral", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "oral_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("spot", sa.String(length=120), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booked_by_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_off_by_id", sa.Integer(), nullable=True),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_oral_slot_minutes")),
        sa.ForeignKeyConstraint(["booked_by_id"], ["person.id"], name=op.f("fk_oral_slot_booked_by_id")),
        sa.ForeignKeyConstraint(["called_off_by_id"], ["person.id"], name=op.f("fk_oral_slot_called_off_by_id")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["person.id"], name=op.f("fk_oral_slot_offered_by_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_oral_slot_review_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_oral_slot_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["review_work.id"], name=op.f("fk_oral_slot_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oral_slot")),
        sa.UniqueConstraint("key", name=op.f("uq_oral_slot_key")),
    )
    with op.batch_alter_table("oral_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_oral_slot_booked_by_id"), ["booked_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oral_slot_offered_by_id"), ["offered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_oral_slot_round_id_starts_at"), ["round_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_oral_slot_work_id"), ["work_id"], unique=False)


def downgrade():
    op.drop_table("oral_slot")
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.drop_column("is_oral")
