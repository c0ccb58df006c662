"""The server, replayed by its own tests, then as a program in a browser; the two bridges answer alike."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from tests.processes import free_port


def get(url):
    for _ in range(1200):
        try:
            return urllib.request.urlopen(url, timeout=60)
        except urllib.error.HTTPError as error:
            return error
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture
def demarre(solution):
    port = str(free_port())
    running = subprocess.Popen(
        [sys.executable, "demarrer.py", port], cwd=solution, stderr=subprocess.PIPE, start_new_session=True
    )
    yield f"http://127.0.0.1:{port}"
    os.killpg(running.pid, 15)
    running.wait(60)


@pytest.mark.parametrize("folder", ["solution", "depart"])
def test_the_tests_of_the_project_pass(solution, folder):
    where = solution.parent / folder
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "test_serveur.py"]
    environment = os.environ | {"PYTHONPATH": str(where)}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_one_command_starts_a_server_that_answers_as_the_exchange_says(demarre, depart):
    answer = get(demarre)
    said = dict(line[2:].split(": ", 1) for line in (depart / "echange.txt").read_text().splitlines()[5:7])

    assert answer.status == 200
    assert {name: answer.headers[name] for name in said} == said
    assert answer.read().startswith(b"<!doctype html>")
    assert get(f"{demarre}/console").status == 404  # the debugger is off


def test_a_person_orders_by_keyboard_and_reloads(page, demarre, axe):
    get(demarre)
    page.goto(demarre)
    assert axe(page) == []
    page.evaluate("document.querySelector('form').noValidate = true")
    page.fill("#nom", "<b>Table 4</b>")
    page.fill("#quantite", "0")
    with page.expect_navigation():
        page.press("#quantite", "Enter")
    assert axe(page) == []
    assert "de 1 à 20" in page.inner_text("#erreur-quantite")
    assert page.input_value("#nom") == "<b>Table 4</b>"

    page.fill("#quantite", "3")
    with page.expect_navigation():
        page.press("#quantite", "Enter")
    page.reload()
    assert page.url.endswith("/commandes/1")
    page.goto(f"{demarre}/jour")
    assert axe(page) == []
    assert page.inner_text("td") == "3"


BRIDGES = {"node": ["serveur.mjs"], "php": ["-S", "127.0.0.1:{port}", "serveur.php"]}


@pytest.mark.parametrize("name", BRIDGES)
def test_a_bridge_answers_like_the_server(depart, name, langages):
    port = str(free_port())
    command = [langages[name], *(word.format(port=port) for word in BRIDGES[name])]
    running = subprocess.Popen(command, cwd=depart / "passerelle", env=os.environ | {"PORT": port})
    try:
        assert "<li>Pain de seigle</li>" in get(f"http://127.0.0.1:{port}/").read().decode()
        assert get(f"http://127.0.0.1:{port}/autre").status == 404
    finally:
        running.terminate()
        running.wait(60)


def test_the_simple_version_starts_and_waits_for_one_check(solution):
    script = (
        "from serveur import creer; client = creer().test_client();"
        "sent = client.post('/commandes', data={'nom': '', 'produit': 'seigle'});"
        "print(client.get('/').status_code, sent.status_code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=solution / "simple", capture_output=True, text=True, check=True
    )
    assert done.stdout == "200 200\n"  # learners turn the second one into 400
