"""People in the order of their names, and papers of one kind, are found without reading the whole table"""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
INDEXES = (
    ("person", ["last_name", "first_name", "id"]),
    ("document", ["kind"]),
)


def upgrade():
    for table, columns in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def downgrade():
    for table, columns in INDEXES:
        op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
