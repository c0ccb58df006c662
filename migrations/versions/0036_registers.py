"""The registers of a school: lines and what became of them, house rules and receipts, surveys"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KEPT = ("house_rules", "house_rules_receipt", "register_record", "satisfaction_answer", "register_act")


def upgrade():
    op.create_table(
        "house_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_house_rules_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_house_rules_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_rules")),
        sa.UniqueConstraint("school_id", "version", name=op.f("uq_house_rules_school_id_version")),
    )
    op.create_table(
        "satisfaction_survey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_satisfaction_survey_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_satisfaction_survey_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_satisfaction_survey_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_survey")),
    )
    with op.batch_alter_table("satisfaction_survey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_satisfaction_survey_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_satisfaction_survey_school_id"), ["school_id"], unique=False)
    op.create_table(
        "house_rules_receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_house_rules_receipt_enrolment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_house_rules_receipt_person_id")),
        sa.ForeignKeyConstraint(["rules_id"], ["house_rules.id"], name=op.f("fk_house_rules_receipt_rules_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_rules_receipt")),
        sa.UniqueConstraint("rules_id", "enrolment_id", name=op.f("uq_house_rules_receipt_rules_id_enrolment_id")),
    )
    with op.batch_alter_table("house_rules_receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_house_rules_receipt_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_house_rules_receipt_person_id"), ["person_id"], unique=False)
    op.create_table(
        "register_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=True),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_register_record_by_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_register_record_enrolment_id")),
        sa.ForeignKeyConstraint(["first_id"], ["register_record.id"], name=op.f("fk_register_record_first_id")),
        sa.ForeignKeyConstraint(["origin_id"], ["register_record.id"], name=op.f("fk_register_record_origin_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_register_record_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_register_record_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_register_record_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_record")),
        sa.UniqueConstraint(
            "school_id", "kind", "number", "version", name=op.f("uq_register_record_school_id_kind_number_version")
        ),
    )
    with op.batch_alter_table("register_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_record_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_record_first_id"), ["first_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_record_origin_id"), ["origin_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_record_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_register_record_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_register_record_school_id_kind_on"), ["school_id", "kind", "on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_register_record_secret_hash"), ["secret_hash"], unique=False)
    op.create_table(
        "satisfaction_answer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("ratings", JSON, nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["satisfaction_survey.id"], name=op.f("fk_satisfaction_answer_survey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_answer")),
    )
    with op.batch_alter_table("satisfaction_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_satisfaction_answer_survey_id"), ["survey_id"], unique=False)
    op.create_table(
        "satisfaction_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("has_answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_satisfaction_asked_person_id")),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["satisfaction_survey.id"], name=op.f("fk_satisfaction_asked_survey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfaction_asked")),
        sa.UniqueConstraint("survey_id", "person_id", name=op.f("uq_satisfaction_asked_survey_id_person_id")),
    )
    with op.batch_alter_table("satisfaction_asked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_satisfaction_asked_person_id"), ["person_id"], unique=False)
    op.create_table(
        "register_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_register_act_by_id")),
        sa.ForeignKeyConstraint(["record_id"], ["register_record.id"], name=op.f("fk_register_act_record_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_act")),
    )
    with op.batch_alter_table("register_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_register_act_record_id"), ["record_id"], unique=False)
    for table in KEPT:
        protect(op.execute, op.get_bind().dialect.name, table, ("UPDATE", "DELETE"))


def downgrade():
    for table in (
        "register_act",
        "satisfaction_asked",
        "satisfaction_answer",
        "register_record",
        "house_rules_receipt",
        "satisfaction_survey",
        "house_rules",
    ):
        op.drop_table(table)
