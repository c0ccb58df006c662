"""Quizzes, checklists and help"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "quiz",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("questions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["rendered.hash"], name=op.f("fk_quiz_hash")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_quiz")),
    )
    op.create_table(
        "checklist",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("done", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_checklist_page_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_checklist_person_id")),
        sa.PrimaryKeyConstraint("person_id", "page_id", name=op.f("pk_checklist")),
    )
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checklist_page_id"), ["page_id"], unique=False)

    op.create_table(
        "help_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(length=140), nullable=False),
        sa.Column("place_name", sa.String(length=300), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_help_request_cohort_id")),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_help_request_page_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_request_person_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_help_request_revision_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_help_request_school_id")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_help_request_taken_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
    )
    with op.batch_alter_table("help_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_request_cohort_id_ended_at"), ["cohort_id", "ended_at"], unique=False)
        batch_op.create_index(
            "ix_help_request_open",
            ["cohort_id", "asked_at"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_help_request_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_help_request_school_id"), ["school_id"], unique=False)
        batch_op.create_index(
            "uq_help_request_open_place",
            ["person_id", "page_id", "anchor"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "quiz_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("page_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("quiz_hash", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_quiz_attempt_cohort_id")),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"], name=op.f("fk_quiz_attempt_page_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_quiz_attempt_person_id")),
        sa.ForeignKeyConstraint(["quiz_hash"], ["quiz.hash"], name=op.f("fk_quiz_attempt_quiz_hash")),
        sa.ForeignKeyConstraint(["revision_id"], ["revision.id"], name=op.f("fk_quiz_attempt_revision_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_quiz_attempt_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_attempt")),
        sa.UniqueConstraint("key", name=op.f("uq_quiz_attempt_key")),
        sa.UniqueConstraint("person_id", "page_id", "number", name=op.f("uq_quiz_attempt_person_id_page_id_number")),
    )
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quiz_attempt_cohort_id_page_id_person_id"),
            ["cohort_id", "page_id", "person_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_quiz_attempt_page_id"), ["page_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quiz_attempt_school_id"), ["school_id"], unique=False)

    op.create_table(
        "help_turn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.String(length=12), nullable=False),
        sa.Column("how", sa.String(length=12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_turn_person_id")),
        sa.ForeignKeyConstraint(["request_id"], ["help_request.id"], name=op.f("fk_help_turn_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_turn")),
    )
    with op.batch_alter_table("help_turn", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_help_turn_request_id"), ["request_id"], unique=False)

    op.create_table(
        "quiz_answer",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("given", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["quiz_attempt.id"], name=op.f("fk_quiz_answer_attempt_id")),
        sa.PrimaryKeyConstraint("attempt_id", "question", name=op.f("pk_quiz_answer")),
    )
    op.create_table(
        "search_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=True),
        sa.ForeignKeyConstraint(["hash"], ["rendered.hash"], name=op.f("fk_search_text_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_text")),
        sa.UniqueConstraint("hash", name=op.f("uq_search_text_hash")),
    )
    with op.batch_alter_table("search_text", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_search_text_words"), ["words"], unique=False, postgresql_using="gin")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_index"
            " USING fts5(title, body, content='', detail=column, prefix='2 3 4', tokenize='unicode61')"
        )


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_index")
    with op.batch_alter_table("search_text", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_search_text_words"), postgresql_using="gin")

    op.drop_table("search_text")
    op.drop_table("quiz_answer")
    with op.batch_alter_table("help_turn", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_help_turn_request_id"))

    op.drop_table("help_turn")
    with op.batch_alter_table("quiz_attempt", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_school_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_page_id"))
        batch_op.drop_index(batch_op.f("ix_quiz_attempt_cohort_id_page_id_person_id"))

    op.drop_table("quiz_attempt")
    with op.batch_alter_table("help_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_help_request_open_place",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_help_request_school_id"))
        batch_op.drop_index(batch_op.f("ix_help_request_page_id"))
        batch_op.drop_index(
            "ix_help_request_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_help_request_cohort_id_ended_at"))

    op.drop_table("help_request")
    with op.batch_alter_table("checklist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checklist_page_id"))

    op.drop_table("checklist")
    op.drop_table("quiz")
