"""The model, replayed by the starter's own tool, then the figures of the notebook and the end of personal data."""

import sqlite3
import subprocess
import sys

import pytest


def tool(folder, *words):
    command = [sys.executable, folder / "base.py", *map(str, words)]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def base(solution):
    with sqlite3.connect(":memory:") as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        for name in ("creation.sql", "donnees.sql"):
            opened.executescript((solution / name).read_text())
        yield opened


def test_the_base_refuses_each_bad_row_and_comes_back_from_its_copy(depart, solution):
    done = tool(depart, "essayer", solution)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(": refusée (") == 9
    assert done.stdout.endswith("Copie restaurée : identique\nTout est juste.\n")


@pytest.mark.parametrize(
    ("right", "wrong", "number"),
    [
        (" CHECK (grammes > 0)", "", 1),
        (" UNIQUE REFERENCES objet (id)", " REFERENCES objet (id)", 3),
        ("recu_le IS date(", "recu_le = date(", 7),
        ("PRIMARY KEY (depot_id, categorie_id)\n) STRICT", "UNIQUE (depot_id, categorie_id, grammes)\n) STRICT", 8),
    ],
)
def test_without_its_constraint_a_bad_row_gets_in_and_the_tool_says_so(depart, solution, right, wrong, number):
    path = solution / "creation.sql"
    before = path.read_text()
    assert right in before
    # A weaker key also undoes the foreign key that leans on it: leave that one out.
    after = before.replace(right, wrong).replace(
        "centimes INTEGER NOT NULL CHECK (centimes >= 0),\n  -- An object comes from what was weighed: the pair must "
        "exist.\n  FOREIGN KEY (depot_id, categorie_id) REFERENCES pesee (depot_id, categorie_id)",
        "centimes INTEGER NOT NULL CHECK (centimes >= 0)",
    )
    path.write_text(after)

    done = tool(depart, "essayer", solution)

    path.write_text(before)
    assert done.returncode != 0
    assert f"Refus {number} : la base l'a acceptée !" in done.stderr


def test_the_notebook_of_february_is_found_again(base):
    weights = "SELECT count(DISTINCT depot_id), sum(grammes) FROM pesee"
    sales = "SELECT count(DISTINCT vente_id), sum(centimes) FROM ligne_vente"

    assert base.execute(weights).fetchone() == (6, 138_400)
    assert base.execute(sales).fetchone() == (5, 4_650)


def test_a_phone_number_is_erased_and_nothing_else_with_it(base):
    base.execute(
        "DELETE FROM contact WHERE date((SELECT max(recu_le) FROM depot WHERE contact_id = contact.id), '+30 days')"
        " < '2026-03-10'"
    )

    assert base.execute("SELECT telephone FROM contact").fetchall() == [("01 99 00 10 01",)]
    assert base.execute("SELECT count(*) FROM depot").fetchone() == (6,)
    assert base.execute("SELECT count(*) FROM pesee").fetchone() == (10,)


def test_a_copy_restores_to_the_same_counts(depart, solution, tmp_path):
    assert tool(depart, "copier", solution, tmp_path / "copie.sql").returncode == 0
    done = tool(depart, "restaurer", tmp_path / "copie.sql", tmp_path / "neuve.db")

    assert dict(line.split() for line in done.stdout.splitlines()) == {
        "categorie": "5", "contact": "2", "depot": "6", "ligne_vente": "7", "objet": "7", "pesee": "10", "vente": "5",
    }
    assert "existe déjà" in tool(depart, "restaurer", tmp_path / "copie.sql", tmp_path / "neuve.db").stderr


def test_a_table_that_is_not_strict_is_named(depart, solution):
    path = solution / "creation.sql"
    before = path.read_text()
    path.write_text(before.replace("nom TEXT NOT NULL UNIQUE CHECK (nom = lower(nom))\n) STRICT", "nom TEXT UNIQUE\n)"))

    done = tool(depart, "essayer", solution)

    path.write_text(before)
    assert "ne sont pas STRICT : categorie" in done.stderr
