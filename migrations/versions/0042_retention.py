"""What retention removes of people, and each night of it; the texts of works may be emptied"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect, spare

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# What may be emptied, and what never changes.
SPARED = {
    "submission": (
        ("text", "link", "repository", "note"),
        ("id", "school_id", "cohort_id", "assignment_id", "deliverable_id", "revision_id", "submitted_by_id",
         "team_name", "version", "submitted_at", "timing", "repository_commit", "receipt", "key"),
    ),
    "submission_file": (("name",), ("id", "submission_id", "position", "hash", "size", "media_type")),
}  # fmt: skip


def upgrade():
    op.create_table(
        "retention_removal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kept", sa.String(length=12), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_retention_removal_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_removal")),
        sa.UniqueConstraint("person_id", "kept", name=op.f("uq_retention_removal_person_id_kept")),
    )
    op.create_index(op.f("ix_retention_removal_at"), "retention_removal", ["at"])
    op.create_table(
        "retention_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    op.create_index(op.f("ix_retention_run_at"), "retention_run", ["at"])
    dialect = op.get_bind().dialect.name
    for table in ("retention_removal", "retention_run"):
        protect(op.execute, dialect, table, ("UPDATE", "DELETE"))
    for table, (emptied, kept) in SPARED.items():
        spare(op.execute, dialect, table, emptied, kept)


def downgrade():
    for table in SPARED:
        spare(op.execute, op.get_bind().dialect.name, table, (), ())
    for table in ("retention_run", "retention_removal"):
        op.drop_table(table)
