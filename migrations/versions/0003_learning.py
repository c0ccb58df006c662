"""Quizzes, checklists and help"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "quiz",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("questions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["rendered.hash"], name=op.f("fk_quiz_hash")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_quiz")),
    )
    op.create_table(
        "quiz_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("quiz_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_quiz_attempt_cohort_id")),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_quiz_attempt_page_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_attempt_person_id")),
        sa.ForeignKeyConstraint(["quiz_hash"], ["quiz.hash"], name=op.f("fk_quiz_attempt_quiz_hash")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_quiz_attempt_revision_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_quiz_attempt_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_quiz_attempt_key")),
        sa.UniqueConstraint("person_id", "page_id", "number", name=op.f("uq_quiz_attempt_person_id_page_id_number")),
    )
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quiz_attempt_cohort_id_page_id_person_id"),
            ["cohort_id", "page_id", "person_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_quiz_attempt_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_attempt_school_id"), ["school_id"], unique=False)

    op.create_table(
        "quiz_answer",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_answer_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "question", name=op.f("pk_quiz_answer")),
    )


def downgrade():
    op.drop_table("quiz_answer")
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_school_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_page_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_cohort_id_page_id_person_id"))

    op.drop_table("quiz_attempt")
    op.drop_table("quiz")
