"""Lists that funders are sent: the layouts of their columns, when they come back, and those that wait

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade():
    _layouts()
    _schedules()
    _due()


def _refers(table, name, other):
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))


def _layouts():
    op.create_table(
        "report_layout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listed", sa.String(length=20), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        _refers("report_layout", "funder_id", "funder"),
        _refers("report_layout", "said_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_layout")),
    )
    op.create_index(op.f("ix_report_layout_funder_id"), "report_layout", ["funder_id"])
    op.create_index(op.f("ix_report_layout_listed_version"), "report_layout", ["listed", "version"])
    protect(op.execute, op.get_bind().dialect.name, "report_layout", ("UPDATE", "DELETE"))


def _schedules():
    op.create_table(
        "report_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("listed", sa.String(length=20), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=False),
        sa.Column("funding_id", sa.Integer(), nullable=True),
        sa.Column("rhythm", sa.String(length=10), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("next_first", sa.Date(), nullable=False),
        sa.Column("next_last", sa.Date(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("next_last >= next_first", name=op.f("ck_report_schedule_dates")),
        _refers("report_schedule", "asked_by_id", "person"),
        _refers("report_schedule", "ended_by_id", "person"),
        _refers("report_schedule", "funder_id", "funder"),
        _refers("report_schedule", "funding_id", "funding"),
        _refers("report_schedule", "school_id", "school"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedule")),
    )
    for name in ("funder_id", "funding_id", "next_on", "school_id"):
        op.create_index(op.f(f"ix_report_schedule_{name}"), "report_schedule", [name])


def _due():
    op.create_table(
        "report_due",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=True),
        sa.Column("listed", sa.String(length=20), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=False),
        sa.Column("funding_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", JSON, nullable=False),
        sa.Column("anomalies", JSON, nullable=False),
        sa.Column("seen", sa.String(length=64), nullable=False),
        sa.Column("decision", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("last >= first", name=op.f("ck_report_due_dates")),
        _refers("report_due", "asked_by_id", "person"),
        _refers("report_due", "decided_by_id", "person"),
        _refers("report_due", "document_id", "document"),
        _refers("report_due", "funder_id", "funder"),
        _refers("report_due", "funding_id", "funding"),
        _refers("report_due", "schedule_id", "report_schedule"),
        _refers("report_due", "school_id", "school"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_due")),
    )
    for name in ("document_id", "funder_id", "funding_id", "schedule_id"):
        op.create_index(op.f(f"ix_report_due_{name}"), "report_due", [name])
    op.create_index(op.f("ix_report_due_school_id_decided_at"), "report_due", ["school_id", "decided_at"])


def downgrade():
    op.drop_table("report_due")
    op.drop_table("report_schedule")
    op.drop_table("report_layout")
