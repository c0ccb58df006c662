"""The module replayed by its own tests; the server on a real file; no SQL outside the module."""

import os
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server

import commandes
import pytest
from serveur import creer

JUSTE = {"nom": "Table rouge", "retrait_le": "2026-11-26", "heure": "8 h", "produit-1": "2", "produit-3": "1"}


@pytest.fixture
def app(tmp_path):
    chemin = tmp_path / "fournil.db"
    base = commandes.ouvrir(chemin)
    commandes.preparer(base)
    base.close()
    return creer(chemin, lambda: "2026-11-25")


def test_the_tests_of_the_module_pass(solution):
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "test_commandes.py"]
    environment = os.environ | {"PYTHONPATH": str(solution)}
    done = subprocess.run(command, cwd=solution, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_sql_stands_outside_the_module(solution):
    sql = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b|\.execute")
    assert not sql.search((solution / "serveur.py").read_text())
    assert not re.search(r"execute\(\s*f[\"']", (solution / "commandes.py").read_text())


def test_an_order_is_still_there_after_a_restart(app, tmp_path):
    answer = app.test_client().post("/commandes", data=JUSTE)
    assert answer.headers["Location"] == "/commandes/1"

    again = creer(tmp_path / "fournil.db", lambda: "2026-11-25").test_client()

    assert "Total : 7,40" in again.get("/commandes/1").text
    assert "<td>2</td>" in again.get("/jour?le=2026-11-26").text
    assert "Aucune commande" in again.get("/jour?le=2026-11-27").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nom": "   "}, "de 1 à 40 lettres"),
        ({"retrait_le": "2026-11-24"}, "à partir d"),
        ({"retrait_le": "2026-02-30"}, "à partir d"),
        ({"heure": "3 h"}, "une heure de la liste"),
        ({"produit-1": "21"}, "de 0 à 20"),
        ({"produit-1": "²"}, "de 0 à 20"),
        ({"produit-1": "0", "produit-3": ""}, "au moins un produit"),
    ],
)
def test_a_wrong_order_is_refused_and_nothing_typed_is_lost(app, change, said):
    client = app.test_client()
    answer = client.post("/commandes", data=JUSTE | change)

    assert answer.status_code == 400
    assert said in answer.text
    assert 'value="Table rouge"' in answer.text or "nom" in change
    assert client.get("/commandes/1").status_code == 404


@pytest.mark.parametrize("address", ["/jour?le=demain", "/jour?le=2026-13-01"])
def test_a_day_that_does_not_exist_is_said(app, address):
    assert app.test_client().get(address).status_code == 400


def test_a_huge_number_is_only_absent(app):
    assert app.test_client().get(f"/commandes/{10**30}").status_code == 404


def test_a_fresh_base_takes_one_command(solution, depart):
    for folder in (solution, depart):
        done = subprocess.run(
            [sys.executable, "neuve.py"], cwd=folder, capture_output=True, text=True, check=True
        )
        assert done.stdout == "Base neuve : 3 produits\n"


def test_the_pages_are_open_to_everybody(app, page, axe):
    class Quiet(WSGIRequestHandler):
        def log_message(self, *parts):
            pass

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        sent = urllib.request.urlopen(f"{address}/commandes", urllib.parse.urlencode(JUSTE).encode(), timeout=10)
        assert sent.url.endswith("/commandes/1")
        for path in ("/", "/commandes/1", "/jour?le=2026-11-26"):
            page.goto(f"{address}{path}")
            assert axe(page) == []
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
        server.shutdown()


def test_the_simple_version_works_once_its_three_blanks_are_filled(solution):
    text = (solution / "simple" / "enregistrer.py").read_text()
    assert text.count("____") == 4  # the first one is in the sentence that explains
    for word in ("____", "base", "retrait_le", "produit_id"):
        text = text.replace("____", word, 1) if word != "____" else text.replace("marqués ____", "marqués", 1)
    names = {}
    exec(text, names)
    base = commandes.ouvrir(":memory:")
    commandes.preparer(base)

    assert names["enregistrer"](base, "Table rouge", "2026-11-26", "8 h", {1: 2}) == 1
    assert [tuple(line) for line in commandes.lignes(base, 1)] == [("Baguette", 2, 110, 220)]
