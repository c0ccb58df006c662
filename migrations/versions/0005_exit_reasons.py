"""Keep no reason of health for the end of a place: those that were kept become another reason.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE enrolment SET exit_reason = 'other' WHERE exit_reason = 'health'")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    facts = "CAST(facts AS text)"
    changed = f"""replace({facts}, '"health"', '"other"')"""
    op.execute(
        f"UPDATE audit_entry SET facts = {f'CAST({changed} AS jsonb)' if is_postgresql else changed} "
        f"WHERE action = 'end_enrolment' AND {facts} LIKE '%\"health\"%'"
    )


def downgrade():
    """What was forgotten does not come back."""
