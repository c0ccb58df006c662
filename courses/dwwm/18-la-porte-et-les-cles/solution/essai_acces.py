"""The door, replayed by the tests of the project, then by keyboard in a browser."""

import json
import os
import subprocess
import sys
import threading
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from reserve import base as acces
from reserve.comptes import Comptes
from reserve.serveur import creer

PHRASE = "trois chats sur un toit bleu"


def pytest_in(folder, *files):
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", *files]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_tests_of_the_project_pass(solution):
    done = pytest_in(solution, "test_regles.py", "test_base.py", "test_acces.py")
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_starter_still_works_without_a_door(depart):
    done = pytest_in(depart, "test_regles.py", "test_base.py")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Action.VOIR_LES_RETARDS: ACCUEIL", "Action.VOIR_LES_RETARDS: AVEC_COMPTE"),
        ("sa_carte is not None and sa_carte == carte", "True"),
    ],
)
def test_a_hole_in_the_table_turns_the_matrix_red(solution, right, wrong):
    path = solution / "reserve" / "droits.py"
    before = path.read_text()
    assert right in before
    path.write_text(before.replace(right, wrong))
    done = pytest_in(solution, "test_acces.py", "-x", "-k", "chaque_route and (retards or cartes)")
    path.write_text(before)

    assert done.returncode == 1


def test_the_secret_and_the_first_password_come_from_the_environment(solution):
    environment = os.environ | {"RESERVE_MOT_DE_PASSE": PHRASE}
    done = subprocess.run(
        [sys.executable, "neuve.py"], cwd=solution, env=environment, capture_output=True, text=True, check=True
    )
    assert "un compte « bureau »" in done.stdout
    assert PHRASE.encode() not in (solution / "reserve.db").read_bytes()


def test_somebody_signs_in_by_keyboard(page, axe, tmp_path):
    class Quiet(WSGIRequestHandler):
        def log_message(self, *parts):
            pass

    chemin = tmp_path / "reserve.db"
    base = acces.ouvrir(chemin)
    acces.preparer(base)
    Comptes().creer(base, "bureau", PHRASE, "bureau")
    base.close()
    app = creer(chemin, secret="s" * 32, https=False)
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        page.goto(f"{address}/connexion")
        page.fill("#identifiant", "bureau")
        page.fill("#mot_de_passe", "pas la bonne phrase")
        with page.expect_navigation():
            page.press("#mot_de_passe", "Enter")
        assert page.inner_text("#erreur") == "Identifiant ou mot de passe incorrect."
        assert page.input_value("#identifiant") == "bureau"
        assert axe(page) == []
        page.fill("#mot_de_passe", PHRASE)
        with page.expect_navigation():
            page.press("#mot_de_passe", "Enter")
        page.goto(f"{address}/comptes")
        assert page.inner_text("h1") == "Les comptes"
        assert axe(page) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 360
        with page.expect_navigation():
            page.get_by_role("button", name="Se déconnecter").press("Enter")
        page.goto(f"{address}/comptes")
        assert page.inner_text("h1") == "Il faut d'abord se connecter."
        server.shutdown()


TRY_IN_PHP = """
$hache = ranger($argv[1]);
$reglages = session_get_cookie_params();
echo json_encode([verifier($argv[1], $hache), verifier('trois chats', $hache), substr($hache, 0, 10),
    $reglages['httponly'], $reglages['secure'], $reglages['samesite']]);
"""


def test_the_bridges_recognise_a_password(depart, langages, tmp_path):
    bridges = depart / "passerelle"
    done = subprocess.run([langages["node"], bridges / "connexion.mjs"], capture_output=True, text=True, check=True)
    assert done.stdout == "true false\n"

    (tmp_path / "essai.php").write_text((bridges / "connexion.php").read_text() + TRY_IN_PHP)
    command = [langages["php"], tmp_path / "essai.php", PHRASE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [True, False, "$argon2id$", True, True, "Lax"]


def test_the_simple_version_is_red_on_its_two_routes_only(solution):
    path = solution / "reserve" / "droits.py"
    before = path.read_text()
    path.write_text((solution / "simple" / "droits.py").read_text())
    done = pytest_in(solution, "test_acces.py", "-k", "chaque_route", "-rf")
    path.write_text(before)

    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert failed
    assert all("/retards" in line or "/cartes/" in line for line in failed)
