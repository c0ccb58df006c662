"""Whatever leaves with people's data in it is written down: every route is tried, and a new one enters by itself."""

import pytest
from flask_login import login_user
from sqlalchemy import func, select

from popschool.audit import AuditEntry
from popschool.auth import guards
from popschool.auth.guards import TAKEN_AWAY, ExportNeverNoted
from popschool.auth.rules import Action
from popschool.db import db
from tests.factories import make_learner
from tests.web.examples import Example, names_of

FILES = names_of(lambda example: example.kind == "file")


def noted(network):
    """Return how many exports are in the record."""
    with network.app.app_context():
        return db.session.scalar(select(func.count()).where(AuditEntry.action.like("export_%")))


def names_nobody(network, example: Example) -> bool:
    return getattr(network.app.view_functions[example.endpoint], "names_nobody", False)


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_peoples_data_is_written_down(name, network):
    example = network.example(name)
    with network.undone():
        before = noted(network)
        answer = network.visit(example)
        after = noted(network)

    is_taken = answer.mimetype in TAKEN_AWAY and not names_nobody(network, example)
    assert after == before + 1 if is_taken else after <= before + 1


def test_the_exports_of_names_are_these(network):
    """A list to read again when it changes: each says who took what, of whom."""
    with network.undone():
        taken = {
            example.endpoint
            for example in map(network.example, FILES)
            if network.visit(example).mimetype in TAKEN_AWAY and not names_nobody(network, example)
        }

    assert taken >= {
        "attendance.month_table", "attendance.sheet_paper", "completion.afterwards_table", "completion.archive",
        "completion.file", "completion.funder_absences", "completion.report_table", "completion.take_portfolio",
        "grading.board_table",
    }  # fmt: skip


def test_a_file_that_nobody_wrote_down_is_our_mistake(app, log_in):
    @guards.asks(Action.SEE_HOME)
    def forgetful():
        guards.require(Action.SEE_HOME)
        return app.response_class("name;mail", mimetype="text/csv")

    person = log_in(make_learner())
    with app.test_request_context("/"), pytest.raises(ExportNeverNoted, match="forgetful gives text/csv"):
        login_user(person)
        forgetful()
