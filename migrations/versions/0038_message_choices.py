"""How each person wants to be told, and what waits for the one message of the day"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade():
    op.add_column("person", sa.Column("message_choices", JSON, server_default="{}", nullable=False))
    op.add_column("notice", sa.Column("daily_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("notice", "daily_at")
    op.drop_column("person", "message_choices")
