"""What one person proposes and another confirms"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PROTECTED = {
    "proposal": ("UPDATE", "DELETE"),
    "proposal_answer": ("UPDATE", "DELETE"),
    "proposal_content": ("UPDATE",),
}


def upgrade():
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_proposal_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_proposal_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_proposal_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_proposal_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    for columns in (["by_id"], ["cohort_id"], ["person_id"], ["school_id", "at"], ["kind", "subject_id"]):
        op.create_index(op.f(f"ix_proposal_{'_'.join(columns)}"), "proposal", columns)
    op.create_table(
        "proposal_answer",
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_proposal_answer_by_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_answer_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal_answer")),
    )
    op.create_index(op.f("ix_proposal_answer_by_id"), "proposal_answer", ["by_id"])
    op.create_table(
        "proposal_content",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("is_answer", sa.Boolean(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_content_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_content")),
        sa.UniqueConstraint("proposal_id", "is_answer", name=op.f("uq_proposal_content_proposal_id_is_answer")),
    )
    for table, acts in PROTECTED.items():
        protect(op.execute, op.get_bind().dialect.name, table, acts)


def downgrade():
    for table in ("proposal_content", "proposal_answer", "proposal"):
        op.drop_table(table)
