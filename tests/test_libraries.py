"""Which libraries are installed, under which licence, how they are locked, and what is known against them."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from popschool import libraries
from popschool.cli import main

ROOT = Path(__file__).parent.parent
# Their terms would reach what is written beside them.
OTHERS = re.compile(r"(?<!L)\bA?GPL", re.IGNORECASE)


def locked(file):
    """Return each requirement of a lock: its name, version and hashes."""
    for said in re.split(r"\n(?=\w)", re.sub(r"^\s*#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)):
        if match := re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", said):
            yield match[1].lower(), match[2], re.findall(r"--hash=sha256:[0-9a-f]{64}", said)


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-traces.lock", "requirements-dev.lock"])
def test_every_library_is_locked_with_its_hashes(file):
    found = list(locked(file))

    assert len(found) > 50
    assert [name for name, _version, hashes in found if not hashes] == []


def test_every_library_that_is_installed_says_a_licence_that_we_can_live_with():
    names = {name for name, _version, _hashes in locked("requirements-traces.lock")}
    ours = [one for one in libraries.installed() if one.name in names]

    assert len(ours) > 50
    assert [one for one in ours if not one.licence or OTHERS.search(one.licence)] == []


def test_the_list_of_libraries_is_one_that_tools_read():
    answer = CliRunner().invoke(main, ["libraries", "--json"])

    bill = json.loads(answer.output)
    flask = next(one for one in bill["components"] if one["name"] == "flask")
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", bill["serialNumber"])
    assert flask["purl"] == f"pkg:pypi/flask@{flask['version']}" == flask["bom-ref"]
    assert flask["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert len({one["bom-ref"] for one in bill["components"]}) == len(bill["components"])


@pytest.fixture
def service():
    """A database of weaknesses on this machine: it knows one of Flask's, whatever its version."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
            known = [
                {"vulns": [{"id": "PYSEC-0"}]} if one["package"]["name"] in self.server.weak else {} for one in asked
            ]
            said = json.dumps({"results": known[: self.server.most]}).encode()
            self.send_response(200 if self.path == "/v1/querybatch" else 404)
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    server.weak, server.most = set(), None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def check(service):
    return CliRunner().invoke(main, ["libraries", "--check", "--service", f"http://127.0.0.1:{service.server_port}"])


def test_a_library_with_a_known_weakness_is_named(service):
    assert check(service).exit_code == 0
    service.weak = {"flask"}

    answer = check(service)

    assert answer.exit_code == 1
    assert re.search(r"^flask [\d.]+: PYSEC-0$", answer.output, re.MULTILINE)


def test_a_service_that_does_not_answer_is_no_good_news(service):
    service.most = 3
    assert check(service).exit_code == 1
    service.shutdown()
    service.server_close()

    answer = check(service)

    assert answer.exit_code == 1 and "did not say what is known" in answer.output
