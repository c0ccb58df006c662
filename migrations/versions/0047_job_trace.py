"""A job remembers the request that asked for it, by the mark of its trace"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("job", sa.Column("trace", sa.String(length=60), nullable=True))


def downgrade():
    op.drop_column("job", "trace")
