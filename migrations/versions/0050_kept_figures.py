"""Figures that are kept, and a note of each change of what they count"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.counted import EVERY_SCHOOL, forget, watch

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None
OF_A_PERSON = "SELECT e.school_id AS id FROM enrolment e WHERE e.person_id = {row}.person_id"
WATCHED = {
    "school": {"schools": "SELECT {row}.id AS id"},
    "cohort": {},
    "enrolment": {},
    "company_period": {},
    "half_day": {"on": "on", "moves": True},
    "presence_day": {"on": "on"},
    "company_week": {},
    "excuse": {},
    "presence_dispute": {},
    "sheet": {},
    "funder": {"schools": EVERY_SCHOOL},
    "funding": {},
    "enrolment_funding": {},
    "questionnaire": {},
    "questionnaire_answer": {
        "schools": "SELECT q.school_id AS id FROM questionnaire q WHERE q.id = {row}.questionnaire_id"
    },
    "document": {"when": "{row}.kind = 'certificate'"},
    "document_act": {"schools": "SELECT d.school_id AS id FROM document d WHERE d.id = {row}.document_id"},
    "completion_rule": {},
    "assignment": {},
    "deliverable": {},
    "submission_owner": {
        "schools": OF_A_PERSON,
        "when": "EXISTS (SELECT 1 FROM submission_state t WHERE t.submission_id = {row}.submission_id "
        "AND t.feedback_id IS NOT NULL)",
    },
    "submission_state": {
        "schools": "SELECT e.school_id AS id FROM submission_owner o JOIN enrolment e ON e.person_id = o.person_id "
        "WHERE o.submission_id = {row}.submission_id",
        "when": "{row}.feedback_id IS NOT NULL",
    },
    "award": {"schools": OF_A_PERSON},
    "register_record": {"when": "{row}.kind = 'positioning'"},
    "house_rules": {},
    "house_rules_receipt": {"schools": "SELECT h.school_id AS id FROM house_rules h WHERE h.id = {row}.rules_id"},
}


def upgrade():
    op.create_table(
        "figure_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_change")),
    )
    op.create_index(op.f("ix_figure_change_on"), "figure_change", ["on"])
    op.create_table(
        "kept_figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_figure")),
        sa.UniqueConstraint("what", "on", "school_id", name=op.f("uq_kept_figure_what_on_school_id")),
    )
    op.create_index(op.f("ix_kept_figure_on"), "kept_figure", ["on"])
    op.create_index(op.f("ix_kept_figure_school_id"), "kept_figure", ["school_id"])
    for table, how in WATCHED.items():
        watch(op.execute, op.get_bind().dialect.name, table, **how)


def downgrade():
    for table, how in WATCHED.items():
        forget(op.execute, op.get_bind().dialect.name, table, **how)
    op.drop_table("kept_figure")
    op.drop_table("figure_change")
