"""The public keys that signed badges, each once: they were looked for among all badges"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None
NAMES = {"postgresql": "jwk ->> 'kid'", "sqlite": "json_extract(jwk, '$.kid')"}


def upgrade():
    op.create_table(
        "badge_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("jwk", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_badge_key")),
    )
    name = NAMES[op.get_bind().dialect.name]
    op.execute(
        f"INSERT INTO badge_key (kid, jwk) SELECT {name}, jwk FROM badge "
        f"WHERE id IN (SELECT MIN(id) FROM badge GROUP BY {name})"
    )


def downgrade():
    op.drop_table("badge_key")
