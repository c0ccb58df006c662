"""Authoring"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    # Each new column has a default that the previous version, still serving, need not know.
    with op.batch_alter_table("source") as source:
        source.add_column(sa.Column("webhook_secret_encrypted", sa.Text(), nullable=False, server_default=""))
        source.add_column(sa.Column("check_minutes", sa.Integer(), nullable=False, server_default="15"))
        source.add_column(sa.Column("checked_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("sync_run") as run:
        run.add_column(sa.Column("log", JSON, nullable=False, server_default="[]"))
        run.add_column(sa.Column("reason", sa.String(length=10), nullable=False, server_default="button"))
        run.add_column(sa.Column("message", sa.String(length=500), nullable=False, server_default=""))
        run.add_column(sa.Column("beat_at", sa.DateTime(timezone=True)))
        run.add_column(sa.Column("revision_id", sa.Integer()))
        run.create_foreign_key(op.f("fk_sync_run_revision_id"), "revision", ["revision_id"], ["id"])
    _create_deliveries()
    _create_previews()
    _create_drafts()
    _create_saves()


def _create_deliveries():
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_webhook_delivery_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("source_id", "delivery", name=op.f("uq_webhook_delivery_source_id_delivery")),
    )
    op.create_index(op.f("ix_webhook_delivery_received_at"), "webhook_delivery", ["received_at"])


def _create_previews():
    op.create_table(
        "preview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("token_encrypted", sa.Text(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("manifest_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_preview_created_by_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_preview_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preview")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_preview_token_hash")),
    )
    op.create_index(op.f("ix_preview_source_id_created_at"), "preview", ["source_id", "created_at"])


def _create_drafts():
    op.create_table(
        "page_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("base_commit", sa.String(length=64), nullable=False),
        sa.Column("base_blob", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_page_draft_person_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_page_draft_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_draft")),
        sa.UniqueConstraint("source_id", "person_id", "path", name=op.f("uq_page_draft_source_id_person_id_path")),
    )
    op.create_index(op.f("ix_page_draft_person_id"), "page_draft", ["person_id"])


def _create_saves():
    op.create_table(
        "page_save",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("branch", sa.String(length=200), nullable=False),
        sa.Column("base_commit", sa.String(length=64), nullable=False),
        sa.Column("commit", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("patch", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_page_save_person_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_page_save_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_save")),
    )
    op.create_index(op.f("ix_page_save_person_id"), "page_save", ["person_id"])
    op.create_index(op.f("ix_page_save_source_id_saved_at"), "page_save", ["source_id", "saved_at"])


def downgrade():
    for table in ("page_save", "page_draft", "preview", "webhook_delivery"):
        op.drop_table(table)
    with op.batch_alter_table("sync_run") as run:
        run.drop_constraint(op.f("fk_sync_run_revision_id"), type_="foreignkey")
        for column in ("revision_id", "beat_at", "message", "reason", "log"):
            run.drop_column(column)
    with op.batch_alter_table("source") as source:
        for column in ("checked_at", "check_minutes", "webhook_secret_encrypted"):
            source.drop_column(column)
