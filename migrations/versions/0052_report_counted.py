"""A note of each change of what the yearly report counts besides: who led, what an action is, what was said of funders"""

from alembic import op

from popschool.counted import SELECTED, forget, watch

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None
WATCHED = {
    "half_day_trainer": {
        "on": SELECTED,
        "schools": 'SELECT h.school_id AS id, h."on" FROM half_day h WHERE h.id = {row}.half_day_id',
    },
    "training_action": {},
    "funding_setting": {},
}


def upgrade():
    for table, how in WATCHED.items():
        watch(op.execute, op.get_bind().dialect.name, table, **how)


def downgrade():
    for table, how in WATCHED.items():
        forget(op.execute, op.get_bind().dialect.name, table, **how)
