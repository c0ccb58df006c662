"""The fifteen answers, the safe changes and the restored base, replayed with the starter's own tool."""

import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def poste(depart, solution, tmp_path):
    folder = tmp_path / "poste"
    shutil.copytree(depart, folder)
    shutil.copytree(solution / "reponses", folder / "reponses")
    run(folder, "neuve")
    return folder


def run(folder, *words):
    command = [sys.executable, "graine.py", *map(str, words)]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_the_fifteen_queries_give_what_is_expected(poste):
    assert "Justes : 15 sur 15" in run(poste, "verifier")


@pytest.mark.parametrize("number", range(1, 16))
def test_a_query_that_answers_something_else_is_not_accepted(poste, number):
    path = poste / "reponses" / f"{number:02}.sql"
    path.write_text("SELECT nom FROM espece WHERE mois_semis = 12;")

    assert "Justes : 14 sur 15" in run(poste, "verifier")


def test_the_changes_touch_exactly_what_was_read_before(poste, solution):
    said = run(poste, "ecrire", solution / "changements.sql").split()

    assert said[0] == said[1] == "3"
    assert said[2] == said[3]
    assert f"lot {400 - int(said[2]) + 1}" in run(poste, "compter")


def test_a_delete_without_where_is_undone(poste, solution):
    before = run(poste, "compter")

    assert run(poste, "ecrire", solution / "accident.sql").split() == ["0", "237"]
    assert run(poste, "compter") == before


def test_a_transaction_left_open_keeps_nothing_and_says_so(poste):
    (poste / "oubli.sql").write_text("BEGIN;\nDELETE FROM emprunt;\n")

    assert "rien n'est gardé" in run(poste, "ecrire", "oubli.sql")
    assert "emprunt 237" in run(poste, "compter")


def test_a_restored_base_is_identical(poste):
    run(poste, "sauver", "avant.sql")
    (poste / "graines.db").unlink()
    run(poste, "restaurer", "avant.sql")
    run(poste, "sauver", "apres.sql")

    assert (poste / "avant.sql").read_text() == (poste / "apres.sql").read_text()
    assert run(poste, "compter").split() == ["espece", "12", "variete", "35", "lot", "400", "emprunt", "237"]


def test_a_spoiled_copy_does_not_replace_the_base(poste):
    (poste / "abimee.sql").write_text("CREATE TABLE espece (id INTEGER) STRICT; OUPS;")

    assert "Cela n'a pas marché" in run(poste, "restaurer", "abimee.sql")
    assert "lot 400" in run(poste, "compter")


def test_reading_never_changes_the_base(poste):
    (poste / "ruse.sql").write_text("DELETE FROM emprunt;")

    assert "readonly" in run(poste, "lire", "ruse.sql")
    assert "emprunt 237" in run(poste, "compter")
