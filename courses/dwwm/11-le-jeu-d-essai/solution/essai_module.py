"""The repaired module, replayed: its tests are green, each planted fault turns one red, and the hook refuses it."""

import os
import shutil
import subprocess

import pytest

FAULTS = [
    ("laser: 29,", "laser: 28,"),
    ("Math.max(minutes, DUREE_MINIMUM)", "(minutes < 9 ? DUREE_MINIMUM : minutes)"),
    ("MINUTES_PLEINES = 60", "MINUTES_PLEINES = 59"),
    ('adherent === "oui"', "adherent"),
    ("Math.round((brut * taux) / 200)", "Math.round((Math.min(brut, 2 * PLAFOND) * taux) / 200)"),
    ("DUREE_MAXIMUM = 480", "DUREE_MAXIMUM = 481"),
]


def report(page, folder):
    page.goto((folder / "essais.html").as_uri())
    return page.inner_text("#bilan")


def test_every_test_is_green(page, solution):
    assert report(page, solution) == "Essais : 27, rouges : 0"


@pytest.mark.parametrize(("right", "wrong"), FAULTS)
def test_each_fault_turns_a_test_red(page, solution, right, wrong):
    module = solution / "tarif.js"
    before = module.read_text()
    assert right in before
    module.write_text(before.replace(right, wrong))

    said = report(page, solution)

    module.write_text(before)
    assert not said.endswith("rouges : 0")


def test_the_starter_holds_five_faults_that_its_given_tests_show(page, depart):
    page.goto((depart / "essais-donnes.html").as_uri())

    assert page.inner_text("#bilan") == "Essais : 7, rouges : 5"


def test_hostile_text_stays_text_on_the_page(page, solution):
    page.goto((solution / "index.html").as_uri())
    page.fill("#projet", "<img src=x onerror='document.title = \"piégé\"'>")
    page.fill("#minutes", "12")
    page.select_option("#adherent", "oui")
    page.press("#minutes", "Enter")

    assert page.locator("#recu img").count() == 0
    assert "<img src=x" in page.inner_text("#recu")
    assert "2,78" in page.inner_text("#recu")
    assert page.title() == "Le prix d'une séance, L'Établi"


def test_the_hook_refuses_a_commit_that_breaks_a_price(solution, tmp_path):
    depot = tmp_path / "depot"
    shutil.copytree(solution, depot)
    environment = os.environ | {
        "OPTIONS": "--no-sandbox",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{who}_{what}": "binome@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }

    def git(*words):
        return subprocess.run(
            ["git", *words], check=False, cwd=depot, env=environment, capture_output=True, text=True
        )

    git("init", "-q")
    shutil.copy(depot / "pre-commit", depot / ".git" / "hooks" / "pre-commit")
    git("add", ".")
    assert git("commit", "-qm", "Répare le module").returncode == 0

    module = depot / "tarif.js"
    module.write_text(module.read_text().replace("PLAFOND = 4000", "PLAFOND = 5000"))
    refused = git("commit", "-qam", "Change le plafond")

    assert refused.returncode != 0
    assert "le commit est refusé" in refused.stderr
    assert git("rev-list", "--count", "HEAD").stdout.strip() == "1"
