"""Programs that are told what happens"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from popschool.append_only import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "outgoing_hook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("events", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("secret_encrypted", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_given_up", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outgoing_hook_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_outgoing_hook_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_hook")),
    )
    with op.batch_alter_table("outgoing_hook", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_hook_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_hook_school_id"), ["school_id"], unique=False)
    op.create_table(
        "outgoing_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["outgoing_hook.id"], name=op.f("fk_outgoing_event_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_event")),
        sa.UniqueConstraint(
            "webhook_id", "event", "subject_id", name=op.f("uq_outgoing_event_webhook_id_event_subject_id")
        ),
    )
    with op.batch_alter_table("outgoing_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outgoing_event_webhook_id_outcome_next_at"),
            ["webhook_id", "outcome", "next_at"],
            unique=False,
        )
    op.create_table(
        "outgoing_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["outgoing_event.id"], name=op.f("fk_outgoing_try_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_try")),
    )
    with op.batch_alter_table("outgoing_try", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_try_delivery_id"), ["delivery_id"], unique=False)
    protect(op.execute, op.get_bind().dialect.name, "outgoing_try", ("UPDATE", "DELETE"))


def downgrade():
    op.drop_table("outgoing_try")
    op.drop_table("outgoing_event")
    op.drop_table("outgoing_hook")
