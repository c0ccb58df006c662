"""No page reads a large table from one end to the other: what it asks for is found by an index."""

import pytest

from popschool.db import db
from tests.web.examples import names_of

READ = names_of(lambda example: example.form is None)
# What grows with each day, each person or each act. The others grow with the schools and the pages of courses.
LARGE = frozenset({
    "accommodation", "account", "attendance_claim", "attendance_content", "attendance_entry", "audit_about",
    "audit_entry", "audit_link", "award", "badge", "barrier", "contact_note", "criterion_mark", "deliverable",
    "device_session", "document", "document_act", "document_content", "document_paper", "document_source", "draft",
    "enrolment", "enrolment_funding", "evidence_piece", "exam_result", "excuse", "expected", "extension",
    "feedback", "feedback_draft", "figure_change", "file_reading", "funding", "half_day", "half_day_change",
    "half_day_trainer", "help_request", "help_turn", "invitation", "job", "notice", "outgoing", "outgoing_event",
    "outgoing_try", "outside_answer", "outside_asked", "paper_scan", "participant_answer", "participant_form",
    "passkey", "person", "piece_review", "presence_day", "presence_dispute", "questionnaire_answer", "quiz_answer",
    "quiz_attempt", "register_act", "register_record", "review", "review_answer", "review_copy", "review_estimate",
    "review_flag", "review_reaction", "review_work", "reviewer", "role_grant", "satisfaction_answer",
    "satisfaction_asked", "sheet", "sheet_content", "sheet_paper", "submission", "submission_file",
    "submission_owner", "submission_state", "team", "team_member",
})  # fmt: skip
IN_ORDER = "a list that is read page by page, in the order of its key"
BY_A_PART_OF_A_NAME = "somebody is looked for by any part of a name"
BY_NAME = "SQLite sorts the places of the network by name; PostgreSQL follows the index of names"
OF_EVERY_BADGE = "whoever checks a badge is given all that no longer hold"
EXPLAINED = {
    ("badge", "completion.revoked_badges"): OF_EVERY_BADGE,
    ("enrolment", "reports.network_figure"): BY_NAME,
    ("submission", "portal.api.list_submissions"): IN_ORDER,
    ("award", "portal.api.list_awards"): IN_ORDER,
    ("audit_entry", "portal.network_log"): IN_ORDER,
    ("person", "portal.school_log"): BY_A_PART_OF_A_NAME,
}


def whole(name: str, scanned: frozenset[str]) -> set[str]:
    """Return the large tables that a page reads whole, but for what is explained."""
    explained = {table for table, start in EXPLAINED if name.startswith(start)}
    return (scanned & LARGE) - explained


@pytest.mark.parametrize("name", READ)
def test_a_page_reads_no_large_table_whole(name, network):
    assert whole(name, network.seen(name).scanned) == set()


def test_a_table_that_is_read_whole_is_seen():
    assert set(db.metadata.tables) >= LARGE
    assert whole("portal.today", frozenset({"attendance_entry", "school"})) == {"attendance_entry"}
    assert whole("portal.network_log", frozenset({"audit_entry"})) == set()


def test_what_is_explained_is_still_so(network):
    read = {(table, name) for name in READ for table in network.seen(name).scanned if (table, "") < (table, name)}

    unused = [
        pair for pair in EXPLAINED if not any(table == pair[0] and name.startswith(pair[1]) for table, name in read)
    ]
    assert unused == []
