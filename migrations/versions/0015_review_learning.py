"""What rounds teach the next ones"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("learnt", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
        )
    with op.batch_alter_table("review_estimate", schema=None) as batch_op:
        batch_op.add_column(sa.Column("factor", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("is_graded", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("misses", sa.Float(), nullable=True))
    with op.batch_alter_table("review_leniency", schema=None) as batch_op:
        batch_op.add_column(sa.Column("flat", sa.Float(), server_default="0.15", nullable=False))


def downgrade():
    with op.batch_alter_table("review_leniency", schema=None) as batch_op:
        batch_op.drop_column("flat")
    with op.batch_alter_table("review_estimate", schema=None) as batch_op:
        batch_op.drop_column("misses")
        batch_op.drop_column("is_graded")
        batch_op.drop_column("factor")
    with op.batch_alter_table("review_round", schema=None) as batch_op:
        batch_op.drop_column("learnt")
