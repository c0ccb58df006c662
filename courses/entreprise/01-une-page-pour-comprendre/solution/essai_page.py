"""La page se suit au clavier, se lit sur un téléphone et pèse peu."""

import pytest


@pytest.fixture
def atelier(page, solution):
    page.goto((solution / "page.html").as_uri())
    return page


def test_chaque_lien_est_atteint_au_clavier_et_se_voit(atelier):
    vus = []
    for _ in range(atelier.locator("a").count()):
        atelier.keyboard.press("Tab")
        vus.append(atelier.evaluate("document.activeElement.textContent"))
        assert atelier.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"

    assert vus == atelier.locator("a").all_inner_texts()


def test_la_page_et_son_image_pesent_cent_ko_au_plus(solution):
    assert sum((solution / nom).stat().st_size for nom in ("page.html", "atelier.svg")) <= 100_000


def test_le_journal_n_a_que_des_adresses_reservees_aux_exemples(depart):
    adresses = {ligne.split()[0] for ligne in (depart / "journal.txt").read_text().splitlines()}

    assert all(adresse.startswith(("198.51.100.", "203.0.113.", "192.0.2.")) for adresse in adresses)
