"""A quiet place, an interpreter, and whether what is arranged follows its person"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
NAMES = ("quiet_place", "sign_language", "follows")


def upgrade():
    for name in NAMES:
        op.add_column("accommodation", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade():
    for name in reversed(NAMES):
        op.drop_column("accommodation", name)
