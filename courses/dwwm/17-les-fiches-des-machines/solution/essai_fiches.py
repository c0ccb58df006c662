"""The access replayed on documents and on tables, and the loss of two writers, seen."""

import os
import subprocess
import sys

import fiches_sql
import pytest


def test_the_tests_of_the_project_pass(solution):
    environment = os.environ | {"PYTHONPATH": str(solution)}
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir=.", "test_fiches.py"]
    done = subprocess.run(command, cwd=solution, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_two_writers_of_a_file_lose_one_use(depart, tmp_path):
    done = subprocess.run(
        [sys.executable, depart / "perte.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "Deux usages de plus, et pourtant : 11"


def test_two_writers_of_a_table_lose_nothing(tmp_path):
    first, second = fiches_sql.ouvrir(tmp_path / "m.db"), fiches_sql.ouvrir(tmp_path / "m.db")
    fiches_sql.ajouter(first, {"cle": "laser-1", "nom": "Laser", "famille": "laser", "reglages": {}})
    for one in (first, second):
        fiches_sql.compter_un_usage(one, "laser-1")

    assert fiches_sql.usages(first, "laser-1") == 2


@pytest.mark.parametrize("name", ["fiches.json", "fiches_sql.py"])
def test_the_solution_starts_from_the_same_files(solution, depart, name):
    assert (solution / name).read_text() == (depart / name).read_text()


def test_the_three_given_functions_of_the_simple_version_work(solution):
    script = (
        "import json, fiches; base = fiches.ouvrir();"
        "[fiches.ajouter(base, un) for un in json.load(open('../fiches.json', encoding='utf-8'))];"
        "fiches.regler(base, 'laser-1', 'vitesse', 25);"
        "print(fiches.lire(base, 'laser-1')['reglages']['vitesse']['valeur'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=solution / "simple", capture_output=True, text=True, check=True
    )
    assert done.stdout == "25\n"
