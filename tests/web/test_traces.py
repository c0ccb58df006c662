"""Nothing personal leaves in a trace: a morning of pages and forms is traced, and every byte that left is searched."""

import re

import pytest
from sqlalchemy import select

from popschool import traces
from popschool.db import Base, db
from popschool.portal import demo_plan
from popschool.schools.models import Person
from tests.collector import Collector, collecting
from tests.web.network import Network, at_its_day, make_network

# What people typed is found in every table: names of three letters, and texts as long as this. A word in small letters
# alone, such as `document.issued`, is one that the program itself writes there, and in its SQL.
SHORTEST = 12
OWN_WORD = re.compile(r"[a-z_.:]+|[A-Z0-9]{1,3}")


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Network, Collector]:
    """A school of ten learners, its morning, then every page that there is an example of: all of it traced."""
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo_plan, "SCHOOLS", demo_plan.SCHOOLS[:1])
        patch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "100000")  # a morning in a minute: nothing may be lost here
        network = make_network(
            tmp_path_factory.mktemp("traced"), 10, log="quiet", traces_url=f"{collector.url}/v1/traces"
        )
        with at_its_day():
            for example in network.examples:
                with network.undone():
                    network.visit(example)
        kept = network.app.extensions[traces.NAME]
        kept._provider.force_flush()
        kept.close()
        yield network, collector


def typed(network: Network) -> set[str]:
    """Return every text of the database that a person may have written, names and mails first."""
    found: set[str] = set()
    with network.app.app_context():
        for person in db.session.scalars(select(Person)):
            found |= {person.first_name, person.last_name, person.mail, person.phone, person.learner_number}
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type.python_type, type) and column.type.python_type is str:
                    found |= {text for text in db.session.scalars(select(column)) if text and len(text) >= SHORTEST}
        db.session.remove()
    return {text for text in found if text and not OWN_WORD.fullmatch(text)}


def test_no_byte_of_a_trace_is_personal(traced):
    network, collector = traced
    sent, told = collector.bytes, ours(network)

    assert len(collector.named("POST ")) > 50
    assert len(collector.named("GET ")) > 100
    assert len(collector.named("SELECT")) > 1000
    texts = typed(network) - told
    assert len(texts) > 200
    assert [text for text in texts if text.encode() in sent] == []
    assert b"@example.org" not in sent


def ours(network: Network) -> set[str]:
    """Return what the program itself says in a trace, and in the database too: tasks, and rules of pages."""
    return {str(rule) for rule in network.app.url_map.iter_rules()} | {"GET", "POST"}


def test_a_request_is_named_by_its_rule_and_holds_its_statements(traced):
    network, collector = traced
    rules = {rule.rule for rule in network.app.url_map.iter_rules()} | {"none"}
    requests = [span for span in collector.spans if "http.route" in span.facts]
    known = {span.id for span in collector.spans}

    assert {span.facts["http.route"] for span in requests} <= rules
    assert all(span.name == f"{span.facts['http.request.method']} {span.facts['http.route']}" for span in requests)
    assert all(100 < span.facts["http.response.status_code"] < 600 for span in requests)
    assert all(span.parent in known for span in collector.spans if "db.query.text" in span.facts)
    assert [span for span in collector.spans if span.events] == []
