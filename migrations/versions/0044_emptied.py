"""What reviews, registers and questions through doors say of people may be emptied"""

from alembic import op

from popschool.append_only import spare

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
# What may be emptied, texts then facts, and what never changes.
SPARED = {
    "review_answer": (
        ("good", "good_quote", "idea", "idea_quote"), (),
        ("id", "review_id", "position", "criterion", "text", "mark", "word", "good_place", "good_line", "idea_place",
         "idea_line"),
    ),
    "round_event": (("words",), (), ("id", "round_id", "work_id", "reviewer_id", "what", "cause", "by_id", "at")),
    "review_reaction": (
        ("reason", "change"), (), ("id", "review_id", "person_id", "helps", "thanks", "reacted_at"),
    ),
    "register_record": (
        ("search", "reason"), ("facts",),
        ("id", "school_id", "kind", "number", "version", "first_id", "enrolment_id", "person_id", "on", "due_on",
         "owner_id", "origin_id", "secret_hash", "by_id", "at"),
    ),
    "register_act": (("text",), (), ("id", "record_id", "what", "on", "by_id", "at")),
    "door_question": (("text",), (), ("id", "door_id", "school_id", "enrolment_id", "document_id", "asked_at")),
    "door_answer": (("text",), (), ("id", "question_id", "by_id", "at")),
}  # fmt: skip


def upgrade():
    dialect = op.get_bind().dialect.name
    for table, (texts, facts, kept) in SPARED.items():
        spare(op.execute, dialect, table, (*texts, *facts), kept, facts)


def downgrade():
    for table in SPARED:
        spare(op.execute, op.get_bind().dialect.name, table, (), ())
