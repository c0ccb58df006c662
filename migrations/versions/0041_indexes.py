"""What pages look for by person or by date is found without reading the whole table"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
INDEXES = (
    ("audit_entry", "at"),
    ("enrolment", "follows_id"),
    ("help_request", "person_id"),
    ("help_turn", "person_id"),
    ("team_member", "person_id"),
)


def upgrade():
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])


def downgrade():
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
