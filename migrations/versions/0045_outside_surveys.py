"""Surveys of companies and funders, answered by a link without an account"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.create_table(
        "outside_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_outside_survey_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_outside_survey_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_survey")),
    )
    op.create_index(op.f("ix_outside_survey_school_id"), "outside_survey", ["school_id"])
    op.create_table(
        "outside_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(length=160), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=True),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["outside_survey.id"], name=op.f("fk_outside_asked_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_asked")),
        sa.UniqueConstraint("survey_id", "mail", name=op.f("uq_outside_asked_survey_id_mail")),
    )
    op.create_table(
        "outside_answer",
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("ratings", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["asked_id"], ["outside_asked.id"], name=op.f("fk_outside_answer_asked_id")),
        sa.PrimaryKeyConstraint("asked_id", name=op.f("pk_outside_answer")),
    )
    protect(op.execute, op.get_bind().dialect.name, "outside_answer", ("UPDATE", "DELETE"))


def downgrade():
    for table in ("outside_answer", "outside_asked", "outside_survey"):
        op.drop_table(table)
