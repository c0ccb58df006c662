"""What tutors say of a period in a company, and the visits of the school"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from popschool.append_only import protect

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _tables():
    return {
    "company_evaluation": (
        sa.Column("marks", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
                  nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("tutor_name", sa.String(length=120), nullable=False),
        sa.Column("noted_by_id", sa.Integer(), nullable=True),
    ),
    "company_visit": (
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("met", sa.String(length=200), nullable=False),
        sa.Column("tasks", sa.Text(), nullable=False),
        sa.Column("goes_well", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("visited_by_id", sa.Integer(), nullable=False),
    ),
    }  # fmt: skip


PLACES = {"school_id": "school", "enrolment_id": "enrolment", "period_id": "company_period", "person_id": "person"}


def upgrade():
    for table, columns in _tables().items():
        people = [one.name for one in columns if one.name.endswith("_by_id")]
        keys = {**PLACES, **dict.fromkeys(people, "person")}
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in PLACES),
            *columns,
            sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
            *(
                sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}"))
                for name, other in keys.items()
            ),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        for name in PLACES:
            op.create_index(op.f(f"ix_{table}_{name}"), table, [name])
        protect(op.execute, op.get_bind().dialect.name, table, ("UPDATE",))


def downgrade():
    for table in reversed(_tables()):
        op.drop_table(table)
