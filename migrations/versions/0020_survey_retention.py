"""Survey retention"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FIGURES = ("asked", "answered", "positive", "lasting", "unreached", "satisfied", "rated")


def upgrade():
    draft = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
    with op.batch_alter_table("questionnaire", schema=None) as batch_op:
        batch_op.add_column(sa.Column("draft", draft, nullable=True))
    op.create_table(
        "survey_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=16), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in FIGURES),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_survey_total_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_survey_total_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_total")),
        sa.UniqueConstraint("cohort_id", "moment", name=op.f("uq_survey_total_cohort_id_moment")),
    )
    with op.batch_alter_table("survey_total", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_total_school_id"), ["school_id"], unique=False)


def downgrade():
    with op.batch_alter_table("survey_total", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_total_school_id"))
    op.drop_table("survey_total")
    with op.batch_alter_table("questionnaire", schema=None) as batch_op:
        batch_op.drop_column("draft")
