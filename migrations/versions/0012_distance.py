"""Half-days followed at a distance, by the work that is sent

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "distance_activity",
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_distance_activity_assignment_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_distance_activity_half_day_id")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_distance_activity_set_by_id")),
        sa.PrimaryKeyConstraint("half_day_id", name=op.f("pk_distance_activity")),
    )
    op.create_index(op.f("ix_distance_activity_assignment_id"), "distance_activity", ["assignment_id"])
    op.add_column("presence_day", sa.Column("distance", sa.Integer(), server_default="0", nullable=False))


def downgrade():
    with op.batch_alter_table("presence_day") as day:
        day.drop_column("distance")
    op.drop_table("distance_activity")
