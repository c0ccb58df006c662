"""Rules of completion, exams"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHANGED_NEVER = (
    "completion_rule",
    "exam_result",
)


def upgrade():
    op.create_table(
        "completion_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_completion_rule_programme_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_completion_rule_said_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_completion_rule_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion_rule")),
    )
    with op.batch_alter_table("completion_rule", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_completion_rule_school_id_programme_id"), ["school_id", "programme_id"], unique=False
        )

    op.create_table(
        "exam_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("place_text", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_exam_session_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_session_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_session")),
        sa.UniqueConstraint("cohort_id", "on", "title", name=op.f("uq_exam_session_cohort_id_on_title")),
    )
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_session_school_id"), ["school_id"], unique=False)

    op.create_table(
        "exam_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("blocks", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_exam_result_enrolment_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_exam_result_said_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_exam_result_school_id")),
        sa.ForeignKeyConstraint(["session_id"], ["exam_session.id"], name=op.f("fk_exam_result_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_result")),
    )
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exam_result_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exam_result_school_id"), ["school_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_exam_result_session_id_enrolment_id"), ["session_id", "enrolment_id"], unique=False
        )

    dialect = op.get_bind().dialect.name
    for table in CHANGED_NEVER:
        protect(op.execute, dialect, table, ("UPDATE", "DELETE"))


def downgrade():
    with op.batch_alter_table("exam_result", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_result_session_id_enrolment_id"))
        batch_op.drop_index(batch_op.f("ix_exam_result_school_id"))
        batch_op.drop_index(batch_op.f("ix_exam_result_enrolment_id"))

    op.drop_table("exam_result")
    with op.batch_alter_table("exam_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_session_school_id"))

    op.drop_table("exam_session")
    with op.batch_alter_table("completion_rule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_completion_rule_school_id_programme_id"))

    op.drop_table("completion_rule")
