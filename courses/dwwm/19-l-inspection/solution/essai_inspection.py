"""Eight faults: each test is red on the starter and green on the solution, and nothing else breaks."""

import os
import re
import shutil
import subprocess
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import base as acces
import pytest

from app import creer


def pytest_in(folder, *words):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "-rA", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return re.findall(r"^(PASSED|FAILED|ERROR) \S+::(\w+)", done.stdout, re.MULTILINE)


def test_each_fault_is_red_before_and_green_after(solution, depart, tmp_path):
    weak = tmp_path / "faible"
    shutil.copytree(depart, weak)
    shutil.copy(solution / "test_failles.py", weak)

    before, after = pytest_in(weak, "test_failles.py"), pytest_in(solution, "test_failles.py")

    assert len(after) == 8
    assert {result for result, _name in before} == {"FAILED"}
    assert {result for result, _name in after} == {"PASSED"}
    assert {name for _result, name in before} == {name for _result, name in after}


def test_nothing_else_breaks(solution, depart):
    for folder in (depart, solution):
        results = pytest_in(folder, "test_fonctions.py")
        assert len(results) == 5
        assert {result for result, _name in results} == {"PASSED"}


def test_station_6_is_red_before_and_green_after(page, solution, depart, tmp_path):
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto((solution / "static" / "essais.html").as_uri())
    assert page.inner_text("#bilan") == "Essais : 5, rouges : 0"

    weak = tmp_path / "static"
    shutil.copytree(solution / "static", weak)
    module = weak / "page.js"
    module.write_text(module.read_text().replace("element.textContent", "element.innerHTML"))
    page.goto((weak / "essais.html").as_uri())
    assert page.inner_text("#bilan") == "Essais : 5, rouges : 2"
    assert "element.innerHTML" in (depart / "static" / "page.js").read_text()


@pytest.fixture
def address(tmp_path):
    class Quiet(WSGIRequestHandler):
        def log_message(self, *parts):
            pass

    base = acces.ouvrir(tmp_path / "signale.db")
    acces.preparer(base)
    acces.creer_agent(base, "agent", "trois chats sur un toit")
    acces.signaler(base, "Quai du Canal", "Lampadaire éteint", 1, "01 99 00 20 02")
    base.close()
    with make_server("127.0.0.1", 0, creer(tmp_path / "signale.db", https=False), handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_mended_pages_are_open_to_everybody_under_their_policy(page, axe, address):
    page.on("dialog", lambda dialog: pytest.fail("a script of a stranger ran"))
    page.goto(f"{address}/#mot=<img src=x onerror=alert(1)>")
    assert page.inner_text("#annonce").endswith("<img src=x onerror=alert(1)>")
    page.fill("#mot", "canal")
    page.press("#mot", "Enter")
    page.wait_for_url("**/chercher?mot=canal*")
    assert "1 résultat" in page.inner_text("[role=status]")
    page.goto(f"{address}/connexion")
    page.fill("#identifiant", "agent")
    page.fill("#mot_de_passe", "trois chats sur un toit")
    with page.expect_navigation():
        page.press("#mot_de_passe", "Enter")
    assert page.inner_text("h1") == "Tableau des agents"
    # axe is added by the debugger, which the policy of the page does not hold.
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
    assert axe(page) == []
