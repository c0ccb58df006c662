"""Completion"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CHANGED_NEVER = (
    "funding_setting",
    "signatory",
    "document",
    "document_act",
    "document_source",
)
REMOVED_ONLY = (
    "document_content",
    "document_paper",
)


def upgrade():
    op.create_table(
        "funder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_funder_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funder")),
    )
    with op.batch_alter_table("funder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funder_school_id"), ["school_id"], unique=False)

    op.create_table(
        "funding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("scheme", sa.String(length=160), nullable=False),
        sa.Column("agreement", sa.String(length=60), nullable=False),
        sa.Column("lot", sa.String(length=60), nullable=False),
        sa.Column("report_line", sa.String(length=2), nullable=False),
        sa.Column("is_funded_by_union", sa.Boolean(), nullable=False),
        sa.Column("minutes_agreed", sa.Integer(), nullable=True),
        sa.Column("amount_cents", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_funding_dates")),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_funding_funder_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_funding_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding")),
    )
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_funder_id"), ["funder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_school_id"), ["school_id"], unique=False)

    op.create_table(
        "signatory",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("last_name", sa.String(length=80), nullable=False),
        sa.Column("quality", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_signatory_said_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_signatory_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatory")),
    )
    with op.batch_alter_table("signatory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signatory_school_id"), ["school_id"], unique=False)

    op.create_table(
        "funding_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("funder_id", sa.Integer(), nullable=True),
        sa.Column("funding_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=30), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("said_by_id", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["funder_id"], ["funder.id"], name=op.f("fk_funding_setting_funder_id")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_funding_setting_funding_id")),
        sa.ForeignKeyConstraint(["said_by_id"], ["person.id"], name=op.f("fk_funding_setting_said_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_funding_setting_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funding_setting")),
    )
    with op.batch_alter_table("funding_setting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_funding_setting_funder_id"), ["funder_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_setting_funding_id"), ["funding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_funding_setting_school_id_key"), ["school_id", "key"], unique=False)

    op.create_table(
        "document_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("documents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("failed", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("archive_hash", sa.String(length=64), nullable=False),
        sa.Column("archive_size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_document_batch_asked_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_document_batch_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_document_batch_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_batch")),
    )
    with op.batch_alter_table("document_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_batch_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_batch_school_id"), ["school_id"], unique=False)

    op.create_table(
        "training_action",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=16), nullable=False),
        sa.Column("objectives", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("speciality", sa.String(length=3), nullable=False),
        sa.Column("prerequisites", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_training_action_changed_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_training_action_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_training_action_school_id")),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_training_action")),
    )
    with op.batch_alter_table("training_action", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_action_school_id"), ["school_id"], unique=False)

    op.create_table(
        "enrolment_funding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("funding_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("minutes_agreed", sa.Integer(), nullable=True),
        sa.Column("file_number", sa.String(length=60), nullable=False),
        sa.Column("employer", sa.String(length=160), nullable=False),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_enrolment_funding_dates")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_enrolment_funding_enrolment_id")),
        sa.ForeignKeyConstraint(["funding_id"], ["funding.id"], name=op.f("fk_enrolment_funding_funding_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_enrolment_funding_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment_funding")),
    )
    with op.batch_alter_table("enrolment_funding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_funding_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_funding_funding_id"), ["funding_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_funding_school_id"), ["school_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("share_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("issued_by_id", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_document_cohort_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_document_enrolment_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_document_issued_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_document_person_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["document.id"], name=op.f("fk_document_replaces_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_document_school_id")),
        sa.ForeignKeyConstraint(["share_id"], ["enrolment_funding.id"], name=op.f("fk_document_share_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("code", name=op.f("uq_document_code")),
        sa.UniqueConstraint("hash", name=op.f("uq_document_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_document_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_document_replaces_id")),
        sa.UniqueConstraint("school_id", "sequence", name=op.f("uq_document_school_id_sequence")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_cohort_id_kind"), ["cohort_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_enrolment_id_kind"), ["enrolment_id", "kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_share_id"), ["share_id"], unique=False)

    op.create_table(
        "document_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("about", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_document_act_by_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_act_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_act")),
    )
    with op.batch_alter_table("document_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_act_document_id"), ["document_id"], unique=False)

    op.create_table(
        "document_content",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_content_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_content")),
    )
    op.create_table(
        "document_paper",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("is_stamped", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_paper_document_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_document_paper")),
    )
    with op.batch_alter_table("document_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_paper_hash"), ["hash"], unique=False)

    op.create_table(
        "document_source",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_document_source_document_id")),
        sa.PrimaryKeyConstraint("document_id", "subject", "subject_id", name=op.f("pk_document_source")),
    )
    with op.batch_alter_table("document_source", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_document_source_subject_subject_id"), ["subject", "subject_id"], unique=False
        )

    dialect = op.get_bind().dialect.name
    for table in CHANGED_NEVER:
        protect(op.execute, dialect, table, ("UPDATE", "DELETE"))
    for table in REMOVED_ONLY:
        protect(op.execute, dialect, table, ("UPDATE",))


def downgrade():
    with op.batch_alter_table("document_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_source_subject_subject_id"))

    op.drop_table("document_source")
    with op.batch_alter_table("document_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_paper_hash"))

    op.drop_table("document_paper")
    op.drop_table("document_content")
    with op.batch_alter_table("document_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_act_document_id"))

    op.drop_table("document_act")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_share_id"))
        batch_op.drop_index(batch_op.f("ix_document_person_id"))
        batch_op.drop_index(batch_op.f("ix_document_enrolment_id_kind"))
        batch_op.drop_index(batch_op.f("ix_document_cohort_id_kind"))

    op.drop_table("document")
    with op.batch_alter_table("enrolment_funding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_funding_school_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_funding_funding_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_funding_enrolment_id"))

    op.drop_table("enrolment_funding")
    with op.batch_alter_table("training_action", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_action_school_id"))

    op.drop_table("training_action")
    with op.batch_alter_table("document_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_batch_school_id"))
        batch_op.drop_index(batch_op.f("ix_document_batch_cohort_id"))

    op.drop_table("document_batch")
    with op.batch_alter_table("funding_setting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_setting_school_id_key"))
        batch_op.drop_index(batch_op.f("ix_funding_setting_funding_id"))
        batch_op.drop_index(batch_op.f("ix_funding_setting_funder_id"))

    op.drop_table("funding_setting")
    with op.batch_alter_table("signatory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signatory_school_id"))

    op.drop_table("signatory")
    with op.batch_alter_table("funding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funding_school_id"))
        batch_op.drop_index(batch_op.f("ix_funding_funder_id"))

    op.drop_table("funding")
    with op.batch_alter_table("funder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_funder_school_id"))

    op.drop_table("funder")
