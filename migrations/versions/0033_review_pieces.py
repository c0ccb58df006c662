"""Pieces that everybody reads first"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table(
        "review_piece",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("deliverable_key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("criteria", JSON, nullable=False),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("whys", JSON, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_review_piece_made_by_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_review_piece_project_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_review_piece_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_piece")),
    )
    with op.batch_alter_table("review_piece", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_piece_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_review_piece_school_id_project_id"), ["school_id", "project_id"], unique=False
        )
    op.create_table(
        "piece_review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("piece_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("draft", JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["piece_id"], ["review_piece.id"], name=op.f("fk_piece_review_piece_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_piece_review_reviewer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_piece_review_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_piece_review")),
        sa.UniqueConstraint("key", name=op.f("uq_piece_review_key")),
        sa.UniqueConstraint("reviewer_id", "piece_id", name=op.f("uq_piece_review_reviewer_id_piece_id")),
    )
    with op.batch_alter_table("piece_review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_piece_review_piece_id"), ["piece_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_piece_review_round_id_submitted_at"), ["round_id", "submitted_at"], unique=False
        )
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.add_column(sa.Column("piece_ids", JSON, server_default="[]", nullable=False))


def downgrade():
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.drop_column("piece_ids")
    op.drop_table("piece_review")
    op.drop_table("review_piece")
