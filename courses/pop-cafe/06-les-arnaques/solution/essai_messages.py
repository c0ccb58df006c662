"""Les douze messages : chacun a sa réponse, et chaque réponse dit pourquoi."""

import pytest

PIEGES = {1, 3, 5, 6, 8, 10, 12}


@pytest.fixture
def messages(page, depart):
    page.goto((depart / "messages.html").as_uri())
    return page


@pytest.mark.parametrize(("se_trompe", "points"), [(False, "12 sur 12"), (True, "0 sur 12")])
def test_chaque_reponse_est_expliquee_juste_ou_non(messages, se_trompe, points):
    for rang in range(1, 13):
        juste = "Piège" if rang in PIEGES else "Vrai"
        faux = "Vrai" if rang in PIEGES else "Piège"
        messages.get_by_role("button", name=faux if se_trompe else juste).click()
        dit = messages.locator("#pourquoi").inner_text()
        assert dit.startswith("Pas tout à fait." if se_trompe else "Oui.") and len(dit) > 60
        messages.locator("#suite").click()

    assert points in messages.get_by_role("status").inner_text()


def test_la_page_se_fait_au_clavier(messages):
    messages.keyboard.press("Tab")
    messages.keyboard.press("Tab")
    messages.keyboard.press("Enter")

    assert messages.locator("#pourquoi").inner_text().startswith("Oui. C'est un piège.")
    assert messages.evaluate("document.activeElement.id") == "pourquoi"
