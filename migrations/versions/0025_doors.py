"""Doors of funders and auditors, what is asked through them, and whole files

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade():
    _doors()
    _questions()
    _files()


def _doors():
    op.create_table(
        "door",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("funder_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_kept", sa.String(length=300), nullable=False),
        sa.Column("for_whom", sa.String(length=160), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=True),
        sa.Column("covers_to", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("person_id IS NOT NULL OR secret_hash <> ''", name=op.f("ck_door_held")),
        sa.CheckConstraint("kind <> 'funder' OR funder_id IS NOT NULL", name=op.f("ck_door_payer")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_door_closed_by_id")),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_door_funder_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_door_opened_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_door_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door")),
    )
    for name in ("school_id", "funder_id", "person_id", "secret_hash"):
        op.create_index(op.f(f"ix_door_{name}"), "door", [name])


def _questions():
    op.create_table(
        "door_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_door_question_document_id")),
        sa.ForeignKeyConstraint(["door_id"], ["door.id"], name=op.f("fk_door_question_door_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_door_question_enrolment_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_door_question_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_question")),
    )
    for name in ("door_id", "document_id", "enrolment_id"):
        op.create_index(op.f(f"ix_door_question_{name}"), "door_question", [name])
    op.create_index(op.f("ix_door_question_school_id_asked_at"), "door_question", ["school_id", "asked_at"])
    protect(op.execute, op.get_bind().dialect.name, "door_question", ("UPDATE", "DELETE"))
    op.create_table(
        "door_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_door_answer_by_id")),
        sa.ForeignKeyConstraint(["question_id"], ["door_question.id"], name=op.f("fk_door_answer_question_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_door_answer")),
    )
    op.create_index(op.f("ix_door_answer_question_id"), "door_answer", ["question_id"])
    protect(op.execute, op.get_bind().dialect.name, "door_answer", ("UPDATE", "DELETE"))


def _files():
    op.create_table(
        "whole_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("door_id", sa.Integer(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_hash", sa.String(length=64), nullable=False),
        sa.Column("archive_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_whole_file_asked_by_id")),
        sa.ForeignKeyConstraint(["door_id"], ["door.id"], name=op.f("fk_whole_file_door_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_whole_file_enrolment_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_whole_file_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whole_file")),
    )
    for name in ("door_id", "enrolment_id", "school_id"):
        op.create_index(op.f(f"ix_whole_file_{name}"), "whole_file", [name])


def downgrade():
    op.drop_table("whole_file")
    op.drop_table("door_answer")
    op.drop_table("door_question")
    op.drop_table("door")
