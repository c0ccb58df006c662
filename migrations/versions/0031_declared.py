"""What was typed in KAIROS, by whom and when"""

import sqlalchemy as sa
from alembic import op

from popschool.append_only import protect

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "kairos_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_kairos_entry_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_kairos_entry_cohort_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_kairos_entry_enrolment_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_kairos_entry_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kairos_entry")),
    )
    for name in ("cohort_id", "enrolment_id", "school_id"):
        op.create_index(op.f(f"ix_kairos_entry_{name}"), "kairos_entry", [name])
    protect(op.execute, op.get_bind().dialect.name, "kairos_entry", ("UPDATE", "DELETE"))


def downgrade():
    op.drop_table("kairos_entry")
