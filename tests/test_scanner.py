"""A file is shown to clamd before it is kept: refused when it is known harm, and sent again when clamd is away."""

import hashlib
import socketserver
import struct
import threading
from dataclasses import replace
from io import BytesIO

import pytest
from sqlalchemy import select

from popschool import config, doctor, scanner, storage
from popschool.db import db
from popschool.projects.models import Draft
from tests.factories import make_assignment, make_cohort, make_deliverable, make_learner, save

HARM = b"X5O!P%@AP[4"


class Clamd(socketserver.StreamRequestHandler):
    """What clamd says of a stream that is sent to it, piece by piece."""

    def handle(self):
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        data = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(size)
        found = b"Test-Signature FOUND" if HARM in data else b"OK" if len(data) < 300_000 else b"INSTREAM size limit"
        self.wfile.write(b"stream: " + found + b"\0")


@pytest.fixture(params=["socket", "port"])
def clamd(request, app, tmp_path, monkeypatch):
    path = tmp_path / "clamd.ctl"
    kinds = {"socket": (socketserver.ThreadingUnixStreamServer, str(path)),
             "port": (socketserver.ThreadingTCPServer, ("127.0.0.1", 0))}  # fmt: skip
    kind, place = kinds[request.param]
    with kind(place, Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"clamd://{path}" if request.param == "socket" else f"clamd://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setitem(app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], scan_url=url))
        yield server
        server.shutdown()


def is_kept(content):
    return storage.exists(hashlib.sha256(content).hexdigest())


def send(client, deliverable, content):
    files = {"text": "Mon texte.", "files": (BytesIO(content), "notes.txt")}
    return client.post(f"/deliverables/{deliverable.id}/submit", data=files, content_type="multipart/form-data")


def test_known_harm_is_refused_and_what_is_harmless_is_kept(clamd, app, client, log_in):
    cohort = make_cohort()
    learner, deliverable = make_learner(cohort), make_deliverable(make_assignment(cohort), asks=["text", "files"])
    save()
    log_in(learner)

    harmful = b"a" * 100_000 + HARM
    refused = send(client, deliverable, harmful)
    assert refused.status_code == 200 and "virus connu" in refused.text
    assert not is_kept(harmful)
    assert send(client, deliverable, b"a" * 100_000).status_code == 302
    assert len(db.session.scalars(select(Draft)).one().files) == 1
    check = next(one for one in doctor.examine(app.config["POPSCHOOL"]) if one.name == "scanner")
    assert check.is_sound


def test_nothing_is_kept_while_clamd_does_not_answer_or_says_something_else(clamd, app, client, log_in, monkeypatch):
    cohort = make_cohort()
    learner, deliverable = make_learner(cohort), make_deliverable(make_assignment(cohort), asks=["text", "files"])
    save()
    log_in(learner)

    heavy, light = b"a" * 400_000, b"nothing looks at this"
    assert send(client, deliverable, heavy).status_code == 503
    monkeypatch.setitem(
        app.config, "POPSCHOOL", replace(app.config["POPSCHOOL"], scan_url="clamd:///nothing/listens/here")
    )
    away = send(client, deliverable, light)

    assert away.status_code == 503 and "Mon texte." in away.text
    assert not is_kept(heavy) and not is_kept(light)
    check = next(one for one in doctor.examine(app.config["POPSCHOOL"]) if one.name == "scanner")
    assert not check.is_sound and "clamd is away" in check.detail
    with app.test_request_context(), pytest.raises(scanner.ScannerAway):
        scanner.harm_in(b"a")


@pytest.mark.parametrize("url", ["http://host", "clamd://host", "clamd:", "clamav:///x"])
def test_an_address_that_is_not_clamds_is_refused(url):
    with pytest.raises(config.SettingRefused, match="SCAN_URL"):
        config.read_settings({"POPSCHOOL_SCAN_URL": url, "POPSCHOOL_SECRET_KEY": "x" * 40})
