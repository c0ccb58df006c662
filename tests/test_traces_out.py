"""What a job asks of others is in its trace: a real mail server, a store that speaks S3, an authority that stamps."""

import sys
from io import BytesIO
from types import SimpleNamespace

import pikepdf
import pytest
from flask import current_app

from popschool import jobs, mail, seal, storage
from popschool.db import transaction
from tests.authority import make_owner, stamping
from tests.postbox import Postbox, listening
from tests.test_storage import s3_endpoint  # noqa: F401
from tests.test_traces import collector, sent, site  # noqa: F401

CLIENT = 3  # of the kinds that OTLP numbers
TASK = "popschool.probe:stamp_and_keep"
pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture
def post():
    postbox = Postbox()
    server = listening(postbox)
    postbox.url = f"smtp://127.0.0.1:{server.port}"
    yield postbox
    server.stop()


@pytest.fixture
def stamper():
    authority = make_owner("Autorité d'essai")
    with stamping(make_owner("Horloge d'essai", authority, stamps=True), authority) as url:
        yield url


def stamp_and_keep():
    """Stamp a small document, keep it, read it again, and tell somebody."""
    made, out = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.save(out)
    kept = storage.put(seal.stamped(out.getvalue(), current_app.config["POPSCHOOL"].tsa_url))
    assert storage.read(kept.hash).startswith(b"%PDF")
    with transaction():
        mail.send("marie@example.org", "Votre document", "Il est prêt.")


def test_a_job_shows_what_it_waited_for_in_its_own_trace(site, collector, post, stamper, s3_endpoint, monkeypatch):  # noqa: F811
    monkeypatch.setitem(sys.modules, "popschool.probe", SimpleNamespace(stamp_and_keep=stamp_and_keep))
    store = f"s3://KEY:SECRET@popschool/traces?endpoint={s3_endpoint}&region=us-east-1"
    traced = site(storage_url=store, tsa_url=stamper, mail_url=post.url)

    with traced.app_context():
        with transaction():
            jobs.enqueue(TASK)
        assert jobs.work(until_idle=True) == 2
    sent(traced)

    assert [message["To"] for message in post.taken] == ["marie@example.org"]
    [making], [sending] = collector.named("job probe:stamp_and_keep"), collector.named("job mail:deliver")
    calls = [span for span in collector.spans if span.kind == CLIENT and "db.query.text" not in span.facts]
    asked = [(span.name, span.parent, span.trace) for span in calls]
    assert asked == [
        ("time stamp", making.id, making.trace),
        ("store keep", making.id, making.trace),
        ("store open", making.id, making.trace),
        ("mail", sending.id, sending.trace),
    ]
    assert sending.links == [making.id] and sending.trace != making.trace
    assert {span.status.code for span in calls} <= {0, 1}
    for said in (b"marie", b"SECRET", b"Votre document"):
        assert said not in collector.bytes
