"""A page of people in the order of their names reads no more than that page"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
NAME = "ix_person_last_name_first_name_id"


def upgrade():
    op.create_index(NAME, "person", ["last_name", "first_name", "id"])


def downgrade():
    op.drop_index(NAME, "person")
