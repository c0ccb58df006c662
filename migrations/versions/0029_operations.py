"""Operations of the European Social Fund, their participants and what lies under lock"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade():
    _operations()
    _answers()
    dialect = op.get_bind().dialect.name
    protect(op.execute, dialect, "operation_terms", ("UPDATE", "DELETE"))
    protect(op.execute, dialect, "participant_answer", ("UPDATE",))


def _operations():
    op.create_table(
        "operation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("referent", sa.String(length=120), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_operation_dates")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_operation_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    with op.batch_alter_table("operation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operation_school_id"), ["school_id"], unique=False)
    op.create_table(
        "operation_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("exit_days", sa.Integer(), nullable=False),
        sa.Column("asks", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_operation_terms_operation_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_operation_terms_said_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation_terms")),
    )
    with op.batch_alter_table("operation_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operation_terms_operation_id"), ["operation_id"], unique=False)
    op.create_table(
        "operation_funding",
        sa.Column("funding_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_operation_funding_funding_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_operation_funding_operation_id")),
        sa.PrimaryKeyConstraint("funding_id", name=op.f("pk_operation_funding")),
    )
    with op.batch_alter_table("operation_funding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_operation_funding_operation_id"), ["operation_id"], unique=False)


def _answers():
    op.create_table(
        "participant_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_participant_answer_operation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participant_answer_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_participant_answer_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_answer")),
    )
    with op.batch_alter_table("participant_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_participant_answer_operation_id_person_id"), ["operation_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_participant_answer_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_participant_answer_school_id"), ["school_id"], unique=False)
    op.create_table(
        "participant_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("moment", sa.String(length=16), nullable=False),
        sa.Column("link_hash", sa.String(length=32), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_participant_form_operation_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participant_form_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_participant_form_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_participant_form")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_participant_form_link_hash")),
        sa.UniqueConstraint(
            "operation_id", "person_id", "moment", name=op.f("uq_participant_form_operation_id_person_id_moment")
        ),
    )
    with op.batch_alter_table("participant_form", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_form_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_participant_form_school_id"), ["school_id"], unique=False)
    op.create_table(
        "participant_locked",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["participant_answer.id"], name=op.f("fk_participant_locked_answer_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_participant_locked_school_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_participant_locked")),
    )
    with op.batch_alter_table("participant_locked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_participant_locked_school_id"), ["school_id"], unique=False)


def downgrade():
    for name in (
        "participant_locked",
        "participant_answer",
        "participant_form",
        "operation_terms",
        "operation_funding",
        "operation",
    ):
        op.drop_table(name)
