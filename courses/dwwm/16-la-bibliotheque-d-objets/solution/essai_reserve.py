"""The application full of a thousand objects: pages, queries counted, two counters, a browser."""

import os
import subprocess
import sys
import threading
from datetime import date
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from reserve import base as acces
from reserve.serveur import creer

JOUR = date(2026, 11, 25)


@pytest.fixture
def chemin(tmp_path, depart):
    subprocess.run([sys.executable, depart / "mille.py"], cwd=tmp_path, check=True, capture_output=True)
    chemin = tmp_path / "reserve.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    assert acces.importer(base, tmp_path / "objets.csv") == 1000
    with base:
        base.executemany(
            "INSERT INTO carte (numero, finit_le) VALUES (?, ?)", [(12, "2030-12-31"), (45, "2026-10-01")]
        )
    base.close()
    return chemin


@pytest.fixture
def app(chemin):
    return creer(chemin, lambda: JOUR)


def test_the_tests_of_the_project_pass_and_rules_need_neither_flask_nor_base(solution):
    environment = os.environ | {"PYTHONPATH": str(solution)}
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "test_regles.py", "test_base.py"]
    done = subprocess.run(command, cwd=solution, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    alone = "import sys, reserve.regles; assert not {'flask', 'sqlite3'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", alone], cwd=solution, env=environment, check=True)


def test_no_page_asks_more_than_three_queries(app, depart, monkeypatch):
    monkeypatch.syspath_prepend(str(depart))
    from compte import Compteur

    compteur, ouvrir = Compteur(), acces.ouvrir

    def compter(chemin):
        base = ouvrir(chemin)
        base.set_trace_callback(compteur)
        return base

    monkeypatch.setattr(acces, "ouvrir", compter)
    client = app.test_client()
    for address in ("/", "/?mot=scie", "/objets/1", "/retards"):
        compteur.requetes.clear()
        assert client.get(address).status_code == 200
        assert 1 <= compteur.nombre <= 3, compteur.requetes
    compteur.requetes.clear()
    assert client.post("/objets/1/emprunts", data={"carte": "12"}).status_code == 303
    assert compteur.nombre == 4  # read the object, the card and what is out; write once


def test_every_object_is_reached_page_after_page(app, depart, monkeypatch):
    monkeypatch.syspath_prepend(str(depart))
    from mille import objets

    client, seen, address = app.test_client(), [], "/?mot=scie"
    while address:
        html = client.get(address).text
        seen += [part.split('"')[0] for part in html.split('href="/objets/')[1:]]
        before, found, _after = html.partition('">Objets suivants')
        address = before.rpartition('href="')[2].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == sum("Scie" in un["nom"] for un in objets())


def test_search_forgets_accents(app):
    assert "Échelle" in app.test_client().get("/?mot=ECHELLE").text
    assert "Aucun objet" in app.test_client().get("/?mot=%25").text


def test_an_object_goes_out_once_and_what_was_typed_is_kept(app):
    client = app.test_client()
    assert client.post("/objets/1/emprunts", data={"carte": "12"}).status_code == 303
    assert "dehors" in client.get("/objets/1").text
    again = client.post("/objets/1/emprunts", data={"carte": "12"})
    assert again.status_code == 409
    assert "déjà dehors" in again.text

    wrong = client.post("/objets/2/emprunts", data={"carte": "douze"})
    assert wrong.status_code == 400
    assert 'value="douze"' in wrong.text

    ended = client.post("/objets/2/emprunts", data={"carte": "45"})
    assert ended.status_code == 409
    assert "plus valable" in ended.text
    assert client.get("/objets/99999").status_code == 404


def test_a_late_object_is_listed_and_exported_safely(app, chemin):
    base = acces.ouvrir(chemin)
    with base:
        base.execute("UPDATE objet SET nom = '=SOMME(1)' WHERE id = 3")
    acces.sortir(base, 3, 1, date(2026, 11, 1), date(2026, 11, 10))
    client = app.test_client()

    assert "carte 12" in client.get("/retards").text
    assert "'=SOMME(1)" in client.get("/retards.csv").text
    assert "Un objet est en retard" in client.post("/objets/2/emprunts", data={"carte": "12"}).text


def test_the_pages_are_open_to_everybody(app, page, axe):
    class Quiet(WSGIRequestHandler):
        def log_message(self, *parts):
            pass

    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for path in ("/?mot=scie", "/objets/1", "/retards"):
            page.goto(f"http://127.0.0.1:{server.server_port}{path}")
            assert axe(page) == []
            assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
        page.goto(f"http://127.0.0.1:{server.server_port}/objets/1")
        page.fill("#carte", "45")
        page.press("#carte", "Enter")
        assert page.inner_text("#raison-1").startswith("Cette carte n'est plus valable")
        assert axe(page) == []
        server.shutdown()
