"""Peer review"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "review_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("deliverable_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("is_formative", sa.Boolean(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("criteria", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_review_round_window")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_review_round_assignment_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_review_round_cohort_id")),
        sa.ForeignKeyConstraint(["deliverable_id"], ["deliverable.id"], name=op.f("fk_review_round_deliverable_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_review_round_opened_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_review_round_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_round")),
        sa.UniqueConstraint("deliverable_id", "number", name=op.f("uq_review_round_deliverable_id_number")),
    )
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_round_assignment_id"), ["assignment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_round_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_round_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_round_state_starts_at"), ["state", "starts_at"], unique=False)

    op.create_table(
        "review_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["person.id"], name=op.f("fk_review_conflict_other_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_conflict_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_conflict_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_conflict")),
        sa.UniqueConstraint(
            "round_id", "person_id", "other_id", name=op.f("uq_review_conflict_round_id_person_id_other_id")
        ),
    )
    with op.batch_alter_table("review_conflict", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_conflict_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_conflict_person_id"), ["person_id"], unique=False)

    op.create_table(
        "review_leniency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.Column("deviation", sa.Double(), nullable=False),
        sa.Column("deviation_sd", sa.Double(), nullable=False),
        sa.Column("learnt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_review_leniency_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_leniency_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_leniency_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_leniency")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_review_leniency_round_id_person_id")),
    )
    with op.batch_alter_table("review_leniency", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_review_leniency_cohort_id_person_id"), ["cohort_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_review_leniency_person_id"), ["person_id"], unique=False)

    op.create_table(
        "review_work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_work_round_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_review_work_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_work")),
        sa.UniqueConstraint("key", name=op.f("uq_review_work_key")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_review_work_round_id_number")),
        sa.UniqueConstraint("round_id", "submission_id", name=op.f("uq_review_work_round_id_submission_id")),
    )
    with op.batch_alter_table("review_work", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_work_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "reviewer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reviewer_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_reviewer_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviewer")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_reviewer_round_id_number")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_reviewer_round_id_person_id")),
    )
    with op.batch_alter_table("reviewer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reviewer_person_id"), ["person_id"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("draft", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_review_reviewer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["review_work.id"], name=op.f("fk_review_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("key", name=op.f("uq_review_key")),
        sa.UniqueConstraint("work_id", "reviewer_id", name=op.f("uq_review_work_id_reviewer_id")),
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_round_id_state"), ["round_id", "state"], unique=False)

    op.create_table(
        "review_estimate",
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("reviews", sa.Integer(), nullable=False),
        sa.Column("estimate", sa.Double(), nullable=True),
        sa.Column("sd", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("plain", sa.Double(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_estimate_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["review_work.id"], name=op.f("fk_review_estimate_work_id")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_review_estimate")),
    )
    with op.batch_alter_table("review_estimate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_estimate_round_id"), ["round_id"], unique=False)

    op.create_table(
        "round_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_round_event_by_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewer.id"], name=op.f("fk_round_event_reviewer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_round_event_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["review_work.id"], name=op.f("fk_round_event_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_event")),
    )
    with op.batch_alter_table("round_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_event_by_id"), ["by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_event_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_event_round_id_id"), ["round_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_event_work_id"), ["work_id"], unique=False)

    op.create_table(
        "review_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=60), nullable=False),
        sa.Column("good", sa.Text(), nullable=False),
        sa.Column("good_place", sa.String(length=20), nullable=False),
        sa.Column("good_line", sa.Integer(), nullable=True),
        sa.Column("good_quote", sa.String(length=300), nullable=False),
        sa.Column("idea", sa.Text(), nullable=False),
        sa.Column("idea_place", sa.String(length=20), nullable=False),
        sa.Column("idea_line", sa.Integer(), nullable=True),
        sa.Column("idea_quote", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_answer_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_answer")),
        sa.UniqueConstraint("review_id", "criterion", name=op.f("uq_review_answer_review_id_criterion")),
    )
    op.create_table(
        "review_flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_review_flag_answered_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_flag_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_flag_review_id")),
        sa.ForeignKeyConstraint(["round_id"], ["review_round.id"], name=op.f("fk_review_flag_round_id")),
        sa.ForeignKeyConstraint(["work_id"], ["review_work.id"], name=op.f("fk_review_flag_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_flag")),
    )
    with op.batch_alter_table("review_flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_flag_answered_by_id"), ["answered_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_flag_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_flag_review_id"), ["review_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_review_flag_round_id_answered_at"), ["round_id", "answered_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_review_flag_work_id"), ["work_id"], unique=False)

    op.create_table(
        "review_reaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("helps", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("thanks", sa.Boolean(), nullable=False),
        sa.Column("reacted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_reaction_person_id")),
        sa.ForeignKeyConstraint(["review_id"], ["review.id"], name=op.f("fk_review_reaction_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_reaction")),
        sa.UniqueConstraint("review_id", "person_id", name=op.f("uq_review_reaction_review_id_person_id")),
    )
    with op.batch_alter_table("review_reaction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_reaction_person_id"), ["person_id"], unique=False)
    for table in ("review_conflict", "round_event", "review_answer", "review_reaction"):
        protect(op.execute, op.get_bind().dialect.name, table, ("UPDATE", "DELETE"))


def downgrade():
    for table in (
        "review_reaction",
        "review_flag",
        "review_answer",
        "round_event",
        "review_estimate",
        "review",
        "reviewer",
        "review_work",
        "review_leniency",
        "review_conflict",
        "review_round",
    ):
        op.drop_table(table)
