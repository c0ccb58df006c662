"""Attendance"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CHANGED_NEVER = ("expected", "attendance_entry", "attendance_removal", "sheet", "sheet_removal")
REMOVED_ONLY = ("attendance_content", "sheet_content", "sheet_paper")


def upgrade():
    op.create_table(
        "attendance_settings",
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("opens_before_minutes", sa.Integer(), nullable=False),
        sa.Column("delay_hours", sa.Integer(), nullable=False),
        sa.Column("needs_code", sa.Boolean(), nullable=False),
        sa.Column("keeps_address", sa.Boolean(), nullable=False),
        sa.Column("alert_half_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_attendance_settings_school_id")),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_attendance_settings")),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_room_capacity")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_room_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("school_id", "name", name=op.f("uq_room_school_id_name")),
    )
    op.create_table(
        "closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_closure_dates")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_closure_made_by_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_closure_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_closure_school_id"), ["school_id"], unique=False)

    op.create_table(
        "signing_pin",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signing_pin_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_signing_pin")),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("cohort_id", sa.Integer(), nullable=True),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_calendar_feed_cohort_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_calendar_feed_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_calendar_feed_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_calendar_feed_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "company_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("company", sa.String(length=160), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=False),
        sa.Column("tutor_name", sa.String(length=120), nullable=False),
        sa.Column("tutor_mail", sa.String(length=254), nullable=False),
        sa.Column("minutes_a_day", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_company_period_dates")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_company_period_cohort_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_company_period_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_company_period_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_period")),
    )
    with op.batch_alter_table("company_period", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_company_period_cohort_id_starts_on"), ["cohort_id", "starts_on"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_company_period_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_period_school_id"), ["school_id"], unique=False)

    op.create_table(
        "excuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_type", sa.String(length=100), nullable=False),
        sa.Column("file_removed_on", sa.Date(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_excuse_dates")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_excuse_cohort_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_excuse_decided_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_excuse_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_excuse_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excuse")),
    )
    with op.batch_alter_table("excuse", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_excuse_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_excuse_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_excuse_school_id_decided_at"), ["school_id", "decided_at"], unique=False)

    op.create_table(
        "half_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=2), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("place_text", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("module", sa.String(length=200), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("countersigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_half_day_cohort_id")),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_half_day_opened_by_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_half_day_room_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_half_day_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_day")),
    )
    with op.batch_alter_table("half_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_half_day_cohort_id_on"), ["cohort_id", "on"], unique=False)
        batch_op.create_index(batch_op.f("ix_half_day_room_id"), ["room_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_half_day_school_id_on"), ["school_id", "on"], unique=False)
        batch_op.create_index(
            "uq_half_day_taking_place",
            ["cohort_id", "on", "half"],
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.create_table(
        "sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("last_entry", sa.Integer(), nullable=False),
        sa.Column("last_entry_hash", sa.String(length=64), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("second_person_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_sheet_closed_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_sheet_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_sheet_school_id")),
        sa.ForeignKeyConstraint(["second_person_id"], ["person.id"], name=op.f("fk_sheet_second_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet")),
        sa.UniqueConstraint("cohort_id", "monday", "version", name=op.f("uq_sheet_cohort_id_monday_version")),
        sa.UniqueConstraint("cohort_id", "sequence", name=op.f("uq_sheet_cohort_id_sequence")),
        sa.UniqueConstraint("hash", name=op.f("uq_sheet_hash")),
        sa.UniqueConstraint("number", name=op.f("uq_sheet_number")),
    )
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_school_id_monday"), ["school_id", "monday"], unique=False)

    op.create_table(
        "week_pattern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("half", sa.String(length=2), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("pause_minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_week_pattern_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_week_pattern_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_pattern")),
        sa.UniqueConstraint("cohort_id", "weekday", "half", name=op.f("uq_week_pattern_cohort_id_weekday_half")),
    )
    with op.batch_alter_table("week_pattern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_week_pattern_school_id"), ["school_id"], unique=False)

    op.create_table(
        "attendance_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("half_day_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("statement_version", sa.String(length=12), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device_sequence", sa.Integer(), nullable=True),
        sa.Column("corrects_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_attendance_entry_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_attendance_entry_cohort_id")),
        sa.ForeignKeyConstraint(["corrects_id"], ["attendance_entry.id"], name=op.f("fk_attendance_entry_corrects_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_attendance_entry_half_day_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_entry_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_attendance_entry_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_entry")),
        sa.UniqueConstraint("cohort_id", "sequence", name=op.f("uq_attendance_entry_cohort_id_sequence")),
        sa.UniqueConstraint("hash", name=op.f("uq_attendance_entry_hash")),
        sa.UniqueConstraint("key", name=op.f("uq_attendance_entry_key")),
    )
    with op.batch_alter_table("attendance_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attendance_entry_corrects_id"), ["corrects_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_attendance_entry_half_day_id_person_id"), ["half_day_id", "person_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_attendance_entry_person_id_at"), ["person_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attendance_entry_school_id_at"), ["school_id", "at"], unique=False)

    op.create_table(
        "company_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("learner_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tutor_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tutor_name", sa.String(length=120), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["period_id"], ["company_period.id"], name=op.f("fk_company_week_period_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_company_week_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_company_week_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_week")),
        sa.UniqueConstraint(
            "period_id",
            "person_id",
            "monday",
            "version",
            name=op.f("uq_company_week_period_id_person_id_monday_version"),
        ),
    )
    with op.batch_alter_table("company_week", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_week_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_week_school_id"), ["school_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_company_week_token_hash"), ["token_hash"], unique=False)

    op.create_table(
        "expected",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=True),
        sa.Column("expectation", sa.String(length=10), nullable=False),
        sa.Column("has_more_time", sa.Boolean(), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_expected_added_by_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_expected_enrolment_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_expected_half_day_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expected_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected")),
        sa.UniqueConstraint("half_day_id", "person_id", name=op.f("uq_expected_half_day_id_person_id")),
    )
    with op.batch_alter_table("expected", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expected_enrolment_id"), ["enrolment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_expected_person_id"), ["person_id"], unique=False)

    op.create_table(
        "half_day_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("before", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("after", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_half_day_change_changed_by_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_half_day_change_half_day_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_day_change")),
    )
    with op.batch_alter_table("half_day_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_half_day_change_half_day_id"), ["half_day_id"], unique=False)

    op.create_table(
        "half_day_trainer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_half_day_trainer_half_day_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_half_day_trainer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_half_day_trainer")),
    )
    with op.batch_alter_table("half_day_trainer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_half_day_trainer_half_day_id"), ["half_day_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_half_day_trainer_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_half_day_trainer_leading",
            ["half_day_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )

    op.create_table(
        "presence_day",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=False),
        sa.Column("justified", sa.Integer(), nullable=False),
        sa.Column("unjustified", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_presence_day_cohort_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_presence_day_enrolment_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_presence_day_school_id")),
        sa.PrimaryKeyConstraint("enrolment_id", "on", name=op.f("pk_presence_day")),
    )
    with op.batch_alter_table("presence_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_day_cohort_id_on"), ["cohort_id", "on"], unique=False)
        batch_op.create_index(batch_op.f("ix_presence_day_school_id_on"), ["school_id", "on"], unique=False)

    op.create_table(
        "sheet_content",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_content_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_sheet_content")),
    )
    op.create_table(
        "sheet_paper",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("is_stamped", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_paper_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_sheet_paper")),
    )
    with op.batch_alter_table("sheet_paper", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_paper_hash"), ["hash"], unique=False)

    op.create_table(
        "sheet_heading",
        sa.Column("cohort_id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("session_number", sa.String(length=60), nullable=False),
        sa.Column("funders", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_funded_by_union", sa.Boolean(), nullable=False),
        sa.Column("logo_hash", sa.String(length=64), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name=op.f("fk_sheet_heading_changed_by_id")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name=op.f("fk_sheet_heading_cohort_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_sheet_heading_school_id")),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_sheet_heading")),
    )
    with op.batch_alter_table("sheet_heading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_heading_school_id"), ["school_id"], unique=False)

    op.create_table(
        "sheet_removal",
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["sheet_id"], ["sheet.id"], name=op.f("fk_sheet_removal_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", name=op.f("pk_sheet_removal")),
    )
    op.create_table(
        "attendance_content",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["attendance_entry.id"], name=op.f("fk_attendance_content_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_attendance_content")),
    )
    op.create_table(
        "attendance_removal",
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("removed_on", sa.Date(), nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["attendance_entry.id"], name=op.f("fk_attendance_removal_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_attendance_removal")),
    )
    op.create_table(
        "paper_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("people", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("brought_by_id", sa.Integer(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["brought_by_id"], ["person.id"], name=op.f("fk_paper_scan_brought_by_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_paper_scan_half_day_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_scan")),
    )
    with op.batch_alter_table("paper_scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_scan_half_day_id"), ["half_day_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_paper_scan_hash"), ["hash"], unique=False)

    op.create_table(
        "presence_dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("half_day_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=1000), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_presence_dispute_answered_by_id")),
        sa.ForeignKeyConstraint(["half_day_id"], ["half_day.id"], name=op.f("fk_presence_dispute_half_day_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_dispute_person_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_presence_dispute_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_dispute")),
    )
    with op.batch_alter_table("presence_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_dispute_half_day_id"), ["half_day_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_presence_dispute_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_presence_dispute_school_id_answered_at"), ["school_id", "answered_at"], unique=False
        )

    dialect = op.get_bind().dialect.name
    for table in CHANGED_NEVER:
        protect(op.execute, dialect, table, ("UPDATE", "DELETE"))
    for table in REMOVED_ONLY:
        protect(op.execute, dialect, table, ("UPDATE",))


def downgrade():
    with op.batch_alter_table("presence_dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presence_dispute_school_id_answered_at"))
        batch_op.drop_index(batch_op.f("ix_presence_dispute_person_id"))
        batch_op.drop_index(batch_op.f("ix_presence_dispute_half_day_id"))

    op.drop_table("presence_dispute")
    with op.batch_alter_table("paper_scan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_scan_hash"))
        batch_op.drop_index(batch_op.f("ix_paper_scan_half_day_id"))

    op.drop_table("paper_scan")
    op.drop_table("attendance_removal")
    op.drop_table("attendance_content")
    op.drop_table("sheet_removal")
    with op.batch_alter_table("sheet_heading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_heading_school_id"))

    op.drop_table("sheet_heading")
    with op.batch_alter_table("sheet_paper", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_paper_hash"))

    op.drop_table("sheet_paper")
    op.drop_table("sheet_content")
    with op.batch_alter_table("presence_day", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presence_day_school_id_on"))
        batch_op.drop_index(batch_op.f("ix_presence_day_cohort_id_on"))

    op.drop_table("presence_day")
    with op.batch_alter_table("half_day_trainer", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_half_day_trainer_leading",
            sqlite_where=sa.text("replaced_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_half_day_trainer_person_id"))
        batch_op.drop_index(batch_op.f("ix_half_day_trainer_half_day_id"))

    op.drop_table("half_day_trainer")
    with op.batch_alter_table("half_day_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_half_day_change_half_day_id"))

    op.drop_table("half_day_change")
    with op.batch_alter_table("expected", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expected_person_id"))
        batch_op.drop_index(batch_op.f("ix_expected_enrolment_id"))

    op.drop_table("expected")
    with op.batch_alter_table("company_week", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_week_token_hash"))
        batch_op.drop_index(batch_op.f("ix_company_week_school_id"))
        batch_op.drop_index(batch_op.f("ix_company_week_person_id"))

    op.drop_table("company_week")
    with op.batch_alter_table("attendance_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attendance_entry_school_id_at"))
        batch_op.drop_index(batch_op.f("ix_attendance_entry_person_id_at"))
        batch_op.drop_index(batch_op.f("ix_attendance_entry_half_day_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_attendance_entry_corrects_id"))

    op.drop_table("attendance_entry")
    with op.batch_alter_table("week_pattern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_week_pattern_school_id"))

    op.drop_table("week_pattern")
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sheet_school_id_monday"))

    op.drop_table("sheet")
    with op.batch_alter_table("half_day", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_half_day_taking_place",
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_half_day_school_id_on"))
        batch_op.drop_index(batch_op.f("ix_half_day_room_id"))
        batch_op.drop_index(batch_op.f("ix_half_day_cohort_id_on"))

    op.drop_table("half_day")
    with op.batch_alter_table("excuse", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_excuse_school_id_decided_at"))
        batch_op.drop_index(batch_op.f("ix_excuse_person_id"))
        batch_op.drop_index(batch_op.f("ix_excuse_cohort_id"))

    op.drop_table("excuse")
    with op.batch_alter_table("company_period", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_period_school_id"))
        batch_op.drop_index(batch_op.f("ix_company_period_person_id"))
        batch_op.drop_index(batch_op.f("ix_company_period_cohort_id_starts_on"))

    op.drop_table("company_period")
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_calendar_feed_owner_id"))

    op.drop_table("calendar_feed")
    op.drop_table("signing_pin")
    with op.batch_alter_table("closure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closure_school_id"))

    op.drop_table("closure")
    op.drop_table("room")
    op.drop_table("attendance_settings")
